//! Where the devices are: arguments that all on-line commands share.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::Stop;
use super::console::Console;
use crate::app::{Access, AccessOptions, Whereabouts};
use crate::model::{Name, Plan};

#[derive(clap::Args)]
pub(super) struct AccessArgs {
    /// Look for the devices where `plantweave simulate` of this project has put them.
    #[arg(long, help_heading = "Where the devices are")]
    simulated: bool,
    /// Look for the devices where this file says; `simulate --announce FILE` writes one.
    #[arg(long, value_name = "FILE", conflicts_with = "simulated", help_heading = "Where the devices are")]
    targets: Option<PathBuf>,
    /// TCP port of the devices' object resolvers [default: that of the project, usually 135].
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["simulated", "targets"],
        value_parser = clap::value_parser!(u16).range(1..),
        help_heading = "Where the devices are"
    )]
    resolver_port: Option<u16>,
    /// Look for one device at another address; can be given more than once.
    #[arg(long, value_name = "DEVICE=IP[:PORT]", value_parser = place, help_heading = "Where the devices are")]
    at: Vec<(Name, Ipv4Addr, Option<u16>)>,
    /// Capture the conversations to a file that Wireshark opens.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

impl AccessArgs {
    /// Opens the way to the devices. Must be called inside a runtime.
    pub(super) fn open(self, project: &Path, plan: &Plan) -> Result<Access, Stop> {
        let whereabouts = match self.targets {
            Some(file) => Whereabouts::File(file),
            None if self.simulated => Whereabouts::Simulated,
            None => Whereabouts::Planned,
        };
        let Self { resolver_port, at, pcap: capture, .. } = self;
        Ok(Access::open(project, plan, &AccessOptions { whereabouts, resolver_port, at, capture })?)
    }
}

/// Ends the way to the devices, and says where the capture is.
pub(super) async fn close(access: Access, console: &mut Console) -> Result<(), Stop> {
    if let Some((file, summary)) = access.close().await? {
        console.note(format!("{}: {} frames of {} connections", file.display(), summary.frames, summary.connections));
    }
    Ok(())
}

fn place(text: &str) -> Result<(Name, Ipv4Addr, Option<u16>), String> {
    let (device, place) = text.rsplit_once('=').ok_or("write it as DEVICE=IP or DEVICE=IP:PORT")?;
    let (ip, port) = match place.split_once(':') {
        Some((ip, port)) => (ip, Some(port.parse().ok().filter(|port| *port != 0).ok_or("a port is 1 to 65535")?)),
        None => (place, None),
    };
    let ip = ip.parse().map_err(|_| format!("`{ip}` is no IPv4 address"))?;
    Ok((device.into(), ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_device_address_and_port() {
        let ip = Ipv4Addr::new(127, 0, 0, 2);
        assert_eq!(place("Pump 1=127.0.0.2"), Ok(("Pump 1".into(), ip, None)));
        assert_eq!(place("a=b=127.0.0.2:41350"), Ok(("a=b".into(), ip, Some(41350))));
        for wrong in ["127.0.0.2", "a=127.0.0", "a=127.0.0.2:0", "a=127.0.0.2:x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
