//! What the tables of an agent say, put together: LLDP-MIB, LLDP-EXT-PNO-MIB, IF-MIB, IP addresses, the system group (spec 7.2, 7.3).
//!
//! No two agents fill the same columns, so everything is optional; rows of several tables are joined where they can be, and what cannot be
//! joined is left as it is.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::topology::{LinkState, PeerFacts, PortFacts, Source, StationFacts};
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::{ChassisId, PortId, naming};

/// A value of an agent, as far as it is of use here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnmpValue {
    /// Any number.
    Number(u64),
    /// Octets: texts and addresses.
    Octets(Vec<u8>),
    /// An address.
    Ip(Ipv4Addr),
}

/// What an agent answered, by object identifier.
pub type SnmpRows = BTreeMap<Vec<u32>, SnmpValue>;

/// `1.3.6.1.2.1`, MIB-2.
const MIB2: [u32; 6] = [1, 3, 6, 1, 2, 1];
/// `1.0.8802.1.1.2.1`, LLDP-MIB.
const LLDP: [u32; 7] = [1, 0, 8802, 1, 1, 2, 1];
/// LLDP-EXT-PNO-MIB below it.
const PNO: [u32; 2] = [5, 3791];

/// The columns that are read, each as a subtree of its own.
pub fn columns() -> Vec<Vec<u32>> {
    let mib2 = |rest: &[u32]| [&MIB2, rest].concat();
    let lldp = |rest: &[u32]| [&LLDP, rest].concat();
    let mut all = vec![mib2(&[1])];
    all.extend([2, 5, 6, 8, 10, 13, 14, 16, 19, 20].map(|column| mib2(&[2, 2, 1, column])));
    all.extend([1, 15].map(|column| mib2(&[31, 1, 1, 1, column])));
    all.push(mib2(&[4, 20, 1, 2]));
    all.extend([2, 3, 4].map(|column| lldp(&[3, 7, 1, column])));
    all.extend([4, 5, 6, 7, 9].map(|column| lldp(&[4, 1, 1, column])));
    all.push(lldp(&[4, 2, 1, 3]));
    all.push(lldp(&[PNO[0], PNO[1], 1, 3, 1, 1, 6]));
    all
}

/// The system group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemGroup {
    /// sysDescr: on PROFINET stations the system identification text.
    pub description: Option<String>,
    /// sysName.
    pub name: Option<String>,
    /// sysLocation.
    pub location: Option<String>,
    /// sysUpTime, hundredths of a second.
    pub up_time: Option<u64>,
}

/// A row of the interface table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interface {
    /// ifIndex.
    pub index: u32,
    /// ifDescr, or ifName.
    pub name: String,
    /// Address of it.
    pub mac: Option<MacAddress>,
    /// Bits a second.
    pub speed: Option<u64>,
    /// Whether it has a link.
    pub link: Option<LinkState>,
    /// Counters, 32 bits wide: they wrap.
    pub counters: Counters,
}

/// Counters of an interface since its agent began; `None` where the agent does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Octets received.
    pub in_octets: Option<u32>,
    /// Octets sent.
    pub out_octets: Option<u32>,
    /// Frames received and dropped.
    pub in_discards: Option<u32>,
    /// Frames dropped instead of sent.
    pub out_discards: Option<u32>,
    /// Frames received with errors.
    pub in_errors: Option<u32>,
    /// Frames that could not be sent for errors.
    pub out_errors: Option<u32>,
}

/// What an agent says of its station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnmpStation {
    /// The system group.
    pub system: SystemGroup,
    /// Interfaces by index.
    pub interfaces: Vec<Interface>,
    /// What it says of itself and its neighbours.
    pub facts: StationFacts,
}

struct Tables<'a>(&'a SnmpRows);

impl<'a> Tables<'a> {
    /// Rows of a column: what stands behind it in the identifier, and the value.
    fn column(&self, base: &[u32], rest: &[u32]) -> impl Iterator<Item = (&'a [u32], &'a SnmpValue)> + use<'a> {
        let prefix = [base, rest].concat();
        let length = prefix.len();
        let rows = self.0.range(prefix.clone()..).take_while(move |(oid, _)| oid.starts_with(&prefix));
        rows.filter_map(move |(oid, value)| Some((oid.get(length..)?, value)))
    }

    fn by_index(&self, base: &[u32], rest: &[u32]) -> BTreeMap<u32, &'a SnmpValue> {
        self.column(base, rest).filter_map(|(index, value)| Some((*index.first()?, value))).collect()
    }
}

