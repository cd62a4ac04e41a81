//! Is it the device the plan means?

use super::session::{LdevIdentity, PDevIdentity};
use super::{Difference, LdevSession, OnlineError, PDevSession, Target};
use crate::generate::Configuration;
use crate::model::{Phrase, Say, Version};
use crate::rpc::RpcNode;
use crate::say;

/// An LDev of the configuration, visited.
pub struct VisitedLdev {
    /// Its place in `Configuration::ldevs`.
    pub ldev_idx: usize,
    /// The visit.
    pub session: LdevSession,
    /// What it says about itself.
    pub identity: LdevIdentity,
}

/// A device held against its configuration, as far as who it is.
pub struct Identified {
    /// What the device says about itself.
    pub pdev: PDevIdentity,
    /// Its LDevs that the configuration knows.
    pub ldevs: Vec<VisitedLdev>,
    /// In what it is not the device the plan means; empty when it is.
    pub differences: Vec<Difference>,
}

/// Compares only the device itself with what a configuration expects: producer and product. Nothing of it is kept open.
///
/// # Errors
/// A call failed, as at a device that does not answer.
pub async fn identify_device(
    node: &RpcNode,
    target: Target,
    configuration: &Configuration,
) -> Result<Vec<Difference>, OnlineError> {
    let pdev = PDevSession::open(node, target).await?.identity().await?;
    Ok(of_device(&pdev, configuration))
}

/// In what a device is not the one that a configuration expects. What the plan leaves open is not compared.
fn of_device(pdev: &PDevIdentity, configuration: &Configuration) -> Vec<Difference> {
    let expected = &configuration.identity;
    let pairs =
        [(say!("producer"), &expected.producer, &pdev.producer), (say!("product"), &expected.product, &pdev.product)];
    let differs = pairs.into_iter().filter(|(_, planned, found)| !planned.is_empty() && planned.as_str() != *found);
    differs.map(|(what, planned, found)| difference("", what, planned, found)).collect()
}

fn difference(ldev: &str, what: Phrase, planned: &str, found: &str) -> Difference {
    Difference { ldev: ldev.to_owned(), what, planned: Some(planned.say()), found: Some(found.say()) }
}

/// Visits all LDevs of a configuration and compares identities.
///
/// # Errors
/// A call failed. An LDev that does not exist is a difference.
pub async fn identify(session: &PDevSession, configuration: &Configuration) -> Result<Identified, OnlineError> {
    let pdev = session.identity().await?;
    let mut differences = of_device(&pdev, configuration);
    let mut compare = |ldev: &str, what: Phrase, planned: &str, found: &str, equal: bool| {
        if !planned.is_empty() && !equal {
            differences.push(difference(ldev, what, planned, found));
        }
    };
    let mut ldevs = Vec::with_capacity(configuration.ldevs.len());
    let mut missing = Vec::new();
    for (ldev_idx, ldev) in configuration.ldevs.iter().enumerate() {
        if !pdev.ldevs.iter().any(|name| *name == ldev.name) {
            missing.push(ldev.name.to_string());
            continue;
        }
        let session = session.ldev(&ldev.name).await?;
        let identity = session.identity().await?;
        if let Some((id, version)) = &identity.component {
            let bare = |id: &str| id.trim_matches(['{', '}']).to_ascii_lowercase();
            compare(&ldev.name, say!("component"), &ldev.component_id, id, bare(&ldev.component_id) == bare(id));
            let equal = Version::parse(&ldev.component_version) == Version::parse(version);
            compare(&ldev.name, say!("component version"), &ldev.component_version, version, equal);
        }
        ldevs.push(VisitedLdev { ldev_idx, session, identity });
    }
    differences.extend(missing.into_iter().map(|name| Difference {
        ldev: String::new(),
        what: say!("LDev {name}", name),
        planned: Some(say!("exists")),
        found: None,
    }));
    Ok(Identified { pdev, ldevs, differences })
}
