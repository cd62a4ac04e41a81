//! Wires: links as they are drawn.

use emath::{Pos2, Rect};

use super::block::BlockSlot;
use crate::model::{LinkKey, PortRef};

/// A wire's number in its scene, valid until the scene is next updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireSlot(pub u32);

/// Where a wire ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a port of a block.
    Port {
        /// Block.
        block: BlockSlot,
        /// Number of the port in it.
        port: u16,
    },
    /// On another chart: in the arrow beside the port at the wire's other end (`Scene::arrow`).
    Arrow {
        /// Block of the other end.
        block: BlockSlot,
        /// Number of its port.
        port: u16,
    },
}

impl End {
    /// The block, which for an arrow is that of the other end.
    pub fn block(self) -> BlockSlot {
        match self {
            Self::Port { block, .. } | Self::Arrow { block, .. } => block,
        }
    }

    /// Number of the port in that block.
    pub fn port(self) -> u16 {
        match self {
            Self::Port { port, .. } | Self::Arrow { port, .. } => port,
        }
    }

    /// Whether it ends on another chart.
    pub fn is_arrow(self) -> bool {
        matches!(self, Self::Arrow { .. })
    }
}

/// One of the two ends of a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WireEnd {
    /// Where values come from.
    From,
    /// Where they go.
    To,
}

/// A link on a chart.
#[derive(Debug, Clone)]
pub struct Wire {
    /// The link.
    pub key: LinkKey,
    /// The output that feeds it.
    pub provider: PortRef,
    /// Where it comes from.
    pub from: End,
    /// Where it goes.
    pub to: End,
    /// Transmitted cyclically.
    pub cyclic: bool,
    /// Delivers data; others are only stored in the device.
    pub active: bool,
    /// Bends placed by hand, empty when the router decides.
    pub bends: Box<[Pos2]>,
    /// Its corners from output to input; neighbours share x or y.
    pub points: Box<[Pos2]>,
    /// Places on horizontal segments where it hops over the wire of another output.
    pub hops: Box<[Pos2]>,
    /// Places where it leaves the wire of the same output: a dot.
    pub junctions: Box<[Pos2]>,
    /// Comes before others whose rank is greater: the way from end to end.
    pub(super) rank: u32,
    /// Where something that changes may give it another path.
    pub(super) region: Rect,
    /// Its hops and junctions have to be found.
    pub(super) unmarked: bool,
}

impl Wire {
    /// Whether both begin at the same port on the chart, so that they may share their way.
    pub fn shares_output(&self, other: &Self) -> bool {
        self.from == other.from && !self.from.is_arrow()
    }

    /// Its segments, from output to input.
    pub fn segments(&self) -> impl Iterator<Item = (Pos2, Pos2)> {
        self.points.windows(2).filter_map(|pair| match pair {
            [from, to] => Some((*from, *to)),
            _ => None,
        })
    }
}
