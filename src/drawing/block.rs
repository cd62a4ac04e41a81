//! Blocks: how large they are and where their ports stand.

use std::sync::Arc;

use emath::{Pos2, Rect, Vec2, pos2, vec2};

use super::font::{self, Weight};
use super::tag::{ArrowTag, ConstantTag};
use super::wire::WireSlot;
use crate::model::{BaseType, ChartId, Direction, FunctionRef, Name, Port, PortRef, RtAuto, ValueType};

/// Measures of a block, in canvas units; all but the texts are on the grid of [`GRID`](sizes::GRID).
pub mod sizes {
    /// One spacing unit: what positions and lengths are multiples of.
    pub const GRID: f32 = 4.0;
    /// Height of the head with title and subtitle.
    pub const HEAD: f32 = 32.0;
    /// Height of a row of ports. Five units, so that any row can stand at the height of any row of another block.
    pub const ROW: f32 = 20.0;
    /// Space between the head and the first row, and below the last.
    pub const BODY_MARGIN: f32 = 6.0;
    /// Height of the row that opens and closes the HMI properties.
    pub const FOLD: f32 = 16.0;
    /// Least width of a block.
    pub const MIN_WIDTH: f32 = 160.0;
    /// Distance of texts from the block's edges.
    pub const TEXT_INSET: f32 = 12.0;
    /// Size of the title.
    pub const TITLE_TEXT: f32 = 13.0;
    /// Size of port labels and notes.
    pub const LABEL_TEXT: f32 = 12.0;
    /// Size of the subtitle and of tags.
    pub const SMALL_TEXT: f32 = 10.5;
    /// Height of a tag of a constant or of an arrow.
    pub const TAG: f32 = 16.0;
    /// Space between a port and its tag.
    pub const TAG_GAP: f32 = 12.0;
}

/// Longest port label and title; longer ones end in `…`.
const MAX_LABEL: f32 = 200.0;
const MAX_TITLE: f32 = 320.0;

/// What a block stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockId {
    /// A function of an instance.
    Function(FunctionRef),
    /// A chart inside this one.
    Chart(ChartId),
}

/// A block's number in its scene, valid until the scene is next updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockSlot(pub u32);

/// The edge that a port stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Inputs.
    Left,
    /// Outputs.
    Right,
}

/// Family of a port's type: its glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortKind {
    /// BOOL.
    Bool,
    /// All integers.
    Integer,
    /// R4 and R8.
    Real,
    /// BSTR.
    Text,
    /// DATE.
    Date,
    /// Structures and arrays, and ports whose type is not known.
    Structure,
}

impl PortKind {
    /// The family of a type.
    pub fn of(value_type: &ValueType) -> Self {
        match value_type.base() {
            Some(BaseType::Bool) => Self::Bool,
            Some(BaseType::R4 | BaseType::R8) => Self::Real,
            Some(BaseType::Bstr) => Self::Text,
            Some(BaseType::Date) => Self::Date,
            Some(_) => Self::Integer,
            None => Self::Structure,
        }
    }
}

/// What all blocks of a function have in common: size, and where ports stand. Shared between them.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    /// Width that ports and subtitle need.
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) ports: Vec<ShapePort>,
    pub(super) subtitle: Name,
    /// HMI properties, shown or not.
    pub(super) n_hmi: u16,
    pub(super) unfolded: bool,
    /// Top of the row that opens and closes them.
    pub(super) fold_y: f32,
    /// The component, or its function, is not in the plan.
    pub(super) missing: bool,
}

#[derive(Debug, PartialEq)]
pub(super) struct ShapePort {
    /// Property of the function; for a chart the inner port.
    pub(super) name: PortName,
    pub(super) label: Name,
    pub(super) side: Side,
    pub(super) row: u16,
    pub(super) kind: PortKind,
    pub(super) mandatory: bool,
    pub(super) both_ways: bool,
    pub(super) twin: bool,
    pub(super) hmi: bool,
    pub(super) missing: bool,
    pub(super) unit: Name,
    /// Below the block's upper edge.
    pub(super) y: f32,
}

/// What a port of a shape stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PortName {
    Own(Name),
    Inner(PortRef),
}

impl ShapePort {
    fn of(port: &Port, side: Side) -> Self {
        Self {
            name: PortName::Own(port.name.clone()),
            label: font::fitted(&port.name, sizes::LABEL_TEXT, Weight::Regular, MAX_LABEL),
            side,
            row: 0,
            kind: PortKind::of(&port.value_type),
            mandatory: port.is_mandatory(),
            both_ways: port.is_input() && port.is_output(),
            twin: false,
            hmi: port.direction == Direction::Hmi,
            missing: false,
            unit: port.unit.clone(),
            y: 0.0,
        }
    }

