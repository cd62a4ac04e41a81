//! The one door to change a plan: [`Document::apply`] with an [`Edit`].
//!
//! An edit is a value with a name. It is checked, applied to a copy that shares everything it leaves alone, and kept in
//! the history; a refused edit changes nothing. Screen, command line, import and scripts all come through here, so undo, redo
//! and "modified" are right for all of them. Edits never make what `check` would have to forbid: a link between ports
//! that do not fit, a second source for an input, two things of one name.
//!
//! This part knows no file, no clock and no screen. Start reading at [`Document`] and [`Edit`]; then one file a family of
//! edits: `place`, `component`, `rename`, `link`, `chart`, `clipboard`, `network`.

mod chart;
mod clipboard;
mod component;
mod document;
mod error;
mod link;
mod network;
mod place;
mod rename;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

pub use clipboard::Clip;
pub use component::vanishing_ports;
pub use document::{Applied, Document};
pub use error::{EditError, LinkError};
pub use link::{drawn, why_not};
pub use place::{free_name, station_name};

use crate::model::*;
use crate::say;

/// A change of the plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Embeds a component version.
    AddComponent(Arc<Component>),
    /// Takes out a component version that no instance uses.
    RemoveComponent(ComponentKey),
    /// Lets instances use another component version; links and constants of ports that are gone or of another type go
    /// too, see [`vanishing_ports`].
    ReplaceComponent {
        /// Instances to change.
        instances: Vec<Name>,
        /// The version they shall use; embedded already.
        to: ComponentKey,
    },
    /// Places an instance on a device of its own.
    Place {
        /// Component, embedded already.
        component: ComponentKey,
        /// Name; `None` lets [`free_name`] choose.
        name: Option<Name>,
        /// Chart its functions stand on.
        chart: ChartId,
        /// Position of the first function.
        at: Point,
    },
    /// Removes instances with their links, constants, targets, and devices that nothing else runs on.
    Remove(Vec<Name>),
    /// Renames an instance; everything that refers to it follows, its own device included.
    RenameInstance {
        /// Old name.
        from: Name,
        /// New name.
        to: Name,
    },
    /// Sets the remark of an instance.
    CommentInstance {
        /// Instance.
        instance: Name,
        /// Remark.
        comment: Name,
    },
    /// Lets an instance run on another device; its former one goes when nothing else runs on it.
    SetInstanceDevice {
        /// Instance.
        instance: Name,
        /// Planned device.
        device: Name,
    },
    /// Moves function blocks, on their chart or to another; one without a place gets it.
    MoveBlocks(Vec<(FunctionRef, Placement)>),
    /// Takes out the place of a function that the component, perhaps in another version, does not have.
    RemoveBlock(FunctionRef),
    /// Adds an empty chart.
    AddChart {
        /// Name, free among its siblings.
        name: Name,
        /// Chart it stands in.
        parent: ChartId,
        /// Position of its block there.
        at: Point,
    },
    /// Removes a chart with all charts inside and the instances at home on them.
    RemoveChart(ChartId),
    /// Renames a chart.
    RenameChart {
        /// Chart.
        chart: ChartId,
        /// New name, free among its siblings.
        name: Name,
    },
    /// Moves a chart in its parent or into another chart.
    MoveChart {
        /// Chart.
        chart: ChartId,
        /// Chart it shall stand in.
        parent: ChartId,
        /// Position there.
        at: Point,
    },
    /// Copies a chart with everything inside, as a module with names of its own; links inside are kept.
    CopyChart {
        /// Chart to copy.
        chart: ChartId,
        /// Position of the copy beside it.
        at: Point,
    },
    /// Sets remark, frames and notes of a chart.
    DecorateChart {
        /// Chart.
        chart: ChartId,
        /// Remark.
        comment: Name,
        /// Frames.
        frames: Vec<Frame>,
        /// Notes.
        notes: Vec<Note>,
    },
    /// Inserts a [`Clip`] with new names.
    Paste {
        /// What was copied.
        clip: Arc<Clip>,
        /// Chart to insert into.
        chart: ChartId,
        /// Added to the positions of what was copied.
        offset: Point,
    },
    /// Links an output to an input, with the default transmission and the proposals of the description.
    Link {
        /// Output.
        provider: PortRef,
        /// Input.
        consumer: PortRef,
    },
    /// Takes a link out.
    Unlink(LinkKey),
    /// Plugs a link into other ends; its properties stay.
    Replug {
        /// The link.
        key: LinkKey,
        /// New output.
        provider: PortRef,
        /// New input.
        consumer: PortRef,
    },
    /// Sets the properties of a link; its provider stays. A property that stays as it is may be wrong: so one mistake is
    /// mended after the other.
    SetLink {
        /// The link.
        key: LinkKey,
        /// Properties; the provider in it is not looked at.
        properties: Box<Link>,
    },
    /// Feeds an input by a constant.
    SetConstant {
        /// Input.
        port: PortRef,
        /// Value and remark.
        constant: Constant,
    },
    /// Takes a constant out.
    ClearConstant(PortRef),
    /// Adds or changes a subnet.
    SetSubnet {
        /// Name.
        name: Name,
        /// Range.
        subnet: Subnet,
    },
    /// Removes a subnet; devices in it keep their addresses.
    RemoveSubnet(Name),
    /// Changes addresses, attachment, position or remark of a device, or adds one. What stays as it is may be wrong.
    SetDevice {
        /// Name.
        name: Name,
        /// What it shall be.
        device: Device,
    },
    /// Renames a device; everything that refers to it follows.
    RenameDevice {
        /// Old name.
        from: Name,
        /// New name.
        to: Name,
    },
    /// Renames a subnet; the devices in it follow.
    RenameSubnet {
        /// Old name.
        from: Name,
        /// New name.
        to: Name,
    },
    /// Removes a device that no instance runs on, with its cables and state.
    RemoveDevice(Name),
    /// Draws a cable.
    AddCable(Cable),
    /// Takes a cable out.
    RemoveCable(Cable),
    /// States a reaction time.
    AddTarget(ReactionTarget),
    /// Takes a stated reaction time out.
    RemoveTarget(ReactionTarget),
    /// Sets the choices for the project.
    SetSettings(Settings),
    /// Renames the project.
    RenameProject(Name),
    /// Sets the remark on the project.
    CommentProject(Arc<str>),
    /// Notes what is known of a device; `None` forgets it.
    SetState {
        /// Device.
        device: Name,
        /// Facts.
        state: Option<DeviceState>,
    },
    /// Several edits as one step: all of them or none.
    Group(Phrase, Vec<Edit>),
}

