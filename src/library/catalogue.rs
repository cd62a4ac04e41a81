//! The catalogue: entries by identity, versions side by side, and what cannot be true at once.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::category::Category;
use super::entry::{Entry, Problem};
use super::search::{self, Hit, fold};
use crate::model::{Component, ComponentKey, Version};

/// All descriptions of one or more libraries.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By name, vendor, and version from the newest.
    entries: Vec<Entry>,
    by_key: BTreeMap<ComponentKey, Vec<usize>>,
    problems: Vec<Problem>,
}

/// Two or more files that claim to be the same version of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The component version.
    pub key: ComponentKey,
    /// Its name.
    pub name: String,
    /// Whether the contents differ: changed without a new version (`pcd-format` 5.9, no. 12). Otherwise the
    /// files are mere copies.
    pub differs: bool,
    /// The files, sorted.
    pub paths: Vec<String>,
}

/// How a component stands to those of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing<'a> {
    /// Nothing of this component is there.
    New,
    /// Other versions are there, and this one is newer than all of them: an update can be offered.
    Newer(&'a Entry),
    /// Other versions are there, the newest of them newer than this one.
    Older(&'a Entry),
    /// The same version with the same content is there.
    Same(&'a Entry),
    /// The same version is there with other content: changed without a new version.
    Changed(&'a Entry),
}

/// By name, vendor, and version from the newest.
fn order(one: &Entry, other: &Entry) -> Ordering {
    let key = |entry: &Entry| (entry.component.key.id.clone(), Reverse(entry.component.key.version));
    one.order.cmp(&other.order).then_with(|| key(one).cmp(&key(other))).then_with(|| one.path.cmp(&other.path))
}

impl PartialEq for Entry {
    /// Entries are the same when they are the same file's.
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Catalogue {
    /// A catalogue of these entries and problems.
    pub fn new(mut entries: Vec<Entry>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|one, other| one.path.cmp(&other.path));
        entries.sort_by(order);
        let mut catalogue = Self { entries, by_key: BTreeMap::new(), problems };
        catalogue.index();
        catalogue
    }

    /// Adds an entry.
    pub fn insert(&mut self, entry: Entry) {
        let at = self.entries.partition_point(|other| order(other, &entry).is_lt());
        self.entries.insert(at, entry);
        self.index();
    }

    /// Removes the entry of a file.
    pub fn remove(&mut self, path: &str) {
        self.entries.retain(|entry| entry.path != path);
        self.index();
    }

    fn index(&mut self) {
        self.by_key.clear();
        for (index, entry) in self.entries.iter().enumerate() {
            self.by_key.entry(entry.component.key.clone()).or_default().push(index);
        }
    }

    /// All entries: by name, then vendor, then from the newest version.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Files that could not be read, by path.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The description of a component version; the first by path if there are several.
    pub fn get(&self, key: &ComponentKey) -> Option<&Entry> {
        self.by_key.get(key)?.first().and_then(|index| self.entries.get(*index))
    }

    /// All versions of a component, from the newest; copies of a version stand side by side.
    pub fn versions(&self, id: &str) -> Vec<&Entry> {
        let of = |version| ComponentKey { id: id.into(), version };
        let range = self.by_key.range(of(Version([0; 4]))..=of(Version([u16::MAX; 4])));
        range.rev().flat_map(|(_, indices)| indices).filter_map(|index| self.entries.get(*index)).collect()
    }

    /// The newest version of each component.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            let newest = self.versions(&entry.component.key.id).first().map(|newest| &newest.path);
            newest == Some(&entry.path)
        })
    }

    /// How a component stands to what is here.
    pub fn standing(&self, component: &Component) -> Standing<'_> {
        let same: Vec<&Entry> = self
            .by_key
            .get(&component.key)
            .into_iter()
            .flatten()
            .filter_map(|index| self.entries.get(*index))
            .collect();
        if let Some(entry) = same.iter().find(|entry| entry.same_content(component)) {
            return Standing::Same(entry);
        }
        match (same.first(), self.versions(&component.key.id).first()) {
            (Some(entry), _) => Standing::Changed(entry),
            (None, Some(newest)) if newest.component.key.version < component.key.version => Standing::Newer(newest),
            (None, Some(newest)) => Standing::Older(newest),
            (None, None) => Standing::New,
        }
    }

    /// Component versions that several files claim to be, by name.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for (key, indices) in self.by_key.iter().filter(|(_, indices)| indices.len() > 1) {
            let entries: Vec<&Entry> = indices.iter().filter_map(|index| self.entries.get(*index)).collect();
            let Some(first) = entries.first() else { continue };
            let mut paths: Vec<String> = entries.iter().map(|entry| entry.path.clone()).collect();
            paths.sort();
            conflicts.push(Conflict {
                key: key.clone(),
                name: first.component.name.to_string(),
                differs: entries.iter().any(|entry| !entry.same_content(&first.component)),
                paths,
            });
        }
        conflicts.sort_by(|one, other| (&one.name, &one.key).cmp(&(&other.name, &other.key)));
        conflicts
    }

    /// Entries whose name, vendor, description, category or ports hold every word of `text`, the best match first, and those
    /// below `category` only when one is given. Case and accents do not matter; without words all match.
    pub fn search(&self, text: &str, category: Option<&str>) -> Vec<Hit<'_>> {
        let inside =
            |entry: &&Entry| category.is_none_or(|category| Category::holds(category, &entry.component.category));
        search::search(self.entries.iter().filter(inside), text)
    }

    /// The categories as a tree.
    pub fn categories(&self) -> Category {
        Category::tree(self.entries.iter().map(|entry| entry.component.category.as_str()))
    }

    /// Entries that a person may mean by `text`: an id, a name, a file, or one of them with a version behind it. From the newest;
    /// exact matches leave out all others.
    pub fn find(&self, text: &str) -> Vec<&Entry> {
        let text = text.trim();
        let exactly = |wanted: &str, version: Option<Version>| -> Vec<&Entry> {
            let wanted_id = wanted.trim_matches(['{', '}']).to_ascii_lowercase();
            let wanted = fold(wanted);
            let mut found: Vec<&Entry> = self
                .entries
                .iter()
                .filter(|entry| {
                    let component = &entry.component;
                    let named =
                        component.key.id == wanted_id || fold(&component.name) == wanted || fold(&entry.path) == wanted;
                    named && version.is_none_or(|version| version == component.key.version)
                })
                .collect();
            found.sort_by_key(|entry| Reverse(entry.component.key.version));
            found
        };
        let found = exactly(text, None);
        if !found.is_empty() {
            return found;
        }
        let with_version = text.rsplit_once([' ', '-', '@']);
        if let Some((name, version)) = with_version.and_then(|(name, version)| Some((name, Version::parse(version)?))) {
            let found = exactly(name, Some(version));
            if !found.is_empty() {
                return found;
            }
        }
        self.search(text, None).into_iter().map(|hit| hit.entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{ComponentSource, fixture};
    use crate::pcd::Grade;

    fn entry(path: &str, text: &str) -> Entry {
        let component = Arc::new(fixture::component(text).unwrap());
        Entry::new(path.into(), component, Grade::Exact, Vec::new(), Vec::new())
    }

    fn catalogue() -> Catalogue {
        let files = [
            ("b/filler.xml", "component Filler 2.0 { in start BOOL }"),
            ("a/filler-10.xml", "component Filler 10.0 { in start BOOL; in stop BOOL }"),
            ("a/capper.xml", "component Capper 1.0 { out ready BOOL }"),
        ];
        Catalogue::new(files.map(|(path, text)| entry(path, text)).into(), Vec::new())
    }

    fn paths<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a str> {
        entries.into_iter().map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn versions_stand_side_by_side_from_the_newest() {
        let catalogue = catalogue();
        assert_eq!(paths(catalogue.entries()), ["a/capper.xml", "a/filler-10.xml", "b/filler.xml"]);
        let id = &fixture::component("component Filler 1.0 { in start BOOL }").unwrap().key.id;
        assert_eq!(paths(catalogue.versions(id)), ["a/filler-10.xml", "b/filler.xml"]);
        assert_eq!(paths(catalogue.newest()), ["a/capper.xml", "a/filler-10.xml"]);
    }

    #[test]
    fn copies_and_silent_changes_are_told_apart() {
        let same = "component Capper 1.0 { out ready BOOL }";
        let mut entries = vec![entry("a.xml", same), entry("b.xml", same)];
        let conflicts = Catalogue::new(entries.clone(), Vec::new()).conflicts();
        assert_eq!(conflicts.len(), 1);
        assert!(!conflicts[0].differs && conflicts[0].paths == ["a.xml", "b.xml"]);

        entries.push(entry("c.xml", "component Capper 1.0 { out ready I2 }"));
        let conflicts = Catalogue::new(entries, Vec::new()).conflicts();
        assert!(conflicts[0].differs && conflicts[0].paths.len() == 3);
        assert!(catalogue().conflicts().is_empty());
    }

    #[test]
    fn a_component_stands_to_the_catalogue() {
        let catalogue = catalogue();
        let standing = |text: &str| match catalogue.standing(&fixture::component(text).unwrap()) {
            Standing::New => "new".to_owned(),
            Standing::Newer(entry) => format!("newer than {}", entry.path),
            Standing::Older(entry) => format!("older than {}", entry.path),
            Standing::Same(entry) => format!("same as {}", entry.path),
            Standing::Changed(entry) => format!("changed from {}", entry.path),
        };
        assert_eq!(standing("component Mixer 1.0 { in start BOOL }"), "new");
        assert_eq!(standing("component Filler 11.0 { in start BOOL }"), "newer than a/filler-10.xml");
        assert_eq!(standing("component Filler 3.0 { in start BOOL }"), "older than a/filler-10.xml");
        assert_eq!(standing("component Filler 2.0 { in start BOOL }"), "same as b/filler.xml");
        assert_eq!(standing("component Filler 2.0 { in begin BOOL }"), "changed from b/filler.xml");
    }

    #[test]
    fn a_changed_side_file_is_a_change() {
        let catalogue = catalogue();
        let mut component = fixture::component("component Capper 1.0 { out ready BOOL }").unwrap();
        let mut source = ComponentSource::clone(&component.source);
        source.files.insert("icon.svg".into(), Arc::from(&b"<svg/>"[..]));
        component.source = Arc::new(source);
        assert!(matches!(catalogue.standing(&component), Standing::Changed(_)));
    }

    #[test]
    fn a_person_finds_by_id_name_version_file_or_words() {
        let catalogue = catalogue();
        let id = catalogue.entries()[0].component.key.id.to_string();
        assert_eq!(paths(catalogue.find(&format!("{{{}}}", id.to_uppercase()))), ["a/capper.xml"]);
        assert_eq!(paths(catalogue.find("FILLER")), ["a/filler-10.xml", "b/filler.xml"]);
        assert_eq!(paths(catalogue.find("filler 2.0.0")), ["b/filler.xml"]);
        assert_eq!(paths(catalogue.find("filler-10.0")), ["a/filler-10.xml"]);
        assert_eq!(paths(catalogue.find("b/filler.xml")), ["b/filler.xml"]);
        assert_eq!(paths(catalogue.find("fill stop")), ["a/filler-10.xml"]);
        assert!(catalogue.find("nothing").is_empty());
    }
}
