//! Why an edit is refused, in sentences for the screen.

use crate::model::{LiteralError, Name, NameError, Phrase, PortRef, Say};

/// Why an edit is refused; the plan is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// What the edit speaks of is not there.
    Nothing {
        /// Kind of thing.
        kind: Phrase,
        /// Its name.
        name: String,
    },
    /// The name is taken.
    Taken {
        /// Kind of thing.
        kind: Phrase,
        /// The name.
        name: Name,
    },
    /// The text cannot be a name.
    Name(NameError),
    /// The two ports cannot be linked.
    Link(LinkError),
    /// The value does not fit its port.
    Value {
        /// The input.
        port: PortRef,
        /// What is wrong with the value.
        why: LiteralError,
    },
    /// A property out of its range.
    Range(Phrase),
    /// Something still needs what shall go.
    Used {
        /// What shall go.
        name: Phrase,
        /// Who needs it.
        user: Name,
    },
    /// A component of this id and version is embedded with other content.
    Changed(String),
    /// A singleton has one instance.
    Singleton {
        /// Component.
        component: Name,
        /// Its instance.
        instance: Name,
    },
    /// A chart cannot stand in itself, and the top chart stays.
    Chart(Phrase),
}

impl Say for EditError {
    fn say(&self) -> Phrase {
        match self {
            Self::Nothing { kind, name } => crate::say!("there is no {kind} {name}", kind, name),
            Self::Taken { kind, name } => crate::say!("the {kind} {name} is there already", kind, name),
            Self::Name(it) => it.say(),
            Self::Link(it) => it.say(),
            Self::Value { port, why } => crate::say!("{port}: {why}", port, why),
            Self::Range(it) => it.say(),
            Self::Used { name, user } => crate::say!("{name} is used by {user}", name, user),
            Self::Changed(it) => {
                crate::say!("component {it} is embedded with other content: it was changed without a new version", it)
            }
            Self::Singleton { component, instance } => crate::say!(
                "{component} can stand in a project once only, it is there as {instance}",
                component,
                instance
            ),
            Self::Chart(it) => it.say(),
        }
    }
}

crate::error_in_words!(EditError);

impl From<NameError> for EditError {
    fn from(it: NameError) -> Self {
        Self::Name(it)
    }
}

impl From<LinkError> for EditError {
    fn from(it: LinkError) -> Self {
        Self::Link(it)
    }
}

impl EditError {
    pub(super) fn nothing(kind: Phrase, name: &impl ToString) -> Self {
        Self::Nothing { kind, name: name.to_string() }
    }
}

/// Why an output cannot feed an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// The port is not in the plan.
    NoPort(PortRef),
    /// HMI ports never connect.
    Hmi(PortRef),
    /// The provider is no output.
    NotOutput(PortRef),
    /// The consumer is no input.
    NotInput(PortRef),
    /// Both ends are one port.
    Itself,
    /// Only equal types connect.
    Types {
        /// Type of the output.
        provider: String,
        /// Type of the input.
        consumer: String,
    },
    /// The input has a link.
    Fed(PortRef),
    /// The input has a constant.
    Constant(Name),
}

impl Say for LinkError {
    fn say(&self) -> Phrase {
        match self {
            Self::NoPort(it) => crate::say!("there is no port {it}", it),
            Self::Hmi(it) => crate::say!("{it} is for operator panels and never links", it),
            Self::NotOutput(it) => crate::say!("{it} is no output", it),
            Self::NotInput(it) => crate::say!("{it} is no input", it),
            Self::Itself => crate::say!("a port does not feed itself"),
            Self::Types { provider, consumer } => crate::say!("{provider} does not fit {consumer}", provider, consumer),
            Self::Fed(it) => crate::say!("already fed by {it}", it),
            Self::Constant(it) => crate::say!("already fed by the constant {it}", it),
        }
    }
}

crate::error_in_words!(LinkError);
