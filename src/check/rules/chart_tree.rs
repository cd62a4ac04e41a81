//! # PW149: Charts do not form a tree with clear names
//!
//! ## What it checks
//! Every chart but the top one stands in a chart of the plan, not in itself, and its name is unique among its siblings.
//!
//! ## Why
//! Paths of charts are file names in the project, and what the screen shows at the top.
//!
//! ## Example
//! Two branches each added a chart `Filling` below the top, and were merged.
//!
//! ## Remedy
//! Rename or move one of the charts.
//!
//! ## Facts
//! `name` of the chart; `reason` in words.

use serde::Serialize;

use crate::check::context::ChartView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{Phrase, ROOT_CHART};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW149",
    name: "chart-tree",
    severity: Severity::Error,
    source: include_str!("chart_tree.rs"),
    on: &[On::Chart(check)],
};

#[derive(Serialize)]
struct ChartTree {
    name: String,
    reason: Phrase,
}

impl Facts for ChartTree {
    fn message(&self) -> Phrase {
        self.reason.clone()
    }
}

fn check(view: &ChartView, report: &mut Report) {
    let charts = view.cx.plan.charts();
    let mut add = |reason: Phrase| {
        let facts = ChartTree { name: view.chart.name.to_string(), reason };
        report.add(Subject::Chart(view.id), &facts);
    };
    let Some(parent) = view.chart.parent else {
        if view.id != ROOT_CHART {
            add(say!("the chart stands in no other, and is not the top one"));
        }
        return;
    };
    if !charts.contains_key(&parent) {
        return add(say!("the chart stands in one that does not exist"));
    }
    if stands_in_itself(view) {
        return add(say!("the chart stands inside of itself"));
    }
    if view.cx.index.charts_called(parent, &view.chart.name).any(|other| other != view.id) {
        add(say!("another chart beside it is called {name} too", name = view.chart.name));
    }
}

/// Whether the way up from a chart comes back to it. One that ends in a loop of others is their affair.
fn stands_in_itself(view: &ChartView) -> bool {
    let charts = view.cx.plan.charts();
    let mut at = view.chart.parent;
    for _ in 0..charts.len() {
        let Some(above) = at else { return false };
        if above == view.id {
            return true;
        }
        at = charts.get(&above).and_then(|chart| chart.parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::{LibraryFacts, check};
    use crate::model::{Chart, ChartId, fixture};

    type Change<'a> = (u32, &'a dyn Fn(&mut Chart));

    /// The findings after a chart was changed; 1 is A, 2 is B.
    fn changed(changes: &[Change]) -> Vec<String> {
        let mut plan = fixture::plan("chart A\nchart B");
        for (id, change) in changes {
            change(Arc::make_mut(plan.charts.get_mut(&ChartId(*id)).unwrap()));
        }
        let findings = check(&plan, &LibraryFacts::default());
        findings.iter().filter(|finding| finding.code == "PW149").map(ToString::to_string).collect()
    }

    #[test]
    fn fires_on_equal_names() {
        let found = changed(&[(2, &|chart| chart.name = "A".into())]);
        assert_eq!(found, ["error PW149 Fixture / A: another chart beside it is called A too"; 2]);
    }

    #[test]
    fn fires_on_wrong_parents() {
        let lost = changed(&[(2, &|chart| chart.parent = Some(ChartId(9)))]);
        assert_eq!(lost, ["error PW149 Fixture / B: the chart stands in one that does not exist"]);
        let second_root = changed(&[(2, &|chart| chart.parent = None)]);
        assert_eq!(second_root, ["error PW149 Fixture: the chart stands in no other, and is not the top one"]);
    }

    #[test]
    fn fires_on_charts_inside_of_each_other() {
        let found =
            changed(&[(1, &|chart| chart.parent = Some(ChartId(2))), (2, &|chart| chart.parent = Some(ChartId(1)))]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|line| line.ends_with("the chart stands inside of itself")), "{found:?}");
    }

    #[test]
    fn silent_on_a_tree() {
        assert_eq!(changed(&[]), [""; 0]);
        // A chart that was moved can stand in one that was made later.
        assert_eq!(changed(&[(1, &|chart| chart.parent = Some(ChartId(2)))]), [""; 0]);
    }
}
