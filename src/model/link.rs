//! Links: planned interconnections from a provider's output to a consumer's input.

use std::fmt;

use super::{Name, PortRef, QosType};

/// A value as the engineer wrote it. It is kept as text, because what it means depends on the type of its port,
/// and a plan whose component changed or is missing must still open; `ValueType::read_literal` reads it.
pub type Literal = Name;

/// Identity of a link: the input it feeds.
///
/// An input has one source, so `nth` is 0. Only a plan that came from outside (two branches merged, a text edited by
/// hand) can feed an input twice; the further links then have `nth` 1, 2, … until the engineer decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey {
    /// The input.
    pub consumer: PortRef,
    /// 0, or more for a surplus link to the same input.
    pub nth: u32,
}

impl LinkKey {
    /// The regular link to this input.
    pub fn to(consumer: PortRef) -> Self {
        Self { consumer, nth: 0 }
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            0 => write!(f, "{}", self.consumer),
            nth => write!(f, "{} ({})", self.consumer, nth + 1),
        }
    }
}

/// Transmission of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qos {
    /// Transmission type; never [`QosType::Constant`], which a constant is.
    pub qos_type: QosType,
    /// Update time in milliseconds, 1..=65535.
    pub value_ms: u16,
}

impl Default for Qos {
    /// Acyclic, 500 ms (wire spec, convention 11).
    fn default() -> Self {
        Self { qos_type: QosType::Acyclic, value_ms: 500 }
    }
}

impl fmt::Display for Qos {
    /// `cyclic 8 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ms", self.qos_type.token(), self.value_ms)
    }
}

/// What an input shows when its connection is lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Substitute {
    /// The last value received, with quality "uncertain, last usable value".
    #[default]
    HoldLast,
    /// This value, with quality "uncertain, substitute set".
    Value(Literal),
}

/// A planned interconnection. Its consumer is in its [`LinkKey`].
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The output that feeds it.
    pub provider: PortRef,
    /// Transmission.
    pub qos: Qos,
    /// Active links deliver data; passive ones are only stored in the device.
    pub active: bool,
    /// Stored in the device across a restart.
    pub persistent: bool,
    /// Least change that is sent, 0 or more; `None` sends any change.
    pub epsilon: Option<f64>,
    /// Value on connection loss.
    pub substitute: Substitute,
    /// The engineer's remark.
    pub comment: Name,
    /// Bends placed by hand on the chart, in canvas units; empty lets the router decide.
    pub bends: Vec<super::Point>,
}

impl Link {
    /// An active, persistent link with default transmission that holds the last value.
    pub fn from(provider: PortRef) -> Self {
        Self {
            provider,
            qos: Qos::default(),
            active: true,
            persistent: true,
            epsilon: None,
            substitute: Substitute::HoldLast,
            comment: Name::default(),
            bends: Vec::new(),
        }
    }
}

/// A value that feeds an input instead of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// The value.
    pub value: Literal,
    /// The engineer's remark.
    pub comment: Name,
}
