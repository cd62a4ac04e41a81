//! Which Ethernet a command works on: arguments that several commands share.

use std::path::PathBuf;

use super::Stop;
use crate::app::{self, Failure, NetworkWay};
use crate::net::link::{InterfaceInfo, interfaces};

/// Which Ethernet.
#[derive(clap::Args)]
pub(super) struct Way {
    /// Network interface of this computer, for example eth0.
    #[arg(long, short, value_name = "NAME", conflicts_with = "of_project")]
    interface: Option<String>,
    /// Virtual stations of this project instead of an interface.
    #[arg(long = "virtual", value_name = "PROJECT")]
    of_project: Option<PathBuf>,
}

impl Way {
    /// The Ethernet that is meant; without a word about it the only one that can be.
    pub(super) fn choose(&self) -> Result<NetworkWay, Stop> {
        if let Some(project) = &self.of_project {
            return Ok(NetworkWay::Virtual(Box::new(app::open_project(project)?)));
        }
        if let Some(name) = &self.interface {
            return Ok(NetworkWay::Interface(name.clone()));
        }
        let usable: Vec<InterfaceInfo> =
            interfaces().into_iter().filter(|interface| interface.is_ethernet() && interface.up).collect();
        match usable.as_slice() {
            [only] => Ok(NetworkWay::Interface(only.name.clone())),
            [] => Err(Failure::new(
                "no network interface to work on",
                "this computer has none that is Ethernet and switched on",
                "plug in a cable and switch it on, or use --virtual PROJECT",
            )
            .into()),
            several => {
                let list: Vec<String> = several.iter().map(describe).collect();
                Err(Failure::new(
                    "which network interface is not clear",
                    list.join("; "),
                    "choose one with --interface",
                )
                .into())
            }
        }
    }
}

/// `eth0 (192.168.1.5/24, wireless)`.
fn describe(interface: &InterfaceInfo) -> String {
    let mut facts: Vec<String> = interface.ips.iter().map(|(ip, prefix)| format!("{ip}/{prefix}")).collect();
    if interface.wireless {
        facts.push("probably wireless".to_owned());
    }
    if !interface.running {
        facts.push("no link".to_owned());
    }
    if facts.is_empty() { interface.name.clone() } else { format!("{} ({})", interface.name, facts.join(", ")) }
}
