//! A network interface of this computer as an end.
//!
//! Multicast: a network card lets frames to a group through only where somebody has joined it, and joining one by its
//! Ethernet address (`PACKET_ADD_MEMBERSHIP`) is offered by no crate that is kept and free of `unsafe` for its callers.
//! So a card is asked to let everything through ([`Promiscuous::WhereNeeded`]) unless somebody else, such as an LLDP
//! agent, has joined all groups already; interfaces made by software (veth, bridge, tap) have no such filter. The system
//! takes that back when the end is dropped. Whatever comes in, only frames for this station or a group are kept.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pnet::datalink::{self, Channel, Config, DataLinkReceiver, DataLinkSender, NetworkInterface};
use thiserror::Error;

use super::end::{Carrier, Ended, SendError};
use super::inbox::Inbox;
use super::interface::{find, has_link, mac_of};
use super::{LinkClock, LinkEnd, Received};
use crate::net::capture::Capture;
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// How often the reader looks whether it shall end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Errors one after the other, a look apart, after which an interface that is up is given up.
const MOST_ERRORS: u32 = 10;
/// How often the state of the link is asked for.
const ASK_LINK_EVERY: Duration = Duration::from_millis(250);
/// Most addresses that frames were sent from, by which own frames are known.
const MAX_OWN: usize = 1024;
/// The groups that are listened to.
const GROUPS: [MacAddress; 3] = [MacAddress::DCP_IDENTIFY, MacAddress::DCP_HELLO, MacAddress::LLDP];

/// Whether a card is asked to let everything through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Promiscuous {
    /// If it is a real card and not all groups have been joined by somebody.
    #[default]
    WhereNeeded,
    /// Frames to groups then come only if somebody else has joined them.
    Never,
    /// Also for interfaces made by software.
    Always,
}

/// How an interface is used.
#[derive(Debug, Clone)]
pub struct AdapterOptions {
    /// Whether the card is asked to let everything through.
    pub promiscuous: Promiscuous,
    /// Frames of other EtherTypes are not taken, so the rest of the computer's traffic does not get in the way.
    pub ether_types: Vec<EtherType>,
    /// Records what is sent and taken.
    pub capture: Option<Capture>,
}

impl Default for AdapterOptions {
    fn default() -> Self {
        let ether_types = vec![EtherType::PROFINET, EtherType::LLDP];
        Self { promiscuous: Promiscuous::default(), ether_types, capture: None }
    }
}

