//! Where in the folder a part of the plan stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Chart, ChartId, Component, ComponentKey, Name, Plan, ROOT_CHART};

pub(super) const PLANT: &str = "plant.toml";
pub(super) const ROOT: &str = "chart.toml";
pub(super) const NETWORK: &str = "network.toml";
/// The file with what is known of devices.
pub const STATE: &str = "state.toml";
/// Tells git to keep the vendors' files byte for byte, also on systems with other line ends.
pub(super) const ATTRIBUTES: &str = "components/.gitattributes";

const CHARTS: &str = "charts/";
const COMPONENTS: &str = "components/";

/// Whether a file of the folder belongs to the project. All others are the user's (`.git`, a README, drawings): they are
/// neither read nor touched.
pub fn is_own(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    if file.starts_with('.') || file == "Thumbs.db" {
        return path == ATTRIBUTES;
    }
    match path {
        PLANT | ROOT | NETWORK | STATE => true,
        _ if path.starts_with(CHARTS) => path.ends_with(".toml"),
        _ => path.strip_prefix(COMPONENTS).is_some_and(|inner| inner.contains('/')),
    }
}

/// The file of a chart by its path; `""` is the top chart.
pub(super) fn chart_file(chart: &str) -> String {
    if chart.is_empty() { ROOT.into() } else { format!("{CHARTS}{chart}.toml") }
}

/// The path of the chart in this file, when it is a chart file.
pub(super) fn chart_of_file(file: &str) -> Option<&str> {
    if file == ROOT { Some("") } else { file.strip_prefix(CHARTS)?.strip_suffix(".toml") }
}

/// Where each part of a plan stands in its project folder; made once, asked often.
#[derive(Debug, Clone)]
pub struct Places {
    charts: HashMap<ChartId, String>,
    components: BTreeMap<ComponentKey, String>,
}

impl Places {
    /// The places of a plan as it is now.
    pub fn new(plan: &Plan) -> Self {
        Self { charts: chart_paths(plan), components: component_folders(plan) }
    }

    /// The file of a chart; that of the top chart when there is no such chart.
    pub fn chart(&self, chart: ChartId) -> String {
        chart_file(self.charts.get(&chart).map_or("", String::as_str))
    }

    /// The file of an instance with its links and constants: that of the chart it is at home on, or, for a mere hardware
    /// component, that of the network.
    pub fn instance(&self, plan: &Plan, instance: &str) -> String {
        match plan.instances().get(instance) {
            Some(instance) => instance.home().map_or_else(|| NETWORK.into(), |chart| self.chart(chart)),
            None => ROOT.into(),
        }
    }

    /// The file that says what a component version is called here, beside its description.
    pub fn component(&self, key: &ComponentKey) -> Option<String> {
        Some(in_component(self.components.get(key)?, "component.toml"))
    }

    /// The file of devices, subnets and cables.
    pub fn network(&self) -> &'static str {
        NETWORK
    }

    /// The file of the project itself, with stated reaction times.
    pub fn project(&self) -> &'static str {
        PLANT
    }
}

/// The path of each chart: its name below that of its parent, both as file names.
pub(super) fn chart_paths(plan: &Plan) -> HashMap<ChartId, String> {
    let mut children: BTreeMap<ChartId, Vec<(ChartId, &Chart)>> = BTreeMap::new();
    for (id, chart) in plan.charts() {
        if let Some(parent) = chart.parent {
            children.entry(parent).or_default().push((*id, chart));
        }
    }
    let mut paths = HashMap::from([(ROOT_CHART, String::new())]);
    let mut open = vec![ROOT_CHART];
    while let Some(parent) = open.pop() {
        let mut siblings = children.remove(&parent).unwrap_or_default();
        siblings.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let mut taken = BTreeSet::new();
        let above = paths.get(&parent).cloned().unwrap_or_default();
        for (id, chart) in siblings {
            let stem = free_stem(&chart.name, &mut taken);
            paths.insert(id, if above.is_empty() { stem } else { format!("{above}/{stem}") });
            open.push(id);
        }
    }
    paths
}

/// The chart's name out of its file name.
pub(super) fn chart_name(stem: &str) -> Name {
    let stem = stem.split_once('~').map_or(stem, |(stem, _)| stem);
    decode(stem).into()
}

/// The folder of each component, `Name-1.0`.
pub(super) fn component_folders(plan: &Plan) -> BTreeMap<ComponentKey, String> {
    let mut components: Vec<&Component> = plan.components().values().map(|component| &**component).collect();
    components.sort_by(|one, other| (&one.name, &one.key).cmp(&(&other.name, &other.key)));
    let mut taken = BTreeSet::new();
    components
        .into_iter()
        .map(|component| {
            let stem = free_stem(&format!("{}-{}", component.name, component.key.version), &mut taken);
            (component.key.clone(), stem)
        })
        .collect()
}

/// Splits `components/FOLDER/FILE`.
pub(super) fn component_file(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(COMPONENTS)?.split_once('/')
}

pub(super) fn in_component(folder: &str, file: &str) -> String {
    format!("{COMPONENTS}{folder}/{file}")
}

/// A file name, without ending, for one name that has no others beside it that differ from it in case only.
pub fn file_stem(name: &str) -> String {
    free_stem(name, &mut BTreeSet::new())
}

/// A file name for a name: the name itself where every file system takes it, `%XX` for characters that some refuse, and
/// `~2`, `~3` … behind names that differ in case only.
fn free_stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let encoded = encode(name);
    let mut stem = encoded.clone();
    // DOS keeps some names for devices, whatever stands behind the dot.
    let lower = encoded.to_lowercase();
    let device = matches!(lower.as_str(), "con" | "prn" | "aux" | "nul")
        || (lower.len() == 4 && (lower.starts_with("com") || lower.starts_with("lpt")));
    if device {
        stem.push('~');
    }
    let mut n = 2;
    while !taken.insert(stem.to_lowercase()) {
        stem = format!("{encoded}~{n}");
        n += 1;
    }
    stem
}

fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut buffer = [0; 4];
    for (position, character) in name.char_indices() {
        let inside = position > 0 && position + character.len_utf8() < name.len();
        if character.is_alphanumeric() || character == '_' || (inside && matches!(character, '-' | ' ' | '.')) {
            out.push(character);
        } else {
            for byte in character.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

fn decode(stem: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = stem.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = [ahead.next(), ahead.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        match (byte, digits) {
            (b'%', [Some(high), Some(low)]) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_file_name_and_comes_back() {
        let mut taken = BTreeSet::new();
        for (name, stem) in [
            ("Cell", "Cell"),
            ("cell", "cell~2"),
            ("CELL", "CELL~3"),
            ("Füller 1-2", "Füller 1-2"),
            ("a/b", "a%2Fb"),
            ("..", "%2E%2E"),
            ("nul", "nul~"),
            ("Nul", "Nul~2"),
            ("x~2", "x%7E2"),
            ("100 %", "100 %25"),
        ] {
            assert_eq!(free_stem(name, &mut taken), stem);
            assert_eq!(chart_name(stem), name);
        }
    }

    #[test]
    fn foreign_files_are_told_apart() {
        for own in ["plant.toml", "charts/A/B.toml", "components/A-1.0/icons/a.svg", "components/.gitattributes"] {
            assert!(is_own(own), "{own}");
        }
        for foreign in [".git/config", "README.md", "charts/notes.md", "components/readme.txt", "components/A-1.0/.x"] {
            assert!(!is_own(foreign), "{foreign}");
        }
    }
}
