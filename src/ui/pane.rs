//! The panels, and where they stand at first.

use egui::{Context, Id, LayerId, Order, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use egui_tiles::{Container, Linear, LinearDir, Tabs, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use crate::app::Command;
use crate::ui::lang::tr;
use crate::ui::theme::Theme;

/// A panel. Each is there once; it can be hidden, moved, and torn into other tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Pane {
    /// The link editor.
    Plant,
    /// Devices, subnets and addresses.
    Network,
    /// Cables.
    Topology,
    /// Overview of the project.
    Project,
    /// Plan and devices compared.
    Compare,
    /// The tree of the project.
    Tree,
    /// Properties of what is selected.
    Properties,
    /// Components to place.
    Library,
    /// Results of the checks.
    Findings,
    /// Values, plotted, recorded and written.
    Variables,
    /// Devices and connections on line, problems first.
    Diagnostics,
    /// What was done and what went wrong.
    Messages,
    /// Who feeds whom.
    CrossReference,
    /// Work in the background.
    Jobs,
}

impl Pane {
    /// All panels.
    pub const ALL: [Self; 14] = [
        Self::Plant,
        Self::Network,
        Self::Topology,
        Self::Project,
        Self::Compare,
        Self::Tree,
        Self::Properties,
        Self::Library,
        Self::Findings,
        Self::Variables,
        Self::Diagnostics,
        Self::Messages,
        Self::CrossReference,
        Self::Jobs,
    ];

    /// Its key in the tables of languages: `pane.KEY`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Plant => "pane.plant",
            Self::Network => "pane.network",
            Self::Topology => "pane.topology",
            Self::Project => "pane.project",
            Self::Compare => "pane.compare",
            Self::Tree => "pane.tree",
            Self::Properties => "pane.properties",
            Self::Library => "pane.library",
            Self::Findings => "pane.findings",
            Self::Variables => "pane.variables",
            Self::Diagnostics => "pane.diagnostics",
            Self::Messages => "pane.messages",
            Self::CrossReference => "pane.cross_reference",
            Self::Jobs => "pane.jobs",
        }
    }

    /// The command that brings it to the front.
    pub fn of(command: Command) -> Option<Self> {
        Some(match command {
            Command::ShowPlant => Self::Plant,
            Command::ShowNetwork => Self::Network,
            Command::ShowTopology => Self::Topology,
            Command::ShowProject => Self::Project,
            Command::ShowCompare => Self::Compare,
            Command::ShowTree => Self::Tree,
            Command::ShowProperties => Self::Properties,
            Command::ShowLibrary => Self::Library,
            Command::ShowFindings => Self::Findings,
            Command::ShowVariables => Self::Variables,
            Command::ShowDiagnostics => Self::Diagnostics,
            Command::ShowMessages => Self::Messages,
            Command::ShowCrossReference => Self::CrossReference,
            Command::ShowJobs => Self::Jobs,
            _ => return None,
        })
    }

    /// Whether all of it is one canvas, which takes keys itself.
    pub fn is_canvas(self) -> bool {
        matches!(self, Self::Plant | Self::Network | Self::Topology)
    }

    /// Whether it stands in the middle, where plans are drawn.
    pub fn is_central(self) -> bool {
        matches!(self, Self::Plant | Self::Network | Self::Topology | Self::Project | Self::Compare)
    }
}

/// Version of the layout as it is kept: a layout of another one is not taken.
pub const LAYOUT_VERSION: u32 = 1;

/// The layout everybody begins with: tree left, charts in the middle, properties over library right, findings and values below.
pub fn default_layout() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let mut tabs = |panes: &[Pane]| {
        let children: Vec<TileId> = panes.iter().map(|pane| tiles.insert_pane(*pane)).collect();
        let mut tabs = Tabs::new(children.clone());
        tabs.active = children.first().copied();
        tiles.insert_container(tabs)
    };
    let tree = tabs(&[Pane::Tree]);
    let middle = tabs(&[Pane::Plant, Pane::Network, Pane::Topology, Pane::Project, Pane::Compare]);
    let properties = tabs(&[Pane::Properties]);
    let library = tabs(&[Pane::Library]);
    let bottom =
        tabs(&[Pane::Findings, Pane::Variables, Pane::Diagnostics, Pane::Messages, Pane::CrossReference, Pane::Jobs]);
    let mut split = |dir: LinearDir, parts: &[(TileId, f32)]| {
        let mut linear = Linear::new(dir, parts.iter().map(|(tile, _)| *tile).collect());
        for (tile, share) in parts {
            linear.shares.set_share(*tile, *share);
        }
        tiles.insert_container(Container::Linear(linear))
    };
    let right = split(LinearDir::Vertical, &[(properties, 0.42), (library, 0.58)]);
    let upper = split(LinearDir::Horizontal, &[(tree, 0.15), (middle, 0.67), (right, 0.18)]);
    let root = split(LinearDir::Vertical, &[(upper, 0.8), (bottom, 0.2)]);
    Tree::new(egui::Id::unique("panels"), root, tiles)
}

