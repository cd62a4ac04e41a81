//! # PW151: The value of a cyclic link does not fit a frame
//!
//! ## What it checks
//! The data of a cyclic link with its record header (3 bytes) and the header of the data buffer (4 bytes) fits the 1440 bytes of a real-time frame.
//!
//! ## Why
//! A frame is the unit of cyclic transmission; a larger value cannot be sent at all.
//!
//! ## Example
//! An array of 1000 `R4` with cyclic transmission: 4007 bytes.
//!
//! ## Remedy
//! Make the link acyclic, or split the value. Safe fix: acyclic with the nearest interval that both ends offer.
//!
//! ## Facts
//! `bytes` with headers; `limit`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::offers;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, QosType};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW151",
    name: "cyclic-too-large",
    severity: Severity::Error,
    source: include_str!("cyclic_too_large.rs"),
    on: &[On::Link(check)],
};

/// Data bytes of a frame at most (wire spec, convention 19), and what goes off it.
const FRAME_BYTES: u64 = 1440;
const HEADERS: u64 = 4 + 3;

#[derive(Serialize)]
struct CyclicTooLarge {
    bytes: u64,
    limit: u64,
}

impl Facts for CyclicTooLarge {
    fn message(&self) -> Phrase {
        say!("{bytes} bytes with headers do not fit a frame of {limit}", bytes = self.bytes, limit = self.limit)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let Some((port, _)) = view.ports().filter(|_| view.link.qos.qos_type == QosType::Cyclic) else { return };
    let bytes = port.value_type.wire_bytes().saturating_add(HEADERS);
    if bytes <= FRAME_BYTES {
        return;
    }
    report.add(view.subject(), &CyclicTooLarge { bytes, limit: FRAME_BYTES }).fix = offers::make_acyclic(view);
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_beyond_a_frame() {
        let plan = r#"
            component A 1.0 { in x R4[1000]; out y R4[1000]; qos cyclic 8; qos acyclic 100 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(found("PW151", plan), ["error One.y → Two.x: 4007 bytes with headers do not fit a frame of 1440"]);
    }

    #[test]
    fn offers_acyclic_transmission() {
        let plan = r#"
            component A 1.0 { in x UI1[1434]; out y UI1[1434]; qos cyclic 8; qos acyclic 100 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(fixes("PW151", plan), ["Set One.y → Two.x to acyclic 100 ms"]);
    }

    #[test]
    fn silent_up_to_a_frame() {
        let plan = r#"
            component A 1.0 { in x UI1[1433]; out y UI1[1433]; in l R4[1000]; out m R4[1000]; qos cyclic 8; qos acyclic 100 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8
            One.m -> Two.l acyclic 100"#;
        assert_eq!(found("PW151", plan), [""; 0]);
    }
}
