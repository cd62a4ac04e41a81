//! Components that come onto the chart: dragged from the library, or placed where there is room.

use egui::{Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::{Aim, LinkEditor};
use crate::app::Library;
use crate::drawing::{Reach, Scene, sizes};
use crate::edit::{Document, Edit};
use crate::model::{ComponentKey, Name, Phrase, Plan, Point, ROOT_CHART};
use crate::ui::action::{Action, Scope};
use crate::ui::theme::{BLOCK_RADIUS, semibold};

/// What blocks snap to, canvas units.
pub(super) const GRID: f32 = 8.0;
/// Room kept around a block that is placed where there is some, canvas units.
const ROOM: f32 = 24.0;
/// Places looked at along each axis.
const MOST_STEPS: u16 = 48;

/// The blocks that a component will have, as they stand around the first one's corner.
pub struct Arriving {
    key: ComponentKey,
    blocks: Vec<(Rect, Name)>,
}

impl Arriving {
    /// Those of a component of plan or library; `None` when neither has it, or it has no function.
    fn new(plan: &Plan, library: &Library, key: &ComponentKey) -> Option<Self> {
        let component = match plan.components().get(key) {
            Some(component) => component.clone(),
            None => library.catalogue.get(key)?.component.clone(),
        };
        // Drawn on a chart of its own: so they are as large as they will be.
        let mut document = Document::new(Plan::new(component.name.clone()));
        let at = Point::default();
        let place = Edit::Place { component: key.clone(), name: None, chart: ROOT_CHART, at };
        document.apply(&Edit::Group(Phrase::nothing(), vec![Edit::AddComponent(component), place])).ok()?;
        let scene = Scene::new(document.plan(), ROOT_CHART);
        let blocks: Vec<(Rect, Name)> = scene.blocks().map(|(_, block)| (block.rect, block.title.clone())).collect();
        (!blocks.is_empty()).then(|| Self { key: key.clone(), blocks })
    }

    fn bounds(&self) -> Rect {
        self.blocks.iter().map(|(rect, _)| *rect).reduce(Rect::union).unwrap_or(Rect::NOTHING)
    }
}

/// The place on the grid that is nearest.
pub(super) fn on_grid(at: Pos2) -> Pos2 {
    ((at.to_vec2() / GRID).round() * GRID).to_pos2()
}

/// The place nearest to the middle of `seen` where `bounds`, moved there, touches no block; `None` when there is none.
fn free_place(scene: &Scene, seen: Rect, bounds: Rect) -> Option<Pos2> {
    let room = seen.shrink(ROOM).size() - bounds.size();
    if room.x < 0.0 || room.y < 0.0 {
        return None;
    }
    let step = |room: f32| (room / f32::from(MOST_STEPS)).max(2.0 * GRID);
    let (step_x, step_y) = (step(room.x), step(room.y));
    let corner = seen.min + Vec2::splat(ROOM);
    let mut places: Vec<Pos2> = Vec::new();
    for nth_y in 0..=MOST_STEPS {
        for nth_x in 0..=MOST_STEPS {
            let by = vec2(step_x * f32::from(nth_x), step_y * f32::from(nth_y));
            if by.x <= room.x && by.y <= room.y {
                places.push(on_grid(corner + by));
            }
        }
    }
    let middle = seen.center() - bounds.size() / 2.0;
    places.sort_by(|one, other| one.distance(middle).total_cmp(&other.distance(middle)));
    places.into_iter().find(|at| {
        let rect = bounds.translate(at.to_vec2()).expand(ROOM);
        scene.blocks_in(rect, Reach::Touching).is_empty()
    })
}

impl LinkEditor {
    /// Places a component with its upper left corner here, or, where it would lie on other blocks, where there is room.
    pub(super) fn place_at(&mut self, key: &ComponentKey, at: Pos2, scope: &mut Scope<'_>) {
        let Some(scene) = &self.scene else { return };
        let at = on_grid(at);
        let arriving = Arriving::new(scope.plan(), scope.library, key);
        let rect = arriving.map_or(Rect::NOTHING, |arriving| arriving.bounds().translate(at.to_vec2()));
        if rect.is_positive() && !scene.blocks_in(rect, Reach::Touching).is_empty() {
            return self.place_in_view(key, scope);
        }
        self.place(key, at, scope);
    }

    fn place(&self, key: &ComponentKey, at: Pos2, scope: &mut Scope<'_>) {
        let (component, chart) = (key.clone(), self.chart());
        scope.actions.push(Action::Place { component, chart, at: Point { x: at.x, y: at.y } });
    }

    /// Places a component where there is room for it in what is seen, otherwise below everything.
    pub fn place_in_view(&mut self, key: &ComponentKey, scope: &mut Scope<'_>) {
        let Some(scene) = &self.scene else { return };
        let bounds = Arriving::new(scope.plan(), scope.library, key).map(|arriving| arriving.bounds());
        // A component without functions has no block, and a singleton may be refused; the edit says so.
        let bounds = bounds.unwrap_or(Rect::from_min_size(Pos2::ZERO, vec2(sizes::MIN_WIDTH, sizes::HEAD)));
        let seen = self.camera().seen(self.view);
        let at = match free_place(scene, seen, bounds) {
            Some(at) => at,
            None => {
                let all = scene.bounds();
                let at = if all.is_positive() { pos2(all.min.x, all.max.y + 2.0 * ROOM) } else { seen.center() };
                let at = on_grid(at);
                self.aim = Some(Aim::Rect(bounds.translate(at.to_vec2()).union(all)));
                at
            }
        };
        self.place(key, at, scope);
    }

    /// Takes a component that is dragged over the chart: shows where its blocks will stand, and places it when it is let go.
    pub(super) fn drop_ui(&mut self, ui: &Ui, response: &Response, scope: &mut Scope<'_>) {
        let Some(key) = response.dnd_hover_payload::<ComponentKey>() else {
            self.arriving = None;
            return;
        };
        if self.arriving.as_ref().is_none_or(|arriving| arriving.key != *key) {
            self.arriving = Arriving::new(scope.plan(), scope.library, &key);
        }
        let Some(pointer) = ui.ctx().pointer_latest_pos() else { return };
        let camera = self.camera();
        // Held by its head, a little in from the corner.
        let at = on_grid(camera.to_canvas(self.view, pointer) - vec2(2.0 * GRID, 2.0 * GRID));
        let theme = scope.theme;
        let painter = ui.painter_at(self.view);
        for (rect, title) in self.arriving.iter().flat_map(|arriving| &arriving.blocks) {
            let rect = camera.rect_to_screen(self.view, rect.translate(at.to_vec2()));
            let stroke = Stroke::new(1.5, theme.accent);
            let radius = BLOCK_RADIUS * camera.zoom;
            painter.rect(rect, radius, theme.accent_fill.gamma_multiply(0.8), stroke, StrokeKind::Inside);
            let font = egui::FontId::new(sizes::TITLE_TEXT * camera.zoom, semibold());
            let corner = rect.min + vec2(sizes::TEXT_INSET, 6.0) * camera.zoom;
            painter.text(corner, egui::Align2::LEFT_TOP, title, font, theme.text);
        }
        ui.ctx().set_cursor_icon(egui::CursorIcon::Copy);
        if response.dnd_release_payload::<ComponentKey>().is_some() {
            self.place(&key, at, scope);
            self.arriving = None;
            response.request_focus();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::plan;

    #[test]
    fn a_free_place_touches_nothing_and_is_near_the_middle() {
        let plan =
            plan("component Pump 1.0 { in start BOOL; out running BOOL }\nA: Pump at 300 200\nB: Pump at 600 200");
        let scene = Scene::new(&plan, ROOT_CHART);
        let key = plan.components().keys().next().unwrap();
        let bounds = Arriving::new(&plan, &Library::default(), key).unwrap().bounds();
        let seen = Rect::from_min_size(Pos2::ZERO, vec2(1_000.0, 600.0));
        let at = free_place(&scene, seen, bounds).unwrap();
        let rect = bounds.translate(at.to_vec2());
        assert!(seen.contains_rect(rect));
        assert!(scene.blocks().all(|(_, block)| !block.rect.intersects(rect)));
        assert!(rect.center().distance(seen.center()) < 250.0, "{rect:?}");
        assert_eq!(free_place(&scene, Rect::from_min_size(Pos2::ZERO, vec2(50.0, 50.0)), bounds), None);
        let full = Rect::from_min_size(pos2(290.0, 190.0), vec2(220.0, 120.0));
        assert_eq!(free_place(&scene, full, bounds), None);
    }

    #[test]
    fn what_arrives_is_as_large_as_what_is_placed() {
        let plan = plan("component Pump 1.0 { in start BOOL; out running BOOL }\nPump1: Pump at 40 80");
        let key = plan.components().keys().next().unwrap();
        let arriving = Arriving::new(&plan, &Library::default(), key).unwrap();
        let scene = Scene::new(&plan, ROOT_CHART);
        let (_, block) = scene.blocks().next().unwrap();
        assert_eq!(arriving.blocks, [(block.rect.translate(-block.rect.min.to_vec2()), block.title.clone())]);
    }
}
