//! The plan becomes files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::text::quote;
use super::{Files, chart, component, network, paths, plant, state};
use crate::model::{ChartId, ComponentKey, Name, Plan, ROOT_CHART};

/// The files of a project, by path inside its folder. The same plan gives the same bytes, always.
pub fn write(plan: &Plan) -> Files {
    let parts = Parts::new(plan);
    let mut files = Files::new();
    let mut insert = |file: String, bytes: Vec<u8>| files.insert(file, bytes.into());
    insert(paths::PLANT.into(), plant::write(plan));
    for (id, chart) in plan.charts() {
        // A chart without a way to the top has no path; edits never make one.
        if let Some(path) = parts.chart_paths.get(id) {
            insert(paths::chart_file(path), chart::write(&parts, *id, chart, path));
        }
    }
    for (file, bytes) in [(paths::NETWORK, network::write(&parts)), (paths::STATE, state::write(plan))] {
        insert(file.into(), bytes);
    }
    if !plan.components().is_empty() {
        insert(paths::ATTRIBUTES.into(), b"* -text\n".to_vec());
    }
    for (key, component) in plan.components() {
        if let Some(folder) = parts.folders.get(key) {
            component::write(component, folder, &mut files);
        }
    }
    files
}

/// The plan, and where its parts stand.
pub(super) struct Parts<'a> {
    pub(super) plan: &'a Plan,
    chart_paths: HashMap<ChartId, String>,
    folders: BTreeMap<ComponentKey, String>,
    home: HashMap<ChartId, Vec<Name>>,
    off_charts: Vec<Name>,
}

impl<'a> Parts<'a> {
    fn new(plan: &'a Plan) -> Self {
        let chart_paths = paths::chart_paths(plan);
        let mut home: HashMap<ChartId, BTreeSet<Name>> = HashMap::new();
        let mut off_charts = Vec::new();
        for (name, instance) in plan.instances() {
            match instance.home() {
                Some(chart) => {
                    let chart = if chart_paths.contains_key(&chart) { chart } else { ROOT_CHART };
                    home.entry(chart).or_default().insert(name.clone());
                }
                None => off_charts.push(name.clone()),
            }
        }
        // Links and constants of instances that are not there stand on the top chart.
        let consumers = plan.links().keys().map(|key| &key.consumer).chain(plan.constants().keys());
        for consumer in consumers.filter(|consumer| !plan.instances().contains_key(&consumer.instance)) {
            home.entry(ROOT_CHART).or_default().insert(consumer.instance.clone());
        }
        let home = home.into_iter().map(|(chart, names)| (chart, names.into_iter().collect())).collect();
        Self { plan, chart_paths, folders: paths::component_folders(plan), home, off_charts }
    }

    pub(super) fn at_home_on(&self, chart: ChartId) -> &[Name] {
        self.home.get(&chart).map_or(&[], Vec::as_slice)
    }

    pub(super) fn off_charts(&self) -> &[Name] {
        &self.off_charts
    }

    /// The path of a chart; that of the top chart when there is none.
    pub(super) fn chart_path(&self, chart: ChartId) -> &str {
        self.chart_paths.get(&chart).map_or("", String::as_str)
    }

    /// The folder of a component, or its identity when it is not embedded; quoted.
    pub(super) fn component_text(&self, key: &ComponentKey) -> String {
        self.folders.get(key).map_or_else(|| quote(&key.to_string()), |folder| quote(folder))
    }
}
