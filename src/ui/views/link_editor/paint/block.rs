//! Blocks with their ports and tags.

use egui::{Align2, Color32, Pos2, Rect, Stroke, StrokeKind, Vec2, pos2, vec2};

use super::coarse::Coarse;
use super::{Canvas, Detail, glyph};
use crate::app::Item;
use crate::check::Severity;
use crate::drawing::{Block, BlockId, BlockPort, BlockSlot, Side, sizes};
use crate::ui::component_icon;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::BLOCK_RADIUS;

/// Radius of a port's glyph, canvas units.
const GLYPH: f32 = 4.2;

/// Width and height of a component's icon, canvas units.
const ICON: f32 = 18.0;

/// Paints a block; seen from far, with rectangles.
pub fn block(canvas: &Canvas<'_>, slot: BlockSlot, detail: Detail, mut coarse: Option<&mut Coarse>) {
    let Some(block) = canvas.scene.block(slot) else { return };
    let item = crate::ui::views::link_editor::item_of(&block.id);
    let severity = canvas.markers.of(&item);
    ground(canvas, block, &item, severity, coarse.as_deref_mut());
    if detail >= Detail::Ports {
        for port in block.ports() {
            self::port(canvas, slot, block, &port, detail, coarse.as_deref_mut());
        }
    }
    if let Some(coarse) = coarse {
        coarse.paint(canvas);
    }
    let head = canvas.rect(block.head());
    titles(canvas, block, head, detail);
    match severity {
        Some(severity) => marker(canvas, head, severity),
        None => super::live::state(canvas, block, head),
    }
    if detail == Detail::Full {
        for port in block.ports().filter(|port| !port.twin) {
            label(canvas, slot, &port);
        }
        fold(canvas, block);
    }
}

fn ground(canvas: &Canvas<'_>, block: &Block, item: &Item, severity: Option<Severity>, coarse: Option<&mut Coarse>) {
    let (theme, zoom, painter) = (canvas.theme, canvas.camera.zoom, canvas.painter);
    let selected = canvas.is_selected(item);
    let (width, edge) = match (selected || canvas.is_marked(item), severity) {
        (true, _) => (2.0, theme.accent),
        (false, Some(Severity::Error)) => (1.5, theme.bad),
        (false, _) => (1.0, theme.border),
    };
    let head_fill = if selected { theme.accent_fill } else { theme.block_head };
    let (rect, head) = (canvas.rect(block.rect), canvas.rect(block.head()));
    let is_chart = matches!(block.id, BlockId::Chart(_)) && zoom > 0.3;
    let inner = rect.shrink(3.0 * zoom);
    if let Some(coarse) = coarse {
        coarse.rect(rect, theme.block);
        coarse.rect(head, head_fill);
        coarse.border(rect, f32::ceil(width), edge);
        if is_chart {
            coarse.border(inner, 1.0, theme.border);
        }
        return;
    }
    let radius = BLOCK_RADIUS * zoom;
    // A faint shadow lifts it off the ground.
    painter.rect_filled(
        rect.translate(vec2(0.0, 1.5 * zoom)),
        radius,
        Color32::from_black_alpha(if theme.dark { 50 } else { 14 }),
    );
    painter.rect_filled(rect, radius, theme.block);
    let rounding = egui::epaint::CornerRadiusF32 { nw: radius, ne: radius, sw: 0.0, se: 0.0 };
    painter.rect_filled(head, rounding, head_fill);
    painter.rect_stroke(rect, radius, Stroke::new(width, edge), StrokeKind::Inside);
    if is_chart {
        painter.rect_stroke(inner, (radius - 2.0).max(0.0), Stroke::new(1.0, theme.border), StrokeKind::Inside);
    }
}

