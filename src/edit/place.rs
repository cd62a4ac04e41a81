//! Instances: placing, moving, removing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::link::is_finite;
use super::{EditError, chart, link, network};
use crate::model::*;
use crate::say;

/// Distance between the blocks of one new instance.
const BLOCK_STEP: f32 = 160.0;

/// The first free instance name `BaseN`, counted from 1; what names cannot hold is left out of the base.
pub fn free_name(plan: &Plan, base: &str) -> Name {
    let mut stem: String =
        base.chars().filter(|character| *character == '_' || character.is_alphanumeric()).take(200).collect();
    if !stem.starts_with(|first: char| first == '_' || first.is_alphabetic()) {
        stem.insert(0, '_');
    }
    let stem = stem.trim_end_matches(|last: char| last.is_ascii_digit());
    let taken = |name: &Name| plan.instances.contains_key(name) || plan.devices.contains_key(name);
    let name = |number: u32| Name::new(format!("{stem}{number}"));
    (1..=u32::MAX).map(name).find(|name| !taken(name)).unwrap_or_else(|| name(0))
}

/// A name of station for an instance: lower case, `-` for what a DNS label cannot hold, free in the plan.
pub fn station_name(plan: &Plan, instance: &str) -> Name {
    let letter = |character: char| match character.to_ascii_lowercase() {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '-',
    };
    let label: String = instance.chars().map(letter).take(50).collect();
    let label = label.trim_matches('-');
    let label = if label.is_empty() { "station" } else { label };
    let taken: BTreeSet<&Name> = plan
        .devices
        .values()
        .filter_map(|device| device.ethernet_address())
        .map(|address| &address.name_of_station)
        .collect();
    let numbered = (2..=u32::MAX).map(|number| Name::new(format!("{label}-{number}")));
    std::iter::once(Name::new(label)).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

/// Refuses names that are no names, or taken.
pub(super) fn check_free(plan: &Plan, name: &Name) -> Result<(), EditError> {
    check_instance_name(name)?;
    match plan.instances.contains_key(name) {
        true => Err(EditError::Taken { kind: say!("instance"), name: name.clone() }),
        false => Ok(()),
    }
}

pub(super) fn instance<'a>(plan: &'a Plan, name: &Name) -> Result<&'a Arc<Instance>, EditError> {
    plan.instances.get(name).ok_or_else(|| EditError::nothing(say!("instance"), name))
}

/// Refuses a second instance of a singleton.
pub(super) fn check_singleton(plan: &Plan, component: &Component) -> Result<(), EditError> {
    let mut twins = plan.instances.iter().filter(|(_, instance)| instance.component.id == component.key.id);
    match twins.next() {
        Some((name, _)) if component.singleton => {
            Err(EditError::Singleton { component: component.name.clone(), instance: name.clone() })
        }
        _ => Ok(()),
    }
}

pub(super) fn place(
    plan: &mut Plan,
    key: &ComponentKey,
    name: Option<Name>,
    on: ChartId,
    at: Point,
) -> Result<(), EditError> {
    let component = plan.components.get(key).cloned().ok_or_else(|| EditError::nothing(say!("component"), key))?;
    chart::get(plan, on)?;
    if !is_finite(at) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    check_singleton(plan, &component)?;
    let name = name.unwrap_or_else(|| free_name(plan, &component.name));
    check_free(plan, &name)?;
    if plan.devices.contains_key(&name) {
        return Err(EditError::Taken { kind: say!("device"), name });
    }
    let mut device = network::new_device(plan, &component, &name);
    device.at = at;
    let functions = component.rtautos().zip(0u16..).map(|((ldev, rtauto), index)| {
        let at = Point { x: at.x, y: at.y + BLOCK_STEP * f32::from(index) };
        ((ldev.name.clone(), rtauto.name.clone()), Placement { chart: on, at })
    });
    let functions = functions.collect();
    let instance = Instance { component: key.clone(), device: name.clone(), functions, comment: Name::default() };
    plan.devices.insert(name.clone(), Arc::new(device));
    plan.instances.insert(name, Arc::new(instance));
    Ok(())
}

