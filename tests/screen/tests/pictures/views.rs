//! The views that pictures are made of.

use egui::{Key, Modifiers};
use plantweave::app::Command;
use plantweave_screen_tests::Screen;

/// The plant that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Project {
    /// None.
    None,
    /// The bottling line.
    Bottling,
    /// The plant full of mistakes.
    Mistakes,
}

impl Project {
    /// Its sample's name.
    pub fn sample(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Bottling => Some("bottling-line"),
            Self::Mistakes => Some("mistakes"),
        }
    }
}

/// Something to make a picture of.
pub struct View {
    /// Its name, that of the file.
    pub name: &'static str,
    /// The plant it shows.
    pub project: Project,
    /// Brings it up.
    pub show: fn(&mut Screen),
    /// Takes it away again.
    pub hide: fn(&mut Screen),
}

const fn view(name: &'static str, project: Project, show: fn(&mut Screen)) -> View {
    View { name, project, show, hide: |_| () }
}

/// Something that Escape takes away.
const fn over(name: &'static str, project: Project, show: fn(&mut Screen)) -> View {
    View { name, project, show, hide: |screen| screen.press(Key::Escape) }
}

/// Selects something by its name and brings it into view.
fn go_to(screen: &mut Screen, name: &str) {
    screen.press_with(Modifiers::COMMAND, Key::K);
    screen.type_text(name);
    screen.press(Key::Enter);
}

/// What fills the window, or its middle.
pub const PAGES: &[View] = &[
    view("welcome", Project::None, |_| ()),
    view("plant", Project::Bottling, |_| ()),
    view("plant-filling", Project::Bottling, |screen| {
        go_to(screen, "Filler1");
        screen.press(Key::Escape);
        screen.press(Key::F);
        go_to(screen, "Filler1");
    }),
    view("network", Project::Bottling, |screen| screen.run(Command::ShowNetwork)),
    view("topology", Project::Bottling, |screen| screen.run(Command::ShowTopology)),
    view("project", Project::Bottling, |screen| screen.run(Command::ShowProject)),
    view("compare", Project::Bottling, |screen| screen.run(Command::ShowCompare)),
];

/// What stands around the middle.
pub const PANELS: &[View] = &[
    view("tree", Project::Bottling, |screen| screen.run(Command::ShowTree)),
    view("properties-link", Project::Bottling, |screen| {
        go_to(screen, "Filler1.running");
        screen.press(Key::ArrowRight);
    }),
    view("properties-port", Project::Bottling, |screen| {
        go_to(screen, "Filler1.speed_sp");
        screen.run(Command::ShowProperties);
    }),
    view("library", Project::Bottling, |screen| screen.click("Belt conveyor · 2.1")),
    view("variables", Project::Bottling, |screen| {
        for port in ["Filler1.running", "Filler1.batch", "Capper1.torque_act"] {
            go_to(screen, port);
            screen.press(Key::W);
        }
    }),
    view("diagnostics", Project::Bottling, |screen| screen.run(Command::ShowDiagnostics)),
    view("messages", Project::Bottling, |screen| screen.run(Command::ShowMessages)),
    view("cross-reference", Project::Bottling, |screen| screen.run(Command::ShowCrossReference)),
    // Not the jobs: they tell how long they took, which no two runs agree on.
    view("findings", Project::Mistakes, |screen| screen.press(Key::F8)),
];

/// What lies over the window.
pub const OVERLAYS: &[View] = &[
    over("dialog-samples", Project::None, |screen| screen.run(Command::OpenSample)),
    over("dialog-new-project", Project::None, |screen| screen.press_with(Modifiers::COMMAND, Key::N)),
    over("dialog-options", Project::None, |screen| screen.run(Command::Options)),
    over("palette", Project::Bottling, |screen| {
        screen.press_with(Modifiers::COMMAND, Key::K);
        screen.type_text("fill");
    }),
    over("menu", Project::Bottling, |screen| {
        let edit = plantweave::ui::lang::tr("menu.edit").to_owned();
        screen.open_menu(&edit);
    }),
    over("quick-add", Project::Bottling, |screen| {
        screen.press(Key::Space);
        screen.type_text("pump");
    }),
    over("dialog-cheat-sheet", Project::Bottling, |screen| screen.press(Key::F1)),
    over("dialog-tag-formats", Project::Bottling, |screen| screen.run(Command::ExportTags)),
    over("dialog-chart-formats", Project::Bottling, |screen| screen.run(Command::ExportChart)),
    over("dialog-assign", Project::Bottling, |screen| screen.run(Command::AssignAddresses)),
    over("dialog-subnet", Project::Bottling, |screen| screen.run(Command::AddSubnet)),
    over("dialog-cable", Project::Bottling, |screen| screen.run(Command::AddCable)),
    over("link-list", Project::Bottling, |screen| {
        go_to(screen, "Filler1.ready");
        screen.press(Key::L);
    }),
    over("dialog-rename", Project::Bottling, |screen| {
        go_to(screen, "Filler1");
        screen.press(Key::F2);
    }),
    over("dialog-constant", Project::Bottling, |screen| {
        go_to(screen, "Filler1.batch");
        screen.press(Key::Equals);
    }),
    over("dialog-unsaved", Project::Bottling, |screen| {
        go_to(screen, "Filler1");
        screen.press(Key::Delete);
        screen.press_with(Modifiers::COMMAND, Key::Q);
    }),
    over("dialog-explain", Project::Mistakes, |screen| {
        screen.press(Key::F8);
        screen.press_with(Modifiers::SHIFT, Key::F1);
    }),
];
