//! Opening a project: files from disk, descriptions by their reader, one plan.

use std::path::Path;
use std::sync::Arc;

use super::{Failure, read_project_files};
use crate::model::{Component, ComponentSource, Plan};
use crate::pcd::{self, ReadOptions};
use crate::project;

/// Problems told when a project does not open; the rest is counted.
const PROBLEMS_TOLD: usize = 5;

/// Opens the project in a folder, with every component it embeds.
///
/// Device profiles are not read yet: what a maker calls typical is unknown to the plan.
///
/// # Errors
/// The folder cannot be read, or a file in it is wrong; each problem has its file, line and remedy.
pub fn open_project(folder: &Path) -> Result<Plan, Failure> {
    let files = read_project_files(folder)?;
    project::read(&files, &read_component).map_err(|errors| {
        let mut told: Vec<String> = errors.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
        if errors.len() > PROBLEMS_TOLD {
            told.push(format!("and {} more", errors.len() - PROBLEMS_TOLD));
        }
        let what = format!("cannot open the project {}", folder.display());
        Failure::new(
            what,
            told.join("\n       "),
            "mend the files named, each as its line says, and open the project again",
        )
    })
}

fn read_component(source: Arc<ComponentSource>, _profile: Option<&str>) -> Result<Component, String> {
    let read = pcd::read(&source.xml, &ReadOptions::default()).map_err(|error| error.to_string())?;
    Ok(Component { source, ..read.component })
}