fn titles(canvas: &Canvas<'_>, block: &Block, head: Rect, detail: Detail) {
    let (theme, zoom) = (canvas.theme, canvas.camera.zoom);
    let left = head.min.x + sizes::TEXT_INSET * zoom;
    let colour = if block.is_missing() { theme.bad } else { theme.text };
    if detail < Detail::Full {
        // The name may be larger than the block is: it is what can be read.
        let at = pos2(left, head.center().y);
        let clip = canvas.painter.with_clip_rect(canvas.painter.clip_rect().intersect(canvas.rect(block.rect)));
        let size = (sizes::TITLE_TEXT * zoom).max(9.0).round();
        canvas.text_of(&clip, at, Align2::LEFT_CENTER, &block.title, size, true, colour);
        return;
    }
    let left = left + icon_of(canvas, block, pos2(left, head.center().y));
    let at = pos2(left, head.min.y + 10.0 * zoom);
    canvas.text(at, Align2::LEFT_CENTER, &block.title, sizes::TITLE_TEXT, true, colour);
    let at = pos2(left, head.min.y + 23.0 * zoom);
    canvas.text(at, Align2::LEFT_CENTER, block.subtitle(), sizes::SMALL_TEXT, false, theme.dim);
}

/// Paints the icon of a function's component with its left edge at `at`, where it has one; the width it takes, px.
fn icon_of(canvas: &Canvas<'_>, block: &Block, at: Pos2) -> f32 {
    let BlockId::Function(function) = &block.id else { return 0.0 };
    let zoom = canvas.camera.zoom;
    let texture = canvas
        .plan
        .component_of(&function.instance)
        .and_then(|component| component_icon::texture(canvas.painter.ctx(), component));
    let Some(texture) = texture else { return 0.0 };
    let rect = Rect::from_center_size(at + vec2(ICON / 2.0, 0.0) * zoom, Vec2::splat(ICON * zoom));
    component_icon::paint(canvas.painter, rect, &texture);
    (ICON + 6.0) * zoom
}

fn marker(canvas: &Canvas<'_>, head: Rect, severity: Severity) {
    let (mark, colour) = match severity {
        Severity::Error => (Icon::CircleX, canvas.theme.bad),
        Severity::Warning => (Icon::TriangleAlert, canvas.theme.warning),
        Severity::Info => (Icon::Info, canvas.theme.dim),
    };
    let size = (13.0 * canvas.camera.zoom).max(9.0);
    let at = pos2(head.max.x - 12.0 * canvas.camera.zoom, head.center().y);
    canvas.painter.text(at, Align2::CENTER_CENTER, char::from(mark), icon::font(size), colour);
}

fn port(
    canvas: &Canvas<'_>,
    slot: BlockSlot,
    block: &Block,
    port: &BlockPort<'_>,
    detail: Detail,
    coarse: Option<&mut Coarse>,
) {
    let (theme, zoom) = (canvas.theme, canvas.camera.zoom);
    let at = canvas.at(port.at);
    let item = if canvas.minds_ports() { block.port_ref(port.index).map(Item::Port) } else { None };
    let marked = item.as_ref().is_some_and(|item| canvas.is_marked(item));
    let fits = canvas.fits.map(|fits| fits(slot, port.index));
    let fade = |colour| faded(canvas, fits, colour);
    let hue = match item.as_ref().and_then(|item| canvas.markers.of(item)) {
        Some(Severity::Error) => theme.bad,
        Some(Severity::Warning) => theme.warning,
        _ if port.missing => theme.bad,
        _ if port.mandatory_open => theme.warning,
        _ => theme.type_colour(port.kind),
    };
    let hollow = (!port.connected && port.constant.is_none()).then_some(theme.block);
    let tick = port.mandatory_open && detail == Detail::Full;
    // The tick: it must be fed.
    let tick = tick.then(|| Rect::from_center_size(pos2(at.x - 8.0 * zoom, at.y), vec2(1.5, 8.0 * zoom)));
    let ring = (marked || fits == Some(true)).then(|| {
        let colour = if marked { theme.accent } else { theme.accent.gamma_multiply(0.7) };
        ((GLYPH + 3.5) * zoom, colour)
    });
    if let Some(coarse) = coarse {
        coarse.glyph(port.kind, at, GLYPH * zoom, fade(hue), hollow);
        if let Some(tick) = tick {
            coarse.rect(tick, fade(theme.warning));
        }
        if let Some((radius, colour)) = ring {
            coarse.border(Rect::from_center_size(at, vec2(radius, radius) * 2.0), 1.0, colour);
        }
        return;
    }
    if let Some((radius, colour)) = ring {
        canvas.painter.circle_stroke(at, radius, Stroke::new(1.5, colour));
    }
    glyph(canvas.painter, port.kind, at, GLYPH * zoom, fade(hue), hollow);
    if let Some(tick) = tick {
        canvas.painter.vline(tick.center().x, tick.y_range(), Stroke::new(tick.width(), fade(theme.warning)));
    }
}