    /// A port that links name but no description.
    fn missing(name: Name, side: Side) -> Self {
        Self {
            label: font::fitted(&name, sizes::LABEL_TEXT, Weight::Regular, MAX_LABEL),
            name: PortName::Own(name),
            side,
            row: 0,
            kind: PortKind::Structure,
            mandatory: false,
            both_ways: false,
            twin: false,
            hmi: false,
            missing: true,
            unit: Name::default(),
            y: 0.0,
        }
    }

    /// An inner port that crosses the border of a chart.
    pub(super) fn inner(port: PortRef, label: Name, side: Side, kind: PortKind, missing: bool) -> Self {
        Self {
            name: PortName::Inner(port),
            label: font::fitted(&label, sizes::LABEL_TEXT, Weight::Regular, MAX_LABEL),
            side,
            row: 0,
            kind,
            mandatory: false,
            both_ways: false,
            twin: false,
            hmi: false,
            missing,
            unit: Name::default(),
            y: 0.0,
        }
    }
}

impl Shape {
    /// The shape of a function's block. `missing` are ports that links name and the description does not have.
    pub(super) fn of_function(
        function: Option<&RtAuto>,
        subtitle: Name,
        unfolded: bool,
        missing: &[(Name, Side)],
    ) -> Self {
        let ports = function.map(|function| function.ports.as_slice()).unwrap_or_default();
        let mut placed = Vec::with_capacity(ports.len());
        let mut taken = Vec::new();
        let mut left = 0;
        // Ports that are neither inputs nor outputs for links (HMI, not connectable) are folded away.
        for port in ports.iter().filter(|port| port.is_input()) {
            placed.push(ShapePort { row: left, ..ShapePort::of(port, Side::Left) });
            if port.is_output() {
                taken.push(left);
                placed.push(ShapePort { row: left, twin: true, ..ShapePort::of(port, Side::Right) });
            }
            left += 1;
        }
        let mut right = 0;
        let mut next_right = || {
            while taken.contains(&right) {
                right += 1;
            }
            right += 1;
            right - 1
        };
        for port in ports.iter().filter(|port| port.is_output() && !port.is_input()) {
            placed.push(ShapePort { row: next_right(), ..ShapePort::of(port, Side::Right) });
        }
        for (name, side) in missing {
            let row = match side {
                Side::Left => {
                    left += 1;
                    left - 1
                }
                Side::Right => next_right(),
            };
            placed.push(ShapePort { row, ..ShapePort::missing(name.clone(), *side) });
        }
        let hmi: Vec<&Port> = ports.iter().filter(|port| !port.is_input() && !port.is_output()).collect();
        let mut shape = Self {
            width: 0.0,
            height: 0.0,
            ports: placed,
            subtitle: font::fitted(&subtitle, sizes::SMALL_TEXT, Weight::Regular, MAX_TITLE),
            n_hmi: u16::try_from(hmi.len()).unwrap_or(u16::MAX),
            unfolded,
            fold_y: 0.0,
            missing: function.is_none(),
        };
        shape.lay_out(&hmi);
        shape
    }

    /// The shape of a chart's block with the ports that cross its border, in this order on each side.
    pub(super) fn of_chart(subtitle: Name, mut ports: Vec<ShapePort>) -> Self {
        let (mut left, mut right) = (0, 0);
        for port in &mut ports {
            let next = if port.side == Side::Left { &mut left } else { &mut right };
            port.row = *next;
            *next = next.saturating_add(1);
        }
        let mut shape =
            Self { width: 0.0, height: 0.0, ports, subtitle, n_hmi: 0, unfolded: false, fold_y: 0.0, missing: false };
        shape.lay_out(&[]);
        shape
    }

