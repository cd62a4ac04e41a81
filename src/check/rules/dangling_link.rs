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

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{End, LinkView};
use crate::check::rule::{Facts, On, Report, Rule};

pub(super) static RULE: Rule = Rule {
    code: "PW121",
    name: "dangling-link",
    severity: Severity::Error,
    source: include_str!("dangling_link.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct DanglingLink {
    end: &'static str,
    port: String,
    missing: String,
}

impl Facts for DanglingLink {
    fn message(&self) -> String {
        format!("the {} {} does not exist: {}", self.end, self.port, self.missing)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    for (end, at) in [("provider", view.provider), ("consumer", view.consumer)] {
        if let Some(missing) = missing(at) {
            report.add(view.subject(), &DanglingLink { end, port: at.port.to_string(), missing });
        }
    }
}

/// What of a port is missing; a missing component is a rule of its own.
pub(super) fn missing(end: End) -> Option<String> {
    let port = end.port;
    let Some(placed) = end.placed else { return Some(format!("there is no instance {}", port.instance)) };
    let component = placed.component.as_deref()?;
    let version = || format!("{} {}", component.name, component.key.version);
    if component.ldev(&port.ldev).is_none() {
        return Some(format!("{} has no LDev {}", version(), port.ldev));
    }
    if component.rtauto(&port.ldev, &port.rtauto).is_none() {
        return Some(format!("{} has no RTAuto {}", version(), port.rtauto));
    }
    component.port(port).is_none().then(|| format!("{} has no port {}", version(), port.port))
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_on_a_missing_instance() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos acyclic }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Gone.A.Main.y -> Two.x"#;
        assert_eq!(found("PW121", plan), ["error Gone.A.Main.y → Two.x: the provider Gone.A.Main.y does not exist: there is no instance Gone"]);
    }

    #[test]
    fn fires_on_a_missing_port() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos acyclic }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.A.Main.old
            One.y -> Two.A.Gone.old"#;
        assert_eq!(found("PW121", plan), ["error One.y → Two.A.Gone.old: the consumer Two.A.Gone.old does not exist: A 1.0 has no RTAuto Gone", "error One.y → Two.A.Main.old: the consumer Two.A.Main.old does not exist: A 1.0 has no port old"]);
    }

    #[test]
    fn silent_when_both_ends_exist() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos acyclic }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x"#;
        assert_eq!(found("PW121", plan), [""; 0]);
    }
}
