//! Which values to watch, and how an update looks outside the program.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Serialize;
use serde_json::Value as Json;

use super::Failure;
use crate::model::{BaseType, Phrase, Plan, PortRef, Value, ValueType, date_text};
use crate::online::monitor::{LdevStatus, LinkState, Update, Watch};
use crate::say;
use crate::wire::cba::HResult;

/// An item to watch, with the name that people use for it.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedItem {
    /// Shortest clear name, e.g. `Filler1.level`.
    pub name: String,
    /// Unit of its value; may be empty.
    pub unit: String,
    /// What to watch.
    pub watch: Watch,
}

/// The ports of a plan whose short names match one of the patterns (`*` for any characters, `?` for one, `{a,b}` for either), or
/// all ports when there is no pattern; in the order of instances and of ports in their descriptions.
///
/// # Errors
/// A pattern is malformed, or matches nothing.
pub fn watched_items(plan: &Plan, patterns: &[String]) -> Result<Vec<WatchedItem>, Failure> {
    let set = pattern_set(patterns)?;
    let mut used = vec![false; patterns.len()];
    let mut items = Vec::new();
    for instance in plan.instances().keys() {
        let Some(component) = plan.component_of(instance) else { continue };
        for (ldev, rtauto) in component.rtautos() {
            for port in &rtauto.ports {
                let at = PortRef::new(instance.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
                let name = plan.short_name(&at);
                let matches = set.matches(&name);
                for index in &matches {
                    if let Some(used) = used.get_mut(*index) {
                        *used = true;
                    }
                }
                if (patterns.is_empty() || !matches.is_empty())
                    && let Some(watch) = Watch::of(plan, &at)
                {
                    items.push(WatchedItem { name, unit: port.unit.to_string(), watch });
                }
            }
        }
    }
    if let Some((pattern, _)) = patterns.iter().zip(used).find(|(_, used)| !used) {
        let what = say!("cannot watch `{pattern}`", pattern);
        return Err(Failure::new(
            what,
            say!("it matches no port of the plan"),
            say!("`plantweave xref` lists all ports by name"),
        ));
    }
    if items.is_empty() {
        let why = say!("no instance of the plan has a port on a device");
        return Err(Failure::new(say!("there is nothing to watch"), why, say!("place instances on devices first")));
    }
    Ok(items)
}

fn pattern_set(patterns: &[String]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(pattern).build().map_err(|error| {
            let remedy = say!("use * for any characters, ? for one, {a,b} for either of two");
            Failure::new(say!("cannot watch `{pattern}`", pattern), Phrase::plain(error.kind()), remedy)
        })?;
        set.add(glob);
    }
    set.build().map_err(|error| {
        Failure::new(say!("cannot watch so many patterns"), Phrase::plain(error.kind()), say!("use fewer of them"))
    })
}

/// An update in words, the same on the screen, in a record and as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemRecord {
    /// When it arrived, UTC, with milliseconds.
    pub time: String,
    /// Name of the item.
    pub item: String,
    /// The value: number, boolean, text, list or object; what JSON has no form for (`INF`, `NaN`, dates) as text. `null` when
    /// there is none.
    pub value: Json,
    /// Name of the quality code, e.g. `GoodNonCascOk`.
    pub quality: String,
    /// The quality code.
    pub quality_code: u8,
    /// How the connection fares: `S_OK`, or the name of the code that says why there is no value.
    pub reason: String,
    /// Values that were overtaken since the record before.
    pub skipped: u32,
}

/// A file of records, one line a change.
pub struct Record {
    file: PathBuf,
    writer: csv::Writer<File>,
}

impl Record {
    /// Begins a record in a new file, replacing one that is there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(file: &Path) -> Result<Self, Failure> {
        let opened = File::create(file).map_err(|error| record_failed(file, &error))?;
        let mut record = Self { file: file.to_owned(), writer: csv::Writer::from_writer(opened) };
        record.row(["time", "item", "value", "unit", "quality", "reason", "skipped"])?;
        Ok(record)
    }

    /// Writes an update, on the disk when this returns as far as this program can tell.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, item: &WatchedItem, update: &Update) -> Result<(), Failure> {
        let ItemRecord { time, item: name, quality, reason, skipped, .. } = item.record(update);
        let value = item.text(update.value.as_ref());
        self.row([&*time, &name, &value, &item.unit, &quality, &reason, &skipped.to_string()])
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.writer.flush().map_err(|error| record_failed(&self.file, &error))
    }

    fn row(&mut self, cells: [&str; 7]) -> Result<(), Failure> {
        let written = self.writer.write_record(cells).map_err(io::Error::from).and_then(|()| self.writer.flush());
        written.map_err(|error| record_failed(&self.file, &error))
    }
}

