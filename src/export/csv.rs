//! Our own tag file as CSV: RFC 4180, UTF-8 without a mark, CRLF. `docs/TAGS.md` explains the columns.

use super::TagFile;
use super::tag::{Feed, MemberShape, Shape, Tag};
use super::variable::Variable;
use crate::model::Plan;

/// Columns, in order.
const COLUMNS: [&str; 26] = [
    "path",
    "device",
    "server",
    "ip",
    "ldev",
    "rtauto",
    "port",
    "item",
    "type",
    "vartype",
    "dims",
    "members",
    "direction",
    "access",
    "unit",
    "unit_code",
    "min",
    "max",
    "default",
    "fixed",
    "description",
    "enumeration",
    "constant",
    "fed_by",
    "qos",
    "substitute",
];

pub(super) fn write(plan: &Plan, variables: &[Variable<'_>], lang: &str) -> TagFile {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many fields as the first.
    let _ = writer.write_record(COLUMNS);
    for variable in variables {
        let _ = writer.write_record(row(&Tag::of(plan, variable, lang)));
    }
    let text = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    TagFile { text, n_variables: variables.len(), n_rows: variables.len(), notes: Vec::new() }
}

fn row(tag: &Tag) -> [String; COLUMNS.len()] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let feeds = |field: fn(&Feed) -> String| tag.fed_by.iter().map(field).collect::<Vec<_>>().join("; ");
    let enumeration = tag.enumeration.iter().map(|one| format!("{}={}", one.value, one.text)).collect::<Vec<_>>();
    [
        tag.path.clone(),
        tag.device.to_string(),
        tag.server.as_ref().map(ToString::to_string).unwrap_or_default(),
        tag.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        tag.ldev.to_string(),
        tag.rtauto.to_string(),
        tag.port.to_string(),
        tag.item.clone(),
        tag.shape.type_text.clone(),
        tag.shape.vartype.to_string(),
        tag.shape.dims.iter().map(u32::to_string).collect::<Vec<_>>().join(" "),
        members(&tag.shape),
        tag.direction.to_owned(),
        tag.access.to_owned(),
        tag.unit.to_string(),
        tag.unit_code.to_string(),
        number(tag.min),
        number(tag.max),
        tag.default.clone().unwrap_or_default(),
        tag.fixed.to_string(),
        tag.description.clone(),
        enumeration.join("; "),
        tag.constant.clone().unwrap_or_default(),
        feeds(|feed| feed.provider.clone()),
        feeds(|feed| if feed.active { feed.qos.clone() } else { format!("{} passive", feed.qos) }),
        feeds(|feed| feed.substitute.clone().unwrap_or_else(|| "hold last".to_owned())),
    ]
}

/// `number UI2; name BSTR; limits {low R4; high R4}`.
fn members(shape: &Shape) -> String {
    let member = |member: &MemberShape| {
        if member.shape.members.is_empty() {
            format!("{} {}", member.name, member.shape.type_text)
        } else {
            format!("{} {} {{{}}}", member.name, member.shape.type_text, members(&member.shape))
        }
    };
    shape.members.iter().map(member).collect::<Vec<_>>().join("; ")
}
