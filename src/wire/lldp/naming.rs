//! What port and chassis texts say (spec 6.2).
//!
//! | | legacy (PROFINET 2.2) | standard (2.3 and later) |
//! |---|---|---|
//! | Chassis ID | name of station, or MAC | system identification text |
//! | Port ID | `port-001` | `port-001.` and the name of station |
//!
//! Both give the same alias `port-001.name`, by which ports are compared.

use super::{ChassisId, PortId};
use crate::wire::ethernet::MacAddress;

/// `port-001`, or `port-001-00002` with a slot. Ports count from 1 to 255.
pub fn port_text(port: u8, slot: Option<u16>) -> String {
    match slot {
        Some(slot) => format!("port-{port:03}-{slot:05}"),
        None => format!("port-{port:03}"),
    }
}

/// Port and slot of the first part of a port text; `None` for anything else.
pub fn port_number(text: &str) -> Option<(u8, Option<u16>)> {
    let first = text.split('.').next()?;
    let number = first.strip_prefix("port-")?;
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    let (port, slot) = match number.split_once('-') {
        Some((port, slot)) => (port, Some(digits(slot, 5).then(|| slot.parse().ok()).flatten()?)),
        None => (number, None),
    };
    let port = digits(port, 3).then(|| port.parse().ok()).flatten().filter(|port| *port > 0)?;
    Some((port, slot))
}

/// Port ID if it holds a `.`, otherwise Port ID, `.` and Chassis ID; only where the port is named as PROFINET does.
pub fn alias(chassis: &ChassisId, port: &PortId) -> Option<String> {
    let PortId::Local(port) = port else { return None };
    port_number(port)?;
    if port.contains('.') {
        return Some(port.clone());
    }
    match chassis {
        ChassisId::Local(name) => Some(format!("{port}.{name}")),
        ChassisId::Mac(mac) => Some(format!("{port}.{}", mac_text(*mac))),
        ChassisId::Other(..) => None,
    }
}

/// Name of the station behind a port, if it has one: behind the first `.` of the port, otherwise the chassis.
pub fn station_name(chassis: &ChassisId, port: &PortId) -> Option<String> {
    let PortId::Local(port) = port else { return None };
    port_number(port)?;
    let name = match (port.split_once('.'), chassis) {
        (Some((_, name)), _) => name,
        (None, ChassisId::Local(name)) => name,
        (None, _) => return None,
    };
    // Stations without a name put their address in its place.
    (!name.is_empty() && mac_of(name).is_none()).then(|| name.to_owned())
}

/// `02-00-00-00-00-02`, as stations without a name write themselves.
pub fn mac_text(mac: MacAddress) -> String {
    mac.to_string().replace(':', "-")
}

/// The address that stands in the place of a name.
pub fn mac_of(name: &str) -> Option<MacAddress> {
    name.parse().ok()
}
