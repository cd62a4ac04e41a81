//! Links and constants: what feeds an input.

use super::{EditError, LinkError};
use crate::model::*;
use crate::say;

/// Why `provider` cannot feed `consumer`; `None` when it can. A link that is given up for it (re-plugged) does not count as feeding.
pub fn why_not(plan: &Plan, provider: &PortRef, consumer: &PortRef, instead: Option<&LinkKey>) -> Option<LinkError> {
    let is_free = || match instead {
        Some(key) if key.consumer == *consumer => Ok(()),
        _ => not_fed(plan, consumer),
    };
    fit(plan, provider, consumer).and_then(|()| is_free()).err()
}

/// A link as it is drawn: with the plan's transmission, and what the description of the input says.
pub fn drawn(plan: &Plan, provider: &PortRef, consumer: &PortRef) -> Link {
    let mut link = Link::from(provider.clone());
    link.qos = plan.settings.default_qos;
    if let Some(input) = plan.port(consumer) {
        link.epsilon = input.epsilon;
        if let Some(value) = &input.substitute {
            link.substitute = Substitute::Value(input.value_type.write_literal(value).into());
        }
    }
    link
}

fn fit(plan: &Plan, provider: &PortRef, consumer: &PortRef) -> Result<(), LinkError> {
    let output = plan.port(provider).ok_or_else(|| LinkError::NoPort(provider.clone()))?;
    let input = plan.port(consumer).ok_or_else(|| LinkError::NoPort(consumer.clone()))?;
    for (port, name) in [(output, provider), (input, consumer)] {
        if port.direction == Direction::Hmi {
            return Err(LinkError::Hmi(name.clone()));
        }
    }
    if !output.is_output() {
        return Err(LinkError::NotOutput(provider.clone()));
    }
    if !input.is_input() || input.constant {
        return Err(LinkError::NotInput(consumer.clone()));
    }
    if provider == consumer {
        return Err(LinkError::Itself);
    }
    if output.value_type != input.value_type {
        let (provider, consumer) = (output.value_type.to_string(), input.value_type.to_string());
        return Err(LinkError::Types { provider, consumer });
    }
    Ok(())
}

fn not_fed(plan: &Plan, consumer: &PortRef) -> Result<(), LinkError> {
    if let Some((_, link)) = plan.links_to(consumer).next() {
        return Err(LinkError::Fed(link.provider.clone()));
    }
    match plan.constants.get(consumer) {
        Some(constant) => Err(LinkError::Constant(constant.value.clone())),
        None => Ok(()),
    }
}

pub(super) fn link(plan: &mut Plan, provider: &PortRef, consumer: &PortRef) -> Result<(), EditError> {
    fit(plan, provider, consumer)?;
    not_fed(plan, consumer)?;
    let link = drawn(plan, provider, consumer);
    plan.insert_link(LinkKey::to(consumer.clone()), link);
    Ok(())
}

/// Takes a link out; surplus links to the same input move up, so that the first has number 0.
pub(super) fn unlink(plan: &mut Plan, key: &LinkKey) -> Result<Link, EditError> {
    let link = plan.remove_link(key).ok_or_else(|| EditError::nothing(say!("link to"), key))?;
    let later: Vec<LinkKey> =
        plan.links_to(&key.consumer).map(|(other, _)| other.clone()).filter(|other| other.nth > key.nth).collect();
    for later in later {
        if let Some(moved) = plan.remove_link(&later) {
            plan.insert_link(LinkKey { nth: later.nth - 1, ..later }, (*moved).clone());
        }
    }
    Ok((*link).clone())
}

pub(super) fn replug(plan: &mut Plan, key: &LinkKey, provider: &PortRef, consumer: &PortRef) -> Result<(), EditError> {
    fit(plan, provider, consumer)?;
    if key.consumer == *consumer {
        let link = plan.links().get(key).ok_or_else(|| EditError::nothing(say!("link to"), key))?;
        let link = Link { provider: provider.clone(), bends: Vec::new(), ..(**link).clone() };
        plan.insert_link(key.clone(), link);
        return Ok(());
    }
    let link = unlink(plan, key)?;
    not_fed(plan, consumer)?;
    plan.insert_link(LinkKey::to(consumer.clone()), Link { provider: provider.clone(), bends: Vec::new(), ..link });
    Ok(())
}

pub(super) fn set(plan: &mut Plan, key: &LinkKey, properties: &Link) -> Result<(), EditError> {
    let link = plan.links().get(key).ok_or_else(|| EditError::nothing(say!("link to"), key))?;
    let provider = link.provider.clone();
    if properties.qos.qos_type == QosType::Constant {
        return Err(EditError::Range(say!("a link has no transmission `constant`; set a constant instead")));
    }
    if properties.qos.value_ms == 0 {
        return Err(EditError::Range(say!("the update time is 1 to 65535 ms")));
    }
    let is_threshold = |epsilon: f64| epsilon.is_finite() && epsilon >= 0.0;
    if properties.epsilon != link.epsilon && !properties.epsilon.is_none_or(is_threshold) {
        return Err(EditError::Range(say!("the change threshold is a number from 0")));
    }
    if properties.bends.iter().any(|bend| !is_finite(*bend)) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    if properties.substitute != link.substitute
        && let (Substitute::Value(literal), Some(port)) = (&properties.substitute, plan.port(&key.consumer))
    {
        read(&key.consumer, port, literal)?;
    }
    plan.insert_link(key.clone(), Link { provider, ..properties.clone() });
    Ok(())
}

fn read(port: &PortRef, description: &Port, literal: &str) -> Result<Value, EditError> {
    description.value_type.read_literal(literal).map_err(|why| EditError::Value { port: port.clone(), why })
}

pub(super) fn set_constant(plan: &mut Plan, port: &PortRef, constant: &Constant) -> Result<(), EditError> {
    let description = plan.port(port).ok_or_else(|| LinkError::NoPort(port.clone()))?;
    if description.direction == Direction::Hmi {
        return Err(LinkError::Hmi(port.clone()).into());
    }
    if !description.is_input() || description.constant {
        return Err(LinkError::NotInput(port.clone()).into());
    }
    read(port, description, &constant.value)?;
    if let Some((_, link)) = plan.links_to(port).next() {
        return Err(LinkError::Fed(link.provider.clone()).into());
    }
    plan.constants.insert(port.clone(), constant.clone());
    Ok(())
}

pub(super) fn clear_constant(plan: &mut Plan, port: &PortRef) -> Result<(), EditError> {
    plan.constants.remove(port).map(drop).ok_or_else(|| EditError::nothing(say!("constant on"), port))
}

/// Whether a position can be drawn and saved.
pub(super) fn is_finite(point: Point) -> bool {
    point.x.is_finite() && point.y.is_finite()
}
