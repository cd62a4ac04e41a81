//! Values on the ports, with their quality by shape and colour; how devices and connections do.

use egui::{Align2, Rect, Stroke, StrokeKind, pos2, vec2};

use super::Canvas;
use crate::app::live::{ConnectionState, LiveValue, QualityClass};
use crate::drawing::{Block, BlockId, BlockPort, BlockSlot, Side, font, sizes};
use crate::model::LinkKey;
use crate::ui::desktop::Online;
use crate::ui::icon;
use crate::ui::views::diagnostics::urgency_mark;

/// Longest value shown, canvas units; a longer one ends in `…`.
const WIDEST: f32 = 120.0;

/// Paints the values of a block's ports: of outputs always, of inputs when they are not good or come from elsewhere.
pub fn values(canvas: &Canvas<'_>, online: &Online, slot: BlockSlot) {
    let Some(block) = canvas.scene.block(slot) else { return };
    for port in block.ports().filter(|port| !port.twin || port.connected) {
        let Some(value) = block.port_ref(port.index).and_then(|port| online.values.get(&port)) else { continue };
        let is_good = !matches!(value.group, QualityClass::Bad | QualityClass::Uncertain);
        let from_elsewhere = port.hmi || canvas.scene.arrow(slot, port.index).is_some() || !port.connected;
        if port.side == Side::Right || !is_good || (from_elsewhere && port.constant.is_none()) {
            tag(canvas, slot, &port, value);
        }
    }
}

fn tag(canvas: &Canvas<'_>, slot: BlockSlot, port: &BlockPort<'_>, value: &LiveValue) {
    let (theme, zoom) = (canvas.theme, canvas.camera.zoom);
    let text = font::fitted(
        if value.text.is_empty() { "–" } else { &value.text },
        sizes::SMALL_TEXT,
        font::Weight::SemiBold,
        WIDEST,
    );
    let width = font::width(&text, sizes::SMALL_TEXT, font::Weight::SemiBold) + 12.0;
    // An arrow or a constant stands there already: the value stands beyond it.
    let arrow = canvas.scene.arrow(slot, port.index).map(|arrow| arrow.rect);
    let left = match port.side {
        Side::Right => arrow.map_or(port.at.x + 9.0, |rect| rect.max.x + 4.0),
        Side::Left => arrow.map_or(port.at.x - 9.0, |rect| rect.min.x - 4.0) - width,
    };
    let rect = canvas.rect(Rect::from_min_size(pos2(left, port.at.y - 8.0), vec2(width, 16.0)));
    let (edge, colour, strike) = match value.group {
        QualityClass::Bad => (Stroke::new(1.5, theme.bad), theme.bad, true),
        QualityClass::Uncertain => (Stroke::new(1.5, theme.warning), theme.text, false),
        _ => (Stroke::new(1.0, theme.border), theme.text, false),
    };
    canvas.painter.rect(rect, 4.0 * zoom, theme.block, edge, StrokeKind::Inside);
    canvas.passing_text(rect.center(), Align2::CENTER_CENTER, &text, sizes::SMALL_TEXT, colour);
    if strike {
        canvas.painter.hline(rect.x_range().shrink(4.0 * zoom), rect.center().y, Stroke::new(1.0, theme.bad));
    }
}

/// Paints in the head of a block how its device does.
pub fn state(canvas: &Canvas<'_>, block: &Block, head: Rect) {
    let (Some(online), BlockId::Function(function)) = (canvas.online, &block.id) else { return };
    let Some(instance) = canvas.plan.instances().get(&function.instance) else { return };
    let Some(condition) = online.device(&instance.device) else { return };
    let (mark, colour) = urgency_mark(condition.urgency, canvas.theme);
    let at = pos2(head.max.x - 12.0 * canvas.camera.zoom, head.center().y);
    let size = (12.0 * canvas.camera.zoom).max(8.0);
    canvas.painter.text(at, Align2::CENTER_CENTER, char::from(mark), icon::font(size), colour);
}

/// Whether the connection of a link is disturbed.
pub fn is_disturbed(canvas: &Canvas<'_>, key: &LinkKey) -> bool {
    let state = canvas.online.and_then(|online| online.connections.get(key));
    state.is_some_and(ConnectionState::is_wrong)
}
