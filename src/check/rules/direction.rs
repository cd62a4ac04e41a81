//! # PW102: A link begins or ends at a port that cannot
//!
//! ## What it checks
//! A link begins at an output and ends at an input, and both may be connected.
//!
//! ## Why
//! The provider serves outputs only, and a connection to anything but an input is refused with `CBA_E_UNKNOWNMEMBER` or never carries a value.
//!
//! ## Example
//! A link that begins at `Filler1.start`, an input; or one to a port that the description marks as not connectable, or as constant.
//!
//! ## Remedy
//! Swap the ends, or choose another port.

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{LinkView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Direction, Port};

pub(super) static RULE: Rule = Rule {
    code: "PW102",
    name: "direction",
    severity: Severity::Error,
    source: include_str!("direction.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct WrongDirection {
    end: &'static str,
    port: String,
    direction: &'static str,
    connectable: bool,
    constant: bool,
}

impl Facts for WrongDirection {
    fn message(&self) -> String {
        let Self { end, port, direction, .. } = self;
        if self.constant {
            format!("{port} never changes and cannot be the {end} of a link")
        } else if !self.connectable {
            format!("{port} may not be connected, says its description")
        } else {
            format!("{port} has direction {direction} and cannot be the {end} of a link")
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let ends = [
        ("provider", view.provider, Port::is_output as fn(&Port) -> bool),
        ("consumer", view.consumer, Port::is_input),
    ];
    for (end, at, fits) in ends {
        let Some(port) = at.described else { continue };
        // An HMI port is a rule of its own.
        if port.direction == Direction::Hmi || (fits(port) && !port.constant) {
            continue;
        }
        let facts = WrongDirection {
            end,
            port: view.cx.plan.short_name(at.port),
            direction: port.direction.token(),
            connectable: port.connectable,
            constant: port.constant,
        };
        report.add(view.subject(), &facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_on_swapped_ends() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.x -> Two.z"#;
        assert_eq!(found("PW102", plan), ["error One.x → Two.z: One.x has direction In and cannot be the provider of a link"]);
    }

    #[test]
    fn fires_on_ports_that_are_shut_or_constant() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.shut
            One.fixed -> Two.x"#;
        assert_eq!(found("PW102", plan), ["error One.y → Two.shut: Two.shut may not be connected, says its description", "error One.fixed → Two.x: One.fixed never changes and cannot be the provider of a link"]);
    }

    #[test]
    fn silent_on_outputs_to_inputs() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x
            One.io -> Two.io"#;
        assert_eq!(found("PW102", plan), [""; 0]);
    }
}
