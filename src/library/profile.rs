//! Device profiles: what the maker of a device family says beyond the description, as data (`library/README.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::model::{DeviceProfile, Identity, Limits, Name};

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: String,
}

impl fmt::Display for ProfileError {
    /// `12:5: fault`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for ProfileError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "match")]
    family: Family,
    #[serde(default)]
    typical: Figures,
    #[serde(default)]
    maximum: Figures,
    #[serde(default)]
    timing: Timing,
    #[serde(default)]
    source: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    producer: Spanned<String>,
    product: Spanned<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Figures {
    connections_in: Option<Spanned<u32>>,
    connections_out: Option<Spanned<u32>>,
    partners: Option<Spanned<u32>>,
    bytes_in: Option<Spanned<u32>>,
    bytes_out: Option<Spanned<u32>>,
    cyclic_in: Option<Spanned<u32>>,
    cyclic_out: Option<Spanned<u32>>,
    array_bytes: Option<Spanned<u32>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Timing {
    cycle_ms: Option<Spanned<f64>>,
    #[serde(default)]
    updates_per_second: Updates,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Updates {
    typical: Option<Spanned<f64>>,
    maximum: Option<Spanned<f64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Origin {
    document: Option<String>,
    page: Option<String>,
}

/// Bytes of a profile that are read.
const MOST_BYTES: usize = 64 << 10;
/// Greatest program cycle in milliseconds: what is slower is a mistake of units.
const MOST_CYCLE_MILLIS: f64 = 600_000.0;
/// Most value updates a second: beyond what Ethernet carries.
const MOST_UPDATES: f64 = 1e9;

/// Reads a device profile.
///
/// # Errors
/// Not TOML, a key that profiles do not have, a figure out of range, or a typical one above its maximum.
pub fn read_profile(text: &str) -> Result<DeviceProfile, ProfileError> {
    if text.len() > MOST_BYTES {
        return Err(at(text, 0..0, format!("a profile has at most {MOST_BYTES} bytes")));
    }
    let file: File = toml::from_str(text).map_err(|error| {
        at(
            text,
            error.span().unwrap_or_default(),
            error.message().trim().replace('\n', " ").chars().take(200).collect(),
        )
    })?;
    let name = |name: &Spanned<String>, what: &str| {
        let length = name.get_ref().chars().count();
        match (1..=240).contains(&length) {
            true => Ok(Name::from(name.get_ref().as_str())),
            false => Err(at(text, name.span(), format!("`{what}` has 1 to 240 characters, not {length}"))),
        }
    };
    let figure = |figure: &Option<Spanned<f64>>, what: &str, most: f64| match figure {
        Some(figure) if *figure.get_ref() > 0.0 && *figure.get_ref() <= most => Ok(Some(*figure.get_ref())),
        Some(figure) => Err(at(text, figure.span(), format!("`{what}` is above 0 and at most {most}"))),
        None => Ok(None),
    };
    compare(text, &file)?;
    let updates = &file.timing.updates_per_second;
    Ok(DeviceProfile {
        producer: name(&file.family.producer, "producer")?,
        product: name(&file.family.product, "product")?,
        typical: file.typical.limits(),
        maximum: file.maximum.limits(),
        cycle_millis: figure(&file.timing.cycle_ms, "cycle_ms", MOST_CYCLE_MILLIS)?,
        typical_updates_per_second: figure(&updates.typical, "typical", MOST_UPDATES)?,
        maximum_updates_per_second: figure(&updates.maximum, "maximum", MOST_UPDATES)?,
        source: match (&file.source.document, &file.source.page) {
            (Some(document), Some(page)) => format!("{document}, page {page}"),
            (Some(document), None) => document.clone(),
            (None, page) => page.as_ref().map(|page| format!("page {page}")).unwrap_or_default(),
        },
        text: text.into(),
    })
}

/// What is typical does not exceed what is possible.
fn compare(text: &str, file: &File) -> Result<(), ProfileError> {
    let above = |typical: Range<usize>, what: &str| {
        Err(at(text, typical, format!("the typical `{what}` is above the maximum")))
    };
    for ((what, typical), (_, maximum)) in file.typical.all().iter().zip(file.maximum.all()) {
        if let (Some(typical), Some(maximum)) = (typical, maximum)
            && typical.get_ref() > maximum.get_ref()
        {
            return above(typical.span(), what);
        }
    }
    let updates = &file.timing.updates_per_second;
    match (&updates.typical, &updates.maximum) {
        (Some(typical), Some(maximum)) if typical.get_ref() > maximum.get_ref() => {
            above(typical.span(), "updates_per_second")
        }
        _ => Ok(()),
    }
}

impl Figures {
    fn all(&self) -> [(&'static str, &Option<Spanned<u32>>); 8] {
        [
            ("connections_in", &self.connections_in),
            ("connections_out", &self.connections_out),
            ("partners", &self.partners),
            ("bytes_in", &self.bytes_in),
            ("bytes_out", &self.bytes_out),
            ("cyclic_in", &self.cyclic_in),
            ("cyclic_out", &self.cyclic_out),
            ("array_bytes", &self.array_bytes),
        ]
    }

    fn limits(&self) -> Limits {
        let value = |figure: &Option<Spanned<u32>>| figure.as_ref().map(|figure| *figure.get_ref());
        Limits {
            connections_in: value(&self.connections_in),
            connections_out: value(&self.connections_out),
            partners: value(&self.partners),
            bytes_in: value(&self.bytes_in),
            bytes_out: value(&self.bytes_out),
            cyclic_in: value(&self.cyclic_in),
            cyclic_out: value(&self.cyclic_out),
            array_bytes: value(&self.array_bytes),
        }
    }
}

fn at(text: &str, span: Range<usize>, fault: String) -> ProfileError {
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ProfileError {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        fault,
    }
}

/// Profiles by the device family they are for.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    families: BTreeMap<(Name, Name), Arc<DeviceProfile>>,
}

impl Profiles {
    /// Adds a profile; `false`, and nothing changed, when its family has one already.
    pub fn insert(&mut self, profile: DeviceProfile) -> bool {
        let family = (profile.producer.clone(), profile.product.clone());
        if self.families.contains_key(&family) {
            return false;
        }
        self.families.insert(family, Arc::new(profile));
        true
    }

    /// The profile of a device.
    pub fn of(&self, identity: &Identity) -> Option<&Arc<DeviceProfile>> {
        self.families.get(&(identity.producer.clone(), identity.product.clone()))
    }

    /// Families that have a profile.
    pub fn len(&self) -> usize {
        self.families.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.families.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "\
[match]
producer = \"Ledova\"
product = \"LC 90\"
[typical]
partners = 4
[maximum]
partners = 8
bytes_in = 256
[timing]
cycle_ms = 12.5
updates_per_second = { typical = 60, maximum = 200 }
[source]
document = \"LC 90 manual\"
page = \"14\"
";

    #[test]
    fn a_profile_is_read() {
        let profile = read_profile(PROFILE).unwrap();
        assert_eq!((profile.producer.as_str(), profile.product.as_str()), ("Ledova", "LC 90"));
        assert_eq!((profile.typical.partners, profile.maximum.partners), (Some(4), Some(8)));
        assert_eq!((profile.typical.bytes_in, profile.maximum.bytes_in), (None, Some(256)));
        assert_eq!(profile.cycle_millis, Some(12.5));
        assert_eq!(profile.typical_updates_per_second, Some(60.0));
        assert_eq!(profile.maximum_updates_per_second, Some(200.0));
        assert_eq!(profile.source, "LC 90 manual, page 14");
        assert_eq!(&*profile.text, PROFILE);
    }

    #[test]
    fn faults_name_line_and_column() {
        for (from, to, expected) in [
            ("[match]", "[match", "1:7: "),
            ("partners = 4", "partner = 4", "5:1: unknown field `partner`"),
            ("partners = 4", "partners = -4", "5:12: invalid value: integer `-4`"),
            ("partners = 4", "partners = 9", "5:12: the typical `partners` is above the maximum"),
            ("12.5", "0", "10:12: `cycle_ms` is above 0 and at most 600000"),
            ("12.5", "nan", "10:12: `cycle_ms` is above 0 and at most 600000"),
            ("typical = 60", "typical = 600", "11:34: the typical `updates_per_second` is above the maximum"),
            ("\"LC 90\"", "\"\"", "3:11: `product` has 1 to 240 characters, not 0"),
            ("product = \"LC 90\"\n", "", "1:1: missing field `product`"),
        ] {
            let error = read_profile(&PROFILE.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{to}: {error}");
        }
        assert!(read_profile(&" ".repeat(70_000)).unwrap_err().fault.contains("at most 65536 bytes"));
    }

    #[test]
    fn a_device_is_found_by_producer_and_product() {
        let mut profiles = Profiles::default();
        assert!(profiles.insert(read_profile(PROFILE).unwrap()));
        assert!(!profiles.insert(read_profile(PROFILE).unwrap()), "one profile a family");
        let identity =
            |product: &str| Identity { producer: "Ledova".into(), product: product.into(), ..Identity::default() };
        assert!(profiles.of(&identity("LC 90")).is_some());
        assert!(profiles.of(&identity("LC 91")).is_none());
    }
}