impl Edit {
    /// What the edit does, for undo menus and reports: `Rename Filler1 to Filler2`.
    pub fn label(&self) -> Phrase {
        let list = |names: &[Name]| match names {
            [only] => only.say(),
            _ => say!("{n} instances", n = names.len()),
        };
        match self {
            Self::AddComponent(component) => {
                say!("Add component {name} {version}", name = component.name, version = component.key.version)
            }
            Self::RemoveComponent(_) => say!("Remove component"),
            Self::ReplaceComponent { instances, to } => {
                say!("Change {instances} to version {version}", instances = list(instances), version = to.version)
            }
            Self::Place { name: Some(name), .. } => say!("Place {name}", name),
            Self::Place { .. } => say!("Place instance"),
            Self::Remove(names) => say!("Remove {instances}", instances = list(names)),
            Self::RenameInstance { from, to } | Self::RenameDevice { from, to } | Self::RenameSubnet { from, to } => {
                say!("Rename {from} to {to}", from, to)
            }
            Self::CommentInstance { instance, .. } => say!("Comment {instance}", instance),
            Self::SetInstanceDevice { instance, device } => say!("Run {instance} on {device}", instance, device),
            Self::MoveBlocks(_) => say!("Move blocks"),
            Self::RemoveBlock(function) => say!("Remove the place of {function}", function),
            Self::AddChart { name, .. } => say!("Add chart {name}", name),
            Self::RemoveChart(_) => say!("Remove chart"),
            Self::RenameChart { name, .. } => say!("Rename chart to {name}", name),
            Self::MoveChart { .. } => say!("Move chart"),
            Self::CopyChart { .. } => say!("Copy chart"),
            Self::DecorateChart { .. } => say!("Change frames and notes"),
            Self::Paste { .. } => say!("Paste"),
            Self::Link { provider, consumer } => say!("Link {provider} to {consumer}", provider, consumer),
            Self::Unlink(key) => say!("Unlink {key}", key),
            Self::Replug { provider, consumer, .. } => say!("Plug {provider} to {consumer}", provider, consumer),
            Self::SetLink { key, .. } => say!("Change link to {key}", key),
            Self::SetConstant { port, constant } => say!("Set {port} to {value}", port, value = constant.value),
            Self::ClearConstant(port) => say!("Clear {port}", port),
            Self::SetSubnet { name, .. } => say!("Change subnet {name}", name),
            Self::RemoveSubnet(name) => say!("Remove subnet {name}", name),
            Self::SetDevice { name, .. } => say!("Change device {name}", name),
            Self::RemoveDevice(name) => say!("Remove device {name}", name),
            Self::AddCable(_) => say!("Draw cable"),
            Self::RemoveCable(_) => say!("Remove cable"),
            Self::AddTarget(_) => say!("State reaction time"),
            Self::RemoveTarget(_) => say!("Remove reaction time"),
            Self::SetSettings(_) => say!("Change settings"),
            Self::RenameProject(name) => say!("Rename project to {name}", name),
            Self::CommentProject(_) => say!("Comment project"),
            Self::SetState { device, .. } => say!("Note state of {device}", device),
            Self::Group(label, _) => label.clone(),
        }
    }

