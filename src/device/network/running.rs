//! A station that is switched on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::spec::{LldpNaming, StationSpec};
use super::{SeenPeer, StationState, state};
use crate::model::{check_ip_settings, check_station_name};
use crate::net::link::{LinkEnd, LinkEvent};
use crate::proto::dcp::{FilterSupport, Rules, Settings, Station, StationAction, StationSettings};
use crate::proto::lldp::convention::TTL;
use crate::proto::lldp::{Neighbours, Sender};
use crate::wire::lldp::{ChassisId, Lldpdu, MacPhy, ManagementAddress, PnoTlv, PortId, PortStatus, Tlv, naming};

/// Auto-negotiation: supported and on.
const NEGOTIATES: u8 = 0x03;
/// 100BASE-TX, full duplex: as a bit of what is offered, and as the type in use.
const OFFERS_100_FULL: u16 = 0x0400;
const MAU_100_FULL: u16 = 0x10;
/// ifIndex of the interface.
const INTERFACE: u32 = 1;

/// The task of a station. Dropping it switches the station off.
#[derive(Debug)]
pub(super) struct Running {
    task: JoinHandle<()>,
}

impl Running {
    pub(super) fn start(spec: Arc<StationSpec>, end: LinkEnd, state: Arc<Mutex<StationState>>) -> Self {
        Self { task: tokio::spawn(Machines::new(spec, end, state).run()) }
    }