/// An interface cannot be used.
#[derive(Debug, Error)]
pub enum AdapterError {
    /// The system does not let this program send raw frames.
    #[error(
        "raw Ethernet on {name} needs the right CAP_NET_RAW, which this program does not have; \
         to give it the right: sudo setcap cap_net_raw+ep {}", .program.display()
    )]
    NoPermission {
        /// The interface.
        name: String,
        /// This program.
        program: PathBuf,
    },
    /// There is none of this name.
    #[error("there is no network interface {name}; there are: {}", .known.join(", "))]
    NotFound {
        /// The name asked for.
        name: String,
        /// Those that could be used.
        known: Vec<String>,
    },
    /// The interface has no Ethernet address.
    #[error("{name} is no Ethernet interface")]
    NotEthernet {
        /// The interface.
        name: String,
    },
    /// The interface is switched off by the system.
    #[error("the network interface {name} is switched off; to switch it on: sudo ip link set {name} up")]
    SwitchedOff {
        /// The interface.
        name: String,
    },
    /// Anything else.
    #[error("the network interface {name} cannot be opened: {source}")]
    Io {
        /// The interface.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Opens an interface. A thread reads from it until the end is dropped or the interface is gone. Own frames are not
/// received.
///
/// # Errors
/// See [`AdapterError`].
pub fn open_adapter(name: &str, options: AdapterOptions) -> Result<LinkEnd, AdapterError> {
    let failed = |source| AdapterError::Io { name: name.to_owned(), source };
    let Some(interface) = find(name) else {
        let known = super::interfaces().into_iter().filter(super::InterfaceInfo::is_ethernet).map(|info| info.name);
        return Err(AdapterError::NotFound { name: name.to_owned(), known: known.collect() });
    };
    let mac = mac_of(&interface).filter(|_| !interface.is_loopback());
    let mac = mac.ok_or_else(|| AdapterError::NotEthernet { name: name.to_owned() })?;
    if !interface.is_up() {
        return Err(AdapterError::SwitchedOff { name: name.to_owned() });
    }
    let config = Config {
        promiscuous: match options.promiscuous {
            Promiscuous::Always => true,
            Promiscuous::Never => false,
            Promiscuous::WhereNeeded => is_card(name) && !has_joined_all(name),
        },
        read_timeout: Some(LOOK_EVERY),
        write_timeout: Some(LOOK_EVERY),
        ..Config::default()
    };
    let (sender, receiver) = match datalink::channel(&interface, config) {
        Ok(Channel::Ethernet(sender, receiver)) => (sender, receiver),
        Ok(_) => return Err(AdapterError::NotEthernet { name: name.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("plantweave"));
            return Err(AdapterError::NoPermission { name: name.to_owned(), program });
        }
        Err(error) => return Err(failed(error)),
    };
    let shared = Arc::new(Adapter {
        sender: Mutex::new(sender),
        own: Mutex::new(BTreeSet::from([mac])),
        up: AtomicBool::new(has_link(&interface)),
        gone: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        capture: options.capture.clone(),
    });
    let inbox = Arc::new(Inbox::default());
    if has_link(&interface) {
        inbox.link(1, true);
    }
    let clock = LinkClock::start();
    let reader = Reader {
        receiver,
        interface,
        ether_types: options.ether_types,
        inbox: Arc::clone(&inbox),
        shared: Arc::clone(&shared),
        clock,
    };
    thread::Builder::new().name(format!("link {name}")).spawn(move || reader.run()).map_err(failed)?;
    Ok(LinkEnd::new(mac, vec![mac], inbox, shared, clock))
}

/// Backed by a card and not made by software.
fn is_card(name: &str) -> bool {
    Path::new("/sys/class/net").join(name).join("device").exists() || !cfg!(target_os = "linux")
}

/// Whether frames to all groups get through already.
fn has_joined_all(name: &str) -> bool {
    let joined = std::fs::read_to_string("/proc/net/dev_mcast").unwrap_or_default();
    GROUPS.iter().all(|group| joins(&joined, name, *group))
}

/// Looks up a group in lines of index, interface, users, global users, address.
fn joins(table: &str, name: &str, group: MacAddress) -> bool {
    let group = group.to_string().replace(':', "");
    table.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.nth(1) == Some(name) && words.nth(2) == Some(&group)
    })
}

struct Adapter {
    sender: Mutex<Box<dyn DataLinkSender>>,
    /// Addresses that frames were sent from: those are given back by the system as well.
    own: Mutex<BTreeSet<MacAddress>>,
    up: AtomicBool,
    gone: AtomicBool,
    closed: AtomicBool,
    capture: Option<Capture>,
}

impl std::fmt::Debug for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adapter").field("own", &self.own).field("up", &self.up).finish_non_exhaustive()
    }
}

