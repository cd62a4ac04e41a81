//! Commands for the network and the topology view.

use super::Desktop;
use crate::app::network::PasteProblem;
use crate::app::{Command, Item, Selection};
use crate::ui::action::Action;
use crate::ui::dialogs::{AddCable, AddSubnet, AssignAddresses, PasteProblems};
use crate::ui::pane::{self, Pane};

impl Desktop {
    /// Commands that have to do with addresses and cables; `false` for any other.
    pub(super) fn run_in_network(&mut self, ctx: &egui::Context, command: Command) -> bool {
        let Some(workspace) = &self.workspace else { return false };
        match command {
            Command::AssignAddresses => self.dialogs.open(AssignAddresses::new(workspace)),
            Command::AddCable => self.dialogs.open(AddCable::new(workspace)),
            Command::AddSubnet => self.dialogs.open(AddSubnet::new()),
            Command::PasteAddresses => {
                pane::show(&mut self.tree, Pane::Network);
                self.views.network.await_paste();
                ctx.send_viewport_cmd(egui::ViewportCommand::RequestPaste);
            }
            _ => return false,
        }
        true
    }

    /// Commands about what is seen, done by the view in the middle that the pointer was over last; `false` when that is the chart.
    pub(super) fn run_in_middle(&mut self, command: Command) -> bool {
        let Some(workspace) = &self.workspace else { return false };
        let Some(sight) = self.views.sight_mut() else { return false };
        match command {
            Command::ZoomIn => sight.zoom_by(1.25),
            Command::ZoomOut => sight.zoom_by(0.8),
            Command::ActualSize => sight.actual_size(),
            Command::Fit => sight.fits = true,
            Command::SelectAll => {
                let devices = workspace.plan().devices().keys().cloned().map(Item::Device);
                self.actions.push(Action::Select(Selection::of(devices)));
            }
            _ => return false,
        }
        true
    }

    pub(super) fn show_paste_problems(&mut self, problems: Vec<PasteProblem>) {
        self.dialogs.open(PasteProblems(problems));
    }
}
