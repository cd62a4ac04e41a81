//! Random edits about what is in a plan, right and wrong ones, of every kind that changes what is embedded, placed or linked.

use std::sync::Arc;

use plantweave::edit::{Clip, Edit};
use plantweave::model::*;
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;

/// The plan is kept to about this many instances, so that a step costs what it costs in a small plant.
const INSTANCES: usize = 30;
/// Likewise for charts.
const CHARTS: usize = 12;

/// Names that a person might give, and that files must bear.
const NAMES: [&str; 8] = ["Pump", "pump", "Füller 1", "a.b", "100%", "CON", "x \"y\"", "Band"];

/// An edit of one of 36 kinds.
pub fn random_edit(plan: &Plan, dice: &mut StdRng) -> Edit {
    let at = Point { x: dice.random_range(0..200) as f32 * 8.0, y: dice.random_range(0..100) as f32 * 7.5 };
    let name = Name::new(NAMES.iter().choose(dice).copied().unwrap_or_default());
    let chart = any_chart(plan, dice);
    let component = plan.components().keys().cloned().choose(dice);
    let instance = plan.instances().keys().cloned().choose(dice);
    let (Some(instance), Some(component)) = (instance, component.clone()) else {
        return match component {
            Some(component) => Edit::Place { component, name: None, chart, at },
            None => Edit::CommentProject(name.as_str().into()),
        };
    };
    match dice.random_range(0..44) {
        0..=3 if plan.instances().len() < INSTANCES => {
            Edit::Place { component, name: dice.random_bool(0.5).then_some(name), chart, at }
        }
        4 => Edit::Paste { clip: Arc::new(Clip::of(plan, &[instance])), chart, offset: at },
        0..=5 => Edit::Remove(vec![instance]),
        6 => Edit::RenameInstance { from: instance, to: name },
        7 => Edit::CommentInstance { instance, comment: name },
        8 => Edit::SetInstanceDevice { instance, device: any_device(plan, dice) },
        9 => Edit::ReplaceComponent { instances: vec![instance], to: component },
        10 => Edit::RemoveComponent(component),
        11 => Edit::CommentProject(name.as_str().into()),
        12 => Edit::RenameProject(name),
        13 => Edit::SetSettings(Settings { resolver_port: dice.random_range(130..140), ..plan.settings().clone() }),
        14..=19 => chart_edit(plan, dice, name, at),
        20..=33 => link_edit(plan, dice),
        _ => network_edit(plan, dice, name),
    }
}

fn chart_edit(plan: &Plan, dice: &mut StdRng, name: Name, at: Point) -> Edit {
    let (chart, other) = (any_chart(plan, dice), any_chart(plan, dice));
    match dice.random_range(0..8) {
        0 if plan.charts().len() < CHARTS => Edit::AddChart { name, parent: chart, at },
        1 if plan.instances().len() < INSTANCES && plan.charts().len() < CHARTS => Edit::CopyChart { chart, at },
        0..=2 => Edit::RemoveChart(chart),
        3 => Edit::RenameChart { chart, name },
        4 => Edit::MoveChart { chart, parent: other, at },
        5 => {
            let frame = Frame { title: name.clone(), at, size: Point { x: 100.0, y: 50.0 } };
            let note = Note { text: format!("{name}\nbelow").into(), at };
            Edit::DecorateChart { chart, comment: name, frames: vec![frame], notes: vec![note] }
        }
        _ => Edit::MoveBlocks(vec![(any_port(plan, dice).function(), Placement { chart, at })]),
    }
}

fn link_edit(plan: &Plan, dice: &mut StdRng) -> Edit {
    let consumer = any_port(plan, dice);
    let link = plan.links().iter().choose(dice).map(|(key, link)| (key.clone(), (**link).clone()));
    let value = plan
        .port(&consumer)
        .map_or_else(|| "1".into(), |port| Name::new(port.value_type.write_literal(&port.value_type.zero())));
    match (dice.random_range(0..10), link) {
        (0, Some((key, _))) => Edit::Unlink(key),
        (1, Some((key, link))) => {
            Edit::Replug { provider: fitting_output(plan, dice, &consumer).unwrap_or(link.provider), consumer, key }
        }
        (2 | 3, Some((key, mut link))) => {
            link.qos.value_ms = [8, 50, 100, 500].into_iter().choose(dice).unwrap_or(100);
            link.active = dice.random_bool(0.8);
            link.epsilon = dice.random_bool(0.3).then_some(0.5);
            link.comment = Name::new(NAMES.iter().choose(dice).copied().unwrap_or_default());
            link.bends = vec![Point { x: 10.0, y: 20.0 }];
            Edit::SetLink { key, properties: Box::new(link) }
        }
        (4, _) => Edit::SetConstant { port: consumer, constant: Constant { value, comment: "set".into() } },
        (5, _) => Edit::ClearConstant(plan.constants().keys().cloned().choose(dice).unwrap_or(consumer)),
        (6, _) => Edit::Link { provider: any_port(plan, dice), consumer },
        _ => match fitting_output(plan, dice, &consumer) {
            Some(provider) => Edit::Link { provider, consumer },
            None => Edit::Unlink(LinkKey::to(consumer)),
        },
    }
}

