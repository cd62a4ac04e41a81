//! Stations asked for their PROFINET records over UDP: who made them, their ports, and who is at the other end (spec 8).
//!
//! Works across routers and needs no right. The station is asked one call after the other; what it does not have is left out.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::proto::pnio::{CallId, Client, Outcome};
use crate::topology::{LinkState, PeerFacts, PortFacts, Source, StationFacts};
use crate::wire::Guid;
use crate::wire::dcp::DeviceIdentity;
use crate::wire::lldp::{ChassisId, PortId};
use crate::wire::pnio::{
    Im0, Im1, InterfaceData, LinkState as RecordLink, PortData, PortStatistics, Record, UDP_PORT, blocks,
    device_object, index, of_device_object, submodule,
};

/// Ports asked for one by one, where a station does not tell all at once.
const MOST_PORTS: u8 = 32;
/// Largest datagram.
const DATAGRAM: usize = 65_535;

/// How stations are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordOptions {
    /// UDP port.
    pub port: u16,
    /// Device and vendor, as DCP tells them; without, the endpoint mapper is asked.
    pub device_id: Option<DeviceIdentity>,
    /// How long all questions may take together.
    pub most: Duration,
}

impl Default for RecordOptions {
    /// Port 34964; 30 seconds in all.
    fn default() -> Self {
        Self { port: UDP_PORT, device_id: None, most: Duration::from_secs(30) }
    }
}

/// Why a station told nothing.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// Nobody answers.
    #[error("{0} gives no records: no PROFINET station, or it is off")]
    Silent(SocketAddr),
    /// The network refused.
    #[error("{station}: {error}")]
    Network {
        /// The station.
        station: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

/// What a station's records say. What it did not give is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StationRecords {
    /// Device and vendor of its object.
    pub device_id: Option<DeviceIdentity>,
    /// What the endpoint mapper says it is.
    pub annotation: Option<String>,
    /// I&M0.
    pub im0: Option<Im0>,
    /// I&M1.
    pub im1: Option<Im1>,
    /// I&M2, date of installation.
    pub im2: Option<String>,
    /// I&M3, remark.
    pub im3: Option<String>,
    /// Its interface.
    pub interface: Option<InterfaceData>,
    /// Its ports.
    pub ports: Vec<PortData>,
    /// What its ports count, by subslot.
    pub statistics: Vec<(u16, PortStatistics)>,
}

impl StationRecords {
    /// What they say of the station at `ip` and its neighbours.
    pub fn facts(&self, ip: Ipv4Addr) -> StationFacts {
        let interface = self.interface.as_ref();
        let port = |port: &PortData| PortFacts {
            id: port.port.clone(),
            mac: None,
            description: None,
            link: match port.link_state {
                RecordLink::Up => Some(LinkState::Up),
                RecordLink::Down => Some(LinkState::Down),
                _ => None,
            },
            speed: port.mau_type.mbit_per_s().map(|speed| u64::from(speed) * 1_000_000),
            peers: Some(port.peers.iter().map(peer).collect()),
        };
        StationFacts {
            mac: interface.map(|interface| interface.mac),
            name: interface.map(|interface| interface.chassis.clone()).filter(|name| !name.is_empty()),
            ip: Some(ip),
            ports: self.ports.iter().map(port).collect(),
            ..StationFacts::of(Source::Records)
        }
    }

    fn learn(&mut self, record: Record, subslot: u16) {
        match record {
            Record::Im0(im) => self.im0 = Some(im),
            Record::Im1(im) => self.im1 = Some(im),
            Record::Im2(text) => self.im2 = Some(text),
            Record::Im3(text) => self.im3 = Some(text),
            Record::Interface(data) => self.interface = Some(data),
            Record::Port(data) if !self.ports.iter().any(|known| known.subslot == data.subslot) => {
                self.ports.push(data)
            }
            Record::Statistics(counters) => self.statistics.push((subslot, counters)),
            Record::Group { subslot, records, .. } => {
                records.into_iter().for_each(|record| self.learn(record, subslot));
            }
            _ => {}
        }
    }
}

fn peer(peer: &crate::wire::pnio::Peer) -> PeerFacts {
    let chassis = ChassisId::Local(peer.chassis.clone());
    PeerFacts { mac: Some(peer.mac), ..PeerFacts::new(chassis, PortId::Local(peer.port.clone())) }
}

