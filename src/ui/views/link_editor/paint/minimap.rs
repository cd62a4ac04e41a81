//! The whole chart in a corner, and what of it is seen.

use egui::{Color32, Mesh, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, vec2};

use crate::drawing::Scene;
use crate::ui::lang::tr;
use crate::ui::theme::Theme;
use crate::ui::views::camera::Camera;

/// Largest size, px.
const SIZE: Vec2 = Vec2::new(168.0, 100.0);
/// More blocks than this are painted by a part of them only.
const MOST_BLOCKS: usize = 4_000;

/// Shows it in the lower right corner; a click or drag in it moves what is seen.
pub fn minimap_ui(ui: &mut Ui, view: Rect, scene: &Scene, camera: &mut Camera, theme: &Theme) {
    let bounds = scene.bounds();
    if !bounds.is_finite() || bounds.width() <= 0.0 || view.width() < 3.0 * SIZE.x || view.height() < 3.0 * SIZE.y {
        return;
    }
    // When all is seen there is nothing to find.
    if camera.seen(view).contains_rect(bounds) {
        return;
    }
    let rect = Rect::from_min_size(view.max - SIZE - vec2(12.0, 12.0), SIZE);
    let response = ui.interact(rect, ui.unique_id().with("minimap"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, tr("editor.minimap")));
    let painter = ui.painter_at(rect.expand(2.0));
    painter.rect(rect, 4.0, theme.panel.gamma_multiply(0.92), theme.line(), StrokeKind::Inside);
    let inner = rect.shrink(6.0);
    let shown = bounds.expand(40.0);
    let scale = (inner.width() / shown.width()).min(inner.height() / shown.height());
    let corner = inner.center() - shown.size() * scale / 2.0;
    let at = |rect: Rect| Rect::from_min_size(corner + (rect.min - shown.min) * scale, rect.size() * scale);
    let mut mesh = Mesh::default();
    let each = scene.n_blocks().div_ceil(MOST_BLOCKS).max(1);
    for (_, block) in scene.blocks().step_by(each) {
        let rect = at(block.rect);
        mesh.add_colored_rect(Rect::from_min_size(rect.min, rect.size().max(vec2(1.0, 1.0))), theme.border);
    }
    painter.add(Shape::mesh(mesh));
    let seen = at(camera.seen(view)).intersect(inner.expand(4.0));
    painter.rect(seen, 2.0, Color32::TRANSPARENT, Stroke::new(1.5, theme.accent), StrokeKind::Inside);
    if (response.clicked() || response.dragged())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        camera.centre(view, shown.min + (pointer - corner) / scale);
    }
}
