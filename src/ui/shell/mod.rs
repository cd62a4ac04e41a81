//! What lies around the views: menu bar, panels, palette, keys, file dialogs.

mod keys;
mod menu_bar;
mod palette;
mod panes;
mod picker;

pub use keys::{Claim, keys_text, pressed};
pub use menu_bar::{BarScope, context_menu, menu_bar_ui};
pub use palette::Palette;
pub use panes::panes_ui;
pub use picker::{Picker, chooses_inside};

use super::icon::{Icon, icon};
use super::lang::tr;
use super::theme::Theme;

/// What is shown while files are held over the window.
pub fn drop_hint(ctx: &egui::Context, theme: &Theme) {
    let painter = ctx.layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    let rect = ctx.content_rect().shrink(12.0);
    let fill = theme.accent_fill.gamma_multiply(0.85);
    painter.rect(rect, 8.0, fill, egui::Stroke::new(2.0, theme.accent), egui::StrokeKind::Inside);
    let at = rect.center();
    painter.text(
        at - egui::vec2(0.0, 24.0),
        egui::Align2::CENTER_CENTER,
        icon(Icon::PackagePlus, 32.0).text(),
        super::icon::font(32.0),
        theme.accent,
    );
    painter.text(
        at + egui::vec2(0.0, 12.0),
        egui::Align2::CENTER_CENTER,
        tr("drop.hint"),
        egui::FontId::proportional(15.0),
        theme.text,
    );
}
