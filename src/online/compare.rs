//! Plan and devices held against each other, without changing anything.

use serde::Serialize;

use super::connections::{differences, wanted};
use super::{Difference, OnlineError, PDevSession, Target, Targets, Unwritable, identify};
use crate::generate::Configuration;
use crate::model::Name;
use crate::rpc::RpcNode;

/// One device compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The device in the plan.
    pub device: Name,
    /// Where it was looked for.
    pub target: Option<Target>,
    /// The differences, or why there is no answer.
    pub result: Result<Vec<Difference>, OnlineError>,
    /// LDevs with their state and group error, in words.
    pub ldevs: Vec<LdevCondition>,
}

/// How an LDev does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LdevCondition {
    /// Its name.
    pub ldev: String,
    /// Operating state; `None` when the LDev does not tell.
    pub state: Option<String>,
    /// Group error; `None` when the LDev does not tell.
    pub group_error: Option<String>,
}

/// Compares a device with its configuration.
pub async fn compare(node: &RpcNode, configuration: &Configuration, targets: &Targets) -> Comparison {
    let target = targets.get(&configuration.device);
    let mut ldevs = Vec::new();
    let result = visit(node, configuration, targets, &mut ldevs).await;
    Comparison { device: configuration.device.clone(), target, result, ldevs }
}

async fn visit(
    node: &RpcNode,
    configuration: &Configuration,
    targets: &Targets,
    conditions: &mut Vec<LdevCondition>,
) -> Result<Vec<Difference>, OnlineError> {
    let target =
        targets.get(&configuration.device).ok_or_else(|| Unwritable::NoAddress(configuration.device.clone()))?;
    let session = PDevSession::open(node, target).await?;
    let identified = identify(&session, configuration).await?;
    let mut all = identified.differences;
    for visited in identified.ldevs {
        let Some(ldev) = configuration.ldevs.get(visited.ldev_idx) else { continue };
        conditions.push(LdevCondition {
            ldev: ldev.name.to_string(),
            state: visited.identity.state.map(|state| state.to_string()),
            group_error: visited.identity.group_error.map(|error| error.to_string()),
        });
        let wanted = wanted(ldev, targets)?;
        let (found, _) = visited.session.connections().await?;
        all.extend(differences(&ldev.name, &found, &wanted));
        visited.session.close().await;
    }
    Ok(all)
}
