//! Where devices, subnets and PROFIBUS lines stand in the network view.
//!
//! A device stands where the plan says, if that place is free; otherwise it is put below, with those of its subnet or line. A bus runs
//! above each row of its devices, and a trunk at their left joins the rows. Canvas units, 1 px at 100 %.

use std::collections::{BTreeMap, HashMap};

use emath::{Pos2, Rect, Vec2, pos2, vec2};

use crate::model::{Attachment, Name, Plan, Point};

/// Size of a card.
pub const CARD: Vec2 = vec2(200.0, 96.0);
/// From card to card where they are put in rows.
const STEP: Vec2 = vec2(240.0, 160.0);
/// Cards in a row where they are put in rows.
const PER_ROW: usize = 6;
/// A bus above the cards it serves.
const BUS_ABOVE: f32 = 24.0;
/// A trunk at the left of the cards.
const TRUNK_LEFT: f32 = 32.0;
/// Trunks of several buses beside each other.
const TRUNK_STEP: f32 = 12.0;
/// The line of a proxy leaves it this much below.
const PROXY_BELOW: f32 = 16.0;

/// A device as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkCard {
    /// Device.
    pub device: Name,
    /// Where.
    pub rect: Rect,
}

/// What devices hang on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bus {
    /// An Ethernet subnet of the plan.
    Subnet(Name),
    /// A DP master system of a proxy.
    Line {
        /// Proxy.
        proxy: Name,
        /// Number of the DP master system.
        system: u8,
    },
}

/// A bus as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnBus {
    /// Which.
    pub bus: Bus,
    /// Corner where its name stands, at the left end of its first row.
    pub label: Pos2,
    /// Lines, each horizontal or vertical.
    pub lines: Vec<(Pos2, Pos2)>,
    /// Devices on it.
    pub n_devices: usize,
}

/// The network view of a plan.
#[derive(Debug, Clone, Default)]
pub struct NetworkLayout {
    /// Devices, by name.
    pub cards: Vec<NetworkCard>,
    /// Subnets, by name, those without devices too; then PROFIBUS lines.
    pub buses: Vec<DrawnBus>,
    at: HashMap<Name, usize>,
}