    /// Ends the task and waits until its end of the network is gone.
    pub(super) async fn stop(mut self) {
        self.task.abort();
        // Aborted, which is what was wanted, or over already.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The conversations of a station, and where it stands in them.
struct Machines {
    spec: Arc<StationSpec>,
    end: LinkEnd,
    dcp: Station,
    senders: Vec<Sender>,
    neighbours: Neighbours,
    state: Arc<Mutex<StationState>>,
}

impl Machines {
    fn new(spec: Arc<StationSpec>, end: LinkEnd, shared: Arc<Mutex<StationState>>) -> Self {
        let stored = {
            let mut state = state(&shared);
            state.on = true;
            state.running = state.stored.clone();
            state.stored.clone()
        };
        let settings = StationSettings {
            mac: spec.mac,
            vendor_value: spec.vendor_value.clone(),
            device_id: spec.device_id,
            oem_id: None,
            role: spec.role,
            instance: (0, 1),
            hello: spec.hello,
            filters: FilterSupport::NameAndAlias,
            rules: Rules {
                name: |name| check_station_name(name).is_ok(),
                ip: |ip, mask, gateway| check_ip_settings(ip, mask, gateway).is_ok(),
            },
        };
        let senders =
            (1..).zip(&spec.port_macs).map(|(port, mac)| Sender::new(*mac, statement(&spec, &stored, port))).collect();
        let dcp = Station::new(settings, stored);
        Self { spec, end, dcp, senders, neighbours: Neighbours::new(), state: shared }
    }

    async fn run(mut self) {
        loop {
            let clock = self.end.clock();
            let event = match self.next_due() {
                Some(due) if due <= clock.now() => self.end.try_recv(),
                Some(due) => tokio::select! {
                    event = self.end.recv() => event,
                    () = tokio::time::sleep_until(clock.instant(due)) => None,
                },
                None => self.end.recv().await,
            };
            if event.is_none() && self.end.ended().is_some() {
                return;
            }
            if let Some(event) = event {
                self.take(event);
            }
            self.act(clock.now());
        }
    }

    fn next_due(&self) -> Option<Duration> {
        let senders = self.senders.iter().filter_map(Sender::next_due);
        senders.chain(self.dcp.next_due()).chain(self.neighbours.next_due()).min()
    }

    fn take(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Frame(received) => {
                self.dcp.receive(received.at, &received.frame);
                self.neighbours.receive(received.at, received.port.into(), &received.frame);
            }
            LinkEvent::Link { port, up } => {
                {
                    let mut state = state(&self.state);
                    state.links_up.retain(|other| *other != port);
                    state.links_up.extend(up.then_some(port));
                }
                let now = self.end.clock().now();
                let had_link = self.has_link_besides(port);
                if let Some(sender) = self.senders.get_mut(usize::from(port).saturating_sub(1)) {
                    if up { sender.link_up(now) } else { sender.link_down() }
                }
                if !up {
                    self.neighbours.link_down(port.into());
                }
                // DCP is that of the interface, which is on the network with any of its ports.
                match (had_link, up) {
                    (false, true) => self.dcp.link_up(now),
                    (false, false) => self.dcp.link_down(),
                    (true, _) => {}
                }
            }
        }
    }

    fn has_link_besides(&self, port: u16) -> bool {
        (1..).zip(&self.senders).any(|(other, _)| other != port && self.end.is_up(other))
    }

    fn act(&mut self, now: Duration) {
        for action in self.dcp.poll(now) {
            match action {
                StationAction::Send(frame) => self.send(None, &frame),
                StationAction::Changed => self.changed(now),
                StationAction::Flash => state(&self.state).flashes += 1,
                StationAction::Reset(_) => state(&self.state).resets += 1,
            }
        }
        self.neighbours.poll(now);
        if !self.neighbours.take_events().is_empty() {
            let mut aliases = self.neighbours.aliases();
            aliases.sort_unstable();
            let seen = self.neighbours.iter().filter_map(|(key, neighbour)| {
                let pdu = &neighbour.pdu;
                let PortId::Local(port) = &pdu.port else { return None };
                let (number, slot) = naming::port_number(port)?;
                let chassis = pdu.station_name().or_else(|| match &pdu.chassis {
                    ChassisId::Local(text) => Some(text.clone()),
                    ChassisId::Mac(mac) => Some(naming::mac_text(*mac)),
                    ChassisId::Other(..) => None,
                })?;
                let at = u16::try_from(key.local_port).ok()?;
                let mac = pdu.interface_mac()?;
                Some(SeenPeer { at, port: naming::port_text(number, slot), chassis, mac })
            });
            let seen = seen.collect();
            {
                let mut state = state(&self.state);
                state.neighbours.clone_from(&aliases);
                state.seen = seen;
            }
            self.dcp.set_aliases(aliases);
        }
        let mut due = Vec::new();
        for (port, sender) in (1..).zip(&mut self.senders) {
            due.extend(sender.poll(now).map(|frame| (port, frame)));
        }
        due.into_iter().for_each(|(port, frame)| self.send(Some(port), &frame));
    }

    /// Name or address are others: stored, and told to the neighbours.
    fn changed(&mut self, now: Duration) {
        let (running, stored) = (self.dcp.running().clone(), self.dcp.stored().clone());
        let mut farewells = Vec::new();
        for (port, sender) in (1..).zip(&mut self.senders) {
            farewells.extend(sender.set(now, statement(&self.spec, &running, port)).map(|frame| (port, frame)));
        }
        farewells.into_iter().for_each(|(port, frame)| self.send(Some(port), &frame));
        let mut state = state(&self.state);
        (state.running, state.stored) = (running, stored);
    }

    /// A link that is lost in this very moment takes the frame with it; what comes of that is told as an event.
    fn send(&self, port: Option<u16>, frame: &[u8]) {
        let sent = match port {
            Some(port) => self.end.send_on(port, frame),
            None => self.end.send(frame),
        };
        if let Err(error) = sent {
            tracing::debug!(station = %self.spec.device, "{error}");
        }
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        let mut state = state(&self.state);
        state.on = false;
        state.neighbours.clear();
        state.seen.clear();
        state.links_up.clear();
    }
}

/// What a port says of itself in LLDP.
fn statement(spec: &StationSpec, settings: &Settings, port: u16) -> Lldpdu {
    let port_text = naming::port_text(u8::try_from(port).unwrap_or(u8::MAX), None);
    let nameless = settings.name.is_empty();
    let (chassis, port) = match (spec.naming, nameless) {
        (LldpNaming::Standard, _) => {
            let name = if nameless { naming::mac_text(spec.mac) } else { settings.name.clone() };
            (ChassisId::Local(spec.identification.text()), format!("{port_text}.{name}"))
        }
        (LldpNaming::Legacy, true) => (ChassisId::Mac(spec.mac), port_text),
        (LldpNaming::Legacy, false) => (ChassisId::Local(settings.name.clone()), port_text),
    };
    let mut tlvs = vec![
        Tlv::Pno(PnoTlv::PortStatus(PortStatus::default())),
        Tlv::Pno(PnoTlv::InterfaceMac(spec.mac)),
        Tlv::MacPhy(MacPhy { autonegotiation: NEGOTIATES, advertised: OFFERS_100_FULL, mau_type: MAU_100_FULL }),
    ];
    if !settings.ip.ip.is_unspecified() {
        let (ip, oid) = (settings.ip.ip, Vec::new());
        tlvs.push(Tlv::ManagementAddress(ManagementAddress { ip, numbering: 2, interface: INTERFACE, oid }));
    }
    Lldpdu { chassis, port: PortId::Local(port), ttl: TTL, tlvs }
}
