//! What can differ between two plans, in words.

use std::fmt::Write as _;
use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

use crate::model::{Cable, FunctionRef, LinkKey, Name, PortRef, Qos, Version};

/// Part of the plan that a [`Change`] is about, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Name, remark and settings.
    Project,
    /// Component versions.
    Components,
    /// Charts.
    Charts,
    /// Instances.
    Instances,
    /// Links.
    Links,
    /// Constants.
    Constants,
    /// Reaction targets.
    Targets,
    /// Subnets, devices and cables.
    Network,
    /// Positions.
    Layout,
}

impl Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Project => "Project",
            Self::Components => "Components",
            Self::Charts => "Charts",
            Self::Instances => "Instances",
            Self::Links => "Links",
            Self::Constants => "Constants",
            Self::Targets => "Reaction targets",
            Self::Network => "Network",
            Self::Layout => "Layout",
        })
    }
}

/// A chart by the names from the top down; empty for the top chart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ChartPath(pub Vec<Name>);

impl Display for ChartPath {
    /// `Filling / Cell`, `the top chart`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("the top chart") } else { f.write_str(&self.0.join(" / ")) }
    }
}

/// A component as people call it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ComponentLabel {
    /// Library caption; the id when the description is not in the plan.
    pub name: Name,
    /// Version.
    #[serde(serialize_with = "as_text")]
    pub version: Version,
}

impl Display for ComponentLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// What of a link was set otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkProperty {
    /// Type and update time.
    Transmission,
    /// Active or passive.
    Activation,
    /// Kept across a restart or not.
    Persistence,
    /// Least change sent.
    Epsilon,
    /// Value on connection loss.
    Substitute,
    /// The engineer's remark.
    Remark,
}

impl Display for LinkProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transmission => "transmission",
            Self::Activation => "activation",
            Self::Persistence => "persistence",
            Self::Epsilon => "epsilon",
            Self::Substitute => "substitute",
            Self::Remark => "remark",
        })
    }
}

/// What of a device was set otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceProperty {
    /// On Ethernet or on PROFIBUS.
    Attachment,
    /// Subnet of the plan.
    Subnet,
    /// PROFINET name of station.
    NameOfStation,
    /// IP address.
    Ip,
    /// Mask of its own.
    Mask,
    /// Router.
    Router,
    /// MAC address.
    Mac,
    /// Proxy it is behind.
    Proxy,
    /// DP master system in the proxy.
    System,
    /// PROFIBUS address.
    ProfibusAddress,
    /// The engineer's remark.
    Remark,
}

impl Display for DeviceProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attachment => "attachment",
            Self::Subnet => "subnet",
            Self::NameOfStation => "name of station",
            Self::Ip => "IP address",
            Self::Mask => "mask",
            Self::Router => "router",
            Self::Mac => "MAC address",
            Self::Proxy => "proxy",
            Self::System => "DP master system",
            Self::ProfibusAddress => "PROFIBUS address",
            Self::Remark => "remark",
        })
    }
}

/// How much moved without changing anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LayoutCount {
    /// Function blocks moved on their charts.
    pub blocks: usize,
    /// Blocks of charts moved in their parents.
    pub charts: usize,
    /// Charts whose frames or notes moved.
    pub decorations: usize,
    /// Links drawn another way.
    pub routes: usize,
    /// Devices moved in the network view.
    pub devices: usize,
}

/// One difference between two plans. [`Display`] gives a sentence without a full stop.
///
/// Values are given as in project files and are empty for none; so are texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // The sentence of each stands below.
pub enum Change {
    ProjectRenamed {
        from: Name,
        to: Name,
    },
    ProjectRemark {
        from: String,
        to: String,
    },
    ResolverPort {
        from: u16,
        to: u16,
    },
    DefaultTransmission {
        #[serde(serialize_with = "as_text")]
        from: Qos,
        #[serde(serialize_with = "as_text")]
        to: Qos,
    },

    ComponentAdded {
        component: ComponentLabel,
    },
    ComponentRemoved {
        component: ComponentLabel,
    },
    /// One version took the place of another.
    ComponentVersion {
        name: Name,
        #[serde(serialize_with = "as_text")]
        from: Version,
        #[serde(serialize_with = "as_text")]
        to: Version,
    },
    /// The description is another one under the same version. `what` lists ports that came, went or are otherwise.
    ComponentChanged {
        component: ComponentLabel,
        what: Vec<String>,
    },

