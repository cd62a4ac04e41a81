//! Looks: colours by their tokens, sizes, and what egui's own widgets are made of.

use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Vec2};

use crate::drawing::PortKind;
use crate::drawing::font::Weight;
use crate::drawing::palette::{Palette, Rgb, Theme as Light};

/// One spacing unit, px.
pub const UNIT: f32 = 4.0;
/// Corner radius of blocks, px.
pub const BLOCK_RADIUS: f32 = 6.0;
/// Corner radius of fields and buttons, px.
pub const FIELD_RADIUS: u8 = 4;
/// Size of text, of text beside it and of the smallest text, px.
pub const TEXT: f32 = 13.0;
/// See [`TEXT`].
pub const SMALL: f32 = 12.0;
/// See [`TEXT`].
pub const TINY: f32 = 10.5;
/// Longest animation, seconds.
pub const ANIMATION_SECS: f32 = 0.12;

/// The colours of the screen, as egui wants them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the tokens of drawing::palette::Palette, described there")]
pub struct Theme {
    pub dark: bool,
    pub bar: Color32,
    pub panel: Color32,
    pub inset: Color32,
    pub canvas: Color32,
    pub grid: Color32,
    pub block: Color32,
    pub block_head: Color32,
    pub border: Color32,
    pub hairline: Color32,
    pub text: Color32,
    pub dim: Color32,
    pub faint: Color32,
    pub wire: Color32,
    pub accent: Color32,
    pub accent_fill: Color32,
    pub bad: Color32,
    pub warning: Color32,
    pub running: Color32,
    types: [Color32; 6],
}

impl Theme {
    /// The light or the dark one.
    pub fn new(dark: bool) -> Self {
        let light = if dark { Light::Dark } else { Light::Light };
        let Palette {
            bar,
            panel,
            inset,
            canvas,
            grid,
            block,
            block_head,
            border,
            hairline,
            text,
            dim,
            faint,
            wire,
            accent,
            accent_fill,
            bad,
            warning,
            running,
            types,
        } = *light.palette();
        let c = |rgb: Rgb| {
            let [red, green, blue] = rgb.channels();
            Color32::from_rgb(red, green, blue)
        };
        Self {
            dark,
            bar: c(bar),
            panel: c(panel),
            inset: c(inset),
            canvas: c(canvas),
            grid: c(grid),
            block: c(block),
            block_head: c(block_head),
            border: c(border),
            hairline: c(hairline),
            text: c(text),
            dim: c(dim),
            faint: c(faint),
            wire: c(wire),
            accent: c(accent),
            accent_fill: c(accent_fill),
            bad: c(bad),
            warning: c(warning),
            running: c(running),
            types: [types.bool, types.integer, types.real, types.text, types.date, types.structure].map(c),
        }
    }

    /// The hue of a type.
    pub fn type_colour(&self, kind: PortKind) -> Color32 {
        self.types[kind as usize]
    }

    /// A line between rows and parts.
    pub fn line(&self) -> Stroke {
        Stroke::new(1.0, self.hairline)
    }

    /// Gives egui these colours, the embedded face, sizes and spacing.
    pub fn apply(&self, ctx: &egui::Context, animations: bool) {
        let theme = if self.dark { egui::Theme::Dark } else { egui::Theme::Light };
        ctx.set_theme(theme);
        ctx.style_mut_of(theme, |style| {
            style.text_styles = [
                (egui::TextStyle::Heading, FontId::new(17.0, semibold())),
                (egui::TextStyle::Body, FontId::proportional(TEXT)),
                (egui::TextStyle::Button, FontId::proportional(TEXT)),
                (egui::TextStyle::Monospace, FontId::monospace(SMALL)),
                (egui::TextStyle::Small, FontId::proportional(TINY)),
            ]
            .into();
            style.animation_time = if animations { ANIMATION_SECS } else { 0.0 };
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.35;
            let spacing = &mut style.spacing;
            spacing.item_spacing = Vec2::new(2.0 * UNIT, UNIT);
            spacing.button_padding = Vec2::new(2.0 * UNIT, 3.0);
            spacing.interact_size.y = 24.0;
            spacing.indent = 4.0 * UNIT;
            spacing.menu_margin = Margin::same(4);
            spacing.combo_width = 80.0;
            spacing.scroll = egui::style::ScrollStyle::thin();
            self.visuals(&mut style.visuals);
        });
    }

    fn visuals(&self, visuals: &mut egui::Visuals) {
        visuals.dark_mode = self.dark;
        visuals.panel_fill = self.panel;
        visuals.window_fill = self.panel;
        visuals.window_stroke = Stroke::new(1.0, self.border);
        visuals.window_corner_radius = CornerRadius::same(8);
        visuals.menu_corner_radius = CornerRadius::same(6);
        let shadow = |blur, alpha| Shadow { offset: [0, 4], blur, spread: 0, color: Color32::from_black_alpha(alpha) };
        visuals.window_shadow = shadow(24, if self.dark { 120 } else { 40 });
        visuals.popup_shadow = shadow(12, if self.dark { 100 } else { 30 });
        visuals.extreme_bg_color = self.inset;
        visuals.text_edit_bg_color = Some(if self.dark { self.inset } else { self.block });
        visuals.faint_bg_color = self.inset;
        visuals.code_bg_color = self.inset;
        visuals.hyperlink_color = self.accent;
        visuals.warn_fg_color = self.warning;
        visuals.error_fg_color = self.bad;
        visuals.weak_text_color = Some(self.dim);
        visuals.override_text_color = None;
        visuals.selection.bg_fill = self.accent_fill;
        visuals.selection.stroke = Stroke::new(1.0, if self.dark { self.text } else { self.accent });
        visuals.striped = false;
        visuals.indent_has_left_vline = false;
        visuals.slider_trailing_fill = true;
        let widget = |fill: Color32, edge: Color32, text: Color32| egui::style::WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, edge),
            corner_radius: CornerRadius::same(FIELD_RADIUS),
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        visuals.widgets.noninteractive = widget(self.panel, self.hairline, self.text);
        visuals.widgets.inactive = widget(self.block, self.hairline, self.text);
        visuals.widgets.hovered = widget(self.block_head, self.border, self.text);
        visuals.widgets.active = widget(self.accent_fill, self.accent, self.text);
        visuals.widgets.open = widget(self.block_head, self.border, self.text);
    }
}

/// The family of titles and of what matters most in a row.
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Installs the embedded face in both weights and the icons.
pub fn install_fonts(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), std::sync::Arc::new(FontData::from_static(bytes)));
    };
    add("inter", Weight::Regular.bytes());
    add("inter-semibold", Weight::SemiBold.bytes());
    add("icons", lucide_icons::LUCIDE_FONT_BYTES);
    let list = |first: &str| vec![first.to_owned(), "icons".to_owned()];
    fonts.families.insert(FontFamily::Proportional, list("inter"));
    fonts.families.insert(FontFamily::Monospace, list("inter"));
    fonts.families.insert(semibold(), list("inter-semibold"));
    fonts.families.insert(FontFamily::Name("icons".into()), vec!["icons".to_owned(), "inter".to_owned()]);
    ctx.set_fonts(fonts);
}
