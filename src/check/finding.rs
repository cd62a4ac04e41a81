//! What a rule found.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::model::{
    Cable, ChartId, ComponentKey, FunctionRef, LinkKey, Name, Phrase, Placement, PortRef, Qos, ReactionTarget,
    Substitute,
};

/// How bad a finding is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The plan cannot be loaded, or a device will refuse part of it.
    Error,
    /// It can be loaded but is likely not what is wanted.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// The thing a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The plan as a whole.
    Plan,
    /// A component version.
    Component(ComponentKey),
    /// A chart.
    Chart(ChartId),
    /// An instance.
    Instance(Name),
    /// A function of an instance.
    Function(FunctionRef),
    /// A port.
    Port(PortRef),
    /// A link.
    Link(LinkKey),
    /// A stated reaction time.
    Target(ReactionTarget),
    /// A planned device.
    Device(Name),
    /// A subnet.
    Subnet(Name),
    /// A cable.
    Cable(Cable),
}

impl Subject {
    /// What kind of thing it is, as one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Component(_) => "component",
            Self::Chart(_) => "chart",
            Self::Instance(_) => "instance",
            Self::Function(_) => "function",
            Self::Port(_) => "port",
            Self::Link(_) => "link",
            Self::Target(_) => "target",
            Self::Device(_) => "device",
            Self::Subnet(_) => "subnet",
            Self::Cable(_) => "cable",
        }
    }
}

impl fmt::Display for Subject {
    /// Its identity as text: the same in every run, and the same whatever else the plan holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => Ok(()),
            Self::Component(key) => key.fmt(f),
            Self::Chart(ChartId(number)) => number.fmt(f),
            Self::Instance(name) | Self::Device(name) | Self::Subnet(name) => f.write_str(name),
            Self::Function(function) => function.fmt(f),
            Self::Port(port) => port.fmt(f),
            Self::Link(link) => link.fmt(f),
            Self::Target(target) => write!(f, "{} -> {}", target.from, target.to),
            Self::Cable(cable) => {
                write!(f, "{} {} - {} {}", cable.a.device, cable.a.port, cable.b.device, cable.b.port)
            }
        }
    }
}

/// A safe way to mend what was found: applying it takes the finding away and decides nothing that only the engineer can.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What it does, as on a button: `Set Filler1.filled → Capper1.bottle_in to acyclic 100 ms`.
    pub title: Phrase,
    /// The change.
    pub change: FixChange,
}

/// A change to the plan as plain data; `app` makes an edit of it.
#[derive(Debug, Clone, PartialEq)]
pub enum FixChange {
    /// Give a link this transmission.
    SetQos {
        /// Link.
        link: LinkKey,
        /// Transmission.
        qos: Qos,
    },
    /// Take a link out.
    RemoveLink {
        /// Link.
        link: LinkKey,
    },
    /// Give a link this epsilon.
    SetEpsilon {
        /// Link.
        link: LinkKey,
        /// Least change that is sent; `None` sends any.
        epsilon: Option<f64>,
    },
    /// Give a link this value on connection loss.
    SetSubstitute {
        /// Link.
        link: LinkKey,
        /// Substitute.
        substitute: Substitute,
    },
    /// Take the constant of an input away.
    RemoveConstant {
        /// Input.
        port: PortRef,
    },
    /// Give a device this name of station.
    SetNameOfStation {
        /// Device.
        device: Name,
        /// Name of station.
        name: Name,
    },
    /// Let a device use the mask of its subnet.
    ClearMask {
        /// Device.
        device: Name,
    },
    /// Give a device this PROFIBUS address.
    SetProfibusAddress {
        /// Device.
        device: Name,
        /// Address, 0..=125.
        address: u8,
    },
    /// Put a device on this DP master system of its proxy.
    SetSystemId {
        /// Device.
        device: Name,
        /// Number of the system.
        system_id: u8,
        /// PROFIBUS address there, 0..=125; `None` leaves it as it is.
        address: Option<u8>,
    },
    /// Put a function's block on a chart.
    PlaceFunction {
        /// Function.
        function: FunctionRef,
        /// Where.
        placement: Placement,
    },
    /// Take the place of a function that is no more.
    RemovePlacement {
        /// Function.
        function: FunctionRef,
    },
    /// Take a stated reaction time away.
    RemoveTarget {
        /// Target.
        target: ReactionTarget,
    },
}

/// What a rule found about one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Code of the rule; stable and never reused.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The subject as people say it: `Conveyor1.running → Filler1.start`.
    pub place: String,
    /// What is wrong, without naming the subject again.
    pub message: Phrase,
    /// Other things that take part in it.
    pub related: Vec<Subject>,
    /// The numbers and names in the message, by name; the rule's page says what they are.
    pub facts: Map<String, Json>,
    /// A safe way to mend it, where there is one.
    pub fix: Option<Fix>,
}

impl fmt::Display for Finding {
    /// `warning PW107 filler-1: 34 of 32 typical partners, …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: {}", self.severity.token(), self.code, self.place, self.message)
    }
}