fn network_edit(plan: &Plan, dice: &mut StdRng, name: Name) -> Edit {
    let (device, other) = (any_device(plan, dice), any_device(plan, dice));
    let lan = |device: &Name, port| LanPort { device: device.clone(), port };
    let subnet = plan.subnets().iter().choose(dice).map(|(name, subnet)| (name.clone(), subnet.clone()));
    match dice.random_range(0..10) {
        0 => match subnet {
            Some((_, subnet)) => Edit::SetSubnet { name, subnet },
            None => Edit::RemoveSubnet(name),
        },
        1 if dice.random() => {
            Edit::RenameSubnet { from: subnet.map_or_else(|| name.clone(), |(name, _)| name), to: name }
        }
        1 => Edit::RemoveSubnet(subnet.map_or(name, |(name, _)| name)),
        2 => Edit::RenameDevice { from: device, to: name },
        3 => Edit::RemoveDevice(device),
        4 => Edit::AddCable(Cable::between(lan(&device, 1), lan(&other, dice.random_range(1..4)))),
        5 => Edit::RemoveCable(
            plan.cables().iter().cloned().choose(dice).unwrap_or(Cable::between(lan(&device, 1), lan(&other, 1))),
        ),
        6 => {
            let (from, to) = (any_port(plan, dice).function(), any_port(plan, dice).function());
            Edit::AddTarget(ReactionTarget { from, to, max_ms: 40 })
        }
        7 => match plan.targets().iter().cloned().choose(dice) {
            Some(target) => Edit::RemoveTarget(target),
            None => Edit::SetState { device, state: None },
        },
        8 => {
            let state = DeviceState { generated: Some("00ff".into()), pdev_stamp: Some(7), ..DeviceState::default() };
            Edit::SetState { device, state: dice.random_bool(0.7).then_some(state) }
        }
        _ => {
            let Some(mut planned) = plan.devices().get(&device).map(|device| (**device).clone()) else {
                return Edit::SetDevice { name, device: Device::ethernet() };
            };
            if let Attachment::Ethernet(address) = &mut planned.attachment {
                address.ip = dice.random_bool(0.8).then(|| [10, 0, 0, dice.random_range(1..250)].into());
            }
            planned.comment = name.clone();
            let both = [Edit::SetDevice { name: device, device: planned }, Edit::CommentProject("grouped".into())];
            Edit::Group("Address and remark".into(), both.into())
        }
    }
}

fn any_chart(plan: &Plan, dice: &mut StdRng) -> ChartId {
    plan.charts().keys().copied().choose(dice).unwrap_or(ROOT_CHART)
}

fn any_device(plan: &Plan, dice: &mut StdRng) -> Name {
    plan.devices().keys().cloned().choose(dice).unwrap_or_default()
}

/// Any port of any instance; one that leads nowhere when there is none.
fn any_port(plan: &Plan, dice: &mut StdRng) -> PortRef {
    let nowhere = || PortRef::new("Nobody", "L", "R", "p");
    let Some(instance) = plan.instances().keys().cloned().choose(dice) else { return nowhere() };
    ports_of(plan, &instance, |_| true).into_iter().choose(dice).unwrap_or_else(nowhere)
}

/// An output somewhere that has the type of an input.
fn fitting_output(plan: &Plan, dice: &mut StdRng, consumer: &PortRef) -> Option<PortRef> {
    let value_type = &plan.port(consumer)?.value_type;
    let fits = |port: &Port| port.direction == Direction::Out && port.value_type == *value_type;
    plan.instances().keys().flat_map(|instance| ports_of(plan, instance, fits)).choose(dice)
}

fn ports_of(plan: &Plan, instance: &Name, wanted: impl Fn(&Port) -> bool) -> Vec<PortRef> {
    let rtautos = plan.component_of(instance).into_iter().flat_map(|component| component.rtautos());
    let port = |ldev: &Name, rtauto: &Name, port: &Name| {
        PortRef::new(instance.clone(), ldev.clone(), rtauto.clone(), port.clone())
    };
    rtautos
        .flat_map(|(ldev, rtauto)| {
            let wanted = rtauto.ports.iter().filter(|port| wanted(port));
            wanted.map(|described| port(&ldev.name, &rtauto.name, &described.name)).collect::<Vec<_>>()
        })
        .collect()
}
