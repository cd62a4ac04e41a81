//! Quality of service of a connection: how values travel and how often.

use std::fmt;

open_enum! {
    /// How values travel.
    QosType: u16 {
        /// By DCOM calls when a value changes.
        Acyclic = 0x00 "acyclic",
        /// As acyclic with the value in seconds; obsolete.
        AcyclicSeconds = 0x01 "acyclic (seconds)",
        /// Acyclic, for states.
        AcyclicStatus = 0x02 "acyclic status",
        /// Acyclic, for operator panels.
        AcyclicHmi = 0x03 "acyclic HMI",
        /// A constant held by the consumer.
        Constant = 0x20 "constant",
        /// By real-time frames every cycle (SRT).
        Cyclic = 0x30 "cyclic",
    }
}

impl QosType {
    /// Whether values travel by DCOM calls.
    pub const fn is_acyclic(self) -> bool {
        matches!(self, Self::Acyclic | Self::AcyclicSeconds | Self::AcyclicStatus | Self::AcyclicHmi)
    }
}

/// Type and value of a quality of service. The value counts milliseconds (sampling or transmission
/// interval), for [`QosType::AcyclicSeconds`] seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Qos {
    /// How values travel.
    pub kind: QosType,
    /// Interval.
    pub value: u16,
}

impl Qos {
    /// From its two parts.
    pub const fn new(kind: QosType, value: u16) -> Self {
        Self { kind, value }
    }

    /// The interval in milliseconds; 0 for constants.
    pub const fn interval_millis(self) -> u32 {
        match self.kind {
            QosType::AcyclicSeconds => self.value as u32 * 1000,
            QosType::Constant => 0,
            _ => self.value as u32,
        }
    }
}

impl fmt::Display for Qos {
    /// `acyclic 500 ms`, `constant`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            QosType::Constant => f.write_str("constant"),
            kind => write!(f, "{kind} {} ms", self.interval_millis()),
        }
    }
}
