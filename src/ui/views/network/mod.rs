//! The network view: devices on their subnets and PROFIBUS lines, over a table of their addresses.
//!
//! Where everything stands, what a cell may say and what a paste would do is [`crate::app::network`]'s business. Here: the picture
//! ([`picture`]) with what hands do on it, and the table ([`table`]).

mod picture;
mod table;

use std::collections::HashMap;

use egui::Ui;

pub use picture::urgency;
pub use table::title;

use self::picture::Gesture;
use self::table::Table;
use super::findings::worse;
use super::plane::Sight;
use crate::app::network::{Members, NetworkLayout};
use crate::app::{Item, Workspace};
use crate::check::Severity;
use crate::model::Name;
use crate::ui::action::Scope;

/// State of the view.
pub struct Network {
    sight: Sight,
    gesture: Gesture,
    table: Table,
    derived: Derived,
    /// The workspace's revision that `derived` is of.
    revision: u64,
    /// To be brought into view once it is known where it stands.
    aim: Option<Item>,
    /// Whether the picture has the keyboard.
    has_focus: bool,
}

/// What is worked out once for a state of the plan.
#[derive(Default)]
struct Derived {
    layout: NetworkLayout,
    members: Members,
    /// The worst finding of each device and subnet; those about what runs on a device count for it.
    findings: HashMap<Item, Severity>,
    /// Devices, as the rows of the table.
    rows: Vec<Name>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            sight: Sight::default(),
            gesture: Gesture::None,
            table: Table::default(),
            derived: Derived::default(),
            revision: u64::MAX,
            aim: None,
            has_focus: false,
        }
    }
}

impl Network {
    /// The plan was changed: what was begun with the pointer may not be there any longer.
    pub fn changed(&mut self) {
        self.gesture = Gesture::None;
        self.revision = u64::MAX;
    }

    /// Brings a device or subnet into view.
    pub fn centre(&mut self, item: &Item) {
        self.aim = Some(item.clone());
    }

    /// How it is looked at.
    pub fn sight_mut(&mut self) -> &mut Sight {
        &mut self.sight
    }

    /// Whether keys that write belong to the table now.
    pub fn takes_keys(&self, ctx: &egui::Context) -> bool {
        table::has_focus(ctx)
    }

    /// Whether what is pasted is for this view.
    pub fn takes_paste(&self, ctx: &egui::Context) -> bool {
        self.has_focus || self.table.awaits_paste() || table::has_focus(ctx)
    }

    /// The table of addresses takes the keyboard.
    pub fn enter_table(&mut self) {
        self.table.take_focus();
    }

    /// What the system has on its clipboard is pasted as soon as it comes.
    pub fn await_paste(&mut self) {
        self.table.await_paste();
    }

    fn follow(&mut self, workspace: &Workspace) {
        if self.revision == workspace.revision() {
            return;
        }
        self.revision = workspace.revision();
        let plan = workspace.plan();
        let mut findings: HashMap<Item, Severity> = HashMap::new();
        for finding in workspace.findings() {
            let item = Item::of_subject(&finding.subject);
            let item = item.device(plan).map_or(item, Item::Device);
            let worst = findings.entry(item).or_insert(finding.severity);
            *worst = worse(*worst, finding.severity);
        }
        self.derived = Derived {
            layout: NetworkLayout::of(plan),
            members: Members::of(plan),
            findings,
            rows: plan.devices().keys().cloned().collect(),
        };
        self.table.follow(self.derived.rows.len());
    }
}

/// Shows the view.
pub fn network_ui(ui: &mut Ui, state: &mut Network, scope: &mut Scope<'_>) {
    state.follow(scope.workspace);
    if let Some(item) = state.aim.take() {
        state.aim_at(&item);
    }
    let height = ui.available_height();
    let frame = egui::Frame::new().fill(scope.theme.panel).inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::bottom("address_table")
        .resizable(true)
        .default_size((height * 0.36).max(120.0))
        .size_range(72.0..=(height * 0.8).max(73.0))
        .frame(frame)
        .show(ui, |ui| table::table_ui(ui, &mut state.table, &state.derived, scope));
    picture::picture_ui(ui, state, scope);
}

impl Network {
    fn aim_at(&mut self, item: &Item) {
        match item {
            Item::Device(name) => {
                if let Some(rect) = self.derived.layout.rect(name) {
                    self.sight.show(rect);
                }
                if let Some(row) = self.derived.rows.iter().position(|row| row == name) {
                    self.table.choose_row(row);
                }
            }
            Item::Subnet(name) => {
                let bus = crate::app::network::Bus::Subnet(name.clone());
                let label = self.derived.layout.buses.iter().find(|drawn| drawn.bus == bus).map(|drawn| drawn.label);
                if let Some(label) = label {
                    self.sight.show(egui::Rect::from_min_size(label, egui::vec2(160.0, 24.0)));
                }
            }
            _ => {}
        }
    }
}
