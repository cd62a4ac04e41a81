//! Properties of devices, subnets and cables.

use std::net::Ipv4Addr;

use egui::Ui;

use super::Counts;
use super::form::{Form, Made, edit, optional, rename};
use crate::app::network::{mac_text, read_mac};
use crate::app::{Item, function_label};
use crate::edit::Edit;
use crate::model::{Attachment, Cable, Device, EthernetAddress, Name, Plan, ProfibusAddress, Subnet};
use crate::ui::lang::{tr, trf};
use crate::ui::views::functions_of;

/// Functions of a device that are listed.
const MOST_FUNCTIONS: usize = 64;

fn change(plan: &Plan, name: &Name, change: impl FnOnce(&mut Device)) -> Made {
    let Some(before) = plan.devices().get(name) else { return Ok(Vec::new()) };
    let mut device = (**before).clone();
    change(&mut device);
    if device == **before {
        return Ok(Vec::new());
    }
    edit(Edit::SetDevice { name: name.clone(), device })
}

fn change_ethernet(plan: &Plan, name: &Name, set: impl FnOnce(&mut EthernetAddress)) -> Made {
    change(plan, name, |device| {
        if let Attachment::Ethernet(address) = &mut device.attachment {
            set(address);
        }
    })
}

fn change_profibus(plan: &Plan, name: &Name, set: impl FnOnce(&mut ProfibusAddress)) -> Made {
    change(plan, name, |device| {
        if let Attachment::Profibus(address) = &mut device.attachment {
            set(address);
        }
    })
}

/// Shows those of a device. `instances` run on it.
pub fn device_ui(ui: &mut Ui, form: &mut Form<'_>, name: &Name, instances: &[Name]) {
    let plan = form.plan();
    let Some(device) = plan.devices().get(name) else { return };
    let from = name.clone();
    form.text(ui, tr("properties.name"), name, move |_, text| {
        let to: Name = text.trim().into();
        let edit = Edit::RenameDevice { from: from.clone(), to: to.clone() };
        rename(edit, Item::Device(from.clone()), Item::Device(to))
    });
    let options = [tr("properties.ethernet").to_owned(), tr("properties.profibus").to_owned()];
    let chosen = usize::from(device.profibus_address().is_some());
    form.choice(ui, tr("properties.attachment"), Some(chosen), &options, |plan, at| {
        change(plan, name, |device| {
            device.attachment = match at {
                0 => Attachment::Ethernet(EthernetAddress::default()),
                _ => Attachment::Profibus(ProfibusAddress::default()),
            }
        })
    });
    match &device.attachment {
        Attachment::Ethernet(address) => ethernet_ui(ui, form, name, address),
        Attachment::Profibus(address) => profibus_ui(ui, form, name, address),
    }
    let of = name.clone();
    form.lines(ui, tr("properties.comment"), &device.comment, move |plan, text| {
        change(plan, &of, |device| device.comment = text.trim().into())
    });
    let functions = instances.iter().flat_map(|instance| functions_of(plan, instance)).take(MOST_FUNCTIONS);
    let functions = functions.map(|function| (function_label(plan, &function), Item::Function(function)));
    form.jumps(ui, tr("properties.functions"), functions);
    limits_ui(ui, form, name);
    if let Some(at) = plan.states().get(name).and_then(|state| state.downloaded_at.clone()) {
        form.read(ui, tr("properties.downloaded"), at.as_str());
    }
}