impl SnmpValue {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn counter(&self) -> Option<u32> {
        self.number().and_then(|number| u32::try_from(number).ok())
    }

    fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// Text without what pads it; `None` for nothing and for what is no text.
    fn text(&self) -> Option<String> {
        let text = str::from_utf8(self.octets()?).ok()?.trim_matches(['\0', ' ']);
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn mac(&self) -> Option<MacAddress> {
        let octets: [u8; 6] = self.octets()?.try_into().ok()?;
        (octets != [0; 6]).then_some(MacAddress(octets))
    }
}

/// Puts together what the agent at `ip` answered.
pub fn station(ip: Ipv4Addr, rows: &SnmpRows) -> SnmpStation {
    let tables = Tables(rows);
    let system = |object: u32| tables.column(&MIB2, &[1, object]).next().map(|(_, value)| value);
    let system = SystemGroup {
        description: system(1).and_then(SnmpValue::text),
        up_time: system(3).and_then(SnmpValue::number),
        name: system(5).and_then(SnmpValue::text),
        location: system(6).and_then(SnmpValue::text),
    };
    let interfaces = interfaces(&tables);
    let owner = tables.column(&MIB2, &[4, 20, 1, 2]).find(|(index, _)| *index == ip.octets().map(u32::from));
    let owner = owner.and_then(|(_, value)| value.counter());
    // Where it does not tell which interface the address is on, it is the only one with a MAC address that is one.
    let with_mac: Vec<&Interface> = interfaces.iter().filter(|interface| interface.mac.is_some()).collect();
    let own = interfaces.iter().find(|interface| Some(interface.index) == owner && interface.mac.is_some());
    let mac =
        own.or(if let [only] = with_mac.as_slice() { Some(*only) } else { None }).and_then(|interface| interface.mac);
    let ports = ports(&tables, &interfaces);
    let named = ports.iter().find_map(|port| port.id.split_once('.').map(|(_, name)| name.to_owned()));
    let facts = StationFacts {
        mac,
        name: named.filter(|name| naming::mac_of(name).is_none()).or_else(|| system.name.clone()),
        ip: Some(ip),
        ports,
        ..StationFacts::of(Source::Snmp)
    };
    SnmpStation { system, interfaces, facts }
}

fn interfaces(tables: &Tables<'_>) -> Vec<Interface> {
    let column = |column: u32| tables.by_index(&MIB2, &[2, 2, 1, column]);
    let (descriptions, names) = (column(2), tables.by_index(&MIB2, &[31, 1, 1, 1, 1]));
    let (speeds, high_speeds) = (column(5), tables.by_index(&MIB2, &[31, 1, 1, 1, 15]));
    let (macs, states) = (column(6), column(8));
    let [in_octets, in_discards, in_errors] = [10, 13, 14].map(column);
    let [out_octets, out_discards, out_errors] = [16, 19, 20].map(column);
    let mut indices: Vec<u32> = descriptions.keys().chain(macs.keys()).chain(states.keys()).copied().collect();
    indices.sort_unstable();
    indices.dedup();
    let interface = |index: u32| {
        let counter = |of: &BTreeMap<u32, &SnmpValue>| of.get(&index)?.counter();
        let name = descriptions.get(&index).and_then(|value| value.text());
        let high = high_speeds.get(&index).and_then(|value| value.number()).filter(|speed| *speed > 0);
        let low = speeds.get(&index).and_then(|value| value.number()).filter(|speed| *speed > 0);
        Interface {
            index,
            name: name.or_else(|| names.get(&index)?.text()).unwrap_or_default(),
            mac: macs.get(&index).and_then(|value| value.mac()),
            // 4294967295 means: see ifHighSpeed, in Mbit/s.
            speed: low.filter(|speed| *speed < u64::from(u32::MAX)).or_else(|| high.map(|speed| speed * 1_000_000)),
            link: states.get(&index).and_then(|value| match value.number()? {
                1 => Some(LinkState::Up),
                2 => Some(LinkState::Down),
                _ => None,
            }),
            counters: Counters {
                in_octets: counter(&in_octets),
                out_octets: counter(&out_octets),
                in_discards: counter(&in_discards),
                out_discards: counter(&out_discards),
                in_errors: counter(&in_errors),
                out_errors: counter(&out_errors),
            },
        }
    };
    indices.into_iter().map(interface).collect()
}

/// Local ports of LLDP with their neighbours. A local port number is not an ifIndex: ports are joined with interfaces by description,
/// then by MAC, and only then by number.
fn ports(tables: &Tables<'_>, interfaces: &[Interface]) -> Vec<PortFacts> {
    let local = |column: u32| tables.by_index(&LLDP, &[3, 7, 1, column]);
    let (subtypes, ids, descriptions) = (local(2), local(3), local(4));
    let peers = peers(tables);
    let mut numbers: Vec<u32> = ids.keys().chain(peers.keys()).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let port = |number: u32| {
        let subtype = subtypes.get(&number).and_then(|value| value.counter());
        let own = ids.get(&number).and_then(|value| value.octets()).map(|value| port_id(subtype, value));
        let description = descriptions.get(&number).and_then(|value| value.text());
        let own_mac = match &own {
            Some(PortId::Mac(mac)) => Some(*mac),
            _ => None,
        };
        let id = match own {
            Some(PortId::Local(text) | PortId::InterfaceName(text) | PortId::InterfaceAlias(text)) => text,
            Some(PortId::Mac(_) | PortId::Other(..)) | None => {
                description.clone().unwrap_or_else(|| number.to_string())
            }
        };
        let interface = interfaces
            .iter()
            .find(|interface| Some(&interface.name) == description.as_ref() || interface.name == id)
            .or_else(|| interfaces.iter().find(|interface| own_mac.is_some() && interface.mac == own_mac))
            .or_else(|| interfaces.iter().find(|interface| interface.index == number));
        PortFacts {
            id,
            mac: own_mac.or_else(|| interface?.mac),
            description,
            link: interface.and_then(|interface| interface.link),
            speed: interface.and_then(|interface| interface.speed),
            peers: Some(peers.get(&number).cloned().unwrap_or_default()),
        }
    };
    let ports: Vec<PortFacts> = numbers.into_iter().map(port).collect();
    if !ports.is_empty() {
        return ports;
    }
    // An agent without LLDP knows nothing of its neighbours.
    let plain = |interface: &Interface| PortFacts {
        id: interface.name.clone(),
        mac: interface.mac,
        description: None,
        link: interface.link,
        speed: interface.speed,
        peers: None,
    };
    interfaces.iter().filter(|interface| interface.mac.is_some()).map(plain).collect()
}

/// Neighbours by local port. The time mark in front of the index changes from read to read, so rows are joined by port and remote index,
/// the newest mark of each.
fn peers(tables: &Tables<'_>) -> BTreeMap<u32, Vec<PeerFacts>> {
    let remote = |rest: &[u32]| {
        let mut newest: BTreeMap<(u32, u32), (u32, &SnmpValue)> = BTreeMap::new();
        for (index, value) in tables.column(&LLDP, rest) {
            let [mark, port, row, ..] = index else { continue };
            let known = newest.entry((*port, *row)).or_insert((*mark, value));
            if known.0 <= *mark {
                *known = (*mark, value);
            }
        }
        newest
    };
    let column = |column: u32| remote(&[4, 1, 1, column]);
    let (chassis_kinds, chassis, port_kinds, ports, names) = (column(4), column(5), column(6), column(7), column(9));
    let stations = remote(&[PNO[0], PNO[1], 1, 3, 1, 1, 6]);
    let mut addresses: BTreeMap<(u32, u32), Ipv4Addr> = BTreeMap::new();
    for (index, _) in tables.column(&LLDP, &[4, 2, 1, 3]) {
        // Time mark, port, row, subtype 1 (IPv4), length 4, address.
        if let [_, port, row, 1, 4, address @ ..] = index
            && let Ok(octets) = <[u32; 4]>::try_from(address)
        {
            let octets = octets.map(|octet| u8::try_from(octet).unwrap_or(0));
            addresses.insert((*port, *row), octets.into());
        }
    }
    let mut peers: BTreeMap<u32, Vec<PeerFacts>> = BTreeMap::new();
    for (key, (_, value)) in &ports {
        let kind = |of: &BTreeMap<(u32, u32), (u32, &SnmpValue)>| of.get(key).and_then(|(_, value)| value.counter());
        let Some(port) = value.octets().map(|octets| port_id(kind(&port_kinds), octets)) else { continue };
        let Some(octets) = chassis.get(key).and_then(|(_, value)| value.octets()) else { continue };
        let chassis = chassis_id(kind(&chassis_kinds), octets);
        let text = |of: &BTreeMap<(u32, u32), (u32, &SnmpValue)>| of.get(key).and_then(|(_, value)| value.text());
        let mac = match (&port, &chassis) {
            (PortId::Mac(mac), _) | (_, ChassisId::Mac(mac)) => Some(*mac),
            _ => None,
        };
        let peer = PeerFacts {
            name: text(&stations).or_else(|| text(&names)),
            mac,
            ip: addresses.get(key).copied(),
            ..PeerFacts::new(chassis, port)
        };
        peers.entry(key.0).or_default().push(peer);
    }
    peers
}

fn words(value: &[u8]) -> Option<String> {
    str::from_utf8(value).ok().map(|text| text.trim_end_matches(['\0', ' ']).to_owned())
}

fn chassis_id(subtype: Option<u32>, value: &[u8]) -> ChassisId {
    let mac = <[u8; 6]>::try_from(value).ok().map(MacAddress);
    match (subtype, mac) {
        (Some(4), Some(mac)) => ChassisId::Mac(mac),
        (Some(7) | None, _) => words(value).map_or_else(|| ChassisId::Other(7, value.to_vec()), ChassisId::Local),
        (Some(other), _) => ChassisId::Other(u8::try_from(other).unwrap_or(0), value.to_vec()),
    }
}

fn port_id(subtype: Option<u32>, value: &[u8]) -> PortId {
    let mac = <[u8; 6]>::try_from(value).ok().map(MacAddress);
    let text = words(value);
    match (subtype, mac, text) {
        (Some(3), Some(mac), _) => PortId::Mac(mac),
        (Some(5), _, Some(text)) => PortId::InterfaceName(text),
        (Some(1), _, Some(text)) => PortId::InterfaceAlias(text),
        (Some(7) | None, _, Some(text)) => PortId::Local(text),
        (subtype, ..) => {
            PortId::Other(subtype.and_then(|subtype| u8::try_from(subtype).ok()).unwrap_or(0), value.to_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(text: &str) -> Vec<u32> {
        let text = text.strip_prefix("L.").map_or_else(|| text.to_owned(), |rest| format!("1.0.8802.1.1.2.1.{rest}"));
        text.split('.').map(|part| part.parse().unwrap()).collect()
    }

    fn rows(rows: &[(&str, SnmpValue)]) -> SnmpRows {
        rows.iter().map(|(key, value)| (oid(key), value.clone())).collect()
    }

    fn words(text: &str) -> SnmpValue {
        SnmpValue::Octets(text.into())
    }

    /// What the device between `es` and `dev-3` answered (spec 7.4), with a stale time mark beside.
    fn line() -> SnmpRows {
        let number = SnmpValue::Number;
        let system_text = format!("{:<80}", "P-Net Sample Application  12345 Abcdefghijk    007");
        rows(&[
            ("1.3.6.1.2.1.1.1.0", words(&system_text)),
            ("1.3.6.1.2.1.1.5.0", words("debian")),
            ("1.3.6.1.2.1.2.2.1.2.3", words("eth0")),
            ("1.3.6.1.2.1.2.2.1.2.4", words("eth1")),
            ("1.3.6.1.2.1.2.2.1.6.3", SnmpValue::Octets(vec![2, 0, 0, 0, 0, 2])),
            ("1.3.6.1.2.1.2.2.1.6.4", SnmpValue::Octets(vec![2, 0, 0, 0, 1, 2])),
            ("1.3.6.1.2.1.2.2.1.8.3", number(1)),
            ("1.3.6.1.2.1.2.2.1.8.4", number(2)),
            ("1.3.6.1.2.1.2.2.1.5.3", number(4_294_967_295)),
            ("1.3.6.1.2.1.31.1.1.1.15.3", number(10_000)),
            ("1.3.6.1.2.1.2.2.1.14.4", number(7)),
            ("1.3.6.1.2.1.4.20.1.2.10.0.0.2", number(3)),
            ("L.3.7.1.2.1", number(7)),
            ("L.3.7.1.3.1", words("port-001.sw-2")),
            ("L.3.7.1.4.1", words("eth0")),
            ("L.3.7.1.2.2", number(7)),
            ("L.3.7.1.3.2", words("port-002.sw-2")),
            ("L.3.7.1.4.2", words("eth1")),
            ("L.4.1.1.4.157000.1.1", number(7)),
            ("L.4.1.1.5.157000.1.1", words("es")),
            ("L.4.1.1.6.157000.1.1", number(7)),
            ("L.4.1.1.7.157000.1.1", words("port-001.es")),
            ("L.4.1.1.4.157800.2.2", number(7)),
            ("L.4.1.1.5.157800.2.2", words(&system_text)),
            ("L.4.1.1.6.157800.2.2", number(7)),
            ("L.4.1.1.7.157800.2.2", words("port-001.dev-3")),
            ("L.4.1.1.7.150000.2.2", words("port-009.old")),
            ("L.5.3791.1.3.1.1.6.157800.2.2", words("dev-3")),
            ("L.4.2.1.4.157800.2.2.1.4.10.0.0.3", number(2)),
            ("L.4.2.1.3.157800.2.2.1.4.10.0.0.3", number(2)),
        ])
    }

    #[test]
    fn the_tables_of_a_profinet_device_are_put_together() {
        let station = station([10, 0, 0, 2].into(), &line());
        assert_eq!(station.facts.name.as_deref(), Some("sw-2"));
        assert_eq!(station.facts.mac, Some(MacAddress([2, 0, 0, 0, 0, 2])));
        assert_eq!(station.system.name.as_deref(), Some("debian"));
        let [one, two] = station.facts.ports.as_slice() else { panic!("{:?}", station.facts.ports) };
        assert_eq!(
            (one.id.as_str(), one.link, one.speed),
            ("port-001.sw-2", Some(LinkState::Up), Some(10_000_000_000))
        );
        assert_eq!((two.id.as_str(), two.link), ("port-002.sw-2", Some(LinkState::Down)));
        let peer = |port: &PortFacts| port.peers.clone().unwrap();
        assert_eq!(peer(one)[0].port, PortId::Local("port-001.es".into()));
        let other = &peer(two)[0];
        assert_eq!((other.name.as_deref(), other.ip), (Some("dev-3"), Some([10, 0, 0, 3].into())));
        assert_eq!(other.port, PortId::Local("port-001.dev-3".into()), "the newest time mark counts");
        assert_eq!(station.interfaces[1].counters.in_errors, Some(7));
    }

    #[test]
    fn an_agent_without_lldp_tells_its_interfaces_and_no_neighbours() {
        let some = rows(&[
            ("1.3.6.1.2.1.2.2.1.2.1", words("lo")),
            ("1.3.6.1.2.1.2.2.1.2.2", words("eth0")),
            ("1.3.6.1.2.1.2.2.1.6.2", SnmpValue::Octets(vec![2, 0, 0, 0, 0, 9])),
        ]);
        let station = station([10, 0, 0, 9].into(), &some);
        assert_eq!(station.facts.mac, Some(MacAddress([2, 0, 0, 0, 0, 9])));
        let ports: Vec<(&str, bool)> =
            station.facts.ports.iter().map(|port| (port.id.as_str(), port.peers.is_some())).collect();
        assert_eq!(ports, [("eth0", false)]);
        let nothing = super::station([10, 0, 0, 9].into(), &SnmpRows::new());
        assert!(nothing.facts.ports.is_empty() && nothing.facts.name.is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_rows_are_put_together_somehow(
            rows in proptest::collection::btree_map(
                proptest::collection::vec(0..12_u32, 0..8),
                proptest::collection::vec(proptest::num::u8::ANY, 0..8),
                0..40,
            ),
            in_lldp: bool,
        ) {
            let base: &[u32] = if in_lldp { &LLDP } else { &MIB2 };
            let rows: SnmpRows =
                rows.into_iter().map(|(oid, value)| ([base, &oid[..]].concat(), SnmpValue::Octets(value))).collect();
            station([10, 0, 0, 1].into(), &rows);
        }
    }
}