fn record_failed(file: &Path, error: &io::Error) -> Failure {
    let what = say!("cannot record to {file}", file = file.display());
    Failure::new(what, error, say!("choose a file you may write to, on a disk with room"))
}

/// How an LDev does, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LdevRecord {
    /// Device in the plan.
    pub device: String,
    /// LDev on the network.
    pub ldev: String,
    /// `connecting`, `connected` or `failed`.
    pub link: &'static str,
    /// Why it failed; `null` when it did not.
    pub error: Option<String>,
    /// Operating state; `null` when it is not known.
    pub state: Option<String>,
    /// Group error; `null` when it is not known.
    pub group_error: Option<String>,
}

impl WatchedItem {
    /// An update of this item.
    pub fn record(&self, update: &Update) -> ItemRecord {
        let value_type = &self.watch.value_type;
        ItemRecord {
            time: time_text(update.time),
            item: self.name.clone(),
            value: update.value.as_ref().map_or(Json::Null, |value| json_value(value, value_type)),
            quality: update.quality.to_string(),
            quality_code: update.quality.0,
            reason: code_name(update.reason),
            skipped: update.n_skipped,
        }
    }

    /// A value of this item as people write it; empty when there is none.
    pub fn text(&self, value: Option<&Value>) -> String {
        value.map_or_else(String::new, |value| self.watch.value_type.write_literal(value))
    }
}

impl LdevRecord {
    /// A status.
    pub fn new(status: &LdevStatus) -> Self {
        let (link, error) = match &status.link {
            LinkState::Connecting => ("connecting", None),
            LinkState::Connected => ("connected", None),
            LinkState::Failed { code, why } => ("failed", Some(format!("{}: {why}", code_name(*code)))),
        };
        Self {
            device: status.device.to_string(),
            ldev: status.ldev.to_string(),
            link,
            error,
            state: status.state.map(|state| state.to_string()),
            group_error: status.group_error.map(|error| error.to_string()),
        }
    }
}

/// The standard's name of a result code, or its number.
pub fn code_name(code: HResult) -> String {
    code.name().map_or_else(|| code.to_string(), str::to_owned)
}

/// A moment as UTC text with milliseconds.
pub fn time_text(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(|_| String::new(), |stamp| format!("{stamp:.3}"))
}

/// A value of a type as JSON.
pub fn json_value(value: &Value, value_type: &ValueType) -> Json {
    match (value, value_type) {
        (Value::Array(values), ValueType::Array { element, .. }) => {
            values.iter().map(|value| json_value(value, element)).collect()
        }
        (Value::Struct(values), ValueType::Struct(structure)) => {
            let pairs = structure.members.iter().zip(values.iter());
            pairs.map(|(member, value)| (member.name.to_string(), json_value(value, &member.value_type))).collect()
        }
        (Value::Bool(value), _) => Json::from(*value),
        (Value::Int(value), _) => Json::from(*value),
        // The shortest text of the single precision it came in, not the digits of the double that carries it.
        (Value::Real(value), ValueType::Base(BaseType::R4)) if value.is_finite() => (*value as f32)
            .to_string()
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or(Json::Null, Json::Number),
        (Value::Real(value), _) if value.is_finite() => Json::from(*value),
        (Value::Date(days), _) => Json::from(date_text(*days)),
        (value, value_type) => Json::from(value_type.write_literal(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn items_are_chosen_by_patterns_over_short_names() {
        let plan = fixture::plan(
            "component P 1.0 { in go BOOL; out level R4; out rate R4 }\nA1: P @10.0.0.1\nA2: P @10.0.0.2",
        );
        let names = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            watched_items(&plan, &patterns).map(|items| items.into_iter().map(|item| item.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["A1.*", "*.rate"]).unwrap(), ["A1.go", "A1.level", "A1.rate", "A2.rate"]);
        assert_eq!(names(&["A?.{go,level}"]).unwrap(), ["A1.go", "A1.level", "A2.go", "A2.level"]);
        assert_eq!(names(&[]).unwrap().len(), 6);
        assert_eq!(names(&["A1.*", "B*"]).unwrap_err().what, "cannot watch `B*`");
        assert!(names(&["A[1"]).is_err());
    }

    #[test]
    fn values_become_json_of_their_kind() {
        let real = |value, base| json_value(&Value::Real(value), &ValueType::Base(base)).to_string();
        assert_eq!(real(f64::from(0.1_f32), BaseType::R4), "0.1");
        assert_eq!(real(0.1, BaseType::R8), "0.1");
        assert_eq!(real(f64::NAN, BaseType::R4), "\"NaN\"");
        let array = ValueType::array_of(BaseType::I2, 2);
        assert_eq!(json_value(&array.read_literal("1 -2").unwrap(), &array).to_string(), "[1,-2]");
    }
}
