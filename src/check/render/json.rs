//! A finding as JSON.

use serde_json::{Value as Json, json};

use crate::check::{Finding, Fix, FixChange, Rule, Subject, find};
use crate::model::Substitute;

/// A finding as JSON; `docs/JSON.md` describes it field by field. Every field is always there.
pub fn json(finding: &Finding) -> Json {
    json!({
        "code": finding.code,
        "severity": finding.severity.token(),
        "subject": subject(&finding.subject),
        "place": finding.place,
        "message": finding.message,
        "related": finding.related.iter().map(subject).collect::<Vec<_>>(),
        "facts": finding.facts,
        "remedy": find(finding.code).map(Rule::remedy),
        "fix": finding.fix.as_ref().map(fix),
    })
}

fn subject(subject: &Subject) -> Json {
    json!({ "kind": subject.kind(), "name": subject.to_string() })
}

fn fix(fix: &Fix) -> Json {
    let change = match &fix.change {
        FixChange::SetQos { link, qos } => json!({
            "kind": "set_qos", "link": link.to_string(), "qos_type": qos.qos_type.token(), "value_ms": qos.value_ms,
        }),
        FixChange::RemoveLink { link } => json!({ "kind": "remove_link", "link": link.to_string() }),
        FixChange::SetEpsilon { link, epsilon } => {
            json!({ "kind": "set_epsilon", "link": link.to_string(), "epsilon": epsilon })
        }
        FixChange::SetSubstitute { link, substitute } => {
            let value = match substitute {
                Substitute::HoldLast => None,
                Substitute::Value(value) => Some(value),
            };
            json!({ "kind": "set_substitute", "link": link.to_string(), "value": value })
        }
        FixChange::RemoveConstant { port } => json!({ "kind": "remove_constant", "port": port.to_string() }),
        FixChange::SetNameOfStation { device, name } => {
            json!({ "kind": "set_name_of_station", "device": device, "name": name })
        }
        FixChange::ClearMask { device } => json!({ "kind": "clear_mask", "device": device }),
        FixChange::SetProfibusAddress { device, address } => {
            json!({ "kind": "set_profibus_address", "device": device, "address": address })
        }
        FixChange::SetSystemId { device, system_id, address } => {
            json!({ "kind": "set_system_id", "device": device, "system_id": system_id, "address": address })
        }
        FixChange::PlaceFunction { function, placement } => json!({
            "kind": "place_function", "function": function.to_string(), "chart": placement.chart.0,
            "x": placement.at.x, "y": placement.at.y,
        }),
        FixChange::RemovePlacement { function } => {
            json!({ "kind": "remove_placement", "function": function.to_string() })
        }
        FixChange::RemoveTarget { target } => {
            json!({ "kind": "remove_target", "target": Subject::Target(target.clone()).to_string() })
        }
    };
    json!({ "title": fix.title, "change": change })
}
