//! Two plans compared in engineering terms: what was added, removed, renamed, re-plugged, set otherwise.
//!
//! Pure: two plans go in, a list of [`Change`]s comes out, each with a sentence. This part never looks at text of files, so two
//! projects whose files differ in form only are equal, and two that say the same under other numbers of charts as well.
//!
//! What counts:
//!
//! * Everything that the engineer decided. What is known of devices from the last download
//!   ([`Plan::states`](crate::model::Plan::states)) does not count.
//! * Positions and bends are told in one line, [`Change::Layout`].
//! * Renamed instances, devices and charts are recognised where it is clear who is who (the rules stand in `identity`); everything
//!   about them is then compared under the new name. Where it is not clear, they are removed and added.
//!
//! Start reading at [`diff()`], then [`Change`].

mod change;
mod charts;
mod components;
mod identity;
mod instances;
mod links;
mod network;
mod project;
#[cfg(test)]
mod tests;

pub use change::{Change, ChartPath, ComponentLabel, DeviceProperty, Group, LayoutCount, LinkProperty, to_text};

use crate::model::Plan;
use identity::Identity;

/// What must be done to the plan `old` to make it `new`, by [`Group`]; in a group what went or is otherwise comes first, then what
/// came, each by name. Empty when both say the same.
///
/// Names are those of the new plan, but for what was removed.
pub fn diff(old: &Plan, new: &Plan) -> Vec<Change> {
    let identity = Identity::of(old, new);
    let mut compared = Compared { old, new, identity, changes: Vec::new(), layout: LayoutCount::default() };
    project::compare(&mut compared);
    components::compare(&mut compared);
    charts::compare(&mut compared);
    instances::compare(&mut compared);
    links::compare(&mut compared);
    network::compare(&mut compared);
    let Compared { mut changes, layout, .. } = compared;
    if layout != LayoutCount::default() {
        changes.push(Change::Layout(layout));
    }
    // Stable: within a group the order is that in which the parts were compared.
    changes.sort_by_key(Change::group);
    changes
}

/// Two plans, who in them is who, and what was found so far.
struct Compared<'a> {
    old: &'a Plan,
    new: &'a Plan,
    identity: Identity,
    changes: Vec<Change>,
    layout: LayoutCount,
}

impl Compared<'_> {
    fn add(&mut self, change: Change) {
        self.changes.push(change);
    }
}
