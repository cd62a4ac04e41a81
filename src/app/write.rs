//! One value written to a device.

use serde::Serialize;
use serde_json::Value as Json;

use super::Failure;
use super::access::Access;
use super::monitor::json_value;
use crate::model::{Plan, PortRef};
use crate::online::{Unwritten, Write};
use crate::say;
use crate::wire::cba::Quality;

/// What was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WriteReport {
    /// Shortest clear name of the item.
    pub item: String,
    /// Where its device is.
    pub address: String,
    /// The value written.
    pub value: Json,
    /// Name of the quality written.
    pub quality: String,
    /// What the device holds now; `null` when it was not read back.
    pub read_back: Option<ReadBackReport>,
}

/// What a device holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadBackReport {
    /// Value; `null` when the device gave none.
    pub value: Json,
    /// The value as people write it.
    #[serde(skip)]
    pub text: String,
    /// Name of its quality.
    pub quality: String,
}

/// Writes a value, given as in project files, to the port of a name, with the quality of a name or good.
///
/// # Errors
/// Unknown port, not writable, wrong type, out of range; the device cannot be reached or refuses.
pub async fn write(
    plan: &Plan,
    access: &Access,
    item: &str,
    literal: &str,
    quality: Option<&str>,
    read_back: bool,
) -> Result<WriteReport, Failure> {
    let write = |quality| Write::new(plan, item, literal, quality);
    perform(plan, access, item, write, quality, read_back).await
}

/// The same for a port that is known.
///
/// # Errors
/// As [`write()`].
pub(super) async fn write_port(
    plan: &Plan,
    access: &Access,
    port: PortRef,
    literal: &str,
    quality: Option<&str>,
    read_back: bool,
) -> Result<WriteReport, Failure> {
    let item = plan.short_name(&port);
    let write = |quality| Write::to_port(plan, port, literal, quality);
    perform(plan, access, &item, write, quality, read_back).await
}

async fn perform(
    plan: &Plan,
    access: &Access,
    item: &str,
    write: impl FnOnce(Quality) -> Result<Write, Unwritten>,
    quality: Option<&str>,
    read_back: bool,
) -> Result<WriteReport, Failure> {
    let what = || say!("cannot write {item}", item);
    let quality = match quality {
        None => Quality::GOOD,
        Some(name) => Quality::parse(name).ok_or_else(|| {
            let names: Vec<&str> = Quality::NAMED.iter().map(|(_, name)| *name).collect();
            let remedy = say!("use one of {names}, or a number as 0x80", names = names.join(", "));
            Failure::new(what(), say!("there is no quality `{name}`", name), remedy)
        })?,
    };
    let failed = |error: Unwritten| Failure::new(what(), &error, error.remedy());
    let write = write(quality).map_err(failed)?;
    let written = write.perform(&access.node, &access.targets, read_back).await.map_err(failed)?;
    let value_type = &write.at.value_type;
    Ok(WriteReport {
        item: plan.short_name(&write.at.port),
        address: written.target.to_string(),
        value: json_value(&write.value, value_type),
        quality: quality.to_string(),
        read_back: written.read_back.map(|read| ReadBackReport {
            value: read.value.as_ref().map_or(Json::Null, |value| json_value(value, value_type)),
            text: read.value.as_ref().map_or_else(String::new, |value| value_type.write_literal(value)),
            quality: read.quality.to_string(),
        }),
    })
}
