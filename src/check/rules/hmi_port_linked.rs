//! # PW120: An HMI port is linked
//!
//! ## What it checks
//! No end of a link is an HMI port.
//!
//! ## Why
//! HMI ports are there for operator panels and are read and written by clients only; no ACCO connects them.
//!
//! ## Example
//! A link from `Panel.trend` (HMI) to `Filler1.speed`.
//!
//! ## Remedy
//! Use a port of direction In, Out or InOut; ask the vendor for one if the value is needed by another machine.
//!
//! ## Facts
//! `port`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Direction, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW120",
    name: "hmi-port-linked",
    severity: Severity::Error,
    source: include_str!("hmi_port_linked.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct HmiPortLinked {
    port: String,
}

impl Facts for HmiPortLinked {
    fn message(&self) -> Phrase {
        say!("{port} is an HMI port, which clients read and write but no link connects", port = self.port)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    for end in [view.provider, view.consumer] {
        if end.described.is_some_and(|port| port.direction == Direction::Hmi) {
            report.add(view.subject(), &HmiPortLinked { port: view.cx.plan.short_name(end.port) });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found_in};

    #[test]
    fn fires_at_the_provider() {
        assert_eq!(
            found_in(PORTS, "PW120", "One.h -> Two.x"),
            ["error One.h → Two.x: One.h is an HMI port, which clients read and write but no link connects"]
        );
    }

    #[test]
    fn fires_at_the_consumer() {
        assert_eq!(
            found_in(PORTS, "PW120", "One.y -> Two.h"),
            ["error One.y → Two.h: Two.h is an HMI port, which clients read and write but no link connects"]
        );
    }

    #[test]
    fn silent_on_other_ports() {
        assert_eq!(found_in(PORTS, "PW120", "One.y -> Two.x"), [""; 0]);
    }
}
