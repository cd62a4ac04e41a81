//! # PW103: An input is fed by several links
//!
//! ## What it checks
//! Each input has one link at most.
//!
//! ## Why
//! A device refuses a second connection to an input with `CBA_E_INVALIDCONNECTION`. Edits never make one; a merge of two branches can.
//!
//! ## Example
//! Two people linked `Filler1.start`, each in a branch, and both branches were merged.
//!
//! ## Remedy
//! Remove the links that are not wanted. Safe fix: a link that is an exact copy of the first is removed.
//!
//! ## Facts
//! `first_provider`, the output of the first link; `n_links` to the input.

use serde::Serialize;

use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity, Subject};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW103",
    name: "double-feed",
    severity: Severity::Error,
    source: include_str!("double_feed.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct DoubleFeed {
    first_provider: String,
    n_links: usize,
}

impl Facts for DoubleFeed {
    fn message(&self) -> Phrase {
        say!("the input is already fed by {provider}", provider = self.first_provider)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    // The first link to an input has number 0.
    if view.key.nth == 0 {
        return;
    }
    let plan = view.cx.plan;
    let mut links = plan.links_to(&view.key.consumer);
    let Some((first_key, first)) = links.next().filter(|(key, _)| *key != view.key) else { return };
    let facts = DoubleFeed { first_provider: plan.short_name(&first.provider), n_links: links.count() + 1 };
    let finding = report.add(view.subject(), &facts);
    finding.related = vec![Subject::Link(first_key.clone())];
    if **first == *view.link {
        let title = say!("Remove the copy of the link to {port}", port = plan.short_name(&view.key.consumer));
        finding.fix = Some(Fix { title, change: FixChange::RemoveLink { link: view.key.clone() } });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, fixes_in, found_in};

    #[test]
    fn fires_on_the_second_link() {
        let text = "
            One.y -> Two.x
            Two.y -> Two.x";
        assert_eq!(found_in(PORTS, "PW103", text), ["error Two.y → Two.x: the input is already fed by One.y"]);
    }

    #[test]
    fn an_exact_copy_can_go() {
        let text = "
            One.y -> Two.x
            One.y -> Two.x";
        assert_eq!(fixes_in(PORTS, "PW103", text), ["Remove the copy of the link to Two.x"]);
    }

    #[test]
    fn silent_on_fan_out() {
        let text = "
            One.y -> Two.x
            One.y -> Two.z";
        assert_eq!(found_in(PORTS, "PW103", text), [""; 0]);
    }
}
