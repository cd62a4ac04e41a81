//! Placing and arranging: moves with guides, copies, alignment, automatic layout, charts, frames and notes.

use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::drop::{GRID, on_grid};
use super::interact::{Moving, moving};
use super::lists::LinkList;
use super::{LinkEditor, offers};
use crate::app::{Item, Selection, place_of};
use crate::drawing::{BlockId, Reach, Scene, layout};
use crate::edit::{Clip, Edit};
use crate::model::{Chart, ChartId, Frame, Name, Note, Placement, Plan, Point};
use crate::ui::action::Actions;
use crate::ui::lang::tr;

/// How near an edge must be to that of another block to snap to it, canvas units.
const NEAR: f32 = 6.0;
/// A copy stands this much beside what it is a copy of.
const BESIDE: f32 = 32.0;

/// A line that shows which edges meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guide {
    /// From and to, on the canvas.
    pub line: (Pos2, Pos2),
}

/// How blocks are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// One left edge.
    Left,
    /// One right edge.
    Right,
    /// One upper edge.
    Top,
    /// One lower edge.
    Bottom,
    /// Equal gaps, left to right.
    Across,
    /// Equal gaps, top to bottom.
    Down,
}

/// A move that lies on the grid, or where an edge meets that of another block nearby; and the lines that show it.
pub fn snapped(scene: &Scene, moving: &Moving, by: Vec2) -> (Vec2, Vec<Guide>) {
    let rects: Vec<Rect> =
        moving.blocks.iter().filter_map(|id| Some(scene.block(scene.find_block(id)?)?.rect)).collect();
    let on_grid = (by / GRID).round() * GRID;
    // Blocks are previewed where they were moved to in the frame before.
    let Some(before) = rects.into_iter().reduce(Rect::union) else { return (on_grid, Vec::new()) };
    let rect = before.translate(by - moving.by);
    let near = rect.expand2(vec2(1_200.0, 700.0));
    let mut best_x: Option<(f32, f32, Rect)> = None;
    let mut best_y: Option<(f32, f32, Rect)> = None;
    for slot in scene.blocks_in(near, Reach::Touching) {
        let Some(block) = scene.block(slot) else { continue };
        if moving.blocks.contains(&block.id) {
            continue;
        }
        let other = block.rect;
        for (own, at) in [(rect.min.x, other.min.x), (rect.max.x, other.max.x)] {
            let off = at - own;
            if off.abs() <= NEAR && best_x.is_none_or(|(least, ..)| off.abs() < least.abs()) {
                best_x = Some((off, at, other));
            }
        }
        for (own, at) in [(rect.min.y, other.min.y), (rect.max.y, other.max.y)] {
            let off = at - own;
            if off.abs() <= NEAR && best_y.is_none_or(|(least, ..)| off.abs() < least.abs()) {
                best_y = Some((off, at, other));
            }
        }
    }
    let by = vec2(best_x.map_or(on_grid.x, |(off, ..)| by.x + off), best_y.map_or(on_grid.y, |(off, ..)| by.y + off));
    let rect = before.translate(by - moving.by);
    let mut guides = Vec::new();
    if let Some((_, x, other)) = best_x {
        let span = rect.union(other);
        guides.push(Guide { line: (pos2(x, span.min.y - 12.0), pos2(x, span.max.y + 12.0)) });
    }
    if let Some((_, y, other)) = best_y {
        let span = rect.union(other);
        guides.push(Guide { line: (pos2(span.min.x - 12.0, y), pos2(span.max.x + 12.0, y)) });
    }
    (by, guides)
}

fn moved(at: Point, by: Vec2) -> Point {
    Point { x: at.x + by.x, y: at.y + by.y }
}