/// What takes no link while one is drawn fades.
fn faded(canvas: &Canvas<'_>, fits: Option<bool>, colour: Color32) -> Color32 {
    if fits == Some(false) { canvas.theme.block.lerp_to_gamma(colour, 0.3) } else { colour }
}

fn label(canvas: &Canvas<'_>, slot: BlockSlot, port: &BlockPort<'_>) {
    let (theme, zoom) = (canvas.theme, canvas.camera.zoom);
    let at = canvas.at(port.at);
    let fits = canvas.fits.map(|fits| fits(slot, port.index));
    let colour = faded(canvas, fits, if port.hmi { theme.dim } else { theme.text });
    let (at, align) = match port.side {
        Side::Left => (pos2(at.x + sizes::TEXT_INSET * zoom, at.y), Align2::LEFT_CENTER),
        Side::Right => (pos2(at.x - sizes::TEXT_INSET * zoom, at.y), Align2::RIGHT_CENTER),
    };
    canvas.text(at, align, port.label, sizes::LABEL_TEXT, false, colour);
}

/// The row that opens and closes the HMI properties.
fn fold(canvas: &Canvas<'_>, block: &Block) {
    let Some(fold) = block.fold() else { return };
    let rect = canvas.rect(fold);
    let (theme, zoom) = (canvas.theme, canvas.camera.zoom);
    canvas.painter.hline(rect.x_range().shrink(8.0 * zoom), rect.min.y, theme.line());
    let mark = if block.is_unfolded() { Icon::ChevronUp } else { Icon::ChevronDown };
    let at = pos2(rect.center().x - 16.0 * zoom, rect.center().y);
    canvas.painter.text(at, Align2::CENTER_CENTER, char::from(mark), icon::font(10.0 * zoom), theme.dim);
    let text = format!("{} HMI", block.n_hmi());
    let at = pos2(rect.center().x - 8.0 * zoom, rect.center().y);
    canvas.text(at, Align2::LEFT_CENTER, &text, sizes::SMALL_TEXT, false, theme.dim);
}

/// Paints constants and arrows of a block.
pub fn tags(canvas: &Canvas<'_>, slot: BlockSlot) {
    let Some(block) = canvas.scene.block(slot) else { return };
    let theme = canvas.theme;
    for tag in &block.constants {
        let item = block.port_ref(tag.port).map(Item::Constant);
        let marked = item.as_ref().is_some_and(|item| canvas.is_marked(item));
        self::tag(canvas, tag.rect, &tag.text, marked, theme.dim);
        let rect = canvas.rect(tag.rect);
        let Some(port) = block.port(tag.port).map(|port| canvas.at(port.at)) else { continue };
        canvas.painter.line_segment([rect.right_center(), port], Stroke::new(1.0, theme.border));
    }
    for arrow in &block.arrows {
        let marked = arrow.targets.iter().any(|target| canvas.is_marked(&Item::Link(target.key.clone())));
        self::tag(canvas, arrow.rect, &arrow.label, marked, theme.text);
    }
}

fn tag(canvas: &Canvas<'_>, rect: Rect, text: &str, marked: bool, colour: Color32) {
    let theme = canvas.theme;
    let rect = canvas.rect(rect);
    let edge = if marked { theme.accent } else { theme.border };
    canvas.painter.rect(rect, rect.height() / 2.0, theme.inset, Stroke::new(1.0, edge), StrokeKind::Inside);
    canvas.text(rect.center(), Align2::CENTER_CENTER, text, sizes::SMALL_TEXT, false, colour);
}
