//! What a library holds, as rows to print or to show.

use serde::Serialize;

use super::{Failure, Library};
use crate::library::{Entry, Preview};
use crate::model::{ComponentKey, Plan};
use crate::pcd::{self, Grade};

/// A library, or what a search found in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LibraryList {
    /// Descriptions in the library.
    pub total: usize,
    /// Those that match, the best match first; without words by name.
    pub components: Vec<LibraryRow>,
    /// Versions that several files claim to be.
    pub conflicts: Vec<LibraryConflict>,
    /// Files that cannot be read.
    pub problems: Vec<LibraryProblem>,
}

/// One description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LibraryRow {
    /// Component id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Library caption.
    pub name: String,
    /// Vendor.
    pub vendor: String,
    /// Category, levels separated by `/`.
    pub category: String,
    /// Description in the language asked for.
    pub description: String,
    /// `exact`, `tolerant` or `partial`.
    pub grade: String,
    /// File, relative to the library folder.
    pub path: String,
    /// Functions.
    pub functions: usize,
    /// Ports.
    pub ports: usize,
    /// Ports, as `function.port`, that hold a word of the search which nothing else holds.
    pub ports_found: Vec<String>,
}

/// A component version that several files claim to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LibraryConflict {
    /// Component id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Library caption.
    pub name: String,
    /// Whether the contents differ.
    pub differs: bool,
    /// The files.
    pub paths: Vec<String>,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LibraryProblem {
    /// File, relative to the library folder.
    pub path: String,
    /// Why, with line and column where there are any.
    pub fault: String,
}

/// The descriptions of a library that hold all `words`, in `category` and below when one is given.
pub fn list_library(library: &Library, words: &str, category: Option<&str>, lang: &str) -> LibraryList {
    let catalogue = &library.catalogue;
    let row = |entry: &Entry, ports_found| {
        let component = &entry.component;
        LibraryRow {
            id: component.key.id.to_string(),
            version: component.key.version.to_string(),
            name: component.name.to_string(),
            vendor: component.vendor.to_string(),
            category: component.category.to_string(),
            description: component.description.get(lang).unwrap_or_default().to_owned(),
            grade: entry.grade.to_string(),
            path: entry.path.clone(),
            functions: component.rtautos().count(),
            ports: component.rtautos().map(|(_, rtauto)| rtauto.ports.len()).sum(),
            ports_found,
        }
    };
    let conflict = |conflict: crate::library::Conflict| LibraryConflict {
        id: conflict.key.id.to_string(),
        version: conflict.key.version.to_string(),
        name: conflict.name,
        differs: conflict.differs,
        paths: conflict.paths,
    };
    LibraryList {
        total: catalogue.entries().len(),
        components: catalogue.search(words, category).into_iter().map(|hit| row(hit.entry, hit.ports)).collect(),
        conflicts: catalogue.conflicts().into_iter().map(conflict).collect(),
        problems: catalogue
            .problems()
            .iter()
            .map(|problem| LibraryProblem { path: problem.path.clone(), fault: problem.fault.clone() })
            .collect(),
    }
}

/// The component a person means by `wanted`: a name, an id, a file or words, with a version behind it if not the newest.
///
/// # Errors
/// Nothing in the library is meant, or several components are.
pub fn show_component(library: &Library, wanted: &str, lang: &str) -> Result<Preview, Failure> {
    let entry = find_component(library, wanted)?;
    Ok(Preview::new(entry, &library.catalogue, lang))
}

