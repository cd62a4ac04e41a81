//! Files become the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::chart::{ChartFile, InstanceTable};
use super::source::Source;
use super::{ComponentReader, Files, LoadError, Problem, component, limits, network, paths, plant, state, upgrade};
use crate::model::*;

/// The plan in a project's files.
///
/// Files that are not the project's own ([`paths::is_own`]) are passed over. Links are read as they stand, also
/// where they lead nowhere or feed an input twice: `check` finds that, and the project opens.
///
/// # Errors
/// Everything that keeps the project from opening, sorted by file and line, 100 problems at most.
pub fn read(files: &Files, reader: ComponentReader) -> Result<Plan, Vec<LoadError>> {
    bounds(files)?;
    let files = upgrade::upgrade(files)?;
    let mut assembly = Assembly::default();
    assembly.plant(&files);
    assembly.components(&files, reader);
    if let Some(too_much) = assembly.errors.iter().find(|error| matches!(error.problem, Problem::TooMuch { .. })) {
        // All else that is wrong follows from the components that were not read.
        return Err(vec![too_much.clone()]);
    }
    let charts = assembly.charts(&files);
    let sources = assembly.sources(&files);
    let plan = assembly.assemble(&sources, &charts);
    for (source, _) in sources {
        assembly.errors.extend(source.into_errors());
    }
    let mut errors = assembly.errors;
    if errors.is_empty() {
        return Ok(plan);
    }
    errors.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    errors.truncate(limits::PROBLEMS);
    Err(errors)
}

fn bounds(files: &Files) -> Result<(), Vec<LoadError>> {
    let own = files.iter().filter(|(path, _)| paths::is_own(path));
    let too_much = |file: &str, what, limit| {
        let problem = Problem::TooMuch { what, limit };
        Err(vec![LoadError { file: file.into(), line: None, problem }])
    };
    let mut bytes_left = limits::TOTAL_BYTES;
    let mut text_left = limits::ALL_TEXT_BYTES;
    for (count, (path, bytes)) in own.enumerate() {
        if count >= limits::FILES {
            return too_much(path, "files", limits::FILES);
        }
        if bytes.len() > limits::COMPONENT_FILE_BYTES {
            return too_much(path, "bytes", limits::COMPONENT_FILE_BYTES);
        }
        match bytes_left.checked_sub(bytes.len()) {
            Some(left) => bytes_left = left,
            None => return too_much(path, "bytes of all files", limits::TOTAL_BYTES),
        }
        if paths::component_file(path).is_none() {
            match text_left.checked_sub(bytes.len()) {
                Some(left) => text_left = left,
                None => return too_much(path, "bytes of all charts and tables", limits::ALL_TEXT_BYTES),
            }
        }
    }
    Ok(())
}

/// What a text file said: chart files by their chart, and `network.toml`.
enum Content {
    Chart(ChartId, ChartFile),
    Network(network::NetworkFile),
    State(Vec<(Name, DeviceState)>),
}

#[derive(Default)]
struct Assembly {
    errors: Vec<LoadError>,
    plant: Option<plant::PlantFile>,
    components: BTreeMap<String, Arc<Component>>,
    /// Folders whose component cannot be read; a problem of its own already.
    broken: BTreeSet<String>,
    /// Chart numbers by path.
    chart_ids: BTreeMap<String, ChartId>,
}

impl Assembly {
    fn source<'a>(&mut self, file: &'a str, bytes: &'a [u8]) -> Option<Source<'a>> {
        Source::new(file, bytes).map_err(|error| self.errors.push(error)).ok()
    }

    fn plant(&mut self, files: &Files) {
        let Some(bytes) = files.get(paths::PLANT) else { return };
        if let Some(source) = self.source(paths::PLANT, bytes) {
            self.plant = plant::read(&source);
            self.errors.extend(source.into_errors());
        }
    }

    fn components(&mut self, files: &Files, reader: ComponentReader) {
        let mut first: BTreeMap<ComponentKey, String> = BTreeMap::new();
        let mut ports_left = limits::PORTS;
        for (folder, files) in component::folders(files) {
            match component::read(folder, &files, reader) {
                Ok(component) => {
                    let n_ports = component.rtautos().map(|(_, rtauto)| rtauto.ports.len()).sum();
                    let Some(left) = ports_left.checked_sub(n_ports) else {
                        let problem = Problem::TooMuch { what: "ports of all components", limit: limits::PORTS };
                        return self.errors.push(LoadError {
                            file: format!("components/{folder}"),
                            line: None,
                            problem,
                        });
                    };
                    ports_left = left;
                    if let Some(twin) = first.insert(component.key.clone(), folder.into()) {
                        let problem = Problem::Twice {
                            what: format!("component {}", component.key),
                            first: format!("components/{twin}"),
                        };
                        self.errors.push(LoadError { file: format!("components/{folder}"), line: None, problem });
                    }
                    self.components.insert(folder.into(), Arc::new(component));
                }
                Err(errors) => {
                    self.broken.insert(folder.into());
                    self.errors.extend(errors);
                }
            }
        }
    }

