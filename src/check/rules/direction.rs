//! # PW102: A link begins or ends at a port that cannot
//!
//! ## What it checks
//! A link begins at an output and ends at an input, both may be connected, and they are not one and the same port.
//!
//! ## Why
//! The provider serves outputs only, and a connection to anything but an input is refused with `CBA_E_UNKNOWNMEMBER` or never carries a value.
//!
//! ## Example
//! A link that begins at `Filler1.start`, an input; or one to a port that the description marks as not connectable, or as constant.
//!
//! ## Remedy
//! Swap the ends, or choose another port.
//!
//! ## Facts
//! `end`, `provider` or `consumer`; `port` there, its `direction`, and whether it is `connectable`, `constant`, or `itself` the other end.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Direction, Phrase, Port};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW102",
    name: "direction",
    severity: Severity::Error,
    source: include_str!("direction.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct WrongDirection {
    end: Phrase,
    port: String,
    direction: &'static str,
    connectable: bool,
    constant: bool,
    itself: bool,
}

impl Facts for WrongDirection {
    fn message(&self) -> Phrase {
        let Self { end, port, direction, .. } = self;
        if self.itself {
            say!("{port} is both ends of the link", port)
        } else if self.constant {
            say!("{port} never changes and cannot be the {end} of a link", port, end)
        } else if !self.connectable {
            say!("{port} may not be connected, says its description", port)
        } else {
            say!("{port} has direction {direction} and cannot be the {end} of a link", port, direction, end)
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let itself = view.provider.port == view.consumer.port;
    let ends = [
        (say!("provider"), view.provider, Port::is_output as fn(&Port) -> bool),
        (say!("consumer"), view.consumer, Port::is_input),
    ];
    for (end, at, fits) in ends {
        let Some(port) = at.described else { continue };
        let fits = fits(port) && !port.constant && !(itself && end == "consumer");
        // An HMI port is a rule of its own.
        if port.direction == Direction::Hmi || fits {
            continue;
        }
        let facts = WrongDirection {
            end,
            port: view.cx.plan.short_name(at.port),
            direction: port.direction.token(),
            connectable: port.connectable,
            constant: port.constant,
            itself,
        };
        report.add(view.subject(), &facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found_in};

    #[test]
    fn fires_on_swapped_ends() {
        assert_eq!(
            found_in(PORTS, "PW102", "One.x -> Two.z"),
            ["error One.x → Two.z: One.x has direction In and cannot be the provider of a link"]
        );
    }

    #[test]
    fn fires_on_ports_that_are_shut_or_constant() {
        let text = "
            One.y -> Two.shut
            One.fixed -> Two.x";
        assert_eq!(
            found_in(PORTS, "PW102", text),
            [
                "error One.y → Two.shut: Two.shut may not be connected, says its description",
                "error One.fixed → Two.x: One.fixed never changes and cannot be the provider of a link"
            ]
        );
    }

    #[test]
    fn fires_on_a_port_that_feeds_itself() {
        assert_eq!(
            found_in(PORTS, "PW102", "One.io -> One.io"),
            ["error One.io → One.io: One.io is both ends of the link"]
        );
    }

    #[test]
    fn silent_on_outputs_to_inputs() {
        let text = "
            One.y -> Two.x
            One.io -> Two.io";
        assert_eq!(found_in(PORTS, "PW102", text), [""; 0]);
    }
}
