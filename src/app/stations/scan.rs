//! A scan with all sources: DCP and LLDP on the Ethernet, then SNMP and records of every station that has an address.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;

use super::super::Failure;
use crate::device::network::{NetworkOptions, VirtualNetwork};
use crate::model::{Phrase, Plan};
use crate::net::link::{AdapterOptions, open_adapter};
use crate::online::network::{NetworkTool, News, ScanReport};
use crate::online::records::{self, RecordOptions, StationRecords};
use crate::online::snmp::{self, SnmpOptions, SnmpStation};
use crate::proto::dcp::{Conflict, Found, ScanSettings};
use crate::say;
use crate::topology::{PeerFacts, PortFacts, Source, StationFacts, Topology};
use crate::wire::ethernet::MacAddress;

/// Stations asked by SNMP and for records at the same time.
const ASKED_AT_ONCE: usize = 64;
/// How long neighbours are listened to after a scan, as stations send LLDP every five seconds.
const LISTENED: Duration = Duration::from_millis(5_500);

/// Which Ethernet.
#[derive(Debug, Clone)]
pub enum NetworkWay {
    /// An interface of this computer.
    Interface(String),
    /// The stations of a plan in this program.
    Virtual(Box<Plan>),
}

/// How a network is scanned.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// Which Ethernet.
    pub way: NetworkWay,
    /// Steps of 10 ms over which stations spread their answers: 1 for at once, 128 or 255 for a large network.
    pub delay_factor: u16,
    /// Whether neighbours are listened to, and stations asked by SNMP and for records.
    pub all_sources: bool,
    /// How SNMP agents are asked.
    pub snmp: SnmpOptions,
}

impl ScanRequest {
    /// A scan of everything there.
    pub fn of(way: NetworkWay) -> Self {
        Self { way, delay_factor: ScanSettings::all().delay_factor, all_sources: true, snmp: SnmpOptions::default() }
    }
}

/// What a scan tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanNews {
    /// A station answered.
    Station(Box<ScannedStation>),
    /// Stations are asked by SNMP and for records.
    Asking {
        /// How many of them.
        stations: usize,
    },
}

/// A station as a scan found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ScannedStation {
    /// MAC address.
    pub mac: String,
    /// Name of station; empty when it has none.
    pub name: String,
    /// IP address; `None` when it has none.
    pub ip: Option<Ipv4Addr>,
    /// Mask.
    pub mask: Option<Ipv4Addr>,
    /// Router.
    pub router: Option<Ipv4Addr>,
    /// Type of station.
    pub station_type: String,
    /// `0x002a:0x0103`, vendor and device.
    pub ids: Option<String>,
    /// What it can be.
    pub role: String,
    /// Who made it and which, by its identification records.
    pub identification: Option<String>,
    /// Where it is, by I&M1 or SNMP.
    pub location: Option<String>,
    /// Its answer came after the response window.
    pub late: bool,
    /// What told something of it.
    pub sources: Vec<&'static str>,
}

/// What a scan came to.
#[derive(Debug)]
pub struct ScanOutcome {
    /// Stations by MAC address.
    pub stations: Vec<ScannedStation>,
    /// Names and addresses that several have, in words.
    pub conflicts: Vec<String>,
    /// The cables.
    pub topology: Topology,
    /// Answers that could not be read.
    pub malformed: u64,
    /// Stations beyond what is kept.
    pub left_out: u64,
}