    /// Numbers all charts, those that are only the folder of others included, and makes them without content.
    fn charts(&mut self, files: &Files) -> BTreeMap<ChartId, Chart> {
        let mut all = BTreeSet::from([""]);
        for path in files.keys().filter(|file| paths::is_own(file)).filter_map(|file| paths::chart_of_file(file)) {
            let depth = path.split('/').count();
            if depth > limits::CHART_DEPTH {
                let problem = Problem::TooMuch { what: "charts inside each other", limit: limits::CHART_DEPTH };
                self.errors.push(LoadError { file: paths::chart_file(path), line: None, problem });
                continue;
            }
            all.extend(path.match_indices('/').filter_map(|(at, _)| path.get(..at)));
            all.insert(path);
        }
        let mut charts = BTreeMap::new();
        // A parent's path is the beginning of its children's, so it has been numbered before them.
        for (number, path) in (0..).zip(all) {
            let (above, stem) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = (!path.is_empty()).then(|| self.chart_ids.get(above).copied().unwrap_or(ROOT_CHART));
            let name = match parent {
                Some(_) => paths::chart_name(stem),
                None => self.plant.as_ref().map(|plant| plant.name.clone()).unwrap_or_default(),
            };
            if name.is_empty() && parent.is_some() {
                let (expected, found) = ("the name of a chart".into(), format!("\"{path}\""));
                let problem = Problem::Value { key: "the file name".into(), expected, found };
                self.errors.push(LoadError { file: paths::chart_file(path), line: None, problem });
            }
            let (at, comment) = (Point::default(), Name::default());
            charts.insert(ChartId(number), Chart { name, parent, at, comment, frames: Vec::new(), notes: Vec::new() });
            self.chart_ids.insert(path.into(), ChartId(number));
        }
        charts
    }

