//! The way to a running session: devices started and loaded, or found on the network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use super::prepare::Prepared;
use super::{LiveStep, Shared, Source, VirtualOptions};
use crate::app::access::Access;
use crate::app::announcement::{Announced, AnnouncedDevice, Announcement};
use crate::app::plant::start_plant;
use crate::app::{Failure, Whereabouts};
use crate::device::{DeviceAddress, PlantOptions, VirtualPlant};
use crate::model::{Name, Phrase, Plan, Say};
use crate::net::tcp::Network;
use crate::online::{self, DownloadOptions, Outcome, Step, Target, Targets};
use crate::rpc::RpcNode;
use crate::say;

/// A session that has begun.
pub(super) struct Begun {
    pub(super) prepared: Prepared,
    /// This program's end of the network, with its capture when there is one.
    pub(super) access: Access,
    /// The devices, when they are virtual ones of this program.
    pub(super) plant: Option<Arc<VirtualPlant>>,
    pub(super) announced: Option<Announced>,
    /// Devices stand where the plan says, so that a changed address is followed.
    pub(super) follows_plan: bool,
    pub(super) not_downloaded: BTreeMap<Name, Phrase>,
}

/// Begins. When it fails nothing is left running.
pub(super) async fn begin(
    plan: Plan,
    project: Option<PathBuf>,
    source: Source,
    shared: &Shared,
    cancel: &CancellationToken,
) -> Result<Begun, Failure> {
    shared.step(LiveStep::Generate);
    let is_virtual = matches!(source, Source::Virtual(_));
    let prepared = off_task(move || Prepared::of(plan, is_virtual)).await?;
    match source {
        Source::Virtual(options) => virtual_plant(prepared, project, options, shared, cancel).await,
        Source::Network(options) => {
            shared.step(LiveStep::Connect);
            let follows_plan = options.whereabouts == Whereabouts::Planned && options.at.is_empty();
            let path = project.unwrap_or_default();
            let access = Access::open(&path, &prepared.plan, &options)?;
            let not_downloaded = BTreeMap::new();
            Ok(Begun { prepared, access, plant: None, announced: None, follows_plan, not_downloaded })
        }
    }
}

async fn virtual_plant(
    prepared: Prepared,
    project: Option<PathBuf>,
    options: VirtualOptions,
    shared: &Shared,
    cancel: &CancellationToken,
) -> Result<Begun, Failure> {
    shared.step(LiveStep::StartDevices);
    let network = Network::new();
    let (plan, for_plant) = (prepared.plan.clone(), network.clone());
    let plant = off_task(move || {
        let how = |host| PlantOptions { cycle: options.cycle, ..PlantOptions::new(for_plant.clone(), host) };
        start_plant(&plan, options.share_address, how)
    });
    let plant = plant.await?.map_err(|error| {
        let remedy = say!("`check` tells what the plan lacks; another program may hold these addresses and ports");
        Failure::new(say!("cannot start the virtual devices"), Phrase::plain(error), remedy)
    })?;
    match load(&prepared, project.as_deref(), network, &plant, shared, cancel).await {
        Ok((access, announced, not_downloaded)) => {
            let plant = Some(Arc::new(plant));
            Ok(Begun { prepared, access, plant, announced, follows_plan: false, not_downloaded })
        }
        Err(failure) => {
            plant.shutdown().await;
            Err(failure)
        }
    }
}

/// Announces and loads the devices.
async fn load(
    prepared: &Prepared,
    project: Option<&Path>,
    network: Network,
    plant: &VirtualPlant,
    shared: &Shared,
    cancel: &CancellationToken,
) -> Result<(Access, Option<Announced>, BTreeMap<Name, Phrase>), Failure> {
    let addresses: Vec<(Name, DeviceAddress)> =
        plant.names().filter_map(|name| Some((name.clone(), plant.address(name)?))).collect();
    if addresses.is_empty() {
        let why = say!("no planned device on Ethernet has an instance to run");
        return Err(Failure::new(say!("there is nothing to run"), why, say!("place instances on devices first")));
    }
    let announced = project.map(|project| announce(project, &addresses)).transpose()?;
    let target =
        |(name, at): &(Name, DeviceAddress)| (name.clone(), Target { ip: at.ip, resolver_port: at.resolver_port });
    let targets: Arc<Targets> = Arc::new(addresses.iter().map(target).collect());
    let access = Access::over(RpcNode::client(network, None), Arc::clone(&targets), true);

    let mut not_downloaded = prepared.errors.clone();
    let can_be_loaded = |name: &Name| targets.get(name).is_some() && !prepared.errors.contains_key(name);
    let configurations: Vec<_> = prepared
        .configurations
        .iter()
        .filter(|(name, _)| can_be_loaded(name))
        .map(|(_, one)| Arc::clone(one))
        .collect();
    let total = configurations.len();
    shared.step(LiveStep::Download { done: 0, total });
    let (done, told) = (AtomicUsize::new(0), shared.clone());
    let progress = Arc::new(move |_: &Name, step| {
        if step == Step::Done {
            told.step(LiveStep::Download { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
        }
    });
    let how = DownloadOptions::default();
    let reports = online::download(&access.node, configurations, targets, how, cancel.clone(), progress).await;
    for report in reports {
        if let Outcome::Failed(failed) = report.outcome {
            not_downloaded.insert(report.device, failed.why.say());
        }
    }
    if cancel.is_cancelled() {
        access.node.shutdown().await;
        return Err(Failure::new(
            say!("the devices were not started"),
            say!("it was cancelled"),
            say!("start them again when it suits"),
        ));
    }
    shared.step(LiveStep::Connect);
    Ok((access, announced, not_downloaded))
}

/// Says where the devices stand, so that commands find them.
fn announce(project: &Path, addresses: &[(Name, DeviceAddress)]) -> Result<Announced, Failure> {
    let path = std::fs::canonicalize(project).map_err(|error| {
        let what = say!("cannot announce the simulation of {project}", project = project.display());
        Failure::new(what, error, say!("save the project again"))
    })?;
    let device = |(name, at): &(Name, DeviceAddress)| AnnouncedDevice {
        device: name.clone(),
        ip: at.ip,
        resolver_port: at.resolver_port,
    };
    Announced::publish(&Announcement::new(path, addresses.iter().map(device).collect()), None)
}

/// Has something computed on a thread that may be blocked.
pub(super) async fn off_task<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            // It is a mistake in this program, and its job tells it.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => {
                Err(Failure::new(say!("the work was not done"), say!("the program is ending"), say!("start it again")))
            }
        },
    }
}