pub(super) fn remove(plan: &mut Plan, names: &[Name]) -> Result<(), EditError> {
    let mut devices = BTreeSet::new();
    for name in names {
        let gone = plan.instances.remove(name).ok_or_else(|| EditError::nothing(say!("instance"), name))?;
        devices.insert(gone.device.clone());
        let mut links: Vec<LinkKey> = plan.links_into(name).map(|(key, _)| key.clone()).collect();
        for key in links.drain(..) {
            plan.remove_link(&key);
        }
        loop {
            // One at a time: taking a surplus link out renumbers those behind it.
            let Some(key) = plan.links_out_of(name).next().map(|(key, _)| key.clone()) else { break };
            link::unlink(plan, &key)?;
        }
        let constants: Vec<PortRef> = plan.constants_of(name).map(|(port, _)| port.clone()).collect();
        for port in constants {
            plan.constants.remove(&port);
        }
        let targets: Vec<ReactionTarget> = plan
            .targets
            .iter()
            .filter(|target| target.from.instance == *name || target.to.instance == *name)
            .cloned()
            .collect();
        for target in targets {
            plan.targets.remove(&target);
        }
    }
    drop_idle(plan, devices);
    Ok(())
}

/// Removes those of the devices that no instance runs on.
fn drop_idle(plan: &mut Plan, mut devices: BTreeSet<Name>) {
    for instance in plan.instances.values() {
        devices.remove(&instance.device);
    }
    for device in &devices {
        network::forget_device(plan, device);
    }
}

pub(super) fn comment(plan: &mut Plan, name: &Name, comment: &Name) -> Result<(), EditError> {
    let changed = Instance { comment: comment.clone(), ..(**instance(plan, name)?).clone() };
    plan.instances.insert(name.clone(), Arc::new(changed));
    Ok(())
}

pub(super) fn set_device(plan: &mut Plan, name: &Name, device: &Name) -> Result<(), EditError> {
    if !plan.devices.contains_key(device) {
        return Err(EditError::nothing(say!("device"), device));
    }
    let before = Arc::clone(instance(plan, name)?);
    plan.instances.insert(name.clone(), Arc::new(Instance { device: device.clone(), ..(*before).clone() }));
    drop_idle(plan, BTreeSet::from([before.device.clone()]));
    Ok(())
}

pub(super) fn move_blocks(plan: &mut Plan, blocks: &[(FunctionRef, Placement)]) -> Result<(), EditError> {
    for (function, placement) in blocks {
        chart::get(plan, placement.chart)?;
        if !is_finite(placement.at) {
            return Err(EditError::Range(say!("a position is made of numbers")));
        }
        let described = is_described(plan, function);
        let (functions, place) = places(plan, function)?;
        // A function that the component has may have lost its place, one that it does not have gets none.
        if !described && !functions.contains_key(&place) {
            return Err(EditError::nothing(say!("function"), function));
        }
        functions.insert(place, *placement);
    }
    Ok(())
}

pub(super) fn remove_block(plan: &mut Plan, function: &FunctionRef) -> Result<(), EditError> {
    if is_described(plan, function) {
        return Err(EditError::Range(say!(
            "a function of the component keeps its place as long as its instance is there"
        )));
    }
    let (functions, place) = places(plan, function)?;
    functions.remove(&place).map(drop).ok_or_else(|| EditError::nothing(say!("place of"), function))
}

/// The places of an instance's functions, by LDev and RTAuto.
type Places = BTreeMap<(Name, Name), Placement>;

/// The places kept for an instance, and the key of one function among them.
fn places<'a>(plan: &'a mut Plan, function: &FunctionRef) -> Result<(&'a mut Places, (Name, Name)), EditError> {
    let instance =
        plan.instances.get_mut(&function.instance).ok_or_else(|| EditError::nothing(say!("function"), function))?;
    Ok((&mut Arc::make_mut(instance).functions, (function.ldev.clone(), function.rtauto.clone())))
}

/// Whether the function is one of its instance's component.
fn is_described(plan: &Plan, function: &FunctionRef) -> bool {
    let component = plan.component_of(&function.instance);
    component.is_some_and(|component| component.rtauto(&function.ldev, &function.rtauto).is_some())
}
