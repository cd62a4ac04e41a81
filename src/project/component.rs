//! `components/NAME-VERSION/`: a component version as it was imported, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source::{Source, Table};
use super::text::{Text, quote};
use super::{ComponentReader, Files, LoadError, Problem, paths};
use crate::model::{Component, ComponentKey, ComponentSource, Version};

const OWN: &str = "component.toml";
const PROFILE: &str = "profile.toml";

/// Whether a side file of a component can stand in its folder: below it, not hidden, and not named as ours.
pub fn is_component_file(path: &str) -> bool {
    let portable = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':']);
    path != OWN && path != PROFILE && path.split('/').all(portable) && paths::is_own(&paths::in_component("x", path))
}

pub(super) fn write(component: &Component, folder: &str, files: &mut Files) {
    let mut text = Text::default();
    text.line("id", quote(&component.key.id));
    text.line("version", quote(&component.key.version.to_string()));
    text.line("description", quote(&component.source.file_name));
    let mut insert = |file: &str, bytes| files.insert(paths::in_component(folder, file), bytes);
    for (path, bytes) in &component.source.files {
        insert(path, bytes.clone());
    }
    insert(&component.source.file_name, component.source.xml.clone());
    if let Some(profile) = &component.profile {
        insert(PROFILE, Arc::from(profile.text.as_bytes()));
    }
    insert(OWN, text.into_bytes().into());
}

/// The component folders by name, each with its files by path inside it.
pub(super) fn folders(files: &Files) -> BTreeMap<&str, BTreeMap<&str, &Arc<[u8]>>> {
    let mut folders: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (path, bytes) in files {
        if let Some((folder, file)) = paths::component_file(path) {
            folders.entry(folder).or_default().insert(file, bytes);
        }
    }
    // What is left of a folder without its list is not a component.
    folders.retain(|_, files| files.contains_key(OWN));
    folders
}

pub(super) fn read(
    folder: &str,
    files: &BTreeMap<&str, &Arc<[u8]>>,
    reader: ComponentReader,
) -> Result<Component, Vec<LoadError>> {
    let file = paths::in_component(folder, OWN);
    let own = files.get(OWN).map_or(&[][..], |bytes| bytes);
    let source = Source::new(&file, own).map_err(|error| vec![error])?;
    let Some((key, description)) = read_own(&source) else { return Err(source.into_errors()) };

    let described = paths::in_component(folder, &description);
    let wrong = |problem| vec![LoadError { file: described.clone(), line: None, problem }];
    let xml = files.get(description.as_str()).ok_or_else(|| wrong(Problem::Missing))?;
    let side = files.iter().filter(|(path, _)| **path != OWN && **path != PROFILE && **path != description);
    let files_beside = side.map(|(path, bytes)| (String::from(*path), Arc::clone(bytes))).collect();
    let component_source = ComponentSource { file_name: description, xml: Arc::clone(xml), files: files_beside };
    let profile = match files.get(PROFILE) {
        None => None,
        Some(bytes) => Some(std::str::from_utf8(bytes).map_err(|error| {
            let (file, problem) = (paths::in_component(folder, PROFILE), Problem::NotText(error.valid_up_to()));
            vec![LoadError { file, line: None, problem }]
        })?),
    };
    let component =
        reader(Arc::new(component_source), profile).map_err(|message| wrong(Problem::Component(message)))?;
    if component.key != key {
        let (expected, found) = (key.to_string(), component.key.to_string());
        return Err(wrong(Problem::ComponentChanged { expected, found }));
    }
    Ok(component)
}

fn read_own(source: &Source) -> Option<(ComponentKey, String)> {
    let document = source.parse()?;
    let table = Table::new(source, &document);
    let (mut id, mut version, mut description) = (None, None, None);
    for item in table.items() {
        match item.key {
            "id" => id = Some(item.name()?),
            "version" => version = Some(item.parsed("a version such as \"1.0\"", Version::parse)?),
            "description" => {
                description = Some(item.parsed("a file name of this folder", |text| {
                    is_component_file(text).then(|| String::from(text))
                })?);
            }
            _ => item.unknown("`id`, `version`, `description`"),
        }
    }
    match (id, version, description) {
        (Some(id), Some(version), Some(description)) => Some((ComponentKey { id, version }, description)),
        (None, ..) => {
            table.missing("id");
            None
        }
        (_, None, _) => {
            table.missing("version");
            None
        }
        _ => {
            table.missing("description");
            None
        }
    }
}
