//! How far each device is on its way from plan to plant: configured, generated, loaded, and what changed since.

use std::collections::BTreeMap;
use std::path::Path;

use super::generation::{generate_all, read_downloaded};
use super::{Failure, JobHandle};
use crate::generate::{Change, Configuration};
use crate::model::{Attachment, Device, Name, Phrase, Plan, QosType};

/// A plan in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Planned devices.
    pub devices: usize,
    /// Instances.
    pub instances: usize,
    /// Technological functions of all instances.
    pub functions: usize,
    /// Component versions in use.
    pub components: usize,
    /// Charts, the top one included.
    pub charts: usize,
    /// Links.
    pub links: usize,
    /// Links with cyclic transmission among them.
    pub cyclic_links: usize,
    /// Constants.
    pub constants: usize,
    /// Planned cables.
    pub cables: usize,
}

impl Counts {
    /// Walks instances and links once.
    pub fn of(plan: &Plan) -> Self {
        Self {
            devices: plan.devices().len(),
            instances: plan.instances().len(),
            functions: plan.instances().values().map(|instance| instance.functions.len()).sum(),
            components: plan.components().len(),
            charts: plan.charts().len(),
            links: plan.links().len(),
            cyclic_links: plan.links().values().filter(|link| link.qos.qos_type == QosType::Cyclic).count(),
            constants: plan.constants().len(),
            cables: plan.cables().len(),
        }
    }
}

/// How the configuration of a device stands to what was loaded last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadState {
    /// It cannot be generated.
    Faulty,
    /// Nothing was ever loaded from this project.
    Never,
    /// It is another one than was loaded.
    Differs,
    /// It is the one that was loaded.
    Same,
}

/// One device on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceProgress {
    /// Device.
    pub device: Name,
    /// It has every address that it needs.
    pub is_addressed: bool,
    /// The configuration that was generated last is that of the plan.
    pub is_generated: bool,
    /// How it stands to what was loaded.
    pub load: LoadState,
    /// When something was loaded last, `xs:dateTime` in UTC.
    pub loaded_at: Option<Name>,
    /// Connections of the configuration, constants included.
    pub n_connections: usize,
    /// What changed since it was loaded, in words; `None` when what was loaded is not kept in the project folder.
    pub changes: Option<Vec<Change>>,
    /// Why it cannot be generated.
    pub errors: Vec<Phrase>,
}

/// How far a plan is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Devices, by name.
    pub devices: Vec<DeviceProgress>,
    /// What cannot be generated and belongs to no device.
    pub errors: Vec<Phrase>,
}

/// Generates all configurations and holds them against what was loaded from the project in this folder. Takes its time in a large plan:
/// a job for [`Jobs::start_blocking`](super::Jobs::start_blocking).
///
/// # Errors
/// It was cancelled.
pub fn progress(plan: &Plan, folder: Option<&Path>, job: &JobHandle) -> Result<Progress, Failure> {
    let downloaded = folder.map(read_downloaded).unwrap_or_default();
    job.check()?;
    progress_since(plan, &downloaded)
}

fn progress_since(plan: &Plan, downloaded: &BTreeMap<Name, Configuration>) -> Result<Progress, Failure> {
    let (_, report) = generate_all(plan, downloaded, None)?;
    let mut generated: BTreeMap<Name, _> = report.devices.into_iter().map(|it| (it.device.clone(), it)).collect();
    let devices = plan.devices().iter().map(|(name, device)| {
        let state = plan.states().get(name);
        let mut generated = generated.remove(name);
        let fingerprint = generated.as_ref().map(|it| it.fingerprint.as_str());
        let loaded = state.and_then(|state| state.downloaded.as_deref());
        let has_errors = generated.as_ref().is_some_and(|it| !it.errors.is_empty());
        let load = match (has_errors, loaded) {
            (true, _) => LoadState::Faulty,
            (_, None) => LoadState::Never,
            (_, Some(loaded)) if Some(loaded) == fingerprint => LoadState::Same,
            _ => LoadState::Differs,
        };
        let last = state.and_then(|state| state.generated.as_deref());
        DeviceProgress {
            device: name.clone(),
            is_addressed: is_addressed(device),
            is_generated: last.is_some() && last == fingerprint,
            load,
            loaded_at: state.and_then(|state| state.downloaded_at.clone()),
            n_connections: generated.as_ref().map_or(0, |it| it.connections),
            changes: generated.as_mut().and_then(|it| it.changes.take()),
            errors: generated.map(|it| it.errors).unwrap_or_default(),
        }
    });
    Ok(Progress { devices: devices.collect(), errors: report.errors })
}

