//! `plant.toml`: the project itself.

use std::sync::Arc;

use super::source::{Item, Source, Table};
use super::text::{Inline, Text, dotted, quote, undotted};
use crate::model::{FunctionRef, Name, Plan, Qos, QosType, ReactionTarget, Settings};

/// What the file holds.
pub(super) struct PlantFile {
    pub(super) name: Name,
    pub(super) comment: Arc<str>,
    pub(super) settings: Settings,
    pub(super) targets: Vec<ReactionTarget>,
}

pub(super) fn write(plan: &Plan) -> Vec<u8> {
    let mut text = Text::default();
    text.line("format", super::upgrade::NEWEST);
    text.line("name", quote(&plan.name));
    text.text("comment", &plan.comment);
    let function = |function: &FunctionRef| quote(&dotted(&[&function.instance, &function.ldev, &function.rtauto]));
    text.list(
        "targets",
        plan.targets.iter().map(|target| {
            let ends = Inline::default().with("from", function(&target.from)).with("to", function(&target.to));
            ends.with("max_ms", target.max_ms).finish()
        }),
    );
    text.table(&["settings"]);
    text.line("resolver_port", plan.settings.resolver_port);
    text.line("default_qos", qos_text(plan.settings.default_qos));
    text.into_bytes()
}

pub(super) fn read(source: &Source) -> Option<PlantFile> {
    let document = source.parse()?;
    let table = Table::new(source, &document);
    let (mut name, mut comment) = (None, "".into());
    let (mut settings, mut targets) = (Settings::default(), Vec::new());
    for item in table.items() {
        match item.key {
            // Read before anything else, see `upgrade`.
            "format" => (),
            "name" => name = Some(item.text()?.into()),
            "comment" => comment = item.text().unwrap_or_default().into(),
            "targets" => targets = item.list().into_iter().filter_map(target).collect(),
            "settings" => read_settings(item, &mut settings),
            _ => item.unknown("`format`, `name`, `comment`, `targets`, `settings`"),
        }
    }
    let Some(name) = name else {
        table.missing("name");
        return None;
    };
    Some(PlantFile { name, comment, settings, targets })
}

fn read_settings(item: Item, settings: &mut Settings) {
    for item in item.table().into_iter().flat_map(Table::items) {
        match item.key {
            "resolver_port" => {
                if let Some(port) = item.integer("a TCP port, 1 to 65535") {
                    settings.resolver_port = port;
                }
            }
            "default_qos" => {
                if let Some(qos) = qos(item) {
                    settings.default_qos = qos;
                }
            }
            _ => item.unknown("`resolver_port`, `default_qos`"),
        }
    }
}

fn target(item: Item) -> Option<ReactionTarget> {
    let (mut from, mut to, mut max_ms) = (None, None, None);
    let table = item.table()?;
    for item in table.items() {
        match item.key {
            "from" => from = Some(function(item)?),
            "to" => to = Some(function(item)?),
            "max_ms" => max_ms = Some(item.integer("milliseconds")?),
            _ => item.unknown("`from`, `to`, `max_ms`"),
        }
    }
    match (from, to, max_ms) {
        (Some(from), Some(to), Some(max_ms)) => Some(ReactionTarget { from, to, max_ms }),
        (None, ..) => {
            table.missing("from");
            None
        }
        (_, None, _) => {
            table.missing("to");
            None
        }
        _ => {
            table.missing("max_ms");
            None
        }
    }
}

fn function(item: Item) -> Option<FunctionRef> {
    let [instance, ldev, rtauto] = item.parsed("`Instance.LDev.RTAuto`", undotted)?;
    Some(FunctionRef { instance, ldev, rtauto })
}

/// `"cyclic 8"`
pub(super) fn qos_text(qos: Qos) -> String {
    format!("\"{} {}\"", qos.qos_type.token(), qos.value_ms)
}

pub(super) fn qos(item: Item) -> Option<Qos> {
    item.parsed("a transmission such as `acyclic 500` or `cyclic 8`", |text| {
        let (token, value) = text.split_once(' ')?;
        let value_ms = value.parse().ok().filter(|value| *value > 0)?;
        let qos_type = QosType::from_token(token).filter(|qos_type| *qos_type != QosType::Constant)?;
        Some(Qos { qos_type, value_ms })
    })
}