/// The edits that move things.
pub fn move_edits(plan: &Plan, scene: &Scene, moving: &Moving) -> Vec<Edit> {
    let places = moving.blocks.iter().filter_map(|id| {
        let at = match id {
            BlockId::Function(function) => place_of(plan, function)?.at,
            BlockId::Chart(chart) => plan.charts().get(chart)?.at,
        };
        Some((id.clone(), moved(at, moving.by)))
    });
    let mut edits = place_edits(plan, scene.chart(), places);
    if (!moving.frames.is_empty() || !moving.notes.is_empty())
        && let Some(chart) = plan.charts().get(&scene.chart())
    {
        let mut decorated = (**chart).clone();
        for at in &moving.frames {
            if let Some(frame) = decorated.frames.get_mut(*at) {
                frame.at = moved(frame.at, moving.by);
            }
        }
        for at in &moving.notes {
            if let Some(note) = decorated.notes.get_mut(*at) {
                note.at = moved(note.at, moving.by);
            }
        }
        edits.push(decorate(scene.chart(), decorated));
    }
    edits
}

/// The edits that put blocks to places.
fn place_edits(plan: &Plan, chart: ChartId, places: impl Iterator<Item = (BlockId, Point)>) -> Vec<Edit> {
    let mut functions = Vec::new();
    let mut edits = Vec::new();
    for (id, at) in places {
        match id {
            BlockId::Function(function) => {
                if place_of(plan, &function).is_none_or(|place| place.at != at) {
                    functions.push((function, Placement { chart, at }));
                }
            }
            BlockId::Chart(inner) => {
                if plan.charts().get(&inner).is_some_and(|chart| chart.at != at) {
                    edits.push(Edit::MoveChart { chart: inner, parent: chart, at });
                }
            }
        }
    }
    if !functions.is_empty() {
        edits.push(Edit::MoveBlocks(functions));
    }
    edits
}

fn decorate(chart: ChartId, decorated: Chart) -> Edit {
    let Chart { comment, frames, notes, .. } = decorated;
    Edit::DecorateChart { chart, comment, frames, notes }
}

/// The edit that puts a frame elsewhere; `None` when the chart has no such frame.
pub fn resize_frame(plan: &Plan, chart: ChartId, frame: usize, rect: Rect) -> Option<Edit> {
    let mut decorated = (**plan.charts().get(&chart)?).clone();
    let frame = decorated.frames.get_mut(frame)?;
    frame.at = Point { x: rect.min.x, y: rect.min.y };
    frame.size = Point { x: rect.width(), y: rect.height() };
    Some(decorate(chart, decorated))
}

/// The edits that take the selected frames and notes out.
pub fn remove_decorations(plan: &Plan, selection: &Selection) -> Vec<Edit> {
    let mut charts: Vec<ChartId> = Vec::new();
    for item in selection.items() {
        if let Item::Frame(chart, _) | Item::Note(chart, _) = item
            && !charts.contains(chart)
        {
            charts.push(*chart);
        }
    }
    let without = |id: ChartId| {
        let mut chart = (**plan.charts().get(&id)?).clone();
        let mut at = 0;
        chart.frames.retain(|_| {
            at += 1;
            !selection.contains(&Item::Frame(id, at - 1))
        });
        let mut at = 0;
        chart.notes.retain(|_| {
            at += 1;
            !selection.contains(&Item::Note(id, at - 1))
        });
        Some(decorate(id, chart))
    };
    charts.into_iter().filter_map(without).collect()
}

/// The edit that gives a frame another title or a note another text.
pub fn retext(plan: &Plan, item: &Item, text: &str) -> Option<Edit> {
    let (id, mut chart) = match item {
        Item::Frame(chart, _) | Item::Note(chart, _) => (*chart, (**plan.charts().get(chart)?).clone()),
        _ => return None,
    };
    match item {
        Item::Frame(_, at) => chart.frames.get_mut(*at)?.title = text.into(),
        Item::Note(_, at) => chart.notes.get_mut(*at)?.text = text.into(),
        _ => {}
    }
    Some(decorate(id, chart))
}

impl LinkEditor {
    /// Where something new is placed: at the pointer when that is over the chart, else in the middle.
    pub(super) fn place_of_new(&self) -> Pos2 {
        let seen = self.camera().seen(self.view);
        on_grid(if seen.contains(self.pointer) { self.pointer } else { seen.center() })
    }

