//! # PW150: No chain of links leads from one end of a reaction time to the other
//!
//! ## What it checks
//! For each stated reaction time, whether active links lead from its first function to its last.
//!
//! ## Why
//! There is nothing whose time could be checked: the target is left over, or a link is missing.
//!
//! ## Example
//! The target Conveyor1 → Capper1, after the link to Filler1 between them was removed.
//!
//! ## Remedy
//! Add the link that is missing, or remove the target. Safe fix, where one of its functions is no more: the target is removed.
//!
//! ## Facts
//! `missing`, the function that is not there; `null` when links are.

use serde::Serialize;

use crate::check::context::TargetView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{FunctionRef, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW150",
    name: "no-chain",
    severity: Severity::Warning,
    source: include_str!("no_chain.rs"),
    on: &[On::Target(check)],
};

#[derive(Serialize)]
struct NoChain {
    missing: Option<String>,
}

impl Facts for NoChain {
    fn message(&self) -> Phrase {
        match &self.missing {
            Some(function) => say!("there is no function {function}", function),
            None => say!("no chain of active links leads from one to the other"),
        }
    }
}

fn check(view: &TargetView, report: &mut Report) {
    if view.chain.is_some() {
        return;
    }
    let target = view.target;
    let plan = view.cx.plan;
    let is_missing = |function: &FunctionRef| match plan.component_of(&function.instance) {
        Some(component) => component.rtauto(&function.ldev, &function.rtauto).is_none(),
        None => !plan.instances().contains_key(&function.instance),
    };
    let missing = [&target.from, &target.to].into_iter().find(|function| is_missing(function));
    let finding = report.add(view.subject(), &NoChain { missing: missing.map(ToString::to_string) });
    finding.fix = missing.map(|_| Fix {
        title: say!("Remove the target of {ms} ms", ms = target.max_ms),
        change: FixChange::RemoveTarget { target: target.clone() },
    });
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PAIR, found_in};

    #[test]
    fn fires_without_links() {
        let text = "
            Two.y -> One.x
            target One -> Two 50 ms";
        assert_eq!(
            found_in(PAIR, "PW150", text),
            ["warning One → Two: no chain of active links leads from one to the other"]
        );
    }

    #[test]
    fn fires_on_passive_links_and_missing_functions() {
        let text = "
            One.y -> Two.x passive
            target One -> Two 50 ms
            target One -> Gone.A.Main 50 ms";
        assert_eq!(
            found_in(PAIR, "PW150", text),
            [
                "warning One → Gone.A.Main: there is no function Gone.A.Main",
                "warning One → Two: no chain of active links leads from one to the other"
            ]
        );
    }

    #[test]
    fn fires_where_the_chain_goes_through_nothing() {
        let text = "
            One.y -> Gone.A.Main.x
            Gone.A.Main.y -> Two.x
            target One -> Two 50 ms";
        assert_eq!(
            found_in(PAIR, "PW150", text),
            ["warning One → Two: no chain of active links leads from one to the other"]
        );
    }

    #[test]
    fn silent_with_a_chain() {
        let text = "
            One.y -> Two.x
            target One -> Two 50 ms";
        assert_eq!(found_in(PAIR, "PW150", text), [""; 0]);
    }
}