fn is_addressed(device: &Device) -> bool {
    match &device.attachment {
        Attachment::Ethernet(address) => address.ip.is_some() && !address.name_of_station.is_empty(),
        Attachment::Profibus(address) => address.proxy.is_some() && address.address.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Edit};
    use crate::generate::generate;
    use crate::model::{DeviceState, fixture};

    const PLAN: &str = "
        component Pump 1.0 { qos acyclic; in start BOOL = false; out running BOOL }
        Pump1: Pump @192.168.0.1
        Pump2: Pump @192.168.0.2
        Pump3: Pump noname
        Pump1.running -> Pump2.start acyclic INTERVAL
    ";

    /// What each device is, after this was loaded.
    fn states(plan: &Plan, loaded: &Plan) -> (Vec<LoadState>, Progress) {
        let mut document = Document::new(plan.clone());
        let mut downloaded = BTreeMap::new();
        for generated in generate(loaded).devices {
            let configuration = generated.configuration;
            if !generated.errors.is_empty() {
                continue;
            }
            let print = Name::new(configuration.fingerprint());
            let at = Some("2026-01-01T00:00:00Z".into());
            let state = DeviceState {
                generated: Some(print.clone()),
                downloaded: Some(print),
                downloaded_at: at,
                ..Default::default()
            };
            let device = configuration.device.clone();
            document.apply(&Edit::SetState { device: device.clone(), state: Some(state) }).unwrap();
            downloaded.insert(device, configuration);
        }
        let progress = progress_since(document.plan(), &downloaded).unwrap();
        (progress.devices.iter().map(|device| device.load).collect(), progress)
    }

    #[test]
    fn what_differs_from_what_was_loaded_is_told_in_words() {
        let plan = fixture::plan(&PLAN.replace("INTERVAL", "100"));
        let (before, progress) = states(&plan, &plan);
        assert_eq!(before[..2], [LoadState::Same, LoadState::Same]);
        assert!(progress.devices[1].is_generated && progress.devices[1].is_addressed);
        assert_eq!(progress.devices[1].loaded_at.as_deref(), Some("2026-01-01T00:00:00Z"));
        assert!(!progress.devices[2].is_addressed);

        let changed = fixture::plan(&PLAN.replace("INTERVAL", "200"));
        let (after, progress) = states(&changed, &plan);
        assert_eq!(after[..2], [LoadState::Same, LoadState::Differs]);
        assert!(!progress.devices[1].is_generated);
        let changes = progress.devices[1].changes.as_ref().unwrap();
        assert!(changes.len() == 1 && changes[0].to_string().contains("200 ms"), "{changes:?}");
    }

    #[test]
    fn a_plan_is_counted_as_the_summary_counts_it() {
        let plan = fixture::plan(&PLAN.replace("acyclic INTERVAL", "cyclic 8"));
        let (counts, summary) = (Counts::of(&plan), crate::app::summary(&plan));
        assert_eq!(
            (counts.devices, counts.instances, counts.functions, counts.components, counts.charts),
            (summary.devices.len(), summary.instances, summary.functions, summary.components, summary.charts)
        );
        assert_eq!((counts.links, counts.cyclic_links, counts.constants), (1, summary.cyclic_links, summary.constants));
    }

    #[test]
    fn what_was_never_loaded_and_what_cannot_be_is_told_apart() {
        let plan = fixture::plan(&PLAN.replace("INTERVAL", "100"));
        let progress = progress_since(&plan, &BTreeMap::new()).unwrap();
        assert_eq!(progress.devices[0].load, LoadState::Never);
        assert_eq!(progress.devices[0].changes, None);
        let third = &progress.devices[2];
        assert_eq!(third.load == LoadState::Faulty, !third.errors.is_empty());
    }
}