/// Scans. It changes nothing anywhere.
///
/// # Errors
/// The interface cannot be used, or was lost.
pub async fn scan_network(
    request: &ScanRequest,
    mut told: impl FnMut(ScanNews) + Send,
) -> Result<ScanOutcome, Failure> {
    let (mut tool, mut network) = open(&request.way)?;
    let settings = ScanSettings { delay_factor: request.delay_factor.max(1), ..ScanSettings::all() };
    let news = |news| {
        if let News::Found(mac, found) = news {
            told(ScanNews::Station(Box::new(station(mac, &found))));
        }
    };
    let report = tool.scan(settings, news).await.map_err(lost)?;
    let mut asked = Asked::default();
    if request.all_sources {
        let addressed: Vec<(Ipv4Addr, &Found)> =
            report.stations.iter().filter_map(|(_, found)| Some((address(found)?, found))).collect();
        told(ScanNews::Asking { stations: addressed.len() });
        let listening = tool.listen(LISTENED, |_| {});
        let (listened, answered) = tokio::join!(listening, ask_all(&addressed, request, network.as_mut()));
        listened.map_err(lost)?;
        asked = answered;
    }
    let outcome = outcome(&tool, &report, &asked);
    if let Some(network) = network {
        network.shutdown().await;
    }
    Ok(outcome)
}

/// The tool's end of an Ethernet, with the stations when they are virtual ones.
pub(super) fn open(way: &NetworkWay) -> Result<(NetworkTool, Option<VirtualNetwork>), Failure> {
    match way {
        NetworkWay::Interface(name) => {
            let end = open_adapter(name, AdapterOptions::default()).map_err(|error| {
                let remedy = say!("name another interface, or scan the virtual stations of a project with --virtual");
                Failure::new(say!("cannot use the network interface {name}", name), Phrase::plain(error), remedy)
            })?;
            Ok((NetworkTool::new(end), None))
        }
        NetworkWay::Virtual(plan) => {
            let failed = |error: crate::device::network::NetworkError| {
                Failure::new(
                    say!("cannot start the virtual stations"),
                    Phrase::plain(error),
                    say!("`check` tells what is wrong with the planned cables"),
                )
            };
            let mut network = VirtualNetwork::from_plan(plan, NetworkOptions::default()).map_err(failed)?;
            let end = network.join(MacAddress([2, 0, 0, 0xff, 0xff, 0xfe])).map_err(failed)?;
            Ok((NetworkTool::new(end), Some(network)))
        }
    }
}

pub(super) fn lost(error: crate::online::network::NetworkError) -> Failure {
    Failure::new(
        say!("the network could not be worked on"),
        Phrase::plain(error),
        say!("see that cable and interface are up, and try again"),
    )
}

fn address(found: &Found) -> Option<Ipv4Addr> {
    Some(found.identity.ip?.ip).filter(|ip| !ip.is_unspecified())
}

/// A station as DCP tells it.
pub(super) fn station(mac: MacAddress, found: &Found) -> ScannedStation {
    let identity = &found.identity;
    let suite = identity.ip.filter(|suite| !suite.ip.is_unspecified());
    ScannedStation {
        mac: mac.to_string(),
        name: identity.station_name().unwrap_or_default().to_owned(),
        ip: suite.map(|suite| suite.ip),
        mask: suite.map(|suite| suite.mask),
        router: suite.and_then(|suite| suite.router()),
        station_type: identity.vendor_value.clone().unwrap_or_default(),
        ids: identity.device_id.map(|id| format!("0x{:04x}:0x{:04x}", id.vendor, id.device)),
        role: identity.role.map(|role| role.to_string()).unwrap_or_default(),
        late: found.late,
        sources: vec![Source::Dcp.name()],
        ..ScannedStation::default()
    }
}

/// What SNMP and records told, by address.
#[derive(Default)]
struct Asked {
    snmp: BTreeMap<Ipv4Addr, SnmpStation>,
    records: BTreeMap<Ipv4Addr, StationRecords>,
}

