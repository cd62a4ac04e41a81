//! `network.toml`: subnets, devices, cables, and instances that stand on no chart.

use super::chart::{InstanceTable, read_instance};
use super::source::{Item, Source, Table};
use super::text::{Inline, Text, point, quote};
use super::write::Parts;
use crate::model::*;

/// What the file holds.
#[derive(Default)]
pub(super) struct NetworkFile {
    pub(super) subnets: Vec<(Name, Subnet)>,
    pub(super) devices: Vec<(Name, Device)>,
    pub(super) cables: Vec<Cable>,
    pub(super) instances: Vec<InstanceTable>,
}

pub(super) fn write(parts: &Parts) -> Vec<u8> {
    let plan = parts.plan;
    let mut text = Text::default();
    text.list(
        "cables",
        plan.cables
            .iter()
            .map(|Cable { a, b }| format!("[{}, {}, {}, {}]", quote(&a.device), a.port, quote(&b.device), b.port)),
    );
    for (name, subnet) in &plan.subnets {
        text.table(&["subnet", name]);
        text.line("address", quote(&subnet.address.to_string()));
        text.line("mask", quote(&subnet.mask.to_string()));
        text.text("comment", &subnet.comment);
    }
    for (name, device) in &plan.devices {
        text.table(&["device", name]);
        match &device.attachment {
            Attachment::Ethernet(address) => write_ethernet(&mut text, address),
            Attachment::Profibus(address) => write_profibus(&mut text, address),
        }
        if device.at != Point::default() {
            text.line("at", point(device.at));
        }
        text.text("comment", &device.comment);
    }
    for name in parts.off_charts() {
        parts.write_instance(&mut text, name, "");
    }
    text.into_bytes()
}

fn write_ethernet(text: &mut Text, address: &EthernetAddress) {
    text.text("subnet", address.subnet.as_deref().unwrap_or_default());
    text.text("name_of_station", &address.name_of_station);
    for (key, ip) in [("ip", address.ip), ("mask", address.mask), ("router", address.router)] {
        if let Some(ip) = ip {
            text.line(key, quote(&ip.to_string()));
        }
    }
    if let Some(mac) = address.mac {
        let bytes: Vec<_> = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        text.line("mac", quote(&bytes.join(":")));
    }
}

fn write_profibus(text: &mut Text, address: &ProfibusAddress) {
    let mut inline = Inline::default()
        .with_text("proxy", address.proxy.as_deref().unwrap_or_default())
        .with("system", address.system_id);
    if let Some(address) = address.address {
        inline = inline.with("address", address);
    }
    text.line("profibus", inline.finish());
}

pub(super) fn read(source: &Source) -> NetworkFile {
    let mut file = NetworkFile::default();
    let Some(document) = source.parse() else { return file };
    for item in Table::new(source, &document).items() {
        match item.key {
            "cables" => file.cables = item.list().into_iter().filter_map(cable).collect(),
            "subnet" => {
                let subnets = item.table().into_iter().flat_map(Table::items);
                file.subnets = subnets.filter_map(|item| Some((item.key_name()?, subnet(item)?))).collect();
            }
            "device" => {
                let devices = item.table().into_iter().flat_map(Table::items);
                file.devices = devices.filter_map(|item| Some((item.key_name()?, device(item)?))).collect();
            }
            "instance" => {
                let instances = item.table().into_iter().flat_map(Table::items);
                file.instances = instances.filter_map(read_instance).collect();
            }
            _ => item.unknown("`cables`, `subnet`, `device`, `instance`"),
        }
    }
    file
}

fn cable(item: Item) -> Option<Cable> {
    let elements = item.list();
    let [a, a_port, b, b_port] = elements.as_slice() else {
        item.wrong("`[\"device\", port, \"device\", port]`");
        return None;
    };
    let port = |item: &Item| item.integer("the number of a LAN port");
    let one = LanPort { device: a.name()?, port: port(a_port)? };
    Some(Cable::between(one, LanPort { device: b.name()?, port: port(b_port)? }))
}

fn subnet(item: Item) -> Option<Subnet> {
    let (mut address, mut mask, mut comment) = (None, None, Name::default());
    let table = item.table()?;
    for item in table.items() {
        match item.key {
            "address" => address = Some(ip(item)?),
            "mask" => mask = Some(ip(item)?),
            "comment" => comment = item.text()?.into(),
            _ => item.unknown("`address`, `mask`, `comment`"),
        }
    }
    match (address, mask) {
        (Some(address), Some(mask)) => Some(Subnet { address, mask, comment }),
        (None, _) => {
            table.missing("address");
            None
        }
        _ => {
            table.missing("mask");
            None
        }
    }
}

fn ip(item: Item) -> Option<std::net::Ipv4Addr> {
    item.parsed("an IP address such as \"192.168.0.1\"", |text| text.parse().ok())
}

fn mac(text: &str) -> Option<Mac> {
    let mut mac = Mac::default();
    let mut parts = text.split([':', '-']);
    for byte in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

fn device(item: Item) -> Option<Device> {
    let mut device = Device::ethernet();
    let mut ethernet = EthernetAddress::default();
    let mut ethernet_key = None;
    let mut profibus = None;
    for item in item.table()?.items() {
        match item.key {
            "at" => device.at = item.point()?,
            "comment" => device.comment = item.text()?.into(),
            "profibus" => profibus = Some(profibus_address(item)?),
            key => {
                match key {
                    "subnet" => ethernet.subnet = Some(item.name()?),
                    "name_of_station" => ethernet.name_of_station = item.text()?.into(),
                    "ip" => ethernet.ip = Some(ip(item)?),
                    "mask" => ethernet.mask = Some(ip(item)?),
                    "router" => ethernet.router = Some(ip(item)?),
                    "mac" => ethernet.mac = Some(item.parsed("a MAC address such as \"08:00:06:00:00:01\"", mac)?),
                    _ => {
                        item.unknown(
                            "`subnet`, `name_of_station`, `ip`, `mask`, `router`, `mac`, `profibus`, `at`, `comment`",
                        );
                        continue;
                    }
                }
                ethernet_key = Some(item);
            }
        }
    }
    match (profibus, ethernet_key) {
        (Some(_), Some(item)) => {
            item.unknown("`profibus`, `at`, `comment`: a device behind a proxy has no Ethernet address");
            return None;
        }
        (Some(address), None) => device.attachment = Attachment::Profibus(address),
        (None, _) => device.attachment = Attachment::Ethernet(ethernet),
    }
    Some(device)
}

fn profibus_address(item: Item) -> Option<ProfibusAddress> {
    let mut address = ProfibusAddress::default();
    for item in item.table()?.items() {
        match item.key {
            "proxy" => address.proxy = Some(item.name()?),
            "system" => address.system_id = item.integer("a DP master system, 0 to 255")?,
            "address" => address.address = Some(item.integer("a PROFIBUS address, 0 to 255")?),
            _ => item.unknown("`proxy`, `system`, `address`"),
        }
    }
    Some(address)
}
