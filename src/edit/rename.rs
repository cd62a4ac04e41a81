//! New names for instances and devices; whatever refers to them follows.

use std::sync::Arc;

use super::{EditError, place};
use crate::model::*;
use crate::say;

pub(super) fn instance(plan: &mut Plan, from: &Name, to: &Name) -> Result<(), EditError> {
    let renamed = Arc::clone(place::instance(plan, from)?);
    if from == to {
        return Ok(());
    }
    place::check_free(plan, to)?;
    let own_device = renamed.device == *from && !plan.devices.contains_key(to) && plan.devices.contains_key(from);
    plan.instances.remove(from);
    plan.instances.insert(to.clone(), renamed);
    let mut links: Vec<(LinkKey, Arc<Link>)> =
        plan.links_into(from).chain(plan.links_out_of(from)).map(|(key, link)| (key.clone(), link.clone())).collect();
    links.sort_by(|(one, _), (other, _)| one.cmp(other));
    links.dedup_by(|(one, _), (other, _)| one == other);
    let follow = |port: &PortRef| if port.instance == *from { port.in_instance(to.clone()) } else { port.clone() };
    for (key, link) in links {
        plan.remove_link(&key);
        let link = Link { provider: follow(&link.provider), ..(*link).clone() };
        plan.insert_link(LinkKey { consumer: follow(&key.consumer), nth: key.nth }, link);
    }
    let constants: Vec<_> = plan.constants_of(from).map(|(port, value)| (port.clone(), value.clone())).collect();
    for (port, constant) in constants {
        plan.constants.remove(&port);
        plan.constants.insert(follow(&port), constant);
    }
    let targets: Vec<ReactionTarget> = plan
        .targets
        .iter()
        .filter(|target| target.from.instance == *from || target.to.instance == *from)
        .cloned()
        .collect();
    for target in targets {
        plan.targets.remove(&target);
        let mut target = target;
        for end in [&mut target.from, &mut target.to] {
            if end.instance == *from {
                end.instance = to.clone();
            }
        }
        plan.targets.insert(target);
    }
    if own_device { device(plan, from, to) } else { Ok(()) }
}

pub(super) fn device(plan: &mut Plan, from: &Name, to: &Name) -> Result<(), EditError> {
    let renamed = plan.devices.get(from).cloned().ok_or_else(|| EditError::nothing(say!("device"), from))?;
    if from == to {
        return Ok(());
    }
    check_instance_name(to)?;
    if plan.devices.contains_key(to) {
        return Err(EditError::Taken { kind: say!("device"), name: to.clone() });
    }
    plan.devices.remove(from);
    plan.devices.insert(to.clone(), renamed);
    let users: Vec<Name> = plan.instances_on(from).map(|(name, _)| name.clone()).collect();
    for user in users {
        if let Some(instance) = plan.instances.get_mut(&user) {
            Arc::make_mut(instance).device = to.clone();
        }
    }
    let behind =
        |device: &Device| device.profibus_address().is_some_and(|address| address.proxy.as_ref() == Some(from));
    let slaves: Vec<Name> =
        plan.devices.iter().filter(|(_, device)| behind(device)).map(|(name, _)| name.clone()).collect();
    for slave in slaves {
        if let Some(device) = plan.devices.get_mut(&slave)
            && let Attachment::Profibus(address) = &mut Arc::make_mut(device).attachment
        {
            address.proxy = Some(to.clone());
        }
    }
    let cables: Vec<Cable> =
        plan.cables.iter().filter(|cable| cable.a.device == *from || cable.b.device == *from).cloned().collect();
    for cable in cables {
        plan.cables.remove(&cable);
        let follow = |end: LanPort| if end.device == *from { LanPort { device: to.clone(), ..end } } else { end };
        plan.cables.insert(Cable::between(follow(cable.a), follow(cable.b)));
    }
    if let Some(state) = plan.states.remove(from) {
        plan.states.insert(to.clone(), state);
    }
    Ok(())
}

pub(super) fn subnet(plan: &mut Plan, from: &Name, to: &Name) -> Result<(), EditError> {
    let renamed = plan.subnets.get(from).cloned().ok_or_else(|| EditError::nothing(say!("subnet"), from))?;
    if from == to {
        return Ok(());
    }
    check_instance_name(to)?;
    if plan.subnets.contains_key(to) {
        return Err(EditError::Taken { kind: say!("subnet"), name: to.clone() });
    }
    plan.subnets.remove(from);
    plan.subnets.insert(to.clone(), renamed);
    super::network::move_members(plan, from, Some(to));
    Ok(())
}
