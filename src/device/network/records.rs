//! A station's records over UDP: what it is, its interface, its ports and who is at the other end of their cables.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket as StdSocket};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::spec::StationSpec;
use super::{SeenPeer, StationState, state};
use crate::proto::pnio::{Records, Server, ServerSettings};
use crate::wire::lldp::naming;
use crate::wire::ndr::ByteOrder;
use crate::wire::pnio::{
    Im0, ImSupported, InterfaceData, LinkState, MauType, MediaType, Peer, PnioStatus, PortData, PortState, ReadHeader,
    Record, device_object, emit_blocks, index, submodule,
};

/// Largest datagram.
const DATAGRAM: usize = 65_535;

/// Answers at a port of this computer as long as it lives.
#[derive(Debug)]
pub(super) struct RecordServer {
    at: SocketAddrV4,
    task: JoinHandle<()>,
}

impl RecordServer {
    /// Begins to answer at any free port of 127.0.0.1.
    pub(super) fn start(spec: Arc<StationSpec>, state: Arc<Mutex<StationState>>) -> io::Result<Self> {
        let socket = StdSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let at = SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr()?.port());
        let socket = UdpSocket::from_std(socket)?;
        let task = tokio::spawn(async move {
            let server = Server::new(ServerSettings {
                object: device_object(1, spec.device_id.device, spec.device_id.vendor),
                checks_object: true,
                boot: rand::random(),
                order: ByteOrder::Big,
                annotation: spec.identification.annotation(),
                ip: Ipv4Addr::LOCALHOST,
            });
            let records = StationRecords { spec, state };
            let mut buffer = vec![0; DATAGRAM];
            loop {
                let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
                let asked = buffer.get(..length).unwrap_or_default();
                for answer in server.receive(asked, &records) {
                    // Who does not take it asks again.
                    _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Ok(Self { at, task })
    }

    pub(super) fn at(&self) -> SocketAddrV4 {
        self.at
    }
}

impl Drop for RecordServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct StationRecords {
    spec: Arc<StationSpec>,
    state: Arc<Mutex<StationState>>,
}

impl StationRecords {
    fn interface(&self) -> Record {
        let running = state(&self.state).running.clone();
        Record::Interface(InterfaceData {
            chassis: running.name,
            mac: self.spec.mac,
            ip: running.ip.ip,
            mask: running.ip.mask,
            gateway: running.ip.gateway,
        })
    }

    fn n_ports(&self) -> u8 {
        u8::try_from(self.spec.port_macs.len()).unwrap_or(u8::MAX)
    }

    fn port(&self, port: u8) -> Record {
        let (seen, is_up) = {
            let state = state(&self.state);
            let seen: Vec<SeenPeer> = state.seen.iter().filter(|seen| seen.at == u16::from(port)).cloned().collect();
            (seen, state.links_up.contains(&u16::from(port)))
        };
        let peers =
            seen.into_iter().map(|peer| Peer { port: peer.port, chassis: peer.chassis, line_delay: 0, mac: peer.mac });
        Record::Port(PortData {
            slot: 0,
            subslot: submodule::port(port),
            port: naming::port_text(port, None),
            peers: peers.collect(),
            mau_type: if is_up { MauType::Base100Tx } else { MauType::Unknown },
            domain_boundary: 0,
            multicast_boundary: 0,
            port_state: if is_up { PortState::Forwarding } else { PortState::Disabled },
            link_state: if is_up { LinkState::Up } else { LinkState::Down },
            media: MediaType::Copper,
        })
    }
}

impl Records for StationRecords {
    fn read(&self, which: &ReadHeader) -> Result<Vec<u8>, PnioStatus> {
        if !state(&self.state).on {
            return Err(PnioStatus::INVALID_SLOT);
        }
        let group = |subslot, record| Record::Group { block: 0x0400, api: 0, slot: 0, subslot, records: vec![record] };
        let records = match which.index {
            index::IM0 => {
                let made = &self.spec.identification;
                vec![Record::Im0(Im0 {
                    vendor: self.spec.device_id.vendor,
                    order_number: made.order_number.clone(),
                    serial_number: made.serial_number.clone().unwrap_or_default(),
                    hardware: u16::try_from(made.hardware).unwrap_or(u16::MAX),
                    prefix: made.prefix,
                    software: made.software.map(|number| u8::try_from(number).unwrap_or(u8::MAX)),
                    revision_counter: 0,
                    profile: 0,
                    profile_type: 0,
                    version: [1, 1],
                    supported: ImSupported(0),
                })]
            }
            index::PD_REAL_DATA => std::iter::once(group(submodule::INTERFACE, self.interface()))
                .chain((1..=self.n_ports()).map(|port| group(submodule::port(port), self.port(port))))
                .collect(),
            index::INTERFACE if which.subslot == submodule::INTERFACE => vec![self.interface()],
            index::PORT => match submodule::interface_and_port(which.subslot) {
                Some((1, port)) if (1..=self.n_ports()).contains(&port) => vec![self.port(port)],
                _ => return Err(PnioStatus::INVALID_INDEX),
            },
            _ => return Err(PnioStatus::INVALID_INDEX),
        };
        Ok(emit_blocks(&records))
    }
}
