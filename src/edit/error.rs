//! Why an edit is refused, in sentences for the screen.

use crate::model::{LiteralError, Name, NameError, PortRef};

/// Why an edit is refused; the plan is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// What the edit speaks of is not there.
    #[error("there is no {kind} {name}")]
    Nothing {
        /// Kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The name is taken.
    #[error("the {kind} {name} is there already")]
    Taken {
        /// Kind of thing.
        kind: &'static str,
        /// The name.
        name: Name,
    },
    /// The text cannot be a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The two ports cannot be linked.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The value does not fit its port.
    #[error("{port}: {why}")]
    Value {
        /// The input.
        port: PortRef,
        /// What is wrong with the value.
        why: LiteralError,
    },
    /// A property out of its range.
    #[error("{0}")]
    Range(&'static str),
    /// Something still needs what shall go.
    #[error("{name} is used by {user}")]
    Used {
        /// What shall go.
        name: String,
        /// Who needs it.
        user: Name,
    },
    /// A component of this id and version is embedded with other content.
    #[error("component {0} is embedded with other content: it was changed without a new version")]
    Changed(String),
    /// A singleton has one instance.
    #[error("{component} can stand in a project once only, it is there as {instance}")]
    Singleton {
        /// Component.
        component: Name,
        /// Its instance.
        instance: Name,
    },
    /// A chart cannot stand in itself, and the top chart stays.
    #[error("{0}")]
    Chart(&'static str),
}

impl EditError {
    pub(super) fn nothing(kind: &'static str, name: &impl ToString) -> Self {
        Self::Nothing { kind, name: name.to_string() }
    }
}

/// Why an output cannot feed an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The port is not in the plan.
    #[error("there is no port {0}")]
    NoPort(PortRef),
    /// HMI ports never connect.
    #[error("{0} is for operator panels and never links")]
    Hmi(PortRef),
    /// The provider is no output.
    #[error("{0} is no output")]
    NotOutput(PortRef),
    /// The consumer is no input.
    #[error("{0} is no input")]
    NotInput(PortRef),
    /// Both ends are one port.
    #[error("a port does not feed itself")]
    Itself,
    /// Only equal types connect.
    #[error("{provider} does not fit {consumer}")]
    Types {
        /// Type of the output.
        provider: String,
        /// Type of the input.
        consumer: String,
    },
    /// The input has a link.
    #[error("already fed by {0}")]
    Fed(PortRef),
    /// The input has a constant.
    #[error("already fed by the constant {0}")]
    Constant(Name),
}
