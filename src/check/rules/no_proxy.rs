//! # PW134: A PROFIBUS device has no proxy
//!
//! ## What it checks
//! A device on PROFIBUS names a device of the plan as its proxy.
//!
//! ## Why
//! The proxy answers for it on Ethernet; without one its functions cannot be reached, and neither loaded nor linked.
//!
//! ## Example
//! A drive was placed and not yet attached; or its proxy was removed.
//!
//! ## Remedy
//! Attach the device to a proxy.
//!
//! ## Facts
//! `proxy` that is named; `null` when none is.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW134",
    name: "no-proxy",
    severity: Severity::Error,
    source: include_str!("no_proxy.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct NoProxy {
    proxy: Option<String>,
}

impl Facts for NoProxy {
    fn message(&self) -> Phrase {
        match &self.proxy {
            Some(proxy) => say!("its proxy {proxy} is not in the plan", proxy),
            None => say!("the device is on PROFIBUS and has no proxy"),
        }
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(place) = view.device.profibus_address() else { return };
    if place.proxy.as_ref().is_none_or(|proxy| !view.cx.plan.devices().contains_key(proxy)) {
        report.add(view.subject(), &NoProxy { proxy: place.proxy.as_ref().map(ToString::to_string) });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, found_in};

    #[test]
    fn fires_without_proxy() {
        assert_eq!(
            found_in(PROFIBUS, "PW134", "Drive: S address 5"),
            ["error Drive: the device is on PROFIBUS and has no proxy"]
        );
    }

    #[test]
    fn fires_on_a_missing_proxy() {
        assert_eq!(
            found_in(PROFIBUS, "PW134", "Drive: S behind Gone address 5"),
            ["error Drive: its proxy Gone is not in the plan"]
        );
    }

    #[test]
    fn silent_with_proxy() {
        assert_eq!(found_in(PROFIBUS, "PW134", "Drive: S behind Gate system 1 address 5"), [""; 0]);
    }
}