fn ethernet_ui(ui: &mut Ui, form: &mut Form<'_>, name: &Name, address: &EthernetAddress) {
    let plan = form.plan();
    let of = name.clone();
    form.text(ui, tr("properties.station"), &address.name_of_station, move |plan, text| {
        change_ethernet(plan, &of, |address| address.name_of_station = text.trim().into())
    });
    let subnets: Vec<Name> = plan.subnets().keys().cloned().collect();
    let mut options = vec![tr("properties.none").to_owned()];
    options.extend(subnets.iter().map(Name::to_string));
    let chosen = match &address.subnet {
        None => Some(0),
        Some(subnet) => subnets.iter().position(|name| name == subnet).map(|at| at + 1),
    };
    form.choice(ui, tr("properties.subnet"), chosen, &options, |plan, at| {
        let subnet = at.checked_sub(1).and_then(|at| subnets.get(at)).cloned();
        change_ethernet(plan, name, |address| address.subnet = subnet)
    });
    type Field = (&'static str, fn(&mut EthernetAddress) -> &mut Option<Ipv4Addr>);
    let own: [(Field, Option<Ipv4Addr>, String); 3] = [
        ((tr("properties.ip"), |address| &mut address.ip), address.ip, String::new()),
        ((tr("properties.mask"), |address| &mut address.mask), address.mask, mask_of_subnet(plan, address)),
        ((tr("properties.router"), |address| &mut address.router), address.router, String::new()),
    ];
    for ((label, field), value, hint) in own {
        let of = name.clone();
        let text = value.map(|value| value.to_string()).unwrap_or_default();
        form.hinted(ui, label, &text, &hint, move |plan, text| {
            let value = optional::<Ipv4Addr>(text, tr("properties.an_address"))?;
            change_ethernet(plan, &of, |address| *field(address) = value)
        });
    }
    let of = name.clone();
    let mac = address.mac.map(mac_text).unwrap_or_default();
    form.text(ui, tr("properties.mac"), &mac, move |plan, text| {
        let mac = match text.trim() {
            "" => None,
            text => {
                Some(read_mac(text).ok_or_else(|| trf("properties.unreadable", &[&text, &tr("properties.a_mac")]))?)
            }
        };
        change_ethernet(plan, &of, |address| address.mac = mac)
    });
}

/// The mask that counts while the device has none of its own.
fn mask_of_subnet(plan: &Plan, address: &EthernetAddress) -> String {
    let subnet = address.subnet.as_ref().and_then(|subnet| plan.subnets().get(subnet));
    subnet.map(|subnet| subnet.mask.to_string()).unwrap_or_default()
}

fn profibus_ui(ui: &mut Ui, form: &mut Form<'_>, name: &Name, address: &ProfibusAddress) {
    let plan = form.plan();
    let of = name.clone();
    let proxy = address.proxy.as_deref().unwrap_or_default();
    form.text(ui, tr("properties.proxy"), proxy, move |plan, text| {
        let proxy = Some(text.trim()).filter(|text| !text.is_empty()).map(Name::new);
        change_profibus(plan, &of, |address| address.proxy = proxy)
    });
    if let Some(proxy) = address.proxy.clone().filter(|proxy| plan.devices().contains_key(proxy)) {
        form.jumps(ui, "", [(format!("→ {proxy}"), Item::Device(proxy))]);
    }
    let of = name.clone();
    form.text(ui, tr("properties.system"), &address.system_id.to_string(), move |plan, text| {
        let Some(system) = optional::<u8>(text, tr("properties.a_small_number"))? else { return Ok(Vec::new()) };
        change_profibus(plan, &of, |address| address.system_id = system)
    });
    let of = name.clone();
    let number = address.address.map(|number| number.to_string()).unwrap_or_default();
    form.text(ui, tr("properties.bus_address"), &number, move |plan, text| {
        let number = optional::<u8>(text, tr("properties.a_small_number"))?;
        change_profibus(plan, &of, |address| address.address = number)
    });
}

/// What the device has to bear: used, typical, at most. What is beyond is marked, also by a shape.
fn limits_ui(ui: &mut Ui, form: &Form<'_>, name: &Name) {
    let uses = form.workspace.uses(name);
    if uses.is_empty() {
        return;
    }
    form.title(ui, tr("library.limits"));
    for limit in uses {
        let over = |bound: Option<u64>| bound.is_some_and(|bound| limit.used > bound);
        let mark = if over(limit.maximum) {
            "✖ "
        } else if over(limit.typical) {
            "⚠ "
        } else {
            ""
        };
        let text = match (limit.typical, limit.maximum) {
            (Some(typical), Some(maximum)) => trf("properties.used_of_both", &[&limit.used, &typical, &maximum]),
            (Some(typical), None) => trf("properties.used_of_typical", &[&limit.used, &typical]),
            (None, Some(maximum)) => trf("properties.used_of", &[&limit.used, &maximum]),
            (None, None) => continue,
        };
        form.read(ui, tr(&format!("limit.{}", limit.key)), format!("{mark}{text}"));
    }
}

/// Shows those of a subnet.
pub fn subnet_ui(ui: &mut Ui, form: &mut Form<'_>, name: &Name, counts: Counts) {
    let Some(subnet) = form.plan().subnets().get(name) else { return };
    form.read(ui, tr("properties.name"), name.as_str());
    type Field = (&'static str, fn(&mut Subnet) -> &mut Ipv4Addr, Ipv4Addr);
    let own: [Field; 2] = [
        (tr("properties.network"), |subnet| &mut subnet.address, subnet.address),
        (tr("properties.mask"), |subnet| &mut subnet.mask, subnet.mask),
    ];
    for (label, field, value) in own {
        let of = name.clone();
        form.text(ui, label, &value.to_string(), move |plan, text| {
            let Some(value) = optional::<Ipv4Addr>(text, tr("properties.an_address"))? else { return Ok(Vec::new()) };
            change_subnet(plan, &of, |subnet| *field(subnet) = value)
        });
    }
    let of = name.clone();
    form.lines(ui, tr("properties.comment"), &subnet.comment, move |plan, text| {
        change_subnet(plan, &of, |subnet| subnet.comment = text.trim().into())
    });
    form.read(ui, tr("properties.devices"), counts.devices.to_string());
}

fn change_subnet(plan: &Plan, name: &Name, change: impl FnOnce(&mut Subnet)) -> Made {
    let Some(before) = plan.subnets().get(name) else { return Ok(Vec::new()) };
    let mut subnet = before.clone();
    change(&mut subnet);
    if subnet == *before { Ok(Vec::new()) } else { edit(Edit::SetSubnet { name: name.clone(), subnet }) }
}

/// Shows the ends of a cable.
pub fn cable_ui(ui: &mut Ui, form: &mut Form<'_>, cable: &Cable) {
    for (label, end) in [(tr("properties.one_end"), &cable.a), (tr("properties.other_end"), &cable.b)] {
        let text = trf("properties.lan_port", &[&end.device, &end.port]);
        form.jumps(ui, label, [(text, Item::Device(end.device.clone()))]);
    }
}