async fn ask_all(
    stations: &[(Ipv4Addr, &Found)],
    request: &ScanRequest,
    mut network: Option<&mut VirtualNetwork>,
) -> Asked {
    let mut asked = Asked::default();
    let mut waiting = stations.iter();
    let mut asking = JoinSet::new();
    loop {
        while asking.len() < ASKED_AT_ONCE
            && let Some((ip, found)) = waiting.next()
        {
            let (ip, snmp) = (*ip, request.snmp.clone());
            let how = RecordOptions { device_id: found.identity.device_id, ..RecordOptions::default() };
            // Virtual stations stand at addresses of this computer, and have no SNMP agent.
            let virtual_at = network.as_mut().map(|network| network.records_address(ip));
            asking.spawn(async move {
                match virtual_at {
                    Some(Some(at)) => {
                        let how = RecordOptions { port: at.port(), ..how };
                        (ip, None, records::ask(*at.ip(), how).await.ok())
                    }
                    Some(None) => (ip, None, None),
                    None => {
                        let (agent, records) = tokio::join!(snmp::ask(ip, &snmp), records::ask(ip, how));
                        (ip, agent.ok(), records.ok())
                    }
                }
            });
        }
        // A task that panicked has told so itself; the others go on.
        let Some(answer) = asking.join_next().await else { return asked };
        if let Ok((ip, agent, records)) = answer {
            asked.snmp.extend(agent.map(|agent| (ip, agent)));
            asked.records.extend(records.map(|records| (ip, records)));
        }
    }
}

fn outcome(tool: &NetworkTool, report: &ScanReport, asked: &Asked) -> ScanOutcome {
    let mut facts: Vec<StationFacts> = Vec::new();
    let mut stations = Vec::new();
    for (mac, found) in &report.stations {
        let mut row = station(*mac, found);
        facts.push(StationFacts {
            mac: Some(*mac),
            name: Some(row.name.clone()).filter(|name| !name.is_empty()),
            ip: row.ip,
            ..StationFacts::of(Source::Dcp)
        });
        if let Some(agent) = row.ip.and_then(|ip| asked.snmp.get(&ip)) {
            row.sources.push(Source::Snmp.name());
            row.location = agent.system.location.clone();
            // The address was asked: whatever it calls itself, it is this station.
            facts.push(StationFacts { mac: Some(*mac), ..agent.facts.clone() });
        }
        if let Some((ip, records)) = row.ip.and_then(|ip| Some((ip, asked.records.get(&ip)?))) {
            row.sources.push(Source::Records.name());
            row.identification = records.im0.as_ref().map(ToString::to_string);
            let location = records.im1.as_ref().map(|im1| im1.location.clone()).filter(|text| !text.is_empty());
            row.location = location.or(row.location);
            facts.push(StationFacts { mac: Some(*mac), ..records.facts(ip) });
        }
        stations.push(row);
    }
    facts.push(own_facts(tool));
    let conflict = |conflict: &Conflict| {
        let list = |macs: &[MacAddress]| macs.iter().map(MacAddress::to_string).collect::<Vec<_>>().join(", ");
        match conflict {
            Conflict::Name(name, macs) => format!("the name {name} is that of several stations: {}", list(macs)),
            Conflict::Address(ip, macs) => format!("the address {ip} is that of several stations: {}", list(macs)),
        }
    };
    ScanOutcome {
        stations,
        conflicts: report.conflicts.iter().map(conflict).collect(),
        topology: Topology::of(&facts),
        malformed: report.malformed,
        left_out: report.left_out,
    }
}

/// This computer, with the neighbour that it hears.
fn own_facts(tool: &NetworkTool) -> StationFacts {
    let peers = tool.neighbours().iter().map(|(_, neighbour)| {
        let pdu = &neighbour.pdu;
        PeerFacts { mac: pdu.interface_mac(), ..PeerFacts::new(pdu.chassis.clone(), pdu.port.clone()) }
    });
    let port = PortFacts { id: "port-001".to_owned(), peers: Some(peers.collect()), ..PortFacts::default() };
    StationFacts {
        mac: Some(tool.end().mac()),
        name: Some("this computer".to_owned()),
        ports: vec![port],
        ..StationFacts::of(Source::Lldp)
    }
}
