//! # PW121: A link leads nowhere
//!
//! ## What it checks
//! Both ends of a link exist: the instance, and in its component version the LDev, the RTAuto and the port. This includes links between
//! charts whose other end was deleted in another branch.
//!
//! ## Why
//! There is nothing to connect; the link cannot be generated.
//!
//! ## Example
//! Somebody removed `Labeller2` in one branch while somebody else linked it in another.
//!
//! ## Remedy
//! Re-plug the link, or remove it.
//!
//! ## Facts
//! `end`, `provider` or `consumer`; `port` named there; what is `missing`, in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW121",
    name: "dangling-link",
    severity: Severity::Error,
    source: include_str!("dangling_link.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct DanglingLink {
    end: Phrase,
    port: String,
    missing: Phrase,
}

impl Facts for DanglingLink {
    fn message(&self) -> Phrase {
        say!("the {end} {port} does not exist: {missing}", end = self.end, port = self.port, missing = self.missing)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    for (end, at) in [(say!("provider"), view.provider), (say!("consumer"), view.consumer)] {
        if let Some(missing) = at.missing() {
            report.add(view.subject(), &DanglingLink { end, port: at.port.to_string(), missing });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found_in};

    #[test]
    fn fires_on_a_missing_instance() {
        assert_eq!(
            found_in(PORTS, "PW121", "Gone.A.Main.y -> Two.x"),
            ["error Gone.A.Main.y → Two.x: the provider Gone.A.Main.y does not exist: there is no instance Gone"]
        );
    }

    #[test]
    fn fires_on_a_missing_port() {
        let text = "
            One.y -> Two.A.Main.old
            One.y -> Two.A.Gone.old";
        assert_eq!(
            found_in(PORTS, "PW121", text),
            [
                "error One.y → Two.A.Gone.old: the consumer Two.A.Gone.old does not exist: A 1.0 has no RTAuto Gone",
                "error One.y → Two.A.Main.old: the consumer Two.A.Main.old does not exist: A 1.0 has no port old"
            ]
        );
    }

    #[test]
    fn silent_when_both_ends_exist() {
        assert_eq!(found_in(PORTS, "PW121", "One.y -> Two.x"), [""; 0]);
    }
}