impl Carrier for Adapter {
    fn send(&self, port: Option<u16>, frame: &[u8]) -> Result<(), SendError> {
        if self.gone.load(Ordering::Relaxed) || self.closed.load(Ordering::Relaxed) {
            return Err(SendError::Gone);
        }
        if let (Some(port), false) = (port, self.is_up(1)) {
            return Err(SendError::NoLink { port });
        }
        if let Some(source) = frame.get(6..).and_then(|rest| rest.first_chunk().copied()).map(MacAddress) {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            if own.len() < MAX_OWN {
                own.insert(source);
            }
        }
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(capture) = &self.capture {
            capture.record_frame(frame);
        }
        match sender.send_to(frame, None) {
            Some(Err(error)) if error.kind() == io::ErrorKind::NetworkDown => Err(SendError::NoLink { port: 1 }),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) | None => Ok(()),
        }
    }

    fn is_up(&self, port: u16) -> bool {
        port == 1 && self.up.load(Ordering::Relaxed)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// The thread that reads.
struct Reader {
    receiver: Box<dyn DataLinkReceiver>,
    interface: NetworkInterface,
    ether_types: Vec<EtherType>,
    inbox: Arc<Inbox>,
    shared: Arc<Adapter>,
    clock: LinkClock,
}

impl Reader {
    fn run(mut self) {
        let mut asked = Instant::now();
        let mut n_errors = 0;
        while !self.shared.closed.load(Ordering::Relaxed) {
            let error = match self.receiver.next() {
                Ok(bytes) => {
                    if is_wanted(bytes, &self.ether_types, &self.shared.own) {
                        if let Some(capture) = &self.shared.capture {
                            capture.record_frame(bytes);
                        }
                        self.inbox.frame(Received { port: 1, frame: bytes.into(), at: self.clock.now() });
                    }
                    None
                }
                Err(error) if is_nothing_new(&error) => None,
                Err(error) => Some(error),
            };
            n_errors = if error.is_none() { 0 } else { n_errors + 1 };
            if error.is_none() && asked.elapsed() < ASK_LINK_EVERY {
                continue;
            }
            asked = Instant::now();
            if let Some(ended) = self.look(error, n_errors) {
                self.shared.gone.store(true, Ordering::Relaxed);
                self.shared.up.store(false, Ordering::Relaxed);
                self.inbox.link(1, false);
                self.inbox.end(ended);
                return;
            }
        }
    }

    /// Asks for the state of the interface, after an error to tell whether it goes on. `n_errors` came one after the other.
    fn look(&self, error: Option<io::Error>, n_errors: u32) -> Option<Ended> {
        let name = self.interface.name.clone();
        // Another one may have got the name. And while interfaces change, the system's list of them may lack one that is there.
        let same = || find(&name).filter(|found| found.index == self.interface.index);
        let again = || {
            thread::sleep(LOOK_EVERY);
            same()
        };
        let Some(interface) = same().or_else(again) else {
            return Some(Ended::InterfaceGone { name });
        };
        let up = has_link(&interface);
        if self.shared.up.swap(up, Ordering::Relaxed) != up {
            self.inbox.link(1, up);
        }
        match error {
            // An interface that is switched off says so once, in one way or another, and goes on when it is switched on again.
            Some(source) if up && n_errors >= MOST_ERRORS => Some(Ended::Failed { name, source }),
            Some(_) => {
                thread::sleep(LOOK_EVERY);
                None
            }
            None => None,
        }
    }
}

/// The time for one look is over, or a signal came.
fn is_nothing_new(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// For this station or a group, of a kind that is wanted, and not from here.
fn is_wanted(bytes: &[u8], ether_types: &[EtherType], own: &Mutex<BTreeSet<MacAddress>>) -> bool {
    let Ok(frame) = Frame::parse(bytes) else { return false };
    if !ether_types.contains(&frame.ether_type) {
        return false;
    }
    let own = own.lock().unwrap_or_else(PoisonError::into_inner);
    !own.contains(&frame.source) && (frame.destination.is_multicast() || own.contains(&frame.destination))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_frames_for_us_and_not_from_us_are_taken() {
        let (us, other) = (MacAddress([2, 0, 0, 0, 0, 1]), MacAddress([2, 0, 0, 0, 0, 2]));
        let own = Mutex::new(BTreeSet::from([us]));
        let taken = |source, destination, ether_type| {
            let frame = Frame { destination, source, tag: None, ether_type, payload: &[0xfe, 0xff] };
            is_wanted(&frame.emit(), &AdapterOptions::default().ether_types, &own)
        };
        assert!(taken(other, us, EtherType::PROFINET));
        assert!(taken(other, MacAddress::LLDP, EtherType::LLDP));
        assert!(!taken(us, MacAddress::LLDP, EtherType::LLDP), "our own, given back by the system");
        assert!(!taken(other, MacAddress([2, 0, 0, 0, 0, 3]), EtherType::PROFINET));
        assert!(!taken(other, us, EtherType::IPV4));
        assert!(!is_wanted(&[0; 13], &[EtherType(0)], &own));
    }

    #[test]
    fn groups_that_somebody_has_joined_are_known() {
        let table = "2    eth0            1     0     01005e000001\n2    eth0            1     0     0180c200000e\n";
        assert!(joins(table, "eth0", MacAddress::LLDP));
        assert!(!joins(table, "eth1", MacAddress::LLDP));
        assert!(!joins(table, "eth0", MacAddress::DCP_HELLO));
        assert!(!joins("", "eth0", MacAddress::LLDP));
    }

    #[test]
    fn what_cannot_be_opened_is_told_exactly() {
        let error = open_adapter("no-such-interface", AdapterOptions::default()).unwrap_err();
        assert!(
            error.to_string().starts_with("there is no network interface no-such-interface; there are:"),
            "{error}"
        );
        let error = open_adapter("lo", AdapterOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "lo is no Ethernet interface");
        let error = AdapterError::NoPermission { name: "eth0".into(), program: "/usr/bin/plantweave".into() };
        assert!(error.to_string().ends_with("sudo setcap cap_net_raw+ep /usr/bin/plantweave"), "{error}");
    }
}
