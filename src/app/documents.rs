//! Documents of components, opened with the system's programs.
//!
//! A vendor's package is not trusted: only addresses of the web are opened, and only files of kinds that are read and not run.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Failure;
use crate::model::Component;
use crate::project::is_component_file;
use crate::say;

/// Kinds of files that programs show.
const SHOWN: [&str; 9] = ["pdf", "html", "htm", "txt", "md", "svg", "png", "jpg", "jpeg"];
/// Schemes of addresses that are opened.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Copies of documents that were opened, in a folder of their own that goes when this does.
#[derive(Debug, Default)]
pub struct Documents {
    folder: Option<TempDir>,
}

impl Documents {
    /// What a program of the system can open for a document of a component: its address, or the path of a copy.
    ///
    /// # Errors
    /// The document is no address of the web and no file that came with the component, its kind is none that is only shown, or
    /// it cannot be written.
    pub fn target(&mut self, component: &Component, href: &str) -> Result<String, Failure> {
        let what = || say!("cannot open {href}", href);
        let lower = href.to_ascii_lowercase();
        if SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
            return Ok(href.to_owned());
        }
        let (file, part) = href.split_once('#').map_or((href, None), |(file, part)| (file, Some(part)));
        if !component.source.files.contains_key(file) || !is_component_file(file) {
            let why = say!("it is no address of the web and did not come with the component");
            return Err(Failure::new(what(), why, say!("ask the vendor for the document")));
        }
        let kind = Path::new(file).extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_ascii_lowercase();
        if !SHOWN.contains(&kind.as_str()) {
            let why = say!("a file of kind `{kind}` from a vendor is not handed to other programs", kind);
            return Err(Failure::new(what(), why, say!("open it from the project's folder: {file}", file)));
        }
        let failed = |error| Failure::new(what(), error, say!("make room in the folder for temporary files"));
        let path = self.copy(component, file).map_err(failed)?;
        let path = path.display().to_string();
        // A part of a page can be named only in an address.
        Ok(match part {
            Some(part) if matches!(kind.as_str(), "html" | "htm") => format!("file://{path}#{part}"),
            _ => path,
        })
    }

    /// Writes the component's files, so that a page finds its pictures; where `file` is then.
    fn copy(&mut self, component: &Component, file: &str) -> std::io::Result<PathBuf> {
        let folder = match &self.folder {
            Some(folder) => folder.path(),
            None => {
                let folder = tempfile::Builder::new().prefix("plantweave-documents-").tempdir()?;
                self.folder.insert(folder).path()
            }
        };
        let folder = folder.join(format!("{}-{}", uuid_of(component), component.key.version));
        for (path, bytes) in component.source.files.iter().filter(|(path, _)| is_component_file(path)) {
            let place = folder.join(path);
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(place, bytes)?;
        }
        Ok(folder.join(file))
    }
}

/// The component's id as a name of a folder, whatever a description wrote there.
fn uuid_of(component: &Component) -> String {
    component.key.id.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{ComponentSource, fixture};

    #[test]
    fn only_what_is_shown_is_opened() {
        let mut component = fixture::component("component Pump 1.0 { in start BOOL }").unwrap();
        let mut source = ComponentSource::default();
        for file in ["docs/m.html", "run.sh", "../up.pdf"] {
            source.files.insert(file.into(), Arc::from(&b"text"[..]));
        }
        component.source = Arc::new(source);
        let mut documents = Documents::default();
        assert_eq!(documents.target(&component, "https://v.invalid/x").unwrap(), "https://v.invalid/x");
        for refused in ["file:///etc/passwd", "javascript:alert(1)", "run.sh", "../up.pdf", "none.pdf", "/etc/hosts"] {
            assert!(documents.target(&component, refused).is_err(), "{refused}");
        }
        let path = documents.target(&component, "docs/m.html").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text");
        let part = documents.target(&component, "docs/m.html#two").unwrap();
        assert_eq!(part, format!("file://{path}#two"));
        drop(documents);
        assert!(!Path::new(&path).exists());
    }
}
