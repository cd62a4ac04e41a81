//! Choices of the user: taken over, and remembered.

use egui_tiles::Tree;

use super::Desktop;
use crate::app::{LanguageChoice, ThemeChoice, UserSettings, WindowSize};
use crate::ui::lang::Lang;
use crate::ui::pane::{LAYOUT_VERSION, Pane};
use crate::ui::theme::Theme;

/// The layout that is remembered, unless a panel is missing in it.
pub fn layout_of(settings: &UserSettings) -> Option<Tree<Pane>> {
    let tree: Tree<Pane> = serde_json::from_str(settings.layouts.get(&LAYOUT_VERSION)?).ok()?;
    Pane::ALL.iter().all(|pane| tree.tiles.find_pane(pane).is_some()).then_some(tree)
}

/// The language chosen.
pub fn language_of(settings: &UserSettings) -> Lang {
    match settings.language {
        LanguageChoice::System => Lang::of_system(),
        LanguageChoice::English => Lang::En,
        LanguageChoice::German => Lang::De,
    }
}

impl Desktop {
    /// Takes the choices over: colours, scale, movement.
    pub(super) fn apply_settings(&mut self, ctx: &egui::Context) {
        let dark = match self.settings.theme {
            ThemeChoice::System => ctx.system_theme() == Some(egui::Theme::Dark),
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        };
        self.theme = Theme::new(dark);
        self.theme.apply(ctx, self.settings.animations);
        ctx.set_zoom_factor(self.settings.scale);
    }

    /// Takes other choices over and remembers them.
    pub(super) fn change_settings(&mut self, ctx: &egui::Context, settings: UserSettings) {
        let libraries_before = std::mem::replace(&mut self.settings, settings).libraries;
        self.apply_settings(ctx);
        self.keep_settings();
        if libraries_before != self.settings.libraries {
            self.read_libraries();
        }
    }

    /// From light to dark, or back.
    pub(super) fn toggle_theme(&mut self, ctx: &egui::Context) {
        let mut settings = self.settings.clone();
        settings.theme = if self.theme.dark { ThemeChoice::Light } else { ThemeChoice::Dark };
        self.change_settings(ctx, settings);
    }

    /// Writes what is remembered of the user.
    pub(super) fn keep_settings(&mut self) {
        let Some(folder) = &self.settings_folder else { return };
        if let Err(failure) = self.settings.save(folder) {
            self.messages.fail(&failure);
        }
    }

    /// Remembers where the panels stand.
    pub(super) fn keep_layout(&mut self) {
        if let Ok(layout) = serde_json::to_string(&self.tree) {
            self.settings.layouts.insert(LAYOUT_VERSION, layout);
        }
        self.keep_settings();
    }

    /// Remembers the size of the window.
    pub(super) fn keep_window(&mut self, ctx: &egui::Context) {
        let (rect, maximized) = ctx.input(|input| {
            let viewport = input.viewport();
            (viewport.inner_rect, viewport.maximized.unwrap_or(false))
        });
        if let Some(rect) = rect {
            self.settings.window = Some(WindowSize { width: rect.width(), height: rect.height(), maximized });
        }
    }
}
