//! The panels in their tabs.

use egui::{Color32, Stroke, Style, Ui, Visuals, WidgetText};
use egui_tiles::{Behavior, SimplificationOptions, TabState, TileId, Tiles, Tree, UiResponse};

use crate::ui::action::Scope;
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::tr;
use crate::ui::pane::{self, Pane};
use crate::ui::theme::SMALL;
use crate::ui::views::Views;

/// Shows them all.
pub fn panes_ui(ui: &mut Ui, tree: &mut Tree<Pane>, views: &mut Views, scope: Scope<'_>) {
    let mut panes = Panes { views, scope, hide: None };
    tree.ui(&mut panes, ui);
    if let Some(tile) = panes.hide {
        tree.set_visible(tile, false);
    }
}

struct Panes<'a> {
    views: &'a mut Views,
    scope: Scope<'a>,
    hide: Option<TileId>,
}

impl Behavior<Pane> for Panes<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut Pane) -> UiResponse {
        let theme = self.scope.theme;
        let fill = if pane.is_central() { theme.canvas } else { theme.panel };
        ui.painter().rect_filled(ui.max_rect(), 0.0, fill);
        pane::anchor(ui, *pane, theme);
        self.views.pane_ui(ui, *pane, &mut self.scope);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        let mut title = tr(pane.key()).to_owned();
        if *pane == Pane::Findings {
            let n_findings = self.scope.workspace.counts().all();
            if n_findings > 0 {
                title = format!("{title} {n_findings}");
            }
        }
        strong(title).size(SMALL).into()
    }

    fn top_bar_right_ui(&mut self, tiles: &Tiles<Pane>, ui: &mut Ui, _: TileId, tabs: &egui_tiles::Tabs, _: &mut f32) {
        let Some(active) = tabs.active else { return };
        let Some(pane) = tiles.get_pane(&active) else { return };
        if *pane == Pane::Plant {
            self.views.tab_bar_ui(ui, &mut self.scope);
        }
        if pane.is_central() {
            return;
        }
        let button = egui::Button::new(icon(Icon::X, 12.0).color(self.scope.theme.dim)).frame(false);
        let name = format!("{}: {}", tr("pane.hide"), tr(pane.key()));
        let response = ui.add(button).on_hover_text(tr("pane.hide"));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        if response.clicked() {
            self.hide = Some(active);
        }
    }

    fn tab_bar_trailing_ui(&mut self, tiles: &Tiles<Pane>, ui: &mut Ui, _: TileId, tabs: &egui_tiles::Tabs) {
        if tabs.active.and_then(|active| tiles.get_pane(&active)).is_some_and(|pane| pane.is_central()) {
            self.views.tab_trail_ui(ui, &mut self.scope);
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..Default::default() }
    }

    fn tab_bar_height(&self, _: &Style) -> f32 {
        30.0
    }

    fn tab_title_spacing(&self, _: &Visuals) -> f32 {
        12.0
    }

    fn tab_bar_color(&self, _: &Visuals) -> Color32 {
        self.scope.theme.bar
    }

    fn tab_bg_color(&self, _: &Visuals, tiles: &Tiles<Pane>, tile: TileId, state: &TabState) -> Color32 {
        let central = tiles.get_pane(&tile).is_some_and(|pane| pane.is_central());
        match (state.active, central) {
            (true, true) => self.scope.theme.canvas,
            (true, false) => self.scope.theme.panel,
            (false, _) => Color32::TRANSPARENT,
        }
    }

    fn tab_outline_stroke(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn tab_text_color(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, state: &TabState) -> Color32 {
        if state.active { self.scope.theme.text } else { self.scope.theme.dim }
    }

    fn resize_stroke(&self, _: &Style, state: egui_tiles::ResizeState) -> Stroke {
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, self.scope.theme.hairline),
            _ => Stroke::new(2.0, self.scope.theme.accent),
        }
    }

    fn gap_width(&self, _: &Style) -> f32 {
        1.0
    }
}
