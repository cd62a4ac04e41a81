//! # PW132: A PROFIBUS device has no usable address
//!
//! ## What it checks
//! A device on PROFIBUS has an address from 0 to 125. 126 is the state of delivery.
//!
//! ## Why
//! The master cannot speak to a device without address; at 126 all new devices answer at once.
//!
//! ## Example
//! A drive was attached to the proxy and left at 126.
//!
//! ## Remedy
//! Set the address, here and at the device. Safe fix: the least address from 3 that is free on the line.
//!
//! ## Facts
//! `address`; `null` when there is none.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{Name, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW132",
    name: "profibus-address",
    severity: Severity::Error,
    source: include_str!("profibus_address.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct ProfibusAddressWrong {
    address: Option<u8>,
}

impl Facts for ProfibusAddressWrong {
    fn message(&self) -> Phrase {
        match self.address {
            None => say!("the device has no PROFIBUS address"),
            Some(126) => say!("PROFIBUS address 126 is the state of delivery; operation needs 0 to 125"),
            Some(address) => say!("PROFIBUS address {address} is outside of 0 to 125", address),
        }
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(place) = view.device.profibus_address() else { return };
    if place.address.is_none_or(|address| address > 125) {
        report.add(view.subject(), &ProfibusAddressWrong { address: place.address }).fix = free_address(view);
    }
}

/// Gives a device the least address that no other on its line has.
pub(super) fn free_address(view: &DeviceView) -> Option<Fix> {
    let place = view.device.profibus_address()?;
    let address = least_free(view, place.proxy.as_ref()?, place.system_id)?;
    let title = say!("Give {device} PROFIBUS address {address}", device = view.name, address);
    Some(Fix { title, change: FixChange::SetProfibusAddress { device: view.name.clone(), address } })
}

/// The least address that no device on this line has; 0 to 2 are left to masters and tools.
pub(super) fn least_free(view: &DeviceView, proxy: &Name, system_id: u8) -> Option<u8> {
    let free = |address: &u8| view.cx.index.in_slot(&(proxy.clone(), system_id, *address)).is_none();
    (3..=125).find(free)
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, fixes_in, found_in};

    #[test]
    fn fires_without_address() {
        assert_eq!(
            found_in(PROFIBUS, "PW132", "Drive: S behind Gate system 1"),
            ["error Drive: the device has no PROFIBUS address"]
        );
    }

    #[test]
    fn fires_in_the_state_of_delivery_and_beyond() {
        let text = "
            D1: S behind Gate system 1 address 126
            D2: S behind Gate system 1 address 200";
        assert_eq!(
            found_in(PROFIBUS, "PW132", text),
            [
                "error D1: PROFIBUS address 126 is the state of delivery; operation needs 0 to 125",
                "error D2: PROFIBUS address 200 is outside of 0 to 125"
            ]
        );
    }

    #[test]
    fn offers_a_free_address() {
        let text = "
            D1: S behind Gate system 1 address 126
            D2: S behind Gate system 1 address 3";
        assert_eq!(fixes_in(PROFIBUS, "PW132", text), ["Give D1 PROFIBUS address 4"]);
    }

    #[test]
    fn silent_on_addresses() {
        let text = "
            D1: S behind Gate system 1 address 0
            D2: S behind Gate system 1 address 125";
        assert_eq!(found_in(PROFIBUS, "PW132", text), [""; 0]);
    }
}
