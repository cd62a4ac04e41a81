//! Opening a project: files from disk, descriptions by their reader, one plan.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::{Failure, read_project_files};
use crate::library::read_profile;
use crate::model::{Component, ComponentSource, Phrase, Plan, Say};
use crate::pcd;
use crate::project::{self, Files, archive, limits};
use crate::say;

/// Problems told when a project does not open; the rest is counted.
const PROBLEMS_TOLD: usize = 5;

/// Opens the project in a folder (`NAME.plant`) or archive (`NAME.plantz`), with every component it embeds.
///
/// # Errors
/// The folder or archive cannot be read, or a file in it is wrong; each problem has its file, line and remedy.
pub fn open_project(path: &Path) -> Result<Plan, Failure> {
    let files = if path.is_file() { read_archive(path)? } else { read_project_files(path)? };
    plan_of_files(&files).map_err(|why| {
        let what = say!("cannot open the project {path}", path = path.display());
        Failure::new(what, why, say!("mend the files named, each as its line says, and open the project again"))
    })
}

/// The plan in a project's files; else the first problems, a line each.
pub(super) fn plan_of_files(files: &Files) -> Result<Plan, Phrase> {
    project::read(files, &read_component).map_err(|errors| {
        let mut told: Vec<Phrase> = errors.iter().take(PROBLEMS_TOLD).map(Say::say).collect();
        if errors.len() > PROBLEMS_TOLD {
            told.push(say!("and {n} more", n = errors.len() - PROBLEMS_TOLD));
        }
        Phrase::lines(told)
    })
}

/// The files in an archive.
fn read_archive(path: &Path) -> Result<Files, Failure> {
    let failed = |why: &dyn Say| {
        let remedy = say!("a project is a folder that holds `plant.toml`, or an archive of one (NAME.plantz)");
        Failure::new(say!("cannot open the project {path}", path = path.display()), why, remedy)
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| failed(&error))?;
    // A zip is never much larger than what it holds.
    let most = limits::TOTAL_BYTES;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > most {
        return Err(failed(&say!("it has more than the {most} bytes of a whole project", most)));
    }
    archive::unpack(&bytes).map_err(|error| failed(&error))
}

/// An embedded description, read the way its files say, with the device profile it was imported with.
fn read_component(source: Arc<ComponentSource>, profile: Option<&str>) -> Result<Component, String> {
    let read = pcd::read_source(&source)?;
    let wrong = |why: &dyn std::fmt::Display| format!("the profile beside it cannot be used: {why}");
    let profile = profile.map(read_profile).transpose().map_err(|error| wrong(&error))?;
    if let Some(profile) = &profile {
        let identity = &read.component.device.identity;
        if (&profile.producer, &profile.product) != (&identity.producer, &identity.product) {
            let (own, other) = (&profile.product, &identity.product);
            return Err(wrong(&format!("it is for `{own}` of `{}`, the device is `{other}`", profile.producer)));
        }
    }
    Ok(Component { profile: profile.map(Arc::new), ..read.component })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Plan {
        open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bottling-line.plant")).unwrap()
    }

    #[test]
    fn components_have_the_profiles_they_were_imported_with() {
        let plan = sample();
        let of = |name: &str| -> Arc<Component> {
            plan.components().values().find(|component| component.name == name).unwrap().clone()
        };
        let profile = of("Labeller").profile.clone().unwrap();
        assert_eq!((profile.product.as_str(), profile.cycle_millis.is_some()), ("LC 90", true));
        assert!(profile.maximum_updates_per_second > profile.typical_updates_per_second);
    }

    #[test]
    fn a_profile_of_another_device_is_refused() {
        let plan = sample();
        let component = plan.components().values().find(|component| component.name == "Labeller").unwrap();
        let read = |profile: &str| read_component(component.source.clone(), Some(profile)).unwrap_err();
        let other = "[match]\nproducer = 'A'\nproduct = 'B'\n";
        assert_eq!(read(other), "the profile beside it cannot be used: it is for `B` of `A`, the device is `LC 90`");
        assert_eq!(read("x"), "the profile beside it cannot be used: 1:2: key with no value, expected `=`");
    }
}
