//! Network: subnets, devices with their addresses, cables.

use std::collections::BTreeSet;

use super::{Change, Compared, DeviceProperty};
use crate::model::{Attachment, Cable, Device, EthernetAddress, LanPort, Name, ProfibusAddress, Subnet};

pub(super) fn compare(compared: &mut Compared<'_>) {
    subnets(compared);
    devices(compared);
    cables(compared);
}

fn subnets(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old.subnets(), compared.new.subnets());
    for (name, subnet) in old {
        let Some(now) = new.get(name) else {
            compared.add(Change::SubnetRemoved { subnet: name.clone(), range: range(subnet) });
            continue;
        };
        if range(subnet) != range(now) {
            compared.add(Change::SubnetRange { subnet: name.clone(), from: range(subnet), to: range(now) });
        }
        if subnet.comment != now.comment {
            let (from, to) = (subnet.comment.clone(), now.comment.clone());
            compared.add(Change::SubnetRemark { subnet: name.clone(), from, to });
        }
    }
    for (name, subnet) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        compared.add(Change::SubnetAdded { subnet: name.clone(), range: range(subnet) });
    }
}

fn range(subnet: &Subnet) -> String {
    format!("{}, mask {}", subnet.address, subnet.mask)
}

fn devices(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old.devices(), compared.new.devices());
    for (name, device) in old {
        let Some(to) = compared.identity.devices.get(name).cloned() else {
            compared.add(Change::DeviceRemoved { device: name.clone(), address: address(device) });
            continue;
        };
        if to != *name {
            compared.add(Change::DeviceRenamed { from: name.clone(), to: to.clone() });
        }
        let Some(now) = new.get(&to) else { continue };
        let renamed = |proxy: &Name| compared.identity.device(proxy).clone();
        let before = in_words(device, renamed);
        let after = in_words(now, Name::clone);
        let changes = before.into_iter().zip(after).filter(|(before, after)| before.1 != after.1).map(
            |((property, from), (_, to_value))| Change::DeviceChanged {
                device: to.clone(),
                property,
                from,
                to: to_value,
            },
        );
        let changes: Vec<Change> = changes.collect();
        compared.changes.extend(changes);
        compared.layout.devices += usize::from(device.at != now.at);
    }
    let known: BTreeSet<&Name> = compared.identity.devices.values().collect();
    let come: Vec<Change> = new
        .iter()
        .filter(|(name, _)| !known.contains(*name))
        .map(|(name, device)| Change::DeviceAdded { device: name.clone(), address: address(device) })
        .collect();
    compared.changes.extend(come);
}

/// Where a device is, in a few words.
fn address(device: &Device) -> String {
    match &device.attachment {
        Attachment::Ethernet(address) => address.ip.map_or_else(|| "no IP address".to_owned(), |ip| ip.to_string()),
        Attachment::Profibus(address) => {
            let number = address.address.map_or_else(|| "no address".to_owned(), |number| format!("address {number}"));
            let proxy = address.proxy.as_ref().map_or_else(|| "no proxy".to_owned(), |proxy| format!("behind {proxy}"));
            format!("PROFIBUS {number}, {proxy}")
        }
    }
}

/// Properties of a device in words, in the order of [`DeviceProperty`]; those of the other attachment are empty.
fn in_words(device: &Device, proxy_called: impl Fn(&Name) -> Name) -> [(DeviceProperty, String); 11] {
    fn text<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(ToString::to_string).unwrap_or_default()
    }
    let none = (EthernetAddress::default(), ProfibusAddress::default());
    let (ethernet, profibus) = match &device.attachment {
        Attachment::Ethernet(address) => (Some(address), None),
        Attachment::Profibus(address) => (None, Some(address)),
    };
    let attachment = if ethernet.is_some() { "Ethernet" } else { "PROFIBUS" };
    let system = profibus.map(|address| address.system_id);
    let (ethernet, profibus) = (ethernet.unwrap_or(&none.0), profibus.unwrap_or(&none.1));
    let mac = ethernet.mac.map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":"));
    [
        (DeviceProperty::Attachment, attachment.to_owned()),
        (DeviceProperty::Subnet, text(&ethernet.subnet)),
        (DeviceProperty::NameOfStation, ethernet.name_of_station.to_string()),
        (DeviceProperty::Ip, text(&ethernet.ip)),
        (DeviceProperty::Mask, text(&ethernet.mask)),
        (DeviceProperty::Router, text(&ethernet.router)),
        (DeviceProperty::Mac, text(&mac)),
        (DeviceProperty::Proxy, text(&profibus.proxy.as_ref().map(proxy_called))),
        (DeviceProperty::System, text(&system)),
        (DeviceProperty::ProfibusAddress, text(&profibus.address)),
        (DeviceProperty::Remark, device.comment.to_string()),
    ]
}

fn cables(compared: &mut Compared<'_>) {
    let identity = &compared.identity;
    let end = |end: &LanPort| LanPort { device: identity.device(&end.device).clone(), port: end.port };
    let olds: BTreeSet<Cable> =
        compared.old.cables().iter().map(|cable| Cable::between(end(&cable.a), end(&cable.b))).collect();
    let news: BTreeSet<Cable> = compared.new.cables().iter().cloned().collect();
    let gone = olds.difference(&news).map(|cable| Change::CableRemoved { cable: cable.clone() });
    let come = news.difference(&olds).map(|cable| Change::CableAdded { cable: cable.clone() });
    let changes: Vec<Change> = gone.chain(come).collect();
    compared.changes.extend(changes);
}
