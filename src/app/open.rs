//! Opening a project: files from disk, descriptions by their reader, one plan.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::{Failure, read_project_files};
use crate::model::{Component, ComponentSource, Plan};
use crate::pcd::{self, ReadOptions};
use crate::project::{self, Files, archive, limits};

/// Problems told when a project does not open; the rest is counted.
const PROBLEMS_TOLD: usize = 5;

/// Opens the project in a folder (`NAME.plant`) or archive (`NAME.plantz`), with every component it embeds.
///
/// Device profiles are not read yet: what a maker calls typical is unknown to the plan.
///
/// # Errors
/// The folder or archive cannot be read, or a file in it is wrong; each problem has its file, line and remedy.
pub fn open_project(path: &Path) -> Result<Plan, Failure> {
    let files = if path.is_file() { read_archive(path)? } else { read_project_files(path)? };
    project::read(&files, &read_component).map_err(|errors| {
        let mut told: Vec<String> = errors.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
        if errors.len() > PROBLEMS_TOLD {
            told.push(format!("and {} more", errors.len() - PROBLEMS_TOLD));
        }
        let what = format!("cannot open the project {}", path.display());
        Failure::new(
            what,
            told.join("\n       "),
            "mend the files named, each as its line says, and open the project again",
        )
    })
}

/// The files in an archive.
fn read_archive(path: &Path) -> Result<Files, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        let remedy = "a project is a folder that holds `plant.toml`, or an archive of one (NAME.plantz)";
        Failure::new(format!("cannot open the project {}", path.display()), why, remedy)
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| failed(&error))?;
    // A zip is never much larger than what it holds.
    let most = limits::TOTAL_BYTES;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > most {
        return Err(failed(&format!("it has more than the {most} bytes of a whole project")));
    }
    archive::unpack(&bytes).map_err(|error| failed(&error))
}

fn read_component(source: Arc<ComponentSource>, _profile: Option<&str>) -> Result<Component, String> {
    let read = pcd::read(&source.xml, &ReadOptions::default()).map_err(|error| error.to_string())?;
    Ok(Component { source, ..read.component })
}
