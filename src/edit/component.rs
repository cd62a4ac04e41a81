//! Component versions: embedding them, and moving instances from one to another.

use std::sync::Arc;

use super::{EditError, link, place};
use crate::model::*;
use crate::say;

pub(super) fn add(plan: &mut Plan, component: &Arc<Component>) -> Result<(), EditError> {
    match plan.components.get(&component.key) {
        Some(present) if present != component => Err(EditError::Changed(component.key.to_string())),
        Some(_) => Ok(()),
        None => {
            plan.components.insert(component.key.clone(), component.clone());
            Ok(())
        }
    }
}

pub(super) fn remove(plan: &mut Plan, key: &ComponentKey) -> Result<(), EditError> {
    if let Some((user, _)) = plan.instances.iter().find(|(_, instance)| instance.component == *key) {
        return Err(EditError::Used { name: say!("component {key}", key), user: user.clone() });
    }
    plan.components.remove(key).map(drop).ok_or_else(|| EditError::nothing(say!("component"), key))
}

/// Ports of an instance that have a link or a constant and would be gone, or no longer fit it, in another component version.
pub fn vanishing_ports(plan: &Plan, instance: &str, to: &Component) -> Vec<PortRef> {
    let fits = |port: &PortRef, output: bool| {
        let direction = |port: &Port| if output { port.is_output() } else { port.is_input() && !port.constant };
        match (plan.port(port), to.port(port)) {
            (Some(old), Some(new)) => old.value_type == new.value_type && direction(new),
            (None, Some(new)) => direction(new),
            (_, None) => false,
        }
    };
    let inputs = plan.links_into(instance).map(|(key, _)| &key.consumer);
    let inputs = inputs.chain(plan.constants_of(instance).map(|(port, _)| port)).filter(|port| !fits(port, false));
    let outputs = plan.links_out_of(instance).map(|(_, link)| &link.provider).filter(|port| !fits(port, true));
    let mut ports: Vec<PortRef> = inputs.chain(outputs).cloned().collect();
    ports.sort();
    ports.dedup();
    ports
}

pub(super) fn replace(plan: &mut Plan, instances: &[Name], to: &ComponentKey) -> Result<(), EditError> {
    let component = plan.components.get(to).cloned().ok_or_else(|| EditError::nothing(say!("component"), to))?;
    for name in instances {
        let before = Arc::clone(place::instance(plan, name)?);
        if before.component.id != to.id {
            place::check_singleton(plan, &component)?;
        }
        for port in vanishing_ports(plan, name, &component) {
            plan.constants.remove(&port);
            let links = plan.links_to(&port).chain(plan.links_from(&port));
            let mut keys: Vec<LinkKey> = links.map(|(key, _)| key.clone()).collect();
            // From the last: taking a link out renumbers those behind it.
            keys.sort();
            for key in keys.iter().rev() {
                link::unlink(plan, key)?;
            }
        }
        let home = before.home().unwrap_or(ROOT_CHART);
        let mut functions = std::collections::BTreeMap::new();
        for (ldev, rtauto) in component.rtautos() {
            let function = (ldev.name.clone(), rtauto.name.clone());
            let new = Placement { chart: home, at: Point { x: 0.0, y: 160.0 * functions.len() as f32 } };
            let placement = before.functions.get(&function).copied().unwrap_or(new);
            functions.insert(function, placement);
        }
        let instance = Instance { component: to.clone(), functions, ..(*before).clone() };
        plan.instances.insert(name.clone(), Arc::new(instance));
    }
    Ok(())
}