    ChartAdded {
        chart: ChartPath,
    },
    ChartRemoved {
        chart: ChartPath,
    },
    ChartRenamed {
        chart: ChartPath,
        from: Name,
    },
    ChartMoved {
        chart: ChartPath,
        from: ChartPath,
    },
    ChartRemark {
        chart: ChartPath,
        from: Name,
        to: Name,
    },
    /// Titles of frames or texts of notes.
    ChartNotes {
        chart: ChartPath,
    },

    InstanceAdded {
        instance: Name,
        component: ComponentLabel,
        device: Name,
        chart: Option<ChartPath>,
    },
    InstanceRemoved {
        instance: Name,
        component: ComponentLabel,
    },
    InstanceRenamed {
        from: Name,
        to: Name,
    },
    InstanceComponent {
        instance: Name,
        from: ComponentLabel,
        to: ComponentLabel,
    },
    InstanceDevice {
        instance: Name,
        from: Name,
        to: Name,
    },
    InstanceRemark {
        instance: Name,
        from: Name,
        to: Name,
    },
    /// All its blocks moved to one other chart.
    InstanceMoved {
        instance: Name,
        from: ChartPath,
        to: ChartPath,
    },
    FunctionMoved {
        function: FunctionRef,
        from: ChartPath,
        to: ChartPath,
    },
    /// Functions came or went although the component is the same.
    InstanceFunctions {
        instance: Name,
    },

    LinkAdded {
        #[serde(serialize_with = "as_text")]
        consumer: LinkKey,
        #[serde(serialize_with = "as_text")]
        provider: PortRef,
        #[serde(serialize_with = "as_text")]
        qos: Qos,
    },
    LinkRemoved {
        #[serde(serialize_with = "as_text")]
        consumer: LinkKey,
        #[serde(serialize_with = "as_text")]
        provider: PortRef,
    },
    /// The input is fed by another output.
    LinkSource {
        #[serde(serialize_with = "as_text")]
        consumer: LinkKey,
        #[serde(serialize_with = "as_text")]
        from: PortRef,
        #[serde(serialize_with = "as_text")]
        to: PortRef,
    },
    /// The output feeds another input.
    LinkTarget {
        #[serde(serialize_with = "as_text")]
        provider: PortRef,
        #[serde(serialize_with = "as_text")]
        from: LinkKey,
        #[serde(serialize_with = "as_text")]
        to: LinkKey,
    },
    LinkChanged {
        #[serde(serialize_with = "as_text")]
        consumer: LinkKey,
        property: LinkProperty,
        from: String,
        to: String,
    },

    ConstantAdded {
        #[serde(serialize_with = "as_text")]
        port: PortRef,
        value: Name,
    },
    ConstantRemoved {
        #[serde(serialize_with = "as_text")]
        port: PortRef,
        value: Name,
    },
    ConstantChanged {
        #[serde(serialize_with = "as_text")]
        port: PortRef,
        from: Name,
        to: Name,
    },
    ConstantRemark {
        #[serde(serialize_with = "as_text")]
        port: PortRef,
        from: Name,
        to: Name,
    },

    TargetAdded {
        from: FunctionRef,
        to: FunctionRef,
        max_ms: u32,
    },
    TargetRemoved {
        from: FunctionRef,
        to: FunctionRef,
        max_ms: u32,
    },
    TargetChanged {
        from: FunctionRef,
        to: FunctionRef,
        old_max_ms: u32,
        max_ms: u32,
    },

    SubnetAdded {
        subnet: Name,
        range: String,
    },
    SubnetRemoved {
        subnet: Name,
        range: String,
    },
    SubnetRange {
        subnet: Name,
        from: String,
        to: String,
    },
    SubnetRemark {
        subnet: Name,
        from: Name,
        to: Name,
    },
    DeviceAdded {
        device: Name,
        address: String,
    },
    DeviceRemoved {
        device: Name,
        address: String,
    },
    DeviceRenamed {
        from: Name,
        to: Name,
    },
    DeviceChanged {
        device: Name,
        property: DeviceProperty,
        from: String,
        to: String,
    },
    CableAdded {
        #[serde(serialize_with = "cable_text")]
        cable: Cable,
    },
    CableRemoved {
        #[serde(serialize_with = "cable_text")]
        cable: Cable,
    },

    /// Positions only; nothing that any device or check would see.
    Layout(LayoutCount),
}

fn as_text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn cable_text<S: Serializer>(cable: &Cable, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Shown(cable))
}

/// `Filler1 port 2 – Conveyor1 port 1`.
struct Shown<'a>(&'a Cable);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cable { a, b } = self.0;
        write!(f, "{} port {} – {} port {}", a.device, a.port, b.device, b.port)
    }
}

