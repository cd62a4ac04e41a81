//! # PW135: A device that cannot be the proxy of a PROFIBUS device
//!
//! ## What it checks
//! The proxy of a PROFIBUS device stands on Ethernet, its component is of class proxy, and it is master of the DP system with the number that the PROFIBUS device names.
//!
//! ## Why
//! Only a proxy speaks for PROFIBUS devices, and only about the lines it is master of.
//!
//! ## Example
//! A drive on system 2 of a proxy that is master of system 1 only.
//!
//! ## Remedy
//! Attach the device to another proxy, or to another system of it. Safe fix, where the proxy is master of exactly one system: that one, with another address if
//! its own is taken there.
//!
//! ## Facts
//! `proxy`; `reason` in words.

use serde::Serialize;

use super::profibus_address::least_free;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity, Subject};
use crate::model::{Component, DeviceClass, Name, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW135",
    name: "wrong-proxy",
    severity: Severity::Error,
    source: include_str!("wrong_proxy.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct WrongProxy {
    proxy: String,
    reason: Phrase,
}

impl Facts for WrongProxy {
    fn message(&self) -> Phrase {
        say!("{proxy} cannot be its proxy: {reason}", proxy = self.proxy, reason = self.reason)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(place) = view.device.profibus_address() else { return };
    let Some((proxy, device)) = place.proxy.as_ref().and_then(|name| view.cx.plan.devices().get_key_value(name)) else {
        return;
    };
    let mut add = |reason: Phrase, fix: Option<Fix>| {
        let finding = report.add(view.subject(), &WrongProxy { proxy: proxy.to_string(), reason });
        finding.related = vec![Subject::Device(proxy.clone())];
        finding.fix = fix;
    };
    if device.ethernet_address().is_none() {
        return add(say!("it is on PROFIBUS itself"), None);
    }
    let index = view.cx.index;
    let components: Vec<&Component> =
        index.instances_on(proxy).filter_map(|instance| index.placed(instance)?.component.as_deref()).collect();
    // A device without known component is another rule's finding.
    let Some(first) = components.first() else { return };
    let Some(component) = components.iter().find(|component| component.device.class == DeviceClass::Proxy) else {
        return add(
            say!("{component} is of class {class}", component = first.name, class = first.device.class.token()),
            None,
        );
    };
    let masters: Vec<u8> =
        component.device.profibus.iter().filter(|line| line.master).map(|line| line.system_id).collect();
    if masters.contains(&place.system_id) {
        return;
    }
    let fix = match masters.as_slice() {
        [system_id] => move_to(view, proxy, *system_id, place.address),
        _ => None,
    };
    let system = place.system_id;
    let known = masters.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let reason = match masters.is_empty() {
        true => say!("it is not master of system {system}, but of none", system),
        false => say!("it is not master of system {system}, but of {known}", system, known),
    };
    add(reason, fix);
}

/// Puts a device on another line of its proxy, with an address that is free there.
fn move_to(view: &DeviceView, proxy: &Name, system_id: u8, address: Option<u8>) -> Option<Fix> {
    let taken = address.is_some_and(|own| view.cx.index.in_slot(&(proxy.clone(), system_id, own)).is_some());
    let address = if taken { Some(least_free(view, proxy, system_id)?) } else { None };
    let title = say!("Put {device} on system {system_id} of {proxy}", device = view.name, system_id, proxy);
    let title = match address {
        Some(address) => say!("{title} with address {address}", title, address),
        None => title,
    };
    Some(Fix { title, change: FixChange::SetSystemId { device: view.name.clone(), system_id, address } })
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, fixes_in, found_in};

    #[test]
    fn fires_on_the_wrong_class() {
        let text = "
            One: A @10.0.0.2
            Drive: S behind One address 5";
        assert_eq!(found_in(PROFIBUS, "PW135", text), ["error Drive: One cannot be its proxy: A is of class plc"]);
    }

    #[test]
    fn fires_on_the_wrong_system() {
        let text = "
            Drive: S behind Gate address 5
            Next: S behind Drive address 6";
        assert_eq!(
            found_in(PROFIBUS, "PW135", text),
            [
                "error Drive: Gate cannot be its proxy: it is not master of system 0, but of 1",
                "error Next: Drive cannot be its proxy: it is on PROFIBUS itself"
            ]
        );
    }

    #[test]
    fn offers_the_only_system() {
        assert_eq!(fixes_in(PROFIBUS, "PW135", "Drive: S behind Gate address 5"), ["Put Drive on system 1 of Gate"]);
    }

    #[test]
    fn offers_an_address_that_is_free_there() {
        let text = "
            D1: S behind Gate system 1 address 3
            D2: S behind Gate system 9 address 3";
        assert_eq!(fixes_in(PROFIBUS, "PW135", text), ["Put D2 on system 1 of Gate with address 4"]);
    }

    #[test]
    fn silent_on_its_system() {
        assert_eq!(found_in(PROFIBUS, "PW135", "Drive: S behind Gate system 1 address 5"), [""; 0]);
    }
}