    /// Changes `plan`; after an error it may be half changed, so the caller works on a copy.
    fn run(&self, plan: &mut Plan) -> Result<(), EditError> {
        match self {
            Self::AddComponent(component) => component::add(plan, component),
            Self::RemoveComponent(key) => component::remove(plan, key),
            Self::ReplaceComponent { instances, to } => component::replace(plan, instances, to),
            Self::Place { component, name, chart, at } => place::place(plan, component, name.clone(), *chart, *at),
            Self::Remove(names) => place::remove(plan, names),
            Self::RenameInstance { from, to } => rename::instance(plan, from, to),
            Self::CommentInstance { instance, comment } => place::comment(plan, instance, comment),
            Self::SetInstanceDevice { instance, device } => place::set_device(plan, instance, device),
            Self::MoveBlocks(blocks) => place::move_blocks(plan, blocks),
            Self::RemoveBlock(function) => place::remove_block(plan, function),
            Self::AddChart { name, parent, at } => chart::add(plan, name, *parent, *at).map(drop),
            Self::RemoveChart(chart) => chart::remove(plan, *chart),
            Self::RenameChart { chart, name } => chart::rename(plan, *chart, name),
            Self::MoveChart { chart, parent, at } => chart::relocate(plan, *chart, *parent, *at),
            Self::CopyChart { chart, at } => chart::copy(plan, *chart, *at),
            Self::DecorateChart { chart, comment, frames, notes } => {
                chart::decorate(plan, *chart, comment, frames, notes)
            }
            Self::Paste { clip, chart, offset } => clip.paste(plan, *chart, *offset),
            Self::Link { provider, consumer } => link::link(plan, provider, consumer),
            Self::Unlink(key) => link::unlink(plan, key).map(drop),
            Self::Replug { key, provider, consumer } => link::replug(plan, key, provider, consumer),
            Self::SetLink { key, properties } => link::set(plan, key, properties),
            Self::SetConstant { port, constant } => link::set_constant(plan, port, constant),
            Self::ClearConstant(port) => link::clear_constant(plan, port),
            Self::SetSubnet { name, subnet } => network::set_subnet(plan, name, subnet),
            Self::RemoveSubnet(name) => network::remove_subnet(plan, name),
            Self::SetDevice { name, device } => network::set_device(plan, name, device),
            Self::RenameDevice { from, to } => rename::device(plan, from, to),
            Self::RenameSubnet { from, to } => rename::subnet(plan, from, to),
            Self::RemoveDevice(name) => network::remove_device(plan, name),
            Self::AddCable(cable) => network::add_cable(plan, cable),
            Self::RemoveCable(cable) => network::remove_cable(plan, cable),
            Self::AddTarget(target) => {
                plan.targets.insert(target.clone());
                Ok(())
            }
            Self::RemoveTarget(target) => plan
                .targets
                .remove(target)
                .map(drop)
                .ok_or_else(|| EditError::nothing(say!("stated time"), &target.from)),
            Self::SetSettings(settings) => {
                plan.settings = settings.clone();
                Ok(())
            }
            Self::RenameProject(name) => chart::rename_project(plan, name),
            Self::CommentProject(comment) => {
                plan.comment = comment.clone();
                Ok(())
            }
            Self::SetState { device, state } => network::set_state(plan, device, state.clone()),
            Self::Group(_, edits) => edits.iter().try_for_each(|edit| edit.run(plan)),
        }
    }
}