    /// Adds a chart inside of this one.
    pub fn add_chart(&self, plan: &Plan, actions: &mut Actions) {
        let taken =
            |name: &str| plan.charts().values().any(|chart| chart.parent == Some(self.chart()) && chart.name == name);
        let base = tr("editor.new_chart");
        let name = (1..).map(|nth: u32| format!("{base}{nth}")).find(|name| !taken(name)).unwrap_or_default();
        let at = self.place_of_new();
        actions.edit(Edit::AddChart { name: name.into(), parent: self.chart(), at: Point { x: at.x, y: at.y } });
    }

    /// Draws a frame around what is selected.
    pub fn add_frame(&self, plan: &Plan, selection: &Selection, actions: &mut Actions) {
        let Some(chart) = plan.charts().get(&self.chart()) else { return };
        let around = selection.items().filter_map(|item| self.rect_of(item)).reduce(Rect::union);
        let rect = match around {
            Some(rect) => Rect::from_min_max(rect.min - vec2(24.0, 40.0), rect.max + vec2(24.0, 24.0)),
            None => Rect::from_min_size(self.place_of_new(), vec2(320.0, 200.0)),
        };
        let mut decorated = (**chart).clone();
        decorated.frames.push(Frame {
            title: tr("editor.new_frame").into(),
            at: Point { x: rect.min.x, y: rect.min.y },
            size: Point { x: rect.width(), y: rect.height() },
        });
        actions.edit(decorate(self.chart(), decorated));
    }

    /// Puts a note on the chart.
    pub fn add_note(&self, plan: &Plan, actions: &mut Actions) {
        let Some(chart) = plan.charts().get(&self.chart()) else { return };
        let at = self.place_of_new();
        let mut decorated = (**chart).clone();
        decorated.notes.push(Note { text: tr("editor.new_note").into(), at: Point { x: at.x, y: at.y } });
        actions.edit(decorate(self.chart(), decorated));
    }

    /// Inserts what was copied, a little beside the copy before, and offers the links from outside that could follow.
    pub fn paste(&mut self, plan: &Plan, clip: Arc<Clip>, actions: &mut Actions) {
        self.n_pasted += 1;
        self.list_next = LinkList::following(offers::following(plan, &clip));
        let by = BESIDE * f32::from(self.n_pasted);
        actions.edit(Edit::Paste { clip, chart: self.chart(), offset: Point { x: by, y: by } });
    }

    /// A copy of the selected blocks and charts beside themselves; offers the links from outside that could follow.
    pub fn duplicate(&mut self, plan: &Plan, selection: &Selection, actions: &mut Actions) {
        let beside = |at: Point| moved(at, Vec2::splat(BESIDE));
        let mut edits: Vec<Edit> = selection
            .charts()
            .filter_map(|chart| Some(Edit::CopyChart { chart, at: beside(plan.charts().get(&chart)?.at) }))
            .collect();
        let names: Vec<Name> = selection.instances().into_iter().collect();
        let clip = Clip::of(plan, &names);
        if !clip.is_empty() {
            let offset = Point { x: BESIDE, y: BESIDE };
            self.list_next = LinkList::following(offers::following(plan, &clip));
            edits.push(Edit::Paste { clip: Arc::new(clip), chart: self.chart(), offset });
        }
        actions.edit_all(tr("command.duplicate"), edits);
    }

    /// Lays out the selected blocks, or the whole chart, as one step.
    pub fn arrange(&mut self, plan: &Plan, selection: &Selection, actions: &mut Actions) {
        let Some(scene) = &self.scene else { return };
        let selected = moving(scene, selection, Pos2::ZERO).blocks;
        let some = (selected.len() > 1).then_some(selected.as_slice());
        let places = layout(scene, some).into_iter().map(|(id, at)| (id, Point { x: at.x, y: at.y }));
        let mut edits = place_edits(plan, self.chart(), places);
        // Bends placed by hand belong to where blocks stood.
        for (_, wire) in scene.wires().filter(|(_, wire)| !wire.bends.is_empty()) {
            if let Some(link) = plan.links().get(&wire.key) {
                let properties = Box::new(crate::model::Link { bends: Vec::new(), ..(**link).clone() });
                edits.push(Edit::SetLink { key: wire.key.clone(), properties });
            }
        }
        actions.edit_all(tr("command.arrange"), edits);
        if some.is_none() {
            self.aim = Some(super::Aim::Everything);
        }
    }

