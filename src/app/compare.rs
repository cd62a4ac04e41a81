//! Plan and devices held against each other.

use std::sync::Arc;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::access::Access;
use crate::generate::generate;
use crate::model::{Name, Phrase, Plan, Say};
use crate::online::{self, Difference, LdevCondition};
use crate::say;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonReport {
    /// One entry a device, by name.
    pub devices: Vec<ComparedDevice>,
}

impl ComparisonReport {
    /// Whether a device could not be asked.
    pub fn has_failures(&self) -> bool {
        self.devices.iter().any(|device| device.error.is_some())
    }

    /// Whether plan and devices differ.
    pub fn has_differences(&self) -> bool {
        self.devices.iter().any(|device| !device.differences.is_empty())
    }
}

/// One device compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedDevice {
    /// The device in the plan.
    pub device: Name,
    /// Where it was looked for; `null` when it has no address.
    pub address: Option<String>,
    /// In what it differs.
    pub differences: Vec<Difference>,
    /// Its LDevs with state and group error.
    pub ldevs: Vec<LdevCondition>,
    /// Why it could not be compared; `null` when it could.
    pub error: Option<Phrase>,
    /// What to do about that.
    pub remedy: Option<Phrase>,
}

/// Compares the devices wanted, or all, with the plan. A device that does not answer costs its own entry only.
///
/// # Errors
/// A device named does not exist, a configuration cannot be generated, or it was cancelled.
pub async fn compare(
    plan: &Plan,
    access: &Access,
    devices: &[Name],
    cancel: CancellationToken,
) -> Result<ComparisonReport, Failure> {
    let chosen = super::download::choose(plan, devices, "compare")?;
    let mut tasks = JoinSet::new();
    for generated in generate(plan).devices {
        let device = generated.configuration.device.clone();
        if !chosen.contains(&device) {
            continue;
        }
        if let Some(error) = generated.errors.first() {
            let what = say!("cannot compare {device} with the plan", device);
            return Err(Failure::new(what, error, say!("mend the plan; `plantweave check` tells more")));
        }
        let (node, targets) = (access.node.clone(), Arc::clone(&access.targets));
        tasks.spawn(async move { online::compare(&node, &generated.configuration, &targets).await });
    }
    let mut report = ComparisonReport { devices: Vec::with_capacity(tasks.len()) };
    loop {
        let ended = tokio::select! {
            ended = tasks.join_next() => ended,
            () = cancel.cancelled() => {
                return Err(Failure::new(say!("the comparison was not finished"), say!("it was cancelled"), say!("compare again")));
            }
        };
        let Some(ended) = ended else { break };
        // A task only ends without a result when it panicked; the panic is not hidden.
        let comparison = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let (differences, error) = match comparison.result {
            Ok(differences) => (differences, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        report.devices.push(ComparedDevice {
            device: comparison.device,
            address: comparison.target.map(|target| target.to_string()),
            differences,
            ldevs: comparison.ldevs,
            error: error.as_ref().map(Say::say),
            remedy: error.as_ref().map(|error| error.remedy()),
        });
    }
    report.devices.sort_by(|a, b| a.device.cmp(&b.device));
    Ok(report)
}
