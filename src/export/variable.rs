//! The variables of a plan, and where each is found on the network.

use std::net::Ipv4Addr;

use super::Note;
use crate::model::{Component, Name, Plan, Port, PortRef};

/// A property that clients can read or write.
pub(super) struct Variable<'a> {
    /// The port in the plan.
    pub at: PortRef,
    /// Planned device that the instance runs on.
    pub device: &'a Name,
    /// Who answers for it.
    pub server: Option<Server<'a>>,
    /// Name of the LDev on the network.
    pub ldev: Name,
    /// What the description says.
    pub port: &'a Port,
}

/// The device that serves a variable: the planned device itself, or its proxy.
#[derive(Clone, Copy)]
pub(super) struct Server<'a> {
    /// Planned device.
    pub name: &'a Name,
    /// Its address, once planned.
    pub ip: Option<Ipv4Addr>,
}

impl Variable<'_> {
    /// `RTAuto.Property`: the item of the ACCO (wire spec, convention 1).
    pub fn item(&self) -> String {
        format!("{}.{}", self.at.rtauto, self.at.port)
    }

    /// Description in a language, on one line; empty when there is none.
    pub fn description(&self, lang: &str) -> String {
        one_line(self.port.comment.get(lang).unwrap_or_default())
    }
}

/// The text without line breaks and other control characters, runs of blanks as one.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Every variable of the plan that `include` takes, and what was found on the way.
pub(super) fn variables<'a>(plan: &'a Plan, include: &dyn Fn(&str) -> bool) -> (Vec<Variable<'a>>, Vec<Note>) {
    let mut variables = Vec::new();
    let mut notes = Vec::new();
    for (name, instance) in plan.instances() {
        let Some(component) = plan.component_of(name) else {
            notes.push(Note::ComponentMissing(name.clone()));
            continue;
        };
        let before = variables.len();
        let server = plan.serving_device(&instance.device).map(|name| {
            let address = plan.devices().get(name).and_then(|device| device.ethernet_address());
            Server { name, ip: address.and_then(|address| address.ip) }
        });
        add_ports(plan, name, component, include, |at, ldev, port| {
            variables.push(Variable { at, device: &instance.device, server, ldev, port });
        });
        if variables.len() > before && server.is_none() {
            notes.push(Note::NoProxy(instance.device.clone()));
        }
    }
    (variables, notes)
}

fn add_ports<'a>(
    plan: &Plan,
    instance: &Name,
    component: &'a Component,
    include: &dyn Fn(&str) -> bool,
    mut add: impl FnMut(PortRef, Name, &'a Port),
) {
    for (ldev, rtauto) in component.rtautos() {
        let on_network = plan.ldev_on_network(instance, &ldev.name);
        for port in rtauto.ports.iter().filter(|port| port.readable || port.writable) {
            let at = PortRef::new(instance.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
            if include(&at.to_string()) {
                add(at, on_network.clone(), port);
            }
        }
    }
}