    /// Sets size and places once rows are known; puts HMI properties below when they are unfolded.
    fn lay_out(&mut self, hmi: &[&Port]) {
        let n_rows = self.ports.iter().map(|port| port.row + 1).max().unwrap_or(0);
        let mut height = sizes::HEAD + 2.0 * sizes::BODY_MARGIN + sizes::ROW * f32::from(n_rows);
        if self.n_hmi > 0 {
            self.fold_y = height - sizes::BODY_MARGIN + 2.0;
            height += sizes::FOLD;
        }
        let mut below = n_rows;
        if self.unfolded && self.n_hmi > 0 {
            // Two rows down, so that the fold's own row lies between; what can be written takes values, so it stands left.
            for (side, writable) in [(Side::Left, true), (Side::Right, false)] {
                let mut row = n_rows;
                for port in hmi.iter().filter(|port| port.writable == writable) {
                    self.ports.push(ShapePort { row, ..ShapePort::of(port, side) });
                    row += 1;
                }
                below = below.max(row);
            }
            height += sizes::ROW * f32::from(below - n_rows);
        }
        let mut widths = vec![[0.0_f32; 2]; usize::from(below)];
        for port in self.ports.iter().filter(|port| !port.twin) {
            if let Some(row) = widths.get_mut(usize::from(port.row)) {
                row[usize::from(port.side == Side::Right)] =
                    font::width(&port.label, sizes::LABEL_TEXT, Weight::Regular);
            }
        }
        let rows = widths.iter().map(|[left, right]| left + right + if *right > 0.0 { 28.0 } else { 0.0 });
        let head = font::width(&self.subtitle, sizes::SMALL_TEXT, Weight::Regular) + BESIDE_TITLE;
        self.width = snapped_width(rows.fold(head, f32::max));
        self.height = height;
        for port in &mut self.ports {
            let lowered = if port.row >= n_rows { sizes::FOLD } else { 0.0 };
            port.y = sizes::HEAD + sizes::BODY_MARGIN + sizes::ROW * (f32::from(port.row) + 0.5) + lowered;
        }
    }

    /// Size of a block of this shape with this title.
    pub(super) fn size(&self, title: &str) -> Vec2 {
        let title = font::width(title, sizes::TITLE_TEXT, Weight::SemiBold) + BESIDE_TITLE;
        vec2(self.width.max(snapped_width(title)), self.height)
    }

    /// Number of the port on this side where a link to or from this port of the plan ends.
    pub(super) fn find(&self, wanted: &PortRef, side: Side) -> Option<u16> {
        let is = |port: &ShapePort| {
            port.side == side
                && !port.hmi
                && match &port.name {
                    PortName::Own(name) => *name == wanted.port,
                    PortName::Inner(inner) => inner == wanted,
                }
        };
        u16::try_from(self.ports.iter().position(is)?).ok()
    }
}

/// Room beside the title for an icon and for the dot of the state.
const BESIDE_TITLE: f32 = 32.0;

/// Width of a block whose content is this wide.
fn snapped_width(content: f32) -> f32 {
    (((content + 2.0 * sizes::TEXT_INSET) / 8.0).ceil() * 8.0).max(sizes::MIN_WIDTH)
}

/// Title of a block, cut to the longest there is room for.
pub(super) fn title(text: &str) -> Name {
    font::fitted(text, sizes::TITLE_TEXT, Weight::SemiBold, MAX_TITLE)
}

/// A block on a chart.
///
/// Inputs stand on the left edge, outputs on the right one, in the order of the description. A port that goes both ways stands
/// left with its label and has a twin on the right edge in the same row: what feeds it comes in left, what it feeds leaves right.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it stands for.
    pub id: BlockId,
    /// Where it stands.
    pub rect: Rect,
    /// Instance name, with the function where the component has several (`Filler1 · Fill`); name of a chart.
    pub title: Name,
    /// Values of constants, in front of their inputs.
    pub constants: Vec<ConstantTag>,
    /// Where links lead to or come from other charts, at most one a port.
    pub arrows: Vec<ArrowTag>,
    pub(super) shape: Arc<Shape>,
    pub(super) connected: Box<[bool]>,
    /// Wires at its ports, sorted.
    pub(super) wires: Vec<WireSlot>,
}

/// A port as it stands on its block.
#[derive(Debug, Clone, Copy)]
pub struct BlockPort<'a> {
    /// Its number in the block.
    pub index: u16,
    /// Name, as far as there is room for it.
    pub label: &'a Name,
    /// The edge it stands on.
    pub side: Side,
    /// Row, counted from 0.
    pub row: u16,
    /// Family of its type.
    pub kind: PortKind,
    /// Where it stands on the chart.
    pub at: Pos2,
    /// An input that must be fed and is not, neither by a link nor by a constant.
    pub mandatory_open: bool,
    /// A link ends here.
    pub connected: bool,
    /// Takes and gives values; has a twin on the right.
    pub both_ways: bool,
    /// The right-hand end of a port that goes both ways; its label stands left only.
    pub twin: bool,
    /// An HMI property, or another one that cannot be linked.
    pub hmi: bool,
    /// Links name it, but no description does.
    pub missing: bool,
    /// Unit, may be empty.
    pub unit: &'a Name,
    /// The constant that feeds it.
    pub constant: Option<&'a ConstantTag>,
}

impl Block {
    /// Component name and version, or what the chart holds.
    pub fn subtitle(&self) -> &Name {
        &self.shape.subtitle
    }

    /// Whether the component, or the function in it, is not in the plan.
    pub fn is_missing(&self) -> bool {
        self.shape.missing
    }

