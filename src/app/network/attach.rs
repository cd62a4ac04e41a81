//! A device hung on a subnet, or behind a proxy.

use super::Members;
use crate::edit::Edit;
use crate::model::{
    Attachment, Device, DeviceClass, EthernetAddress, Name, Phrase, Plan, Point, ProfibusAddress, Say, to_station_name,
};

/// What a device is hung on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    /// A subnet of the plan.
    Subnet(Name),
    /// A device that speaks for PROFIBUS devices.
    Proxy(Name),
}

/// Why a device cannot be hung there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachError {
    /// No such device.
    NoDevice(Name),
    /// Its component is a PROFIBUS slave.
    NeedsProxy(Name),
    /// Its component has an Ethernet interface.
    HasEthernet(Name),
    /// The component of what shall be its proxy is none.
    NoProxy(Name),
    /// A device behind itself.
    Itself,
}

impl Say for AttachError {
    fn say(&self) -> Phrase {
        match self {
            Self::NoDevice(it) => crate::say!("there is no device {it}", it),
            Self::NeedsProxy(it) => crate::say!("{it} is a PROFIBUS device; it stands behind a proxy", it),
            Self::HasEthernet(it) => crate::say!("{it} has Ethernet of its own; it does not stand behind a proxy", it),
            Self::NoProxy(it) => crate::say!("{it} is no proxy", it),
            Self::Itself => crate::say!("a device is not its own proxy"),
        }
    }
}

crate::error_in_words!(AttachError);

/// The edit that hangs a device there, and puts it at a place when one is given; `None` when nothing changes.
///
/// A PROFIBUS device takes the DP master system of a proxy that has one only, and loses an address that is taken there; addresses on
/// Ethernet stay.
///
/// # Errors
/// Why it cannot be hung there.
pub fn attach(
    plan: &Plan,
    members: &Members,
    name: &Name,
    to: &Attached,
    at: Option<Point>,
) -> Result<Option<Edit>, AttachError> {
    let Some(before) = plan.devices().get(name) else { return Err(AttachError::NoDevice(name.clone())) };
    let class = members.component(name).map(|component| component.device.class);
    let mut device = Device::clone(before);
    device.at = at.unwrap_or(device.at);
    device.attachment = match to {
        Attached::Subnet(_) if class == Some(DeviceClass::ProfibusSlave) => {
            return Err(AttachError::NeedsProxy(name.clone()));
        }
        Attached::Subnet(subnet) => {
            let address = before.ethernet_address().cloned().unwrap_or_else(|| EthernetAddress {
                name_of_station: to_station_name(name).unwrap_or_default().into(),
                ..EthernetAddress::default()
            });
            Attachment::Ethernet(EthernetAddress { subnet: Some(subnet.clone()), ..address })
        }
        Attached::Proxy(proxy) => Attachment::Profibus(behind(plan, members, name, before, class, proxy)?),
    };
    Ok((device != **before).then(|| Edit::SetDevice { name: name.clone(), device }))
}

fn behind(
    plan: &Plan,
    members: &Members,
    name: &Name,
    device: &Device,
    class: Option<DeviceClass>,
    proxy: &Name,
) -> Result<ProfibusAddress, AttachError> {
    if name == proxy {
        return Err(AttachError::Itself);
    }
    if class.is_some_and(|class| class != DeviceClass::ProfibusSlave) {
        return Err(AttachError::HasEthernet(name.clone()));
    }
    let component = members.component(proxy);
    if component.is_some_and(|component| component.device.class != DeviceClass::Proxy) {
        return Err(AttachError::NoProxy(proxy.clone()));
    }
    let mut address = device.profibus_address().cloned().unwrap_or_default();
    address.proxy = Some(proxy.clone());
    let lines = component.into_iter().flat_map(|component| &component.device.profibus).filter(|line| line.master);
    let systems: Vec<u8> = lines.map(|line| line.system_id).collect();
    if let [only] = systems[..] {
        address.system_id = only;
    }
    let taken = plan.devices().iter().filter(|(other, _)| *other != name).any(|(_, other)| {
        other.profibus_address().is_some_and(|other| {
            let line = (&other.proxy, other.system_id) == (&address.proxy, address.system_id);
            line && other.address.is_some() && other.address == address.address
        })
    });
    if taken {
        address.address = None;
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::network::{AddressColumn, cell_text};
    use crate::edit::Document;
    use crate::model::fixture;

    const PLAN: &str = "
        component Pump 1.0 { in start BOOL = false }
        component Gate 1.0 proxy { in start BOOL = false; profibus master system 2 }
        component Drive 1.0 profibusSlave { in start BOOL = false; profibus slave system 1 }
        subnet plant 192.168.0.0/24
        subnet office 10.0.0.0/24
        A: Pump @192.168.0.1 subnet plant
        G: Gate @192.168.0.9 subnet plant
        H: Gate @192.168.0.8 subnet plant
        D: Drive behind G system 2 address 5
        E: Drive behind H system 2 address 5
    ";

    fn hang(name: &str, to: Attached) -> Result<Vec<String>, AttachError> {
        let mut document = Document::new(fixture::plan(PLAN));
        let name = Name::new(name);
        let members = Members::of(document.plan());
        if let Some(edit) = attach(document.plan(), &members, &name, &to, Some(Point { x: 8.0, y: 8.0 }))? {
            document.apply(&edit).unwrap();
        }
        let device = &document.plan().devices()[&name];
        Ok(AddressColumn::ALL[1..]
            .iter()
            .map(|column| cell_text(&name, device, *column))
            .filter(|text| !text.is_empty())
            .collect())
    }

    #[test]
    fn addresses_stay_where_they_can() {
        assert_eq!(hang("A", Attached::Subnet("office".into())).unwrap(), ["office", "a", "192.168.0.1"]);
        assert_eq!(hang("D", Attached::Proxy("H".into())).unwrap(), ["H", "2"], "5 is taken there");
        assert_eq!(hang("D", Attached::Proxy("G".into())).unwrap(), ["G", "2", "5"]);
    }

    #[test]
    fn components_say_where_a_device_can_stand() {
        let why = |name: &str, to| hang(name, to).unwrap_err().to_string();
        assert_eq!(why("D", Attached::Subnet("plant".into())), "D is a PROFIBUS device; it stands behind a proxy");
        assert_eq!(
            why("A", Attached::Proxy("G".into())),
            "A has Ethernet of its own; it does not stand behind a proxy"
        );
        assert_eq!(why("D", Attached::Proxy("A".into())), "A is no proxy");
        assert_eq!(why("D", Attached::Proxy("D".into())), "a device is not its own proxy");
        assert_eq!(why("X", Attached::Proxy("D".into())), "there is no device X");
    }
}
