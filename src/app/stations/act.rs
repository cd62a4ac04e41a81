//! One station changed, as one explicit act: what it has and what it would get is told first.

use std::net::Ipv4Addr;

use super::scan::{NetworkWay, ScannedStation, lost, open, station};
use crate::app::Failure;
use crate::model::Phrase;
use crate::online::network::{NameCheck, NetworkError, NetworkTool};
use crate::proto::dcp::{Found, Outcome, ScanSettings};
use crate::say;
use crate::wire::dcp::ResetMode;
use crate::wire::ethernet::MacAddress;

/// What is done with a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StationAct {
    /// Its name of station.
    SetName {
        /// New one; empty clears it.
        name: String,
        /// Kept over a power cycle.
        permanent: bool,
        /// Even if another station has the name.
        even_if_taken: bool,
    },
    /// Its address.
    SetIp {
        /// Address, mask and router; zeros clear it, a router of zeros is none.
        suite: [Ipv4Addr; 3],
        /// Kept over a power cycle.
        permanent: bool,
    },
    /// It flashes.
    Flash,
    /// It forgets name and address, or everything.
    Reset {
        /// Everything, not only what communication needs.
        all: bool,
    },
}

/// An act before it is done: which station, and what changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationChange {
    /// The station as it is.
    pub station: ScannedStation,
    /// What it has now.
    pub before: String,
    /// What it would have.
    pub after: String,
}

impl StationAct {
    fn change(&self, mac: MacAddress, found: &Found) -> StationChange {
        let station = station(mac, found);
        let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        let kept = |permanent: bool| if permanent { "permanent" } else { "until power-off" };
        let address = |[ip, mask, router]: [Ipv4Addr; 3]| match (ip.is_unspecified(), router.is_unspecified()) {
            (true, _) => "none".to_owned(),
            (false, true) => format!("{ip} mask {mask}"),
            (false, false) => format!("{ip} mask {mask} router {router}"),
        };
        let zero = Ipv4Addr::UNSPECIFIED;
        let has = [station.ip.unwrap_or(zero), station.mask.unwrap_or(zero), station.router.unwrap_or(zero)];
        let (before, after) = match self {
            Self::SetName { name, permanent, .. } => {
                (format!("name {}", or_none(&station.name)), format!("name {}, {}", or_none(name), kept(*permanent)))
            }
            Self::SetIp { suite, permanent } => {
                (format!("address {}", address(has)), format!("address {}, {}", address(*suite), kept(*permanent)))
            }
            Self::Flash => (String::new(), "flashes".to_owned()),
            Self::Reset { all } => {
                let before = format!("name {}, address {}", or_none(&station.name), address(has));
                let after = if *all { "all stored data reset" } else { "name and address reset" };
                (before, after.to_owned())
            }
        };
        StationChange { station, before, after }
    }
}

/// Finds the station by its MAC address or name, tells what would change, and does it when `agreed` says so; whether it was done.
///
/// # Errors
/// There is no such station, or several; it does not answer, or refuses.
pub async fn act(
    way: &NetworkWay,
    which: &str,
    what: &StationAct,
    agreed: impl FnOnce(&StationChange) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let (mut tool, network) = open(way)?;
    let done = act_with(&mut tool, which, what, agreed).await;
    if let Some(network) = network {
        network.shutdown().await;
    }
    done
}

async fn act_with(
    tool: &mut NetworkTool,
    which: &str,
    what: &StationAct,
    agreed: impl FnOnce(&StationChange) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let (mac, found) = find(tool, which).await?;
    let change = what.change(mac, &found);
    if !agreed(&change)? {
        return Ok(false);
    }
    tracing::info!(%mac, before = change.before, after = change.after, "a station is changed");
    let outcome = match what {
        StationAct::SetName { name, permanent, even_if_taken } => {
            let check = if *even_if_taken { NameCheck::Override } else { NameCheck::MustBeFree };
            tool.set_name(mac, name, *permanent, check).await
        }
        StationAct::SetIp { suite, permanent } => tool.set_ip(mac, *suite, *permanent).await,
        StationAct::Flash => tool.flash(mac).await,
        StationAct::Reset { all } => {
            let mode = if *all { ResetMode::AllData } else { ResetMode::Communication };
            tool.reset(mac, mode).await
        }
    };
    let failed = |why: Phrase, remedy: Phrase| Err(Failure::new(say!("{which} was not changed", which), why, remedy));
    match outcome {
        Ok(Outcome::Done { .. } | Outcome::Got(_)) => Ok(true),
        Ok(Outcome::Unverified) => {
            let why = say!("it said that it is done, and does not answer since");
            Err(Failure::new(say!("{which} may be changed or not", which), why, say!("scan again in a moment")))
        }
        Ok(Outcome::Refused(results)) => {
            let words: Vec<String> = results.iter().map(ToString::to_string).collect();
            let why = Phrase::plain(words.join("; "));
            failed(why, say!("a controller may own it, or the value is none that it takes"))
        }
        Ok(Outcome::NotInEffect(_)) => failed(
            say!("it said that it is done, but read back it has another value"),
            say!("try again, or see what its manual says about changes"),
        ),
        Ok(Outcome::Unsupported(_)) => {
            failed(say!("it does not support this"), say!("use its own means, such as its display"))
        }
        Ok(Outcome::NoAnswer) => failed(
            say!("it does not answer: it is off, or another tool works on it"),
            say!("wait three seconds and try again"),
        ),
        Err(error @ (NetworkError::Name { .. } | NetworkError::Ip(_))) => {
            let remedy = say!("give a value that stations take");
            Err(Failure::new(say!("{which} was not changed", which), Phrase::plain(error), remedy))
        }
        Err(error @ NetworkError::NameTaken { .. }) => Err(Failure::new(
            say!("{which} was not changed", which),
            Phrase::plain(error),
            say!("choose another name, or add --even-if-taken"),
        )),
        Err(error) => Err(lost(error)),
    }
}

/// The only station of this MAC address or name.
async fn find(tool: &mut NetworkTool, which: &str) -> Result<(MacAddress, Found), Failure> {
    let by_mac = which.parse::<MacAddress>().ok();
    let settings = if by_mac.is_some() { ScanSettings::all() } else { ScanSettings::named(which) };
    let mut stations = tool.scan(settings, |_| {}).await.map_err(lost)?.stations;
    if let Some(mac) = by_mac {
        stations.retain(|(found, _)| *found == mac);
    }
    let what = || say!("cannot find {which}", which);
    match stations.len() {
        0 => {
            let remedy = say!("`scan` lists the stations; names are written in lower case");
            Err(Failure::new(what(), say!("no station answers to it"), remedy))
        }
        1 => Ok(stations.swap_remove(0)),
        n => Err(Failure::new(
            what(),
            say!("{n} stations have this name", n),
            say!("name the station by its MAC address"),
        )),
    }
}