    /// The head, with title and subtitle.
    pub fn head(&self) -> Rect {
        Rect::from_min_size(self.rect.min, vec2(self.rect.width(), sizes::HEAD))
    }

    /// HMI properties and others that cannot be linked, shown or not.
    pub fn n_hmi(&self) -> u16 {
        self.shape.n_hmi
    }

    /// Whether HMI properties are shown.
    pub fn is_unfolded(&self) -> bool {
        self.shape.unfolded
    }

    /// The row that opens and closes the HMI properties, when there are any.
    pub fn fold(&self) -> Option<Rect> {
        let top_left = self.rect.min + vec2(0.0, self.shape.fold_y);
        (self.shape.n_hmi > 0).then(|| Rect::from_min_size(top_left, vec2(self.rect.width(), sizes::FOLD)))
    }

    /// Number of ports.
    pub fn n_ports(&self) -> u16 {
        u16::try_from(self.shape.ports.len()).unwrap_or(u16::MAX)
    }

    /// A port by its number.
    pub fn port(&self, index: u16) -> Option<BlockPort<'_>> {
        let port = self.shape.ports.get(usize::from(index))?;
        let connected = self.connected.get(usize::from(index)).copied().unwrap_or(false);
        let constant = self.constants.iter().find(|constant| constant.port == index);
        Some(BlockPort {
            index,
            label: &port.label,
            side: port.side,
            row: port.row,
            kind: port.kind,
            at: self.port_at(index),
            mandatory_open: port.mandatory && !connected && constant.is_none(),
            connected,
            both_ways: port.both_ways,
            twin: port.twin,
            hmi: port.hmi,
            missing: port.missing,
            unit: &port.unit,
            constant,
        })
    }

    /// All ports.
    pub fn ports(&self) -> impl Iterator<Item = BlockPort<'_>> {
        (0..self.n_ports()).filter_map(|index| self.port(index))
    }

    /// The port of the plan that a port of the block stands for; for a chart the inner one.
    pub fn port_ref(&self, index: u16) -> Option<PortRef> {
        match (&self.shape.ports.get(usize::from(index))?.name, &self.id) {
            (PortName::Inner(port), _) => Some(port.clone()),
            (PortName::Own(name), BlockId::Function(function)) => Some(PortRef::new(
                function.instance.clone(),
                function.ldev.clone(),
                function.rtauto.clone(),
                name.clone(),
            )),
            (PortName::Own(_), BlockId::Chart(_)) => None,
        }
    }

    /// Where a port stands on the chart; the block's corner for a number it does not have.
    pub(super) fn port_at(&self, index: u16) -> Pos2 {
        self.shape.ports.get(usize::from(index)).map_or(self.rect.min, |port| {
            let x = if port.side == Side::Left { self.rect.min.x } else { self.rect.max.x };
            pos2(x, self.rect.min.y + port.y)
        })
    }

    /// Puts its upper left corner here, and its tags beside their ports.
    pub(super) fn move_to(&mut self, at: Pos2) {
        self.rect = Rect::from_min_size(at, self.shape.size(&self.title));
        for mut constant in std::mem::take(&mut self.constants) {
            constant.place(self.port_at(constant.port));
            self.constants.push(constant);
        }
        for mut arrow in std::mem::take(&mut self.arrows) {
            let at = self.port_at(arrow.port);
            let left = self.shape.ports.get(usize::from(arrow.port)).is_some_and(|port| port.side == Side::Left);
            // Only a plan with contradictions has both at an input; then they stand beside each other.
            let constant = self.constants.iter().find(|constant| constant.port == arrow.port);
            let right = constant.map_or(at.x, |constant| constant.rect.min.x) - sizes::TAG_GAP;
            arrow.place(at, left.then_some(right));
            self.arrows.push(arrow);
        }
    }

    /// Where the block and each of its tags stand.
    pub(super) fn outline(&self) -> Vec<Rect> {
        let constants = self.constants.iter().map(|constant| constant.rect);
        constants.chain(self.arrows.iter().map(|arrow| arrow.rect)).chain([self.rect]).collect()
    }

    /// What holds block and tags.
    pub(super) fn extent(&self) -> Rect {
        let constants = self.constants.iter().map(|constant| constant.rect);
        constants.chain(self.arrows.iter().map(|arrow| arrow.rect)).fold(self.rect, Rect::union)
    }
}

/// A point of the plan on the canvas; what is not a number is 0.
pub(super) fn canvas(at: crate::model::Point) -> Pos2 {
    // Far beyond this nobody can pan, and coordinates would lose their last digits.
    let within = |value: f32| if value.is_finite() { value.clamp(-1e6, 1e6) } else { 0.0 };
    pos2(within(at.x), within(at.y))
}
