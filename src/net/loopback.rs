//! Where virtual devices live on this host.
//!
//! Linux and Windows answer on all of 127.0.0.0/8, so every device gets a loopback address of its own
//! that keeps the last three numbers of the planned one: 192.168.0.12 lives on 127.168.0.12. Where
//! only 127.0.0.1 exists (macOS), the devices share it, each with a resolver port of its own.
//!
//! DCOM wants its resolver on port 135, which most systems reserve. If it cannot be had, the whole
//! project agrees on another port.
//!
//! [`probe`] asks the system, [`place`] decides; `place` is a pure function.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use thiserror::Error;

/// The DCOM resolver's own port.
pub const RESOLVER_PORT: u16 = 135;
/// Where the resolver goes when port 135 is not to be had.
pub const FALLBACK_RESOLVER_PORT: u16 = 41_350;

/// The address every host has. Devices that have a range to choose from leave it to the tool.
const LOCALHOST: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// An address that is only there if the whole loopback range is.
const PROBED: Ipv4Addr = Ipv4Addr::new(127, 41, 35, 1);
/// Host part of the last address in 127.0.0.0/8 a device may have (the very last is for broadcasts).
const LAST_HOST: u32 = 0x00ff_fffe;

/// What this host allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Every address in 127.0.0.0/8 can be bound, not only 127.0.0.1.
    pub loopback_range: bool,
    /// The port all resolvers use when each device has an address of its own.
    pub resolver_port: u16,
    /// Ports of 127.0.0.1 from [`FALLBACK_RESOLVER_PORT`] on that another program holds.
    pub busy_ports: BTreeSet<u16>,
}

/// Where one virtual device lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Position of the device in the list given to [`place`].
    pub device_idx: usize,
    /// Its address.
    pub ip: IpAddr,
    /// The port of its DCOM resolver.
    pub resolver_port: u16,
}

/// More devices than addresses or ports.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this host has room for {room} virtual devices, and {wanted} are wanted")]
pub struct NoRoom {
    /// Devices that found a place.
    pub room: usize,
    /// Devices asked for.
    pub wanted: usize,
}

/// Asks the system what `n_devices` virtual devices can count on, by opening ports for a moment.
pub fn probe(n_devices: usize) -> Host {
    if !can_listen(PROBED, 0) {
        return share(n_devices);
    }
    let resolver_port = if can_listen(PROBED, RESOLVER_PORT) {
        RESOLVER_PORT
    } else {
        // A program that listens on all addresses may hold the usual fallback.
        let others = (FALLBACK_RESOLVER_PORT..=u16::MAX).take(64).find(|port| can_listen(PROBED, *port));
        others.unwrap_or(FALLBACK_RESOLVER_PORT)
    };
    Host { loopback_range: true, resolver_port, busy_ports: BTreeSet::new() }
}

/// Lets `n_devices` virtual devices share 127.0.0.1, as they must on a system that has no other address.
pub fn share(n_devices: usize) -> Host {
    let mut busy_ports = BTreeSet::new();
    let mut free = 0;
    for port in FALLBACK_RESOLVER_PORT..=u16::MAX {
        if free == n_devices {
            break;
        }
        if can_listen(LOCALHOST, port) {
            free += 1;
        } else {
            busy_ports.insert(port);
        }
    }
    Host { loopback_range: false, resolver_port: FALLBACK_RESOLVER_PORT, busy_ports }
}

fn can_listen(ip: Ipv4Addr, port: u16) -> bool {
    TcpListener::bind(SocketAddr::from((ip, port))).is_ok()
}

/// Gives every device its place: the same list on the same kind of host always gives the same places.
///
/// `planned` holds the devices' planned addresses in project order. Devices whose address collides
/// with an earlier one's after the first number is replaced, or that have none, take the next free
/// one after all others are placed.
///
/// # Errors
/// [`NoRoom`] if the addresses or, on a shared address, the ports do not suffice.
pub fn place(planned: &[Option<Ipv4Addr>], host: &Host) -> Result<Vec<Place>, NoRoom> {
    let places: Vec<Place> = if host.loopback_range {
        own_addresses(planned)
            .into_iter()
            .enumerate()
            .map_while(|(device_idx, ip)| Some(Place { device_idx, ip: ip?.into(), resolver_port: host.resolver_port }))
            .collect()
    } else {
        (FALLBACK_RESOLVER_PORT..=u16::MAX)
            .filter(|port| !host.busy_ports.contains(port))
            .zip(0..planned.len())
            .map(|(resolver_port, device_idx)| Place { device_idx, ip: LOCALHOST.into(), resolver_port })
            .collect()
    };
    if places.len() < planned.len() {
        return Err(NoRoom { room: places.len(), wanted: planned.len() });
    }
    Ok(places)
}

