//! Is it the device the plan means?

use super::session::{LdevIdentity, PDevIdentity};
use super::{Difference, LdevSession, OnlineError, PDevSession};
use crate::generate::Configuration;
use crate::model::Version;

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

/// Visits all LDevs of a configuration and compares identities.
///
/// # Errors
/// A call failed. An LDev that does not exist is a difference.
pub async fn identify(session: &PDevSession, configuration: &Configuration) -> Result<Identified, OnlineError> {
    let pdev = session.identity().await?;
    let mut differences = Vec::new();
    let expected = &configuration.identity;
    let mut compare = |ldev: &str, what: &str, planned: &str, found: &str, equal: bool| {
        // What the plan leaves open is not compared.
        if !planned.is_empty() && !equal {
            differences.push(Difference {
                ldev: ldev.to_owned(),
                what: what.to_owned(),
                planned: Some(planned.to_owned()),
                found: Some(found.to_owned()),
            });
        }
    };
    compare("", "producer", &expected.producer, &pdev.producer, expected.producer == pdev.producer);
    compare("", "product", &expected.product, &pdev.product, expected.product == pdev.product);
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
            compare(&ldev.name, "component", &ldev.component_id, id, bare(&ldev.component_id) == bare(id));
            let equal = Version::parse(&ldev.component_version) == Version::parse(version);
            compare(&ldev.name, "component version", &ldev.component_version, version, equal);
        }
        ldevs.push(VisitedLdev { ldev_idx, session, identity });
    }
    differences.extend(missing.into_iter().map(|name| Difference {
        ldev: String::new(),
        what: format!("LDev {name}"),
        planned: Some("exists".to_owned()),
        found: None,
    }));
    Ok(Identified { pdev, ldevs, differences })
}
