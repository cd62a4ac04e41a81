//! Subnets, devices, cables, and what is known of devices.

use std::sync::Arc;

use super::link::is_finite;
use super::{EditError, place};
use crate::model::*;
use crate::say;

/// The device for a new instance: on Ethernet with a free name, or behind a proxy yet to be named.
pub(super) fn new_device(plan: &Plan, component: &Component, instance: &Name) -> Device {
    let mut device = Device::ethernet();
    device.attachment = if component.device.class == DeviceClass::ProfibusSlave {
        let slave = component.device.profibus.iter().find(|interface| !interface.master);
        let system_id = slave.map_or(0, |interface| interface.system_id);
        Attachment::Profibus(ProfibusAddress { proxy: None, system_id, address: None })
    } else {
        let name_of_station = place::station_name(plan, instance);
        Attachment::Ethernet(EthernetAddress { name_of_station, ..EthernetAddress::default() })
    };
    device
}

pub(super) fn set_subnet(plan: &mut Plan, name: &Name, subnet: &Subnet) -> Result<(), EditError> {
    check_instance_name(name)?;
    plan.subnets.insert(name.clone(), subnet.clone());
    Ok(())
}

pub(super) fn remove_subnet(plan: &mut Plan, name: &Name) -> Result<(), EditError> {
    plan.subnets.remove(name).ok_or_else(|| EditError::nothing(say!("subnet"), name))?;
    move_members(plan, name, None);
    Ok(())
}

/// Puts the devices of a subnet into another one, or into none.
pub(super) fn move_members(plan: &mut Plan, from: &Name, to: Option<&Name>) {
    let inside =
        |device: &Device| device.ethernet_address().is_some_and(|address| address.subnet.as_ref() == Some(from));
    let members: Vec<Name> =
        plan.devices.iter().filter(|(_, device)| inside(device)).map(|(name, _)| name.clone()).collect();
    for member in members {
        if let Some(device) = plan.devices.get_mut(&member)
            && let Attachment::Ethernet(address) = &mut Arc::make_mut(device).attachment
        {
            address.subnet = to.cloned();
        }
    }
}

pub(super) fn set_device(plan: &mut Plan, name: &Name, device: &Device) -> Result<(), EditError> {
    let before = plan.devices.get(name);
    if before.is_none() {
        check_instance_name(name)?;
    }
    if !is_finite(device.at) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    match &device.attachment {
        Attachment::Ethernet(address) => {
            let known = before.and_then(|before| before.ethernet_address()).and_then(|before| before.subnet.as_ref());
            let subnet = address.subnet.as_ref().filter(|subnet| Some(*subnet) != known);
            if let Some(subnet) = subnet.filter(|subnet| !plan.subnets.contains_key(*subnet)) {
                return Err(EditError::nothing(say!("subnet"), subnet));
            }
        }
        Attachment::Profibus(address) => {
            let before = before.and_then(|before| before.profibus_address());
            let proxy =
                address.proxy.as_ref().filter(|proxy| before.is_none_or(|it| it.proxy.as_ref() != Some(*proxy)));
            let number = address.address.filter(|number| before.is_none_or(|it| it.address != Some(*number)));
            match proxy {
                Some(proxy) if proxy == name => return Err(EditError::Range(say!("a device is not its own proxy"))),
                Some(proxy) if !plan.devices.contains_key(proxy) => {
                    return Err(EditError::nothing(say!("device"), proxy));
                }
                _ if number.is_some_and(|number| number > 126) => {
                    return Err(EditError::Range(say!("a PROFIBUS address is 0 to 126")));
                }
                _ => (),
            }
        }
    }
    plan.devices.insert(name.clone(), Arc::new(device.clone()));
    Ok(())
}

pub(super) fn remove_device(plan: &mut Plan, name: &Name) -> Result<(), EditError> {
    if !plan.devices.contains_key(name) {
        return Err(EditError::nothing(say!("device"), name));
    }
    if let Some((user, _)) = plan.instances_on(name).next() {
        return Err(EditError::Used { name: say!("device {name}", name), user: user.clone() });
    }
    forget_device(plan, name);
    Ok(())
}

/// Takes a device out with its cables and state; slaves behind it lose their proxy.
pub(super) fn forget_device(plan: &mut Plan, name: &Name) {
    plan.devices.remove(name);
    plan.states.remove(name);
    let cables: Vec<Cable> =
        plan.cables.iter().filter(|cable| cable.a.device == *name || cable.b.device == *name).cloned().collect();
    for cable in cables {
        plan.cables.remove(&cable);
    }
    let behind =
        |device: &Device| device.profibus_address().is_some_and(|address| address.proxy.as_ref() == Some(name));
    let slaves: Vec<Name> =
        plan.devices.iter().filter(|(_, device)| behind(device)).map(|(name, _)| name.clone()).collect();
    for slave in slaves {
        if let Some(device) = plan.devices.get_mut(&slave)
            && let Attachment::Profibus(address) = &mut Arc::make_mut(device).attachment
        {
            address.proxy = None;
        }
    }
}

pub(super) fn add_cable(plan: &mut Plan, cable: &Cable) -> Result<(), EditError> {
    if cable.a == cable.b {
        return Err(EditError::Range(say!("a cable has two ends")));
    }
    for end in [&cable.a, &cable.b] {
        if !plan.devices.contains_key(&end.device) {
            return Err(EditError::nothing(say!("device"), &end.device));
        }
        if end.port == 0 {
            return Err(EditError::Range(say!("LAN ports are counted from 1")));
        }
        if plan.cables.iter().any(|other| other != cable && (other.a == *end || other.b == *end)) {
            return Err(EditError::Range(say!("this LAN port has a cable already")));
        }
    }
    plan.cables.insert(Cable::between(cable.a.clone(), cable.b.clone()));
    Ok(())
}

pub(super) fn remove_cable(plan: &mut Plan, cable: &Cable) -> Result<(), EditError> {
    plan.cables.remove(cable).map(drop).ok_or_else(|| EditError::nothing(say!("cable from"), &cable.a.device))
}

pub(super) fn set_state(plan: &mut Plan, device: &Name, state: Option<DeviceState>) -> Result<(), EditError> {
    if !plan.devices.contains_key(device) {
        return Err(EditError::nothing(say!("device"), device));
    }
    match state {
        Some(state) => plan.states.insert(device.clone(), state),
        None => plan.states.remove(device),
    };
    Ok(())
}