fn own_addresses(planned: &[Option<Ipv4Addr>]) -> Vec<Option<Ipv4Addr>> {
    let mut taken = BTreeSet::new();
    let wanted: Vec<u32> = planned.iter().map(|ip| ip.map_or(0, |ip| u32::from(ip) & 0x00ff_ffff)).collect();
    let first_choice: Vec<Option<u32>> =
        wanted.iter().map(|host| (is_free(*host, &taken) && taken.insert(*host)).then_some(*host)).collect();
    first_choice
        .into_iter()
        .zip(wanted)
        .map(|(choice, wanted)| {
            choice.or_else(|| {
                let next = (wanted..=LAST_HOST).chain(0..wanted).find(|host| is_free(*host, &taken))?;
                taken.insert(next);
                Some(next)
            })
        })
        .map(|host| host.map(|host| Ipv4Addr::from(0x7f00_0000 | host)))
        .collect()
}

/// Neither taken, nor the network, the broadcast or the tool's own address.
fn is_free(host: u32, taken: &BTreeSet<u32>) -> bool {
    (2..=LAST_HOST).contains(&host) && !taken.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range() -> Host {
        Host { loopback_range: true, resolver_port: 135, busy_ports: BTreeSet::new() }
    }

    fn ips(planned: &[Option<&str>]) -> Vec<String> {
        let planned: Vec<_> = planned.iter().map(|ip| ip.map(|ip| ip.parse().unwrap())).collect();
        let places = place(&planned, &range()).unwrap();
        places
            .iter()
            .enumerate()
            .for_each(|(idx, place)| assert_eq!((place.device_idx, place.resolver_port), (idx, 135)));
        places.iter().map(|place| place.ip.to_string()).collect()
    }

    #[test]
    fn planned_addresses_keep_their_last_three_numbers() {
        assert_eq!(ips(&[Some("192.168.0.11"), Some("10.0.0.12")]), ["127.168.0.11", "127.0.0.12"]);
    }

    #[test]
    fn collisions_take_the_next_free_address_after_all_others() {
        assert_eq!(
            ips(&[
                Some("10.0.0.5"),
                Some("20.0.0.5"),
                Some("10.0.0.6"),
                Some("10.0.0.1"),
                None,
                Some("10.255.255.255"),
            ]),
            ["127.0.0.5", "127.0.0.7", "127.0.0.6", "127.0.0.2", "127.0.0.3", "127.0.0.4"]
        );
    }

    #[test]
    fn without_a_range_ports_tell_the_devices_apart() {
        let host = Host { loopback_range: false, resolver_port: FALLBACK_RESOLVER_PORT, busy_ports: [41_351].into() };
        let places = place(&[Some(Ipv4Addr::new(10, 0, 0, 5)), None], &host).unwrap();
        let told: Vec<_> = places.iter().map(|place| (place.ip.to_string(), place.resolver_port)).collect();
        assert_eq!(told, [("127.0.0.1".into(), 41_350), ("127.0.0.1".into(), 41_352)]);
    }

    #[test]
    fn too_many_devices_are_refused() {
        let host = Host { loopback_range: false, ..range() };
        let error = place(&vec![None; 30_000], &host).unwrap_err();
        assert_eq!((error.room, error.wanted), (24_186, 30_000));
    }

    #[test]
    fn the_probed_host_holds_what_it_promises() {
        let host = probe(3);
        let planned = [Some(Ipv4Addr::new(10, 41, 36, 7)), None, None];
        for place in place(&planned, &host).unwrap() {
            TcpListener::bind((place.ip, place.resolver_port)).unwrap();
        }
    }
}
