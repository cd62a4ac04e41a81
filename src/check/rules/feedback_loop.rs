//! # PW114: Functions feed each other in a loop
//!
//! ## What it checks
//! Sets of functions of which each feeds, directly or through others, itself: the strongly connected parts of the link graph. A way
//! around is named, the shortest that begins at the first function by name.
//!
//! ## Why
//! A loop is often meant, as in a handshake of two machines. When it is not, values chase each other, and a fault travels around and comes back.
//!
//! ## Example
//! `Conveyor1.running → Filler1.upstream_ok` and `Filler1.ready → Conveyor1.downstream_ok`.
//!
//! ## Remedy
//! If the loop is meant, nothing. Otherwise remove one of its links.
//!
//! ## Facts
//! `n_functions` of the loop; `cycle`, a way around.

use serde::Serialize;

use crate::check::context::LoopView;
use crate::check::rule::{Facts, On, RELATED, Report, Rule, function_name, way};
use crate::check::{Severity, Subject};
use crate::model::{FunctionRef, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW114",
    name: "feedback-loop",
    severity: Severity::Info,
    source: include_str!("feedback_loop.rs"),
    on: &[On::Loop(check)],
};

#[derive(Serialize)]
struct FeedbackLoop {
    n_functions: usize,
    cycle: String,
}

impl Facts for FeedbackLoop {
    fn message(&self) -> Phrase {
        let Self { n_functions, cycle } = self;
        match n_functions {
            1 => say!("the function feeds itself: {cycle}", cycle),
            _ => say!("{n} functions feed each other, for example {cycle}", n = n_functions, cycle),
        }
    }
}

fn check(view: &LoopView, report: &mut Report) {
    let functions: Vec<&FunctionRef> =
        view.cycle.iter().filter_map(|node| view.cx.index.graph.function(*node)).collect();
    let Some(first) = functions.first() else { return };
    let names: Vec<String> =
        functions.iter().chain([first]).map(|function| function_name(view.cx.plan, function)).collect();
    let facts = FeedbackLoop { n_functions: view.members.len(), cycle: way(&names) };
    report.add(Subject::Function((*first).clone()), &facts).related =
        functions.iter().skip(1).take(RELATED).map(|function| Subject::Function((*function).clone())).collect();
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found_in};

    #[test]
    fn fires_on_a_handshake() {
        let text = "
            One.y -> Two.x
            Two.y -> One.x";
        assert_eq!(
            found_in(PORTS, "PW114", text),
            ["info One: 2 functions feed each other, for example One → Two → One"]
        );
    }

    #[test]
    fn fires_on_a_function_that_feeds_itself() {
        assert_eq!(found_in(PORTS, "PW114", "One.y -> One.x"), ["info One: the function feeds itself: One → One"]);
    }

    #[test]
    fn silent_on_a_chain() {
        let text = "
            One.y -> Two.x
            One.y -> Two.z";
        assert_eq!(found_in(PORTS, "PW114", text), [""; 0]);
    }
}
