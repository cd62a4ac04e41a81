//! # PW147: A function has no place on a chart, or one that does not exist
//!
//! ## What it checks
//! Every function of an instance stands on a chart of the plan, and no place is kept for functions that the component version does not have.
//!
//! ## Why
//! A block without chart cannot be seen; links to it end in nothing on every chart.
//!
//! ## Example
//! One branch removed the chart `Packing`, another put a machine on it.
//!
//! ## Remedy
//! Put the block on a chart. Safe fix: on the top chart; the place of a function that is no more is removed.
//!
//! ## Facts
//! `reason` in words.

use serde::Serialize;

use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity, Subject};
use crate::model::{FunctionRef, Name, Phrase, Placement, Point, ROOT_CHART};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW147",
    name: "placement",
    severity: Severity::Error,
    source: include_str!("placement.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct WrongPlacement {
    reason: Phrase,
}

impl Facts for WrongPlacement {
    fn message(&self) -> Phrase {
        self.reason.clone()
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    let Some(component) = &view.placed.component else { return };
    let functions = &view.placed.instance.functions;
    let function = |ldev: &Name, rtauto: &Name| FunctionRef {
        instance: view.name.clone(),
        ldev: ldev.clone(),
        rtauto: rtauto.clone(),
    };
    for (ldev, rtauto) in component.rtautos() {
        let placement = functions.get(&(ldev.name.clone(), rtauto.name.clone()));
        let reason = match placement {
            None => say!("the function stands on no chart"),
            Some(placement) if !view.cx.plan.charts().contains_key(&placement.chart) => {
                say!("the function stands on a chart that is not in the plan")
            }
            Some(_) => continue,
        };
        let function = function(&ldev.name, &rtauto.name);
        let at = placement.map_or(Point::default(), |placement| placement.at);
        let placement = Placement { chart: ROOT_CHART, at };
        let finding = report.add(Subject::Function(function.clone()), &WrongPlacement { reason });
        finding.fix = Some(Fix {
            title: say!("Put {instance} on the top chart", instance = view.name),
            change: FixChange::PlaceFunction { function, placement },
        });
    }
    for (ldev, rtauto) in functions.keys().filter(|(ldev, rtauto)| component.rtauto(ldev, rtauto).is_none()) {
        let function = function(ldev, rtauto);
        let reason = say!("a place is kept for a function that the component does not have");
        let finding = report.add(Subject::Function(function.clone()), &WrongPlacement { reason });
        finding.fix = Some(Fix {
            title: say!("Remove the place of {function}", function),
            change: FixChange::RemovePlacement { function },
        });
    }
}

#[cfg(test)]
mod tests {

    /// The findings after the place of the only function was changed.
    fn placed(change: impl Fn(&mut crate::model::Instance)) -> Vec<String> {
        use crate::check::{LibraryFacts, check};
        let mut plan = crate::model::fixture::plan("component A 1.0 { in x R4 = 0 }\nOne: A @10.0.0.1");
        change(std::sync::Arc::make_mut(plan.instances.get_mut("One").unwrap()));
        let findings = check(&plan, &LibraryFacts::default());
        findings.iter().filter(|finding| finding.code == "PW147").map(ToString::to_string).collect()
    }

    #[test]
    fn fires_without_place_and_on_a_missing_chart() {
        assert_eq!(placed(|one| one.functions.clear()), ["error PW147 One: the function stands on no chart"]);
        let moved = placed(|one| one.functions.values_mut().for_each(|place| place.chart = crate::model::ChartId(7)));
        assert_eq!(moved, ["error PW147 One: the function stands on a chart that is not in the plan"]);
    }

    #[test]
    fn fires_on_a_place_for_nothing() {
        let kept = placed(|one| {
            let place = *one.functions.values().next().unwrap();
            one.functions.insert(("A".into(), "Old".into()), place);
        });
        assert_eq!(kept, ["error PW147 One: a place is kept for a function that the component does not have"]);
    }

    #[test]
    fn silent_when_placed() {
        assert_eq!(placed(|_| ()), [""; 0]);
    }
}