/// What is known of a component version: as the library read it, otherwise as the project keeps it; `None` when neither has it.
pub fn preview_component(library: &Library, plan: &Plan, key: &ComponentKey, lang: &str) -> Option<Preview> {
    if let Some(entry) = library.catalogue.get(key) {
        return Some(Preview::new(entry, &library.catalogue, lang));
    }
    let component = plan.components().get(key)?;
    let path = component.source.file_name.clone();
    let entry = match pcd::read_source(&component.source) {
        Ok(read) => Entry::new(path, component.clone(), read.grade, read.remarks, read.kept),
        // The plan has it all the same; only how well its file was understood cannot be told.
        Err(_) => Entry::new(path, component.clone(), Grade::Partial, Vec::new(), Vec::new()),
    };
    Some(Preview::new(&entry, &library.catalogue, lang))
}

/// The description of a component in the canonical form, whatever its file is written in.
///
/// # Errors
/// As [`show_component`].
pub fn canonical_description(library: &Library, wanted: &str) -> Result<String, Failure> {
    find_component(library, wanted).map(|entry| pcd::write(&entry.component))
}

/// Components named when several are meant.
const MOST_NAMED: usize = 8;

fn find_component<'a>(library: &'a Library, wanted: &str) -> Result<&'a Entry, Failure> {
    let found = library.catalogue.find(wanted);
    let what = format!("cannot show `{wanted}`");
    let Some(first) = found.first() else {
        let remedy = "list the library without --show, or look for words with --search";
        return Err(Failure::new(what, "the library holds no such component", remedy));
    };
    let others: Vec<&&Entry> = found.iter().filter(|other| other.component.key.id != first.component.key.id).collect();
    if others.is_empty() {
        return Ok(first);
    }
    let all = std::iter::once(first).chain(others);
    let mut names: Vec<String> = all
        .map(|entry| format!("{} of {} ({})", entry.component.name, entry.component.vendor, entry.component.key))
        .collect();
    names.dedup();
    let left = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    if left > 0 {
        names.push(format!("and {left} more"));
    }
    Err(Failure::new(what, format!("several components are meant: {}", names.join("; ")), "name one by its id"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::open_library;

    fn own() -> Library {
        open_library(&Path::new(env!("CARGO_MANIFEST_DIR")).join("library")).unwrap()
    }

    #[test]
    fn a_component_is_shown_by_name_id_and_words() {
        let library = own();
        let conveyor = show_component(&library, "belt conveyor", "de").unwrap();
        assert_eq!((conveyor.name.as_str(), conveyor.version.as_str()), ("Belt conveyor", "2.1"));
        assert_eq!(conveyor.versions.len(), 2);
        assert_eq!(show_component(&library, &conveyor.id, "de").unwrap(), conveyor);
        assert_eq!(show_component(&library, "Belt conveyor 2.0", "de").unwrap().version, "2.0");
        let filler = show_component(&library, "rotary valves", "en").unwrap();
        assert_eq!(filler.name, "Volumetric filler");
        assert!(filler.limits.iter().any(|row| row.typical < row.maximum));
    }

    #[test]
    fn a_component_is_shown_from_library_or_project() {
        let library = own();
        let entry = library.catalogue.find("Belt conveyor 2.1")[0].clone();
        let key = &entry.component.key;
        let mut document = crate::edit::Document::new(Plan::new("p"));
        assert_eq!(preview_component(&Library::default(), document.plan(), key, "en"), None);
        document.apply(&crate::edit::Edit::AddComponent(entry.component.clone())).unwrap();
        let kept = preview_component(&Library::default(), document.plan(), key, "en").unwrap();
        let read = preview_component(&library, document.plan(), key, "en").unwrap();
        assert_eq!((&kept.functions, &kept.grade, &kept.limits), (&read.functions, &read.grade, &read.limits));
        assert_eq!((kept.versions.len(), read.versions.len()), (0, 2));
    }

    #[test]
    fn what_is_not_clear_is_told() {
        let library = own();
        assert_eq!(show_component(&library, "xyzzy", "en").unwrap_err().why, "the library holds no such component");
        let failure = show_component(&library, "brunnmark", "en").unwrap_err();
        assert!(failure.why.to_string().starts_with("several components are meant: "), "{failure}");
    }
}
