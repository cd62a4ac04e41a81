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
use crate::model::ROOT_CHART;

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
    reason: String,
}

impl Facts for ChartTree {
    fn message(&self) -> String {
        self.reason.clone()
    }
}

fn check(view: &ChartView, report: &mut Report) {
    let charts = view.cx.plan.charts();
    let mut add = |reason: String| {
        let facts = ChartTree { name: view.chart.name.to_string(), reason };
        report.add(Subject::Chart(view.id), &facts);
    };
    let Some(parent) = view.chart.parent else {
        if view.id != ROOT_CHART {
            add("the chart stands in no other, and is not the top one".to_owned());
        }
        return;
    };
    // A parent has the smaller number, so no chart stands in itself.
    if !charts.contains_key(&parent) || parent >= view.id {
        return add("the chart stands in one that does not exist, or in itself".to_owned());
    }
    if view.cx.index.charts_called(parent, &view.chart.name).any(|other| other != view.id) {
        add(format!("another chart beside it is called {} too", view.chart.name));
    }
}

#[cfg(test)]
mod tests {

    fn changed(change: impl Fn(&mut crate::model::Chart)) -> Vec<String> {
        use crate::check::{LibraryFacts, check};
        let mut plan = crate::model::fixture::plan("chart A\nchart B");
        change(std::sync::Arc::make_mut(plan.charts.get_mut(&crate::model::ChartId(2)).unwrap()));
        let findings = check(&plan, &LibraryFacts::default());
        findings.iter().filter(|finding| finding.code == "PW149").map(ToString::to_string).collect()
    }

    #[test]
    fn fires_on_equal_names() {
        assert_eq!(changed(|chart| chart.name = "A".into()).len(), 2);
    }

    #[test]
    fn fires_on_wrong_parents() {
        let lost = changed(|chart| chart.parent = Some(crate::model::ChartId(9)));
        assert_eq!(lost.len(), 1);
        assert!(lost[0].ends_with("the chart stands in one that does not exist, or in itself"), "{lost:?}");
        assert_eq!(changed(|chart| chart.parent = None).len(), 1);
    }

    #[test]
    fn silent_on_a_tree() {
        assert_eq!(changed(|_| ()), [""; 0]);
    }
}
