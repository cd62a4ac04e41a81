//! What a virtual station is, as the plan says or made from its name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::device::DeviceSpec;
use crate::model::{EthernetAddress, Identity, Name, Plan, check_station_name, to_station_name};
use crate::proto::dcp::Settings;
use crate::wire::dcp::{DeviceIdentity, DeviceRole, IpSuite};
use crate::wire::ethernet::MacAddress;
use crate::wire::pnio::SystemIdentification;

/// LAN ports of a station of which the plan knows no more.
const USUAL_PORTS: u8 = 2;

/// How a station names itself and its ports in LLDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LldpNaming {
    /// PROFINET 2.3 and later: the chassis is the identification text, the port `port-001.name`.
    #[default]
    Standard,
    /// PROFINET 2.2: the chassis is the name of station, the port `port-001`.
    Legacy,
}

/// A station to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationSpec {
    /// Planned device.
    pub device: Name,
    /// Address of its interface.
    pub mac: MacAddress,
    /// Addresses of its LAN ports, from port 1 on.
    pub port_macs: Vec<MacAddress>,
    /// Name and address it has stored at the first start.
    pub stored: Settings,
    /// Type of station, as DCP tells it.
    pub vendor_value: String,
    /// Who made it.
    pub device_id: DeviceIdentity,
    /// What it can be.
    pub role: DeviceRole,
    /// What LLDP, SNMP and I&M say it is.
    pub identification: SystemIdentification,
    /// How it names itself in LLDP.
    pub naming: LldpNaming,
    /// Whether it says Hello when it starts.
    pub hello: bool,
}

impl StationSpec {
    /// A station of which only the name is known: two ports, addresses made from the name, no IP address.
    pub fn named(device: impl Into<Name>) -> Self {
        let device = device.into();
        let name = station_name(&device);
        Self::build(
            device,
            &EthernetAddress { name_of_station: name.into(), ..EthernetAddress::default() },
            USUAL_PORTS,
        )
    }

    fn build(device: Name, address: &EthernetAddress, n_ports: u8) -> Self {
        let seed = seed(&device);
        let mac = address.mac.map_or_else(|| made_up(seed, 0), MacAddress);
        let stored = Settings { name: station_name(&address.name_of_station), ip: suite(address, None) };
        let identification = SystemIdentification {
            device_type: "Virtual station".to_owned(),
            order_number: String::new(),
            serial_number: Some(format!("PW{:010}", seed % 10_000_000_000)),
            hardware: 1,
            prefix: 'V',
            software: [1, 0, 0],
        };
        Self {
            port_macs: (1..=n_ports).map(|port| made_up(seed, port)).collect(),
            device,
            mac,
            stored,
            vendor_value: identification.device_type.clone(),
            device_id: DeviceIdentity { vendor: 0, device: 0 },
            role: DeviceRole::DEVICE,
            identification,
            naming: LldpNaming::default(),
            hello: false,
        }
    }

    fn identified(mut self, identity: &Identity) -> Self {
        let product = ascii(&identity.product);
        if !product.is_empty() {
            self.vendor_value.clone_from(&product);
            self.identification.device_type = product;
        }
        self.identification.order_number = ascii(&identity.order_number);
        let numbers = |text: &str| -> Vec<u16> {
            text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
        };
        if let [hardware, ..] = numbers(&identity.hardware)[..] {
            self.identification.hardware = hardware.into();
        }
        for (number, told) in self.identification.software.iter_mut().zip(numbers(&identity.firmware)) {
            *number = told;
        }
        self.device_id = DeviceIdentity {
            vendor: identity.vendor_id.unwrap_or_default(),
            device: identity.device_id.unwrap_or_default(),
        };
        self
    }
}

/// A station for every planned device with an Ethernet interface, in order of name: with as many LAN ports as its
/// cables need, at least two. Addresses made from names are unique.
pub fn stations_of(plan: &Plan) -> Vec<StationSpec> {
    let mut ports: BTreeMap<&Name, u8> = BTreeMap::new();
    for end in plan.cables().iter().flat_map(|cable| [&cable.a, &cable.b]) {
        let most = ports.entry(&end.device).or_insert(USUAL_PORTS);
        *most = end.port.max(*most);
    }
    let mut taken: BTreeSet<MacAddress> =
        plan.devices().values().filter_map(|device| device.ethernet_address()?.mac).map(MacAddress).collect();
    let mut stations = Vec::new();
    for (name, device) in plan.devices() {
        let Some(address) = device.ethernet_address() else { continue };
        let n_ports = ports.get(name).copied().unwrap_or(USUAL_PORTS);
        let mut spec = StationSpec::build(name.clone(), address, n_ports);
        let subnet = address.subnet.as_ref().and_then(|subnet| plan.subnets().get(subnet));
        spec.stored.ip = suite(address, subnet.map(|subnet| subnet.mask));
        if let Ok(described) = DeviceSpec::from_plan(plan, name) {
            spec = spec.identified(&described.identity);
        }
        if address.mac.is_none() {
            spec.mac = unique(spec.mac, &mut taken);
        }
        for mac in &mut spec.port_macs {
            *mac = unique(*mac, &mut taken);
        }
        stations.push(spec);
    }
    stations
}

/// The name as it goes over the wire; empty if there is none that could.
fn station_name(text: &str) -> String {
    if check_station_name(text).is_ok() { text.to_owned() } else { to_station_name(text).unwrap_or_default() }
}

/// A planned address without a mask gets that of its subnet, or 255.255.255.0.
fn suite(address: &EthernetAddress, of_subnet: Option<Ipv4Addr>) -> IpSuite {
    let Some(ip) = address.ip else { return IpSuite::NONE };
    let mask = address.mask.or(of_subnet).unwrap_or(Ipv4Addr::new(255, 255, 255, 0));
    IpSuite { ip, mask, gateway: address.router.unwrap_or(Ipv4Addr::UNSPECIFIED) }
}

fn ascii(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii() && !letter.is_ascii_control() { letter } else { '?' }).collect()
}

/// FNV-1a.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A locally administered address: that of the interface (0) or of a port.
fn made_up(seed: u64, port: u8) -> MacAddress {
    let seed = (seed ^ u64::from(port)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [a, b, c, d, e, ..] = seed.to_be_bytes();
    MacAddress([0x02, a, b, c, d, e])
}

fn unique(mac: MacAddress, taken: &mut BTreeSet<MacAddress>) -> MacAddress {
    let mut mac = mac;
    while !taken.insert(mac) {
        let MacAddress([_, a, b, c, d, e]) = mac;
        let [.., a, b, c, d, e] = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]).wrapping_add(1).to_be_bytes();
        mac = MacAddress([0x02, a, b, c, d, e]);
    }
    mac
}