impl NetworkLayout {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut groups: BTreeMap<Option<Bus>, Vec<Name>> = BTreeMap::new();
        for subnet in plan.subnets().keys() {
            groups.insert(Some(Bus::Subnet(subnet.clone())), Vec::new());
        }
        for name in plan.devices().keys() {
            groups.entry(bus_of(plan, name)).or_default().push(name.clone());
        }
        let rects = place(plan, &groups);
        let cards: Vec<NetworkCard> =
            rects.iter().map(|(name, rect)| NetworkCard { device: name.clone(), rect: *rect }).collect();
        let at = cards.iter().enumerate().map(|(nth, card)| (card.device.clone(), nth)).collect();
        let mut layout = Self { cards, buses: Vec::new(), at };
        let mut empty = layout.bounds().map_or(80.0, |bounds| bounds.bottom() + 72.0);
        for (nth, (bus, names)) in groups.iter().filter_map(|(bus, names)| Some((bus.as_ref()?, names))).enumerate() {
            let drawn = layout.draw(bus, names, nth as f32, &mut empty);
            layout.buses.push(drawn);
        }
        layout
    }

    /// Where a device stands.
    pub fn rect(&self, device: &str) -> Option<Rect> {
        self.cards.get(*self.at.get(device)?).map(|card| card.rect)
    }

    /// The device at a place; of several the last by name, which is painted over the others.
    pub fn card_at(&self, at: Pos2) -> Option<&NetworkCard> {
        self.cards.iter().rev().find(|card| card.rect.contains(at))
    }

    /// The bus at a place, no farther away than this.
    pub fn bus_at(&self, at: Pos2, tolerance: f32) -> Option<&DrawnBus> {
        let near = |(from, to): &(Pos2, Pos2)| Rect::from_two_pos(*from, *to).distance_to_pos(at) <= tolerance;
        self.buses.iter().find(|bus| bus.lines.iter().any(near))
    }

    /// Where all devices and buses stand; `None` when there are none.
    pub fn bounds(&self) -> Option<Rect> {
        let cards = self.cards.iter().map(|card| card.rect);
        let lines = self.buses.iter().flat_map(|bus| &bus.lines).map(|(from, to)| Rect::from_two_pos(*from, *to));
        cards.chain(lines).reduce(Rect::union).map(|rect| rect.expand(8.0))
    }

    fn draw(&self, bus: &Bus, names: &[Name], nth: f32, empty: &mut f32) -> DrawnBus {
        let mut rects: Vec<Rect> = names.iter().filter_map(|name| self.rect(name)).collect();
        rects.sort_by(|one, other| one.top().total_cmp(&other.top()).then(one.left().total_cmp(&other.left())));
        let Some(left) = rects.iter().map(Rect::left).reduce(f32::min) else {
            let from = pos2(80.0 - TRUNK_LEFT, *empty);
            *empty += 48.0;
            let lines = vec![(from, from + vec2(STEP.x, 0.0))];
            return DrawnBus { bus: bus.clone(), label: from, lines, n_devices: 0 };
        };
        let trunk = left - TRUNK_LEFT - nth * TRUNK_STEP;
        let mut lines = Vec::new();
        let mut ends: Vec<f32> = Vec::new();
        for row in rows(&rects) {
            let y = row.iter().map(Rect::top).fold(f32::INFINITY, f32::min) - BUS_ABOVE;
            let right = row.iter().map(|rect| rect.center().x).fold(trunk, f32::max);
            lines.push((pos2(trunk, y), pos2(right, y)));
            lines.extend(row.iter().map(|rect| (pos2(rect.center().x, y), rect.center_top())));
            ends.push(y);
        }
        let label = pos2(trunk, ends.first().copied().unwrap_or_default());
        if let Bus::Line { proxy, .. } = bus
            && let Some(proxy) = self.rect(proxy)
        {
            let below = proxy.bottom() + PROXY_BELOW;
            lines.push((proxy.center_bottom(), pos2(proxy.center().x, below)));
            lines.push((pos2(proxy.center().x, below), pos2(trunk, below)));
            ends.push(below);
        }
        let (top, bottom) =
            ends.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(top, bottom), y| (top.min(*y), bottom.max(*y)));
        if bottom > top {
            lines.push((pos2(trunk, top), pos2(trunk, bottom)));
        }
        DrawnBus { bus: bus.clone(), label, lines, n_devices: names.len() }
    }
}

/// What a device hangs on; `None` for one on nothing, or on a subnet or proxy that is not in the plan.
fn bus_of(plan: &Plan, name: &Name) -> Option<Bus> {
    match &plan.devices().get(name)?.attachment {
        Attachment::Ethernet(address) => {
            let subnet = address.subnet.as_ref().filter(|subnet| plan.subnets().contains_key(*subnet))?;
            Some(Bus::Subnet(subnet.clone()))
        }
        Attachment::Profibus(address) => {
            let proxy = address.proxy.as_ref().filter(|proxy| plan.devices().contains_key(*proxy))?;
            Some(Bus::Line { proxy: proxy.clone(), system: address.system_id })
        }
    }
}

/// Places all devices, those first that have a place of their own.
fn place(plan: &Plan, groups: &BTreeMap<Option<Bus>, Vec<Name>>) -> BTreeMap<Name, Rect> {
    let mut placed = BTreeMap::new();
    let mut taken = Taken::default();
    let mut bottom = f32::NEG_INFINITY;
    for (name, device) in plan.devices().iter().filter(|(_, device)| device.at != Point::default()) {
        let rect = Rect::from_min_size(pos2(device.at.x, device.at.y), CARD);
        if taken.take(rect) {
            bottom = bottom.max(rect.bottom());
            placed.insert(name.clone(), rect);
        }
    }
    let mut top = if bottom.is_finite() { bottom + STEP.y - CARD.y } else { 80.0 };
    // Those on no bus come last.
    let on_bus = groups.iter().filter(|(bus, _)| bus.is_some());
    for (_, names) in on_bus.chain(groups.iter().filter(|(bus, _)| bus.is_none())) {
        let without: Vec<&Name> = names.iter().filter(|name| !placed.contains_key(*name)).collect();
        for row in without.chunks(PER_ROW) {
            for (column, name) in row.iter().enumerate() {
                let at = pos2(80.0 + STEP.x * column as f32, top);
                placed.insert((*name).clone(), Rect::from_min_size(at, CARD));
            }
            top += STEP.y;
        }
    }
    placed
}