/// Brings a panel to the front, wherever it stands; shows it where it was hidden.
pub fn show(tree: &mut Tree<Pane>, pane: Pane) {
    if let Some(tile) = tree.tiles.find_pane(&pane) {
        tree.set_visible(tile, true);
    }
    tree.make_active(|_, tile| matches!(tile, egui_tiles::Tile::Pane(other) if *other == pane));
}

/// Whether a panel is there to be seen, if perhaps behind another tab.
/// Where the keyboard enters a panel: the first thing that Tab reaches in it.
fn anchor_id(pane: Pane) -> Id {
    Id::unique(("pane", pane))
}

/// Gives a panel the keyboard: a canvas takes it itself, see [`takes_keyboard`].
pub fn focus(ctx: &Context, pane: Pane) {
    if pane.is_canvas() {
        ctx.data_mut(|data| data.insert_temp(anchor_id(pane).with("enter"), true));
        ctx.request_repaint();
    } else {
        ctx.memory_mut(|memory| memory.request_focus(anchor_id(pane)));
    }
}

/// Whether the canvas of a panel is to take the keyboard now; once each time.
pub fn takes_keyboard(ctx: &Context, pane: Pane) -> bool {
    ctx.data_mut(|data| data.remove_temp::<bool>(anchor_id(pane).with("enter"))).is_some()
}

/// Which of these panels, all of them shown, has the keyboard: its beginning, or something in it.
pub fn focused(ctx: &Context, shown: &[Pane]) -> Option<usize> {
    let at = ctx.read_response(ctx.memory(|memory| memory.focused())?)?.rect.center();
    let holds =
        |pane: &Pane| ctx.data(|data| data.get_temp(anchor_id(*pane))).is_some_and(|rect: Rect| rect.contains(at));
    shown.iter().position(holds)
}

/// The beginning of a panel; outlined while it has the keyboard.
pub fn anchor(ui: &Ui, pane: Pane, theme: &Theme) {
    let (id, rect) = (anchor_id(pane), ui.max_rect());
    ui.ctx().data_mut(|data| data.insert_temp(id, rect));
    if pane.is_canvas() {
        return;
    }
    let corner = Rect::from_min_size(rect.min, vec2(1.0, 1.0));
    let response = ui.interact(corner, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::Pane, true, tr(pane.key())));
    if response.has_focus() {
        let stroke = Stroke::new(1.5, theme.accent);
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Middle, id));
        painter.with_clip_rect(rect).rect_stroke(rect.shrink(1.0), 0.0, stroke, StrokeKind::Inside);
    }
}

#[cfg(test)]
fn is_shown(tree: &Tree<Pane>, pane: Pane) -> bool {
    tree.tiles.find_pane(&pane).is_some_and(|tile| tree.is_visible(tile))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_layout_has_every_panel_once() {
        let tree = default_layout();
        for pane in Pane::ALL {
            assert!(is_shown(&tree, pane), "{pane:?}");
            assert!(crate::app::COMMANDS.iter().any(|row| Pane::of(row.command) == Some(pane)), "{pane:?}");
        }
        let panes = tree.tiles.tiles().filter(|tile| matches!(tile, egui_tiles::Tile::Pane(_))).count();
        assert_eq!(panes, Pane::ALL.len());
    }

    #[test]
    fn a_hidden_panel_comes_back() {
        let mut tree = default_layout();
        let tile = tree.tiles.find_pane(&Pane::Jobs).unwrap();
        tree.set_visible(tile, false);
        assert!(!is_shown(&tree, Pane::Jobs));
        show(&mut tree, Pane::Jobs);
        assert!(is_shown(&tree, Pane::Jobs) && tree.active_tiles().contains(&tile));
    }
}
