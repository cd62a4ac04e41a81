//! What the program carries along: the component library and the sample plants, so that a demonstration or a first project
//! needs nothing but the program.

use std::fs;
use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::Failure;
use crate::say;

static LIBRARY: Dir = include_dir!("$CARGO_MANIFEST_DIR/library");
static SAMPLES: Dir = include_dir!("$CARGO_MANIFEST_DIR/samples");

/// Puts the component library that comes with the program into a folder.
///
/// # Errors
/// The folder cannot be written.
pub fn unpack_library(folder: &Path) -> Result<(), Failure> {
    unpack(&LIBRARY, folder)
}

/// Names of the sample plants that come with the program, such as `bottling-line.plant`.
pub fn samples() -> impl Iterator<Item = &'static str> {
    SAMPLES.dirs().filter_map(|dir| dir.path().to_str())
}

/// Puts a sample plant into a folder, which is then a project.
///
/// # Errors
/// There is no such sample, or the folder cannot be written.
pub fn unpack_sample(name: &str, folder: &Path) -> Result<(), Failure> {
    let sample = SAMPLES.get_dir(name).ok_or_else(|| {
        let known = samples().collect::<Vec<_>>().join(", ");
        Failure::new(
            say!("cannot open the sample {name}", name),
            say!("there is no such sample"),
            say!("take one of {known}", known),
        )
    })?;
    unpack(sample, folder)
}

fn unpack(dir: &Dir, folder: &Path) -> Result<(), Failure> {
    copy(dir, dir.path(), folder).map_err(|error| {
        let remedy = say!("check that the folder can be written and has room");
        Failure::new(say!("cannot unpack to {folder}", folder = folder.display()), error, remedy)
    })
}

fn copy(dir: &Dir, base: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in dir.entries() {
        // Every path in the bundle begins with that of the folder it is in.
        let below = entry.path().strip_prefix(base).unwrap_or(entry.path());
        match entry {
            include_dir::DirEntry::Dir(dir) => copy(dir, base, folder)?,
            include_dir::DirEntry::File(file) => {
                let target = folder.join(below);
                if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(target, file.contents())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::read_project_files;

    #[test]
    fn a_sample_unpacks_to_the_project_it_was_made_from() {
        let folder = tempfile::tempdir().unwrap();
        assert!(samples().any(|name| name == "bottling-line.plant"));
        for name in samples() {
            let target = folder.path().join(name);
            unpack_sample(name, &target).unwrap();
            let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
            assert_eq!(read_project_files(&target).unwrap(), read_project_files(&original).unwrap());
        }
        assert!(
            unpack_sample("no.plant", folder.path()).unwrap_err().remedy.to_string().contains("water-treatment.plant")
        );
    }

    #[test]
    fn the_library_unpacks_with_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        unpack_library(folder.path()).unwrap();
        assert!(folder.path().join("kettwald/belt-conveyor/belt-conveyor.pcd.xml").is_file());
        assert!(folder.path().join("profiles/kettwald-kc210.toml").is_file());
    }
}
