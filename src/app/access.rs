//! The way to the devices: where each stands, and this program's end of the network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Announcement, Failure};
use crate::model::{Name, Phrase, Plan};
use crate::net::capture::{Capture, CaptureError, CaptureSettings, CaptureSummary};
use crate::net::tcp::Network;
use crate::online::{Target, Targets};
use crate::rpc::RpcNode;
use crate::say;

/// Where the devices are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Whereabouts {
    /// At their planned addresses.
    #[default]
    Planned,
    /// Where the running simulation of the project has put them.
    Simulated,
    /// Where a file says, in the form of [`Announcement`].
    File(PathBuf),
}

/// How to reach the devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessOptions {
    /// Where they are.
    pub whereabouts: Whereabouts,
    /// TCP port of the resolvers of all devices at planned addresses, when it is not the project's.
    pub resolver_port: Option<u16>,
    /// Devices that are somewhere else; without a port, at the usual one.
    pub at: Vec<(Name, std::net::Ipv4Addr, Option<u16>)>,
    /// File to capture the conversations to.
    pub capture: Option<PathBuf>,
}

/// The way to the devices, open.
pub struct Access {
    /// This program's end of DCOM.
    pub node: RpcNode,
    /// Where the devices are.
    pub targets: Arc<Targets>,
    /// They are virtual ones: what is loaded there says nothing about the real plant.
    pub simulated: bool,
    capture: Option<(Capture, PathBuf)>,
}

impl Access {
    /// Finds out where the devices are and opens a capture if one is wanted. Must be called inside a runtime.
    ///
    /// # Errors
    /// No simulation runs, the file cannot be read, a device named is not in the plan, the capture cannot be written.
    pub fn open(project: &Path, plan: &Plan, options: &AccessOptions) -> Result<Self, Failure> {
        let (targets, simulated) = find(project, plan, options)?;
        let capture = match &options.capture {
            Some(file) => {
                Some((Capture::create(file, CaptureSettings::default()).map_err(capture_failed)?, file.clone()))
            }
            None => None,
        };
        let network = match &capture {
            Some((capture, _)) => Network::new().with_capture(capture.clone()),
            None => Network::new(),
        };
        Ok(Self { node: RpcNode::client(network, None), targets: Arc::new(targets), simulated, capture })
    }

    /// A way that is open already.
    pub(super) fn over(node: RpcNode, targets: Arc<Targets>, simulated: bool) -> Self {
        Self { node, targets, simulated, capture: None }
    }

    /// Ends all connections and completes the capture.
    ///
    /// # Errors
    /// The capture could not be written whole.
    pub async fn close(self) -> Result<Option<(PathBuf, CaptureSummary)>, Failure> {
        self.node.shutdown().await;
        let Some((capture, file)) = self.capture else { return Ok(None) };
        Ok(Some((file, capture.finish().map_err(capture_failed)?)))
    }
}

pub(super) fn capture_failed(error: CaptureError) -> Failure {
    Failure::new(say!("cannot capture"), Phrase::plain(error), say!("choose another file, or make room on the disk"))
}

fn find(project: &Path, plan: &Plan, options: &AccessOptions) -> Result<(Targets, bool), Failure> {
    let usual_port = options.resolver_port.unwrap_or(plan.settings().resolver_port);
    let (mut all, simulated): (BTreeMap<Name, Target>, bool) = match &options.whereabouts {
        Whereabouts::Planned => {
            let planned = Targets::planned(plan);
            let at_port =
                |(name, target): (&Name, &Target)| (name.clone(), Target { resolver_port: usual_port, ..*target });
            (planned.iter().map(at_port).collect(), false)
        }
        Whereabouts::Simulated => (announced(Announcement::of_running(project)?), true),
        Whereabouts::File(file) => (announced(Announcement::read(file)?), true),
    };
    for (name, ip, port) in &options.at {
        if !plan.devices().contains_key(name) {
            let what = say!("cannot look for `{name}` at {ip}", name, ip);
            return Err(Failure::new(
                what,
                say!("the plan has no such device"),
                say!("`plantweave info` lists the devices"),
            ));
        }
        all.insert(name.clone(), Target { ip: *ip, resolver_port: port.unwrap_or(usual_port) });
    }
    Ok((all.into_iter().collect(), simulated))
}

fn announced(announcement: Announcement) -> BTreeMap<Name, Target> {
    let target = |one: &super::AnnouncedDevice| Target { ip: one.ip, resolver_port: one.resolver_port };
    announcement.devices.into_iter().map(|one| (one.device.clone(), target(&one))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn devices_are_where_the_user_says() {
        let plan = fixture::plan("component P 1.0 { out a I2 }\nA: P @10.90.1.1\nB: P @10.90.1.2");
        let at = |options: &AccessOptions| {
            find(Path::new("none"), &plan, options).map(|(targets, _)| {
                targets.iter().map(|(name, target)| format!("{name} {target}")).collect::<Vec<_>>().join(", ")
            })
        };
        let mut options = AccessOptions::default();
        assert_eq!(at(&options).unwrap(), "A 10.90.1.1, B 10.90.1.2");
        options.resolver_port = Some(4000);
        options.at = vec![("B".into(), [127, 0, 0, 9].into(), None), ("A".into(), [127, 0, 0, 8].into(), Some(5))];
        assert_eq!(at(&options).unwrap(), "A 127.0.0.8[5], B 127.0.0.9[4000]");
        options.at = vec![("C".into(), [127, 0, 0, 9].into(), None)];
        assert_eq!(at(&options).unwrap_err().why, "the plan has no such device");
        options.whereabouts = Whereabouts::Simulated;
        assert!(at(&options).unwrap_err().what.to_string().contains("no simulation"));
    }
}
