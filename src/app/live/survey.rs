//! One task a device that asks, every two seconds, who it is and how its connections fare.
//!
//! Values need no asking, they come by subscription; the states of connections have no event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::condition::Reach;
use super::connections::Told;
use crate::generate::Configuration;
use crate::model::{Name, Say};
use crate::online::{Difference, LdevSession, OnlineError, PDevIdentity, PDevSession, Target, identify};
use crate::rpc::RpcNode;

/// Time between two rounds.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a device is given to take the goodbye.
const FAREWELL: Duration = Duration::from_secs(1);
/// Devices asked at the same time.
pub(super) const AT_ONCE: usize = 16;

/// What a plan wants of its devices, by name.
pub(super) type Configurations = Arc<BTreeMap<Name, Arc<Configuration>>>;

/// What a device answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Survey {
    pub(super) device: Name,
    pub(super) reach: Reach,
    /// `None` when it did not answer.
    pub(super) identity: Option<PDevIdentity>,
    pub(super) differences: Vec<Difference>,
    pub(super) told: Told,
}

/// How to ask a device.
#[derive(Clone)]
pub(super) struct Surveyor {
    pub(super) node: RpcNode,
    pub(super) configurations: watch::Receiver<Configurations>,
    pub(super) tell: mpsc::Sender<Survey>,
    pub(super) places: Arc<Semaphore>,
    /// Rung to have all asked at once.
    pub(super) bell: Arc<Notify>,
    pub(super) stop: CancellationToken,
}

/// A device that is being visited.
struct Visit {
    identity: PDevIdentity,
    differences: Vec<Difference>,
    ldevs: Vec<(Name, LdevSession)>,
    /// What it was opened for.
    planned: Vec<Name>,
}

impl Surveyor {
    /// Asks until told to stop.
    pub(super) async fn run(self, device: Name, target: Target) {
        let mut visit = None;
        let mut last = None;
        loop {
            // Not later than now, so that a ring during the round is heard.
            let rung = self.bell.notified();
            let configuration = self.configurations.borrow().get(&device).cloned();
            if let Some(configuration) = configuration {
                let survey = tokio::select! {
                    survey = self.ask(&device, target, &configuration, &mut visit) => survey,
                    () = self.stop.cancelled() => break,
                };
                if last.as_ref() != Some(&survey) {
                    last = Some(survey.clone());
                    tokio::select! {
                        // Nobody listens any more when the session ends.
                        sent = self.tell.send(survey) => if sent.is_err() { break },
                        () = self.stop.cancelled() => break,
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = rung => {}
                () = self.stop.cancelled() => break,
            }
        }
        if let Some(visit) = visit {
            let _ = timeout(FAREWELL, visit.close()).await;
        }
    }

    async fn ask(
        &self,
        device: &Name,
        target: Target,
        configuration: &Configuration,
        visit: &mut Option<Visit>,
    ) -> Survey {
        // The semaphore is never closed, so a place always comes.
        let _place = self.places.acquire().await;
        let planned: Vec<Name> = configuration.ldevs.iter().map(|ldev| ldev.name.clone()).collect();
        if visit.as_ref().is_some_and(|visit| visit.planned != planned)
            && let Some(visit) = visit.take()
        {
            visit.close().await;
        }
        // A device that was away has forgotten the tool: then it is visited anew, before it counts as silent.
        loop {
            let is_last = visit.is_none();
            match self.round(target, configuration, &planned, visit).await {
                Ok((identity, differences, told)) => {
                    let of_device =
                        |one: &Difference| one.ldev.is_empty() && (one.what == "producer" || one.what == "product");
                    let is_stranger = differences.iter().any(of_device);
                    let reach = if is_stranger { Reach::Stranger } else { Reach::Answers };
                    return Survey { device: device.clone(), reach, identity: Some(identity), differences, told };
                }
                Err(error) => {
                    *visit = None;
                    if is_last {
                        return silent(device, &error);
                    }
                }
            }
        }
    }

    async fn round(
        &self,
        target: Target,
        configuration: &Configuration,
        planned: &[Name],
        visit: &mut Option<Visit>,
    ) -> Result<(PDevIdentity, Vec<Difference>, Told), OnlineError> {
        if visit.is_none() {
            let session = PDevSession::open(&self.node, target).await?;
            let identified = identify(&session, configuration).await?;
            let name = |idx: usize| configuration.ldevs.get(idx).map(|ldev| ldev.name.clone());
            *visit = Some(Visit {
                identity: identified.pdev,
                differences: identified.differences,
                ldevs: identified
                    .ldevs
                    .into_iter()
                    .filter_map(|ldev| Some((name(ldev.ldev_idx)?, ldev.session)))
                    .collect(),
                planned: planned.to_vec(),
            });
        }
        let mut told = Told::new();
        let Some(visit) = visit else { return Ok(Default::default()) };
        for (name, session) in &visit.ldevs {
            let is_telling = visit.identity.pn_revision.is_some();
            let states = if is_telling { Some(session.diagnosis().await?.into_iter().collect()) } else { None };
            told.insert(name.clone(), states);
        }
        Ok((visit.identity.clone(), visit.differences.clone(), told))
    }
}

fn silent(device: &Name, error: &OnlineError) -> Survey {
    Survey {
        device: device.clone(),
        reach: Reach::Silent { why: error.say(), remedy: error.remedy() },
        identity: None,
        differences: Vec::new(),
        told: Told::new(),
    }
}

impl Visit {
    async fn close(self) {
        for (_, session) in self.ldevs {
            session.close().await;
        }
    }
}
