//! The rows of the library: categories with what stands in them, or what a search found.

use std::collections::{BTreeMap, HashSet};

use crate::app::Library;
use crate::library::{Category, Entry, fold};
use crate::model::{ComponentKey, Plan};

/// Rows a search shows.
const MOST_HITS: usize = 2_000;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A category, to be opened and closed.
    Category {
        /// Names of the levels down to it, folded: what it is told by.
        path: String,
        /// Its name.
        name: String,
        /// Levels above it.
        depth: u16,
        /// Components in it and below.
        n_inside: usize,
        /// What is in it is shown.
        open: bool,
    },
    /// A component version.
    Component {
        /// Which.
        key: ComponentKey,
        /// Library caption.
        name: String,
        /// Beside it: where a search found it.
        about: String,
        /// Levels above it.
        depth: u16,
        /// There is a newer version of it.
        older: bool,
    },
}

/// The tree. `closed` are paths of categories.
pub fn tree(library: &Library, plan: &Plan, closed: &HashSet<String>, only_in_project: &str) -> Vec<Row> {
    let mut by_category: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in library.catalogue.entries() {
        by_category.entry(path_of(&entry.component.category)).or_default().push(entry);
    }
    let mut rows = Vec::new();
    let root = library.catalogue.categories();
    for category in &root.below {
        category_rows(library, category, "", 0, closed, &by_category, &mut rows);
    }
    // Those without a category stand at the end, in none.
    add_entries(library, by_category.get(""), 0, &mut rows);
    let own: Vec<_> = plan.components().iter().filter(|(key, _)| library.catalogue.get(key).is_none()).collect();
    if !own.is_empty() {
        let path = String::from("/");
        let open = !closed.contains(&path);
        rows.push(Row::Category { path, name: only_in_project.to_owned(), depth: 0, n_inside: own.len(), open });
        if open {
            rows.extend(own.into_iter().map(|(key, component)| Row::Component {
                key: key.clone(),
                name: component.name.to_string(),
                about: String::new(),
                depth: 1,
                older: false,
            }));
        }
    }
    rows
}

/// What a search found, the best first.
pub fn hits(library: &Library, query: &str) -> Vec<Row> {
    let hits = library.catalogue.search(query, None);
    hits.into_iter()
        .take(MOST_HITS)
        .map(|hit| {
            let component = &hit.entry.component;
            let about = if hit.ports.is_empty() { component.vendor.to_string() } else { hit.ports.join(", ") };
            Row::Component {
                key: component.key.clone(),
                name: component.name.to_string(),
                about,
                depth: 0,
                older: is_older(library, hit.entry),
            }
        })
        .collect()
}

fn category_rows(
    library: &Library,
    category: &Category,
    above: &str,
    depth: u16,
    closed: &HashSet<String>,
    by_category: &BTreeMap<String, Vec<&Entry>>,
    rows: &mut Vec<Row>,
) {
    let own = fold(&category.name);
    let path = if above.is_empty() { own } else { format!("{above}/{own}") };
    let open = !closed.contains(&path);
    let (name, n_inside) = (category.name.clone(), category.total);
    rows.push(Row::Category { path: path.clone(), name, depth, n_inside, open });
    if !open {
        return;
    }
    for below in &category.below {
        category_rows(library, below, &path, depth + 1, closed, by_category, rows);
    }
    add_entries(library, by_category.get(&path), depth + 1, rows);
}

fn add_entries(library: &Library, entries: Option<&Vec<&Entry>>, depth: u16, rows: &mut Vec<Row>) {
    rows.extend(entries.into_iter().flatten().map(|entry| Row::Component {
        key: entry.component.key.clone(),
        name: entry.component.name.to_string(),
        about: String::new(),
        depth,
        older: is_older(library, entry),
    }));
}

fn is_older(library: &Library, entry: &Entry) -> bool {
    let versions = library.catalogue.versions(&entry.component.key.id);
    versions.first().is_some_and(|newest| newest.component.key.version > entry.component.key.version)
}

/// A category as [`Category`] names its levels, folded.
fn path_of(category: &str) -> String {
    let levels = category.split('/').map(str::trim).filter(|level| !level.is_empty());
    levels.map(fold).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::edit::{Document, Edit};
    use crate::library::Catalogue;
    use crate::model::fixture;
    use crate::pcd::Grade;

    fn library() -> Library {
        let files = [
            ("Filling/Valves", "component Filler 1.0 { in start BOOL; out level R4 }"),
            ("filling/Valves", "component Filler 2.0 { in start BOOL; out level R4 }"),
            ("Filling", "component Capper 1.0 { in start BOOL }"),
            ("", "component Loose 1.0 { in start BOOL }"),
        ];
        let entries = files.map(|(category, text)| {
            let mut component = fixture::component(text).unwrap();
            component.category = category.into();
            Entry::new(text.into(), Arc::new(component), Grade::Exact, Vec::new(), Vec::new())
        });
        Library { catalogue: Catalogue::new(entries.into(), Vec::new()), ..Library::default() }
    }

    fn texts(rows: &[Row]) -> Vec<String> {
        let text = |row: &Row| match row {
            Row::Category { name, depth, n_inside, .. } => format!("{depth} [{name}] {n_inside}"),
            Row::Component { key, name, depth, older, about } => {
                let older = if *older { " older" } else { "" };
                format!("{depth} {name} {}{older} {about}", key.version).trim_end().to_owned()
            }
        };
        rows.iter().map(text).collect()
    }

    #[test]
    fn every_component_stands_once_in_its_category() {
        let rows = tree(&library(), &Plan::new("p"), &HashSet::new(), "own");
        let expected =
            ["0 [Filling] 3", "1 [Valves] 2", "2 Filler 2.0", "2 Filler 1.0 older", "1 Capper 1.0", "0 Loose 1.0"];
        assert_eq!(texts(&rows), expected);
        let closed = HashSet::from(["filling".to_owned()]);
        assert_eq!(texts(&tree(&library(), &Plan::new("p"), &closed, "own")), ["0 [Filling] 3", "0 Loose 1.0"]);
    }

    #[test]
    fn what_only_the_project_has_is_there_too() {
        let mut document = Document::new(Plan::new("p"));
        let own = fixture::component("component Own 1.0 { in start BOOL }").unwrap();
        document.apply(&Edit::AddComponent(Arc::new(own))).unwrap();
        let rows = tree(&Library::default(), document.plan(), &HashSet::new(), "own");
        assert_eq!(texts(&rows), ["0 [own] 1", "1 Own 1.0"]);
    }

    #[test]
    fn a_search_by_port_type_names_the_ports() {
        let rows = hits(&library(), "out R4");
        assert_eq!(texts(&rows).len(), 2);
        assert!(texts(&rows).iter().all(|text| text.contains("level")), "{:?}", texts(&rows));
    }
}