impl Change {
    /// What part of the plan it is about.
    pub fn group(&self) -> Group {
        match self {
            Self::ProjectRenamed { .. }
            | Self::ProjectRemark { .. }
            | Self::ResolverPort { .. }
            | Self::DefaultTransmission { .. } => Group::Project,
            Self::ComponentAdded { .. }
            | Self::ComponentRemoved { .. }
            | Self::ComponentVersion { .. }
            | Self::ComponentChanged { .. } => Group::Components,
            Self::ChartAdded { .. }
            | Self::ChartRemoved { .. }
            | Self::ChartRenamed { .. }
            | Self::ChartMoved { .. }
            | Self::ChartRemark { .. }
            | Self::ChartNotes { .. } => Group::Charts,
            Self::InstanceAdded { .. }
            | Self::InstanceRemoved { .. }
            | Self::InstanceRenamed { .. }
            | Self::InstanceComponent { .. }
            | Self::InstanceDevice { .. }
            | Self::InstanceRemark { .. }
            | Self::InstanceMoved { .. }
            | Self::FunctionMoved { .. }
            | Self::InstanceFunctions { .. } => Group::Instances,
            Self::LinkAdded { .. }
            | Self::LinkRemoved { .. }
            | Self::LinkSource { .. }
            | Self::LinkTarget { .. }
            | Self::LinkChanged { .. } => Group::Links,
            Self::ConstantAdded { .. }
            | Self::ConstantRemoved { .. }
            | Self::ConstantChanged { .. }
            | Self::ConstantRemark { .. } => Group::Constants,
            Self::TargetAdded { .. } | Self::TargetRemoved { .. } | Self::TargetChanged { .. } => Group::Targets,
            Self::SubnetAdded { .. }
            | Self::SubnetRemoved { .. }
            | Self::SubnetRange { .. }
            | Self::SubnetRemark { .. }
            | Self::DeviceAdded { .. }
            | Self::DeviceRemoved { .. }
            | Self::DeviceRenamed { .. }
            | Self::DeviceChanged { .. }
            | Self::CableAdded { .. }
            | Self::CableRemoved { .. } => Group::Network,
            Self::Layout(_) => Group::Layout,
        }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProjectRenamed { from, to } => write!(f, "renamed from {from} to {to}"),
            Self::ProjectRemark { from, to } => write!(f, "remark: {}", Text(from, to)),
            Self::ResolverPort { from, to } => write!(f, "resolver port: {from} to {to}"),
            Self::DefaultTransmission { from, to } => write!(f, "transmission of new links: {from} to {to}"),

            Self::ComponentAdded { component } => write!(f, "{component} added"),
            Self::ComponentRemoved { component } => write!(f, "{component} removed"),
            Self::ComponentVersion { name, from, to } => write!(f, "{name}: version {from} to {to}"),
            Self::ComponentChanged { component, what } => {
                write!(f, "{component}: another description under the same version")?;
                let what = if what.is_empty() { "same ports".to_owned() } else { what.join(", ") };
                write!(f, " ({what})")
            }

            Self::ChartAdded { chart } => write!(f, "{chart} added"),
            Self::ChartRemoved { chart } => write!(f, "{chart} removed"),
            Self::ChartRenamed { chart, from } => write!(f, "{chart}: renamed from {from}"),
            Self::ChartMoved { chart, from } => write!(f, "{chart}: moved here from {from}"),
            Self::ChartRemark { chart, from, to } => write!(f, "{chart}: remark: {}", Text(from, to)),
            Self::ChartNotes { chart } => write!(f, "{chart}: frames or notes say something else"),

            Self::InstanceAdded { instance, component, device, chart } => {
                write!(f, "{instance} added: {component} on device {device}")?;
                if let Some(chart) = chart { write!(f, ", {chart}") } else { Ok(()) }
            }
            Self::InstanceRemoved { instance, component } => write!(f, "{instance} removed: {component}"),
            Self::InstanceRenamed { from, to } => write!(f, "{to}: renamed from {from}"),
            Self::InstanceComponent { instance, from, to } if from.name == to.name => {
                write!(f, "{instance}: {}, version {} to {}", to.name, from.version, to.version)
            }
            Self::InstanceComponent { instance, from, to } => write!(f, "{instance}: {from} replaced by {to}"),
            Self::InstanceDevice { instance, from, to } => write!(f, "{instance}: device {from} to {to}"),
            Self::InstanceRemark { instance, from, to } => write!(f, "{instance}: remark: {}", Text(from, to)),
            Self::InstanceMoved { instance, from, to } => write!(f, "{instance}: moved from {from} to {to}"),
            Self::FunctionMoved { function, from, to } => write!(f, "{function}: moved from {from} to {to}"),
            Self::InstanceFunctions { instance } => write!(f, "{instance}: has other functions"),

            Self::LinkAdded { consumer, provider, qos } => write!(f, "{provider} → {consumer} added, {qos}"),
            Self::LinkRemoved { consumer, provider } => write!(f, "{provider} → {consumer} removed"),
            Self::LinkSource { consumer, from, to } => write!(f, "{consumer}: fed by {to} instead of {from}"),
            Self::LinkTarget { provider, from, to } => write!(f, "{provider}: feeds {to} instead of {from}"),
            Self::LinkChanged { consumer, property, from, to } => {
                write!(f, "{consumer}: {property}: {}", Text(from, to))
            }

            Self::ConstantAdded { port, value } => write!(f, "{port} = {value} added"),
            Self::ConstantRemoved { port, value } => write!(f, "{port} = {value} removed"),
            Self::ConstantChanged { port, from, to } => write!(f, "{port}: {}", Text(from, to)),
            Self::ConstantRemark { port, from, to } => write!(f, "{port}: remark: {}", Text(from, to)),

            Self::TargetAdded { from, to, max_ms } => write!(f, "{from} to {to} within {max_ms} ms added"),
            Self::TargetRemoved { from, to, max_ms } => write!(f, "{from} to {to} within {max_ms} ms removed"),
            Self::TargetChanged { from, to, old_max_ms, max_ms } => {
                write!(f, "{from} to {to}: {old_max_ms} ms to {max_ms} ms")
            }

            Self::SubnetAdded { subnet, range } => write!(f, "subnet {subnet} added: {range}"),
            Self::SubnetRemoved { subnet, range } => write!(f, "subnet {subnet} removed: {range}"),
            Self::SubnetRange { subnet, from, to } => write!(f, "subnet {subnet}: {from} to {to}"),
            Self::SubnetRemark { subnet, from, to } => write!(f, "subnet {subnet}: remark: {}", Text(from, to)),
            Self::DeviceAdded { device, address } => write!(f, "device {device} added: {address}"),
            Self::DeviceRemoved { device, address } => write!(f, "device {device} removed: {address}"),
            Self::DeviceRenamed { from, to } => write!(f, "device {to}: renamed from {from}"),
            Self::DeviceChanged { device, property, from, to } => {
                write!(f, "device {device}: {property}: {}", Text(from, to))
            }
            Self::CableAdded { cable } => write!(f, "cable {} added", Shown(cable)),
            Self::CableRemoved { cable } => write!(f, "cable {} removed", Shown(cable)),

            Self::Layout(LayoutCount { blocks, charts, decorations, routes, devices }) => {
                let counted = [
                    (*blocks, "block", "blocks"),
                    (*charts, "chart", "charts"),
                    (*decorations, "chart's frames or notes", "charts' frames or notes"),
                    (*routes, "route of a link", "routes of links"),
                    (*devices, "device", "devices"),
                ];
                let parts = counted.iter().filter(|(count, ..)| *count > 0);
                let parts: Vec<_> = parts
                    .map(|(count, one, more)| format!("{count} {}", if *count == 1 { one } else { more }))
                    .collect();
                write!(f, "moved without another change: {}", parts.join(", "))
            }
        }
    }
}

/// `old to new`, with `none` for empty ones; long texts and such with line breaks are cut.
struct Text<'a>(&'a str, &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |text: &str| {
            let line = text.lines().next().unwrap_or_default();
            let mut short: String = line.chars().take(60).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            if short.is_empty() { "none".to_owned() } else { short }
        };
        write!(f, "{} to {}", short(self.0), short(self.1))
    }
}

/// Changes by group, groups in their order.
fn grouped(changes: &[Change]) -> impl Iterator<Item = (Group, &[Change])> {
    changes.chunk_by(|one, next| one.group() == next.group()).filter_map(|group| Some((group.first()?.group(), group)))
}

/// Changes as lines of text below the headings of their groups; empty when there are none.
pub fn to_text(changes: &[Change]) -> String {
    let mut out = String::new();
    for (group, changes) in grouped(changes) {
        // Writes to a `String` cannot fail.
        let _ = writeln!(out, "{group}");
        for change in changes {
            let _ = writeln!(out, "  {change}");
        }
    }
    out
}