/// Asks the station at an address.
///
/// # Errors
/// [`RecordsError`] when nothing comes at all.
pub async fn ask(ip: Ipv4Addr, options: RecordOptions) -> Result<StationRecords, RecordsError> {
    let station = SocketAddr::from((ip, options.port));
    let mut asked = StationRecords { device_id: options.device_id, ..StationRecords::default() };
    let network = |error| RecordsError::Network { station, error };
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.map_err(network)?;
    let mut line = Line { socket, station, begun: Instant::now(), end: Instant::now() + options.most, heard: false };
    if asked.device_id.is_none() {
        let mut client = Client::new(Guid::NIL, activity());
        client.lookup();
        for (_, outcome) in line.run(&mut client).await.map_err(network)? {
            let Outcome::Entries(entries) = outcome else { continue };
            let known = entries.iter().find_map(|entry| Some((of_device_object(entry.object)?, entry)));
            if let Some(((_, device, vendor), entry)) = known {
                asked.device_id = Some(DeviceIdentity { vendor, device });
                asked.annotation = Some(entry.annotation.clone()).filter(|text| !text.is_empty());
            }
        }
    }
    let Some(DeviceIdentity { vendor, device }) = asked.device_id else { return Err(RecordsError::Silent(station)) };
    let mut client = Client::new(device_object(1, device, vendor), activity());
    let at = |subslot: u16, index: u16| (subslot, index);
    let first = [at(1, index::IM0), at(1, index::PD_REAL_DATA), at(submodule::INTERFACE, index::INTERFACE)];
    line.read(&mut client, &first, &mut asked).await.map_err(network)?;
    if !line.heard {
        return Err(RecordsError::Silent(station));
    }
    let supported = asked.im0.as_ref().map(|im0| im0.supported);
    let more = [(1, index::IM1), (2, index::IM2), (3, index::IM3)];
    let more = more.into_iter().filter(|(nth, _)| supported.is_some_and(|supported| supported.has(*nth)));
    let more: Vec<(u16, u16)> = more.map(|(_, index)| at(1, index)).collect();
    line.read(&mut client, &more, &mut asked).await.map_err(network)?;
    if asked.ports.is_empty() {
        // One after the other, until there is none.
        for port in 1..=MOST_PORTS {
            let known = asked.ports.len();
            line.read(&mut client, &[at(submodule::port(port), index::PORT)], &mut asked).await.map_err(network)?;
            if asked.ports.len() == known {
                break;
            }
        }
    }
    let counted = |subslot: &u16| asked.statistics.iter().any(|(counted, _)| counted == subslot);
    let uncounted: Vec<(u16, u16)> = asked
        .ports
        .iter()
        .map(|port| port.subslot)
        .filter(|subslot| !counted(subslot))
        .map(|subslot| at(subslot, index::STATISTICS))
        .collect();
    line.read(&mut client, &uncounted, &mut asked).await.map_err(network)?;
    Ok(asked)
}

fn activity() -> Guid {
    Guid::from_u128(Uuid::new_v4().as_u128())
}

/// The way to a station.
struct Line {
    socket: UdpSocket,
    station: SocketAddr,
    begun: Instant,
    end: Instant,
    /// Whether anything ever came.
    heard: bool,
}

impl Line {
    /// Reads records of slot 0 by subslot and index, and learns what they say.
    async fn read(
        &mut self,
        client: &mut Client,
        which: &[(u16, u16)],
        asked: &mut StationRecords,
    ) -> std::io::Result<()> {
        let calls: Vec<(CallId, u16)> =
            which.iter().map(|(subslot, index)| (client.read(0, *subslot, *index), *subslot)).collect();
        for (call, outcome) in self.run(client).await? {
            let Some((_, subslot)) = calls.iter().find(|(id, _)| *id == call) else { continue };
            if let Outcome::Record(bytes) = outcome {
                blocks(&bytes).unwrap_or_default().into_iter().for_each(|record| asked.learn(record, *subslot));
            }
        }
        Ok(())
    }

    /// Until all calls are over, or the time is.
    async fn run(&mut self, client: &mut Client) -> std::io::Result<Vec<(CallId, Outcome)>> {
        let mut outcomes = Vec::new();
        let mut buffer = vec![0; DATAGRAM];
        loop {
            for datagram in client.poll(self.begun.elapsed()) {
                self.socket.send_to(&datagram, self.station).await?;
            }
            outcomes.extend(client.take_outcomes());
            let Some(due) = client.next_due() else { return Ok(outcomes) };
            if Instant::now() >= self.end {
                return Ok(outcomes);
            }
            let until = (self.begun + due).min(self.end);
            match timeout_at(until, self.socket.recv_from(&mut buffer)).await {
                // An answer may come from another port than the one that was asked, but not from another station (spec 8.1).
                Ok(Ok((length, from))) if from.ip() == self.station.ip() => {
                    self.heard = true;
                    client.receive(self.begun.elapsed(), buffer.get(..length).unwrap_or_default());
                }
                // Nobody listens at the port: as good as silence.
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Ok(Err(error)) => return Err(error),
                Ok(Ok(_)) | Err(_) => {}
            }
        }
    }
}