    /// Aligns or distributes the selected blocks.
    pub fn align(&self, plan: &Plan, selection: &Selection, align: Align, actions: &mut Actions) {
        let Some(scene) = &self.scene else { return };
        let rects: Vec<(BlockId, Rect)> = moving(scene, selection, Pos2::ZERO)
            .blocks
            .into_iter()
            .filter_map(|id| Some((id.clone(), scene.block(scene.find_block(&id)?)?.rect)))
            .collect();
        let places = aligned(rects, align).into_iter().map(|(id, at)| (id, Point { x: at.x, y: at.y }));
        actions.edit_all(tr("told.align"), place_edits(plan, self.chart(), places));
    }
}

/// The coordinate that matters, and the length along it.
type Measures = (fn(Pos2) -> f32, fn(Rect) -> f32);

/// Where blocks stand when they are aligned.
fn aligned(mut rects: Vec<(BlockId, Rect)>, align: Align) -> Vec<(BlockId, Pos2)> {
    let Some(all) = rects.iter().map(|(_, rect)| *rect).reduce(Rect::union) else { return Vec::new() };
    let simple = |rect: Rect| match align {
        Align::Left => pos2(all.min.x, rect.min.y),
        Align::Right => pos2(all.max.x - rect.width(), rect.min.y),
        Align::Top => pos2(rect.min.x, all.min.y),
        Align::Bottom => pos2(rect.min.x, all.max.y - rect.height()),
        Align::Across | Align::Down => rect.min,
    };
    let (along, extent): Measures = match align {
        Align::Across => (|at| at.x, |rect| rect.width()),
        Align::Down => (|at| at.y, |rect| rect.height()),
        _ => return rects.into_iter().map(|(id, rect)| (id, simple(rect))).collect(),
    };
    rects.sort_by(|(_, one), (_, other)| along(one.min).total_cmp(&along(other.min)));
    let used: f32 = rects.iter().map(|(_, rect)| extent(*rect)).sum();
    let gaps = rects.len().saturating_sub(1).max(1) as f32;
    let gap = (extent(all) - used) / gaps;
    let mut at = along(all.min);
    rects
        .into_iter()
        .map(|(id, rect)| {
            let snapped = (at / 4.0).round() * 4.0;
            let place = if align == Align::Across { pos2(snapped, rect.min.y) } else { pos2(rect.min.x, snapped) };
            at += extent(rect) + gap;
            (id, place)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(nth: u32, x: f32, y: f32, width: f32) -> (BlockId, Rect) {
        (BlockId::Chart(ChartId(nth)), Rect::from_min_size(pos2(x, y), vec2(width, 100.0)))
    }

    fn places(align: Align) -> Vec<(f32, f32)> {
        let rects = vec![block(1, 0.0, 0.0, 100.0), block(2, 400.0, 40.0, 200.0), block(3, 120.0, 80.0, 100.0)];
        aligned(rects, align).into_iter().map(|(_, at)| (at.x, at.y)).collect()
    }

    #[test]
    fn edges_meet() {
        assert_eq!(places(Align::Left), [(0.0, 0.0), (0.0, 40.0), (0.0, 80.0)]);
        assert_eq!(places(Align::Right), [(500.0, 0.0), (400.0, 40.0), (500.0, 80.0)]);
        assert_eq!(places(Align::Top), [(0.0, 0.0), (400.0, 0.0), (120.0, 0.0)]);
    }

    #[test]
    fn gaps_are_equal() {
        // 600 wide, 400 of blocks: two gaps of 100.
        assert_eq!(places(Align::Across), [(0.0, 0.0), (200.0, 80.0), (400.0, 40.0)]);
    }
}
