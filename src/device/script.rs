//! Runs the behaviour script of an instance: reads what changed, steps, writes what the script changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::behaviour::{Behaviour, BehaviourError, Health};
use super::core::DeviceCore;
use super::spec::{DeviceSpec, ScriptSpec};
use crate::model::Value;
use crate::wire::cba::{GroupErrorState, LDevState};

/// Pause after a step that failed; doubled with every further one in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Longest time one step is told to have taken, in seconds: what a script makes of minutes is not its author's intention.
const LONGEST_STEP: f64 = 1.0;

/// A script with the ports it moves.
pub(super) struct Script {
    core: Arc<DeviceCore>,
    behaviour: Behaviour,
    /// Of each port, by the script's index.
    ports: Vec<ScriptSlot>,
    /// LDevs of the instance, with the last change of each that the script has seen.
    ldevs: Vec<(usize, u64)>,
}

struct ScriptSlot {
    ldev: usize,
    slot: usize,
}

impl Script {
    /// Compiles the script of an instance.
    ///
    /// # Errors
    /// See [`Behaviour::compile`].
    pub(super) fn new(core: &Arc<DeviceCore>, spec: &ScriptSpec) -> Result<Self, BehaviourError> {
        let device: &DeviceSpec = core.spec();
        let mut ports = Vec::new();
        let mut slots = Vec::new();
        let mut ldevs: Vec<(usize, u64)> = Vec::new();
        for (ldev, _, port) in device.script_ports(&spec.instance) {
            if ldevs.last().map(|(last, _)| *last) != Some(ldev) {
                ldevs.push((ldev, 0));
                slots.push(0);
            }
            // Ports come in the order in which an LDev holds its items.
            if let Some(next) = slots.last_mut() {
                ports.push((ScriptSlot { ldev, slot: *next }, port));
                *next += 1;
            }
        }
        let (ports, script_ports) = ports.into_iter().unzip();
        let behaviour = Behaviour::compile(&spec.file, &spec.text, script_ports, device.seed())?;
        Ok(Self { core: Arc::clone(core), behaviour, ports, ldevs })
    }

    /// Steps every `cycle` until `stop`.
    pub(super) async fn run(mut self, cycle: Duration, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(cycle);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = self.core.now().steady;
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let now = self.core.now().steady;
            let dt = now.saturating_sub(last).as_secs_f64().min(LONGEST_STEP);
            last = now;
            if !self.operates() {
                continue;
            }
            match self.step(dt) {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    self.tell_health(group_error(self.behaviour.health()));
                }
                Err(error) => {
                    self.core.note(error.to_string());
                    self.tell_health(GroupErrorState::Problem);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn operates(&self) -> bool {
        let operates = |ldev: usize| self.core.with_ldev(ldev, |l| l.state() == LDevState::Operating) == Some(true);
        self.ldevs.iter().any(|(ldev, _)| operates(*ldev))
    }

    fn step(&mut self, dt: f64) -> Result<(), BehaviourError> {
        let now = self.core.now();
        for (ldev, seen) in &mut self.ldevs {
            let (behaviour, ports) = (&mut self.behaviour, &self.ports);
            self.core.with_ldev(*ldev, |held| {
                let last = held.items.last_stamp();
                if last == *seen {
                    return;
                }
                for (index, port) in ports.iter().enumerate().filter(|(_, port)| port.ldev == *ldev) {
                    if let Some(value) = held.items.changed_since(port.slot, *seen) {
                        behaviour.put(index, value);
                    }
                }
                *seen = last;
            });
        }
        self.behaviour.run(dt, now.date())?;
        let mut changed: Vec<(usize, Value)> = Vec::new();
        let taken = self.behaviour.take(|index, value| changed.push((index, value)));
        for (ldev, seen) in &mut self.ldevs {
            let ports = &self.ports;
            let mine = || {
                let of_ldev = |index: &usize| ports.get(*index).filter(|port| port.ldev == *ldev);
                changed.iter().filter_map(move |(index, value)| Some((of_ldev(index)?.slot, value)))
            };
            if mine().next().is_none() {
                continue;
            }
            self.core.with_ldev(*ldev, |held| {
                let unchanged_by_others = held.items.last_stamp() == *seen;
                for (slot, value) in mine() {
                    // Only values of the port's type come out of a script.
                    let _ = held.items.set(slot, value, now.wall);
                }
                if unchanged_by_others {
                    *seen = held.items.last_stamp();
                }
            });
        }
        taken
    }

    fn tell_health(&self, state: GroupErrorState) {
        for (ldev, _) in &self.ldevs {
            self.core.with_ldev(*ldev, |held| {
                // A defect stays one until it is reset.
                if held.state() != LDevState::Defect {
                    held.set_group_error(state);
                }
            });
        }
    }
}

fn group_error(health: Health) -> GroupErrorState {
    match health {
        Health::Okay => GroupErrorState::Okay,
        Health::Problem => GroupErrorState::Problem,
        Health::MaintenanceRequired => GroupErrorState::MaintenanceRequired,
        Health::MaintenanceDemanded => GroupErrorState::MaintenanceDemanded,
    }
}