/// Where cards stand already, by cells as large as a card.
#[derive(Default)]
struct Taken(HashMap<(i64, i64), Vec<Rect>>);

impl Taken {
    /// Takes a place; `false` when another card stands there.
    fn take(&mut self, rect: Rect) -> bool {
        let cell = |at: Pos2| ((at.x / CARD.x).floor() as i64, (at.y / CARD.y).floor() as i64);
        let (x, y) = cell(rect.min);
        let mut around = (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y)));
        let meets = |other: &Rect| rect.shrink(1.0).intersects(*other);
        if around.any(|cell| self.0.get(&cell).is_some_and(|others| others.iter().any(meets))) {
            return false;
        }
        self.0.entry((x, y)).or_default().push(rect);
        true
    }
}

/// Cards from top to bottom in rows: what begins less than half a card below the first belongs to its row.
fn rows(rects: &[Rect]) -> impl Iterator<Item = &[Rect]> {
    let mut rest = rects;
    std::iter::from_fn(move || {
        let top = rest.first()?.top();
        let n = rest.partition_point(|rect| rect.top() < top + CARD.y / 2.0);
        let (row, others) = rest.split_at(n.max(1));
        rest = others;
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Edit};
    use crate::model::fixture;

    const PLAN: &str = "
        component Pump 1.0 { in start BOOL = false }
        component Gate 1.0 proxy { in start BOOL = false }
        component Drive 1.0 profibusSlave { in start BOOL = false }
        subnet plant 192.168.0.0/24
        subnet spare 10.0.0.0/24
        A: Pump @192.168.0.1 subnet plant
        B: Pump @192.168.0.2 subnet plant
        G: Gate @192.168.0.9 subnet plant
        D: Drive behind G system 1 address 5
        Loose: Pump
    ";

    fn moved(places: &[(&str, f32, f32)]) -> Plan {
        let mut document = Document::new(fixture::plan(PLAN));
        for (name, x, y) in places {
            let mut device = (*document.plan().devices()[*name]).clone();
            device.at = Point { x: *x, y: *y };
            document.apply(&Edit::SetDevice { name: (*name).into(), device }).unwrap();
        }
        document.plan().clone()
    }

    #[test]
    fn no_card_covers_another() {
        for places in [&[][..], &[("A", 100.0, 100.0), ("B", 150.0, 120.0), ("D", 100.0, 100.0)], &[("B", 9e9, -9e9)]] {
            let layout = NetworkLayout::of(&moved(places));
            assert_eq!(layout.cards.len(), 5);
            for (nth, one) in layout.cards.iter().enumerate() {
                for other in &layout.cards[nth + 1..] {
                    assert!(!one.rect.shrink(1.0).intersects(other.rect), "{places:?}: {one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_device_stands_where_the_plan_says_and_is_found_there() {
        let layout = NetworkLayout::of(&moved(&[("B", 700.0, 300.0)]));
        assert_eq!(layout.rect("B").unwrap().min, pos2(700.0, 300.0));
        assert_eq!(layout.card_at(pos2(710.0, 310.0)).unwrap().device, "B");
        assert!(layout.card_at(pos2(-500.0, 0.0)).is_none());
    }

    #[test]
    fn every_device_on_a_bus_is_joined_to_it() {
        let layout = NetworkLayout::of(&moved(&[("B", 700.0, 900.0), ("D", 40.0, 500.0)]));
        let buses: Vec<_> = layout.buses.iter().map(|bus| (&bus.bus, bus.n_devices)).collect();
        let line = Bus::Line { proxy: "G".into(), system: 1 };
        assert_eq!(buses, [(&Bus::Subnet("plant".into()), 3), (&Bus::Subnet("spare".into()), 0), (&line, 1)]);
        for (device, nth) in [("A", 0), ("B", 0), ("G", 0), ("D", 2)] {
            let top = layout.rect(device).unwrap().center_top();
            assert!(layout.buses[nth].lines.iter().any(|(_, to)| *to == top), "{device}");
        }
        // The line reaches its proxy too, and everything of a bus hangs together.
        let proxy = layout.rect("G").unwrap().center_bottom();
        assert!(layout.buses[2].lines.iter().any(|(from, _)| *from == proxy));
        for bus in &layout.buses {
            let (first, _) = bus.lines[0];
            assert_eq!(layout.bus_at(first, 0.5).map(|found| &found.bus), Some(&bus.bus));
        }
    }
}