    /// Reads all text files but `plant.toml`.
    fn sources<'a>(&mut self, files: &'a Files) -> Vec<(Source<'a>, Content)> {
        let mut sources = Vec::new();
        let (mut n_instances, mut n_links) = (0, 0);
        for (file, bytes) in files.iter().filter(|(file, _)| paths::is_own(file)) {
            let chart = paths::chart_of_file(file);
            if chart.is_none() && file != paths::NETWORK && file != paths::STATE {
                continue;
            }
            let Some(source) = self.source(file, bytes) else { continue };
            let content = match chart {
                Some(path) => match self.chart_ids.get(path) {
                    Some(id) => Content::Chart(*id, super::chart::read(&source, *id == ROOT_CHART)),
                    None => continue,
                },
                None if file == paths::NETWORK => Content::Network(network::read(&source)),
                None => Content::State(state::read(&source)),
            };
            let tables: &[InstanceTable] = match &content {
                Content::Chart(_, file) => &file.instances,
                Content::Network(file) => &file.instances,
                Content::State(_) => &[],
            };
            n_instances += tables.len();
            n_links += tables.iter().map(|table| table.links.len()).sum::<usize>();
            sources.push((source, content));
            for (what, limit, count) in
                [("instances", limits::INSTANCES, n_instances), ("links", limits::LINKS, n_links)]
            {
                if count > limit {
                    let problem = Problem::TooMuch { what, limit };
                    self.errors.push(LoadError { file: file.clone(), line: None, problem });
                    return sources;
                }
            }
        }
        sources
    }

    fn assemble(&mut self, sources: &[(Source, Content)], charts: &BTreeMap<ChartId, Chart>) -> Plan {
        let mut plan = Plan::new("");
        if let Some(plant) = self.plant.take() {
            plan.name = plant.name;
            plan.comment = plant.comment;
            plan.settings = plant.settings;
            plan.targets = plant.targets.into_iter().collect();
        }
        plan.components =
            self.components.values().map(|component| (component.key.clone(), component.clone())).collect();
        plan.charts = charts.iter().map(|(id, chart)| (*id, Arc::new(chart.clone()))).collect();
        let mut instances = Instances::default();
        for (source, content) in sources {
            match content {
                Content::Chart(id, file) => {
                    if let Some(chart) = plan.charts.get_mut(id) {
                        let name = chart.name.clone();
                        let (at, comment) = (file.at, file.comment.clone());
                        let (frames, notes) = (file.frames.clone(), file.notes.clone());
                        *chart = Arc::new(Chart { name, parent: chart.parent, at, comment, frames, notes });
                    }
                    self.instances(&mut instances, source, *id, &file.instances);
                }
                Content::Network(file) => {
                    plan.subnets = file.subnets.iter().cloned().collect();
                    plan.devices =
                        file.devices.iter().map(|(name, device)| (name.clone(), Arc::new(device.clone()))).collect();
                    plan.cables = file.cables.iter().cloned().collect();
                    self.instances(&mut instances, source, ROOT_CHART, &file.instances);
                }
                Content::State(states) => plan.states = states.iter().cloned().collect(),
            }
        }
        instances.finish(&mut plan);
        plan
    }

    fn instances<'a>(
        &mut self,
        all: &mut Instances<'a>,
        source: &'a Source,
        chart: ChartId,
        tables: &'a [InstanceTable],
    ) {
        for table in tables {
            all.links.extend(table.links.iter().map(|(consumer, link)| (consumer, link)));
            all.constants.extend(table.constants.iter().map(|(consumer, constant)| (consumer, constant)));
            let Some(instance) = self.instance(source, chart, table) else { continue };
            all.n_functions += instance.functions.len();
            if all.n_functions > limits::FUNCTIONS {
                return source.fault_of_file(Problem::TooMuch { what: "functions", limit: limits::FUNCTIONS });
            }
            match all.first.get(&table.name) {
                Some((first, start)) => {
                    let (what, first) = (format!("instance {}", table.name), first.place(*start));
                    source.fault(table.start..table.start, Problem::Twice { what, first });
                }
                None => {
                    all.first.insert(&table.name, (source, table.start));
                    all.instances.push((table.name.clone(), Arc::new(instance)));
                }
            }
        }
    }

    fn instance(&mut self, source: &Source, home: ChartId, table: &InstanceTable) -> Option<Instance> {
        let lines = table.instance.as_ref()?;
        let span = table.start..table.start;
        let component = self.components.get(&lines.component);
        let key = match component {
            Some(component) => component.key.clone(),
            None => match component_key(&lines.component) {
                Some(key) => key,
                None => {
                    // One word about a folder is enough, however many instances need it.
                    if self.broken.insert(lines.component.clone()) {
                        source.fault(span, Problem::NoComponent(lines.component.clone()));
                    }
                    return None;
                }
            },
        };
        let mut functions = BTreeMap::new();
        for block in &lines.blocks {
            let chart = match &block.chart {
                None => home,
                Some(path) => match self.chart_ids.get(path) {
                    Some(chart) => *chart,
                    None => {
                        source.fault(span.clone(), Problem::NoChart(path.clone()));
                        continue;
                    }
                },
            };
            functions.insert(block.function.clone(), Placement { chart, at: block.at });
        }
        for (ldev, rtauto) in component.into_iter().flat_map(|component| component.rtautos()) {
            // A function that the file does not place stands below the others.
            let at = Point { x: 0.0, y: 160.0 * functions.len() as f32 };
            functions.entry((ldev.name.clone(), rtauto.name.clone())).or_insert(Placement { chart: home, at });
        }
        let device = lines.device.clone().unwrap_or_else(|| table.name.clone());
        Some(Instance { component: key, device, functions, comment: lines.comment.clone() })
    }
}

/// Reads `ID VERSION`, as an instance names a component that is not embedded.
fn component_key(text: &str) -> Option<ComponentKey> {
    let (id, version) = text.rsplit_once(' ')?;
    Some(ComponentKey { id: id.into(), version: Version::parse(version)? })
}

#[derive(Default)]
struct Instances<'a> {
    first: HashMap<&'a Name, (&'a Source<'a>, usize)>,
    instances: Vec<(Name, Arc<Instance>)>,
    n_functions: usize,
    links: Vec<(&'a PortRef, &'a Link)>,
    constants: Vec<(&'a PortRef, &'a Constant)>,
}

impl Instances<'_> {
    fn finish(mut self, plan: &mut Plan) {
        plan.instances = self.instances.into_iter().collect();
        plan.constants = self.constants.into_iter().map(|(port, constant)| (port.clone(), constant.clone())).collect();
        // The sort is stable, so links to one input keep the order of the files.
        self.links.sort_by_key(|(consumer, _)| *consumer);
        let mut last: Option<(&PortRef, u32)> = None;
        for (consumer, link) in self.links {
            let nth = match last {
                Some((port, nth)) if port == consumer => nth + 1,
                _ => 0,
            };
            last = Some((consumer, nth));
            plan.insert_link(LinkKey { consumer: consumer.clone(), nth }, link.clone());
        }
    }
}
