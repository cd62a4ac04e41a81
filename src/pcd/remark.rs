//! What the reader and the validator have to say about a file that can be used.

use std::collections::HashMap;
use std::fmt;

use super::place::Place;

/// How bad a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something was guessed or left out.
    Warning,
    /// The description contradicts itself or the format.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// How far a file follows the format (`pcd-format` 7.8). A file that is rejected gives a
/// [`PcdError`](super::PcdError) instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// As the schema says.
    Exact,
    /// Understood with the tolerance rules that its remarks name.
    Tolerant,
    /// Parts of the interface could not be understood.
    Partial,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Tolerant => "tolerant",
            Self::Partial => "partial",
        })
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident = $code:literal $name:literal $severity:ident,)+) => {
        /// A rule of the reader (`PCD-T…`), a reason to keep something unread (`PCD-K…`), a file beside the description
        /// (`PCD-F…`), a gap in the interface (`PCD-I…`) or a check of the validator (`PCD-V…`, numbered as in `pcd-format` 5.9). Codes are stable and
        /// never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)+];

            /// The stable code, e.g. `PCD-V03`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)+ }
            }

            /// The rule in a few words, e.g. `decimal comma`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }

            /// How bad it is when the rule speaks.
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }
        }
    };
}

rules! {
    /// The elements stand in another namespace, or in none.
    Namespace = "PCD-T01" "other namespace" Info,
    /// A name is written differently: case, `_`, `-`, or an alias.
    NameSpelling = "PCD-T02" "other name" Info,
    /// A name of the user's mapping file.
    MappedName = "PCD-T03" "mapped name" Info,
    /// An attribute stands as a child element, or the other way round.
    ValueForm = "PCD-T04" "attribute or child element" Info,
    /// An element stands elsewhere, e.g. an LDev below the physical device.
    OtherPlace = "PCD-T05" "other place" Info,
    /// A type is written differently: `VT_I2`, `INT`, `8195`.
    TypeSpelling = "PCD-T06" "other type name" Info,
    /// A comma as decimal sign.
    DecimalComma = "PCD-T07" "decimal comma" Warning,
    /// The file is not in UTF-8, or declares another encoding than it has.
    Encoding = "PCD-T08" "other encoding" Info,
    /// The component id is missing and was made from vendor, name and version.
    GeneratedId = "PCD-T09" "generated id" Warning,
    /// The component version is missing and 1.0 was taken.
    MissingVersion = "PCD-T10" "missing version" Warning,
    /// A value is written differently: `input`, `TRUE`, `{…}` around a UUID.
    ValueSpelling = "PCD-T11" "other spelling of a value" Info,
    /// Elements stand in another order.
    Order = "PCD-T12" "other order" Info,
    /// A required value is missing; the remark names what was taken instead.
    MissingValue = "PCD-T13" "missing value" Warning,
    /// A value cannot be read; it is kept and the default taken.
    BadValue = "PCD-T14" "unreadable value" Warning,
    /// The schema version is missing, foreign or forced.
    SchemaVersion = "PCD-T15" "schema version" Warning,
    /// `\` instead of `/` in a path.
    PathSeparator = "PCD-T16" "path separator" Info,
    /// An element stands more often than allowed; the first one counts, the others are kept.
    Repeated = "PCD-T17" "repeated element" Warning,

    /// Content of an extension: meant for others, kept.
    Extension = "PCD-K01" "extension" Info,
    /// Something is not understood; it is kept.
    NotUnderstood = "PCD-K02" "not understood" Warning,

    /// A file that the description refers to cannot be had; the reference stays.
    MissingFile = "PCD-F01" "file missing" Warning,

    /// A property, function or LDev is not usable and therefore left out; it is kept.
    Incomplete = "PCD-I01" "interface incomplete" Error,

    /// 5.9-1: a name that must be unique stands twice; the second part is left out, and kept.
    DuplicateName = "PCD-V01" "name given twice" Error,
    /// 5.9-2: a structure type does not exist, contains itself or has unusable members; what uses it is left out.
    TypeReference = "PCD-V02" "structure type" Error,
    /// 5.9-3: a default, substitute, bound or threshold does not fit the type; it is left out. A value outside the bounds stays.
    BadLiteral = "PCD-V03" "value out of type or range" Error,
    /// 5.9-4: a port offers transmission that the device does not, or a default that is not offered.
    Transmission = "PCD-V04" "transmission" Error,
    /// 5.9-5: an HMI property offers transmission for links, which it cannot have.
    HmiTransmission = "PCD-V05" "transmission of an HMI property" Warning,
    /// 5.9-6: the device lacks an interface that its class needs.
    DeviceInterface = "PCD-V06" "interface of the device" Error,
    /// 5.9-7: a constant without a value.
    ConstantWithoutValue = "PCD-V07" "constant without value" Error,
    /// 5.9-8: a path leaves the folder of the description; it is left out.
    EscapingPath = "PCD-V08" "path outside the folder" Error,
    /// 5.9-9: a payload differs from what is declared (it stays), or it or an icon cannot be decoded (it is left out).
    BadPayload = "PCD-V09" "payload" Error,
    /// 5.9-10: all inputs or outputs together have more bytes than the device bears.
    TooManyBytes = "PCD-V10" "bytes of the interface" Warning,
    /// 5.9-11: two texts in one language.
    DuplicateLanguage = "PCD-V11" "language given twice" Warning,
    /// 5.9-12: the library holds other content under the same version.
    ChangedWithoutVersion = "PCD-V12" "changed without a new version" Error,
}

impl Rule {
    /// What the rule does to the grade of a file.
    pub(super) fn grade(self) -> Grade {
        match self.code().as_bytes() {
            [_, _, _, _, b'I', ..] => Grade::Partial,
            [_, _, _, _, b'T', ..] => Grade::Tolerant,
            _ if self == Self::NotUnderstood => Grade::Tolerant,
            // Something is left out.
            _ if matches!(self, Self::DuplicateName | Self::TypeReference) => Grade::Partial,
            _ => Grade::Exact,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.name())
    }
}

/// One thing to say about a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The rule that speaks.
    pub rule: Rule,
    /// Where it was met (first).
    pub place: Place,
    /// What was met, and what was made of it.
    pub message: String,
    /// How often; reader rules that repeat are told once.
    pub count: u32,
}

impl Remark {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

impl fmt::Display for Remark {
    /// `12:5: Path: warning PCD-T07: message (3 times)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}: {}", self.place, self.severity(), self.rule.code(), self.message)?;
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        Ok(())
    }
}

/// Most remarks that are told one by one; the rest is counted.
const MOST: usize = 1000;

/// Remarks as they come in: repeated ones counted, their number bounded.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    list: Vec<Remark>,
    seen: HashMap<Rule, HashMap<String, usize>>,
    untold: u32,
    grade: Option<Grade>,
}

impl Remarks {
    /// Adds one. `place` and `message` are made only when it will be told.
    pub(super) fn add(&mut self, rule: Rule, place: impl FnOnce() -> Place, message: impl FnOnce() -> String) {
        self.grade = self.grade.max(Some(rule.grade()));
        if self.list.len() < MOST {
            self.list.push(Remark { rule, place: place(), message: message(), count: 1 });
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// Adds one that is told once per `subject` and else counted.
    pub(super) fn repeat(
        &mut self,
        rule: Rule,
        subject: &str,
        place: impl FnOnce() -> Place,
        message: impl FnOnce() -> String,
    ) {
        if let Some(at) = self.seen.get(&rule).and_then(|subjects| subjects.get(subject)) {
            if let Some(remark) = self.list.get_mut(*at) {
                remark.count = remark.count.saturating_add(1);
            }
            return;
        }
        if self.list.len() < MOST {
            self.seen.entry(rule).or_default().insert(subject.to_owned(), self.list.len());
        }
        self.add(rule, place, message);
    }

    /// The grade and all remarks, in the order of the file.
    pub(super) fn finish(mut self) -> (Grade, Vec<Remark>) {
        self.list.sort_by_key(|remark| remark.place.position);
        if self.untold > 0 {
            self.list.push(Remark {
                rule: Rule::NotUnderstood,
                place: Place::default(),
                message: format!("{} further remarks are not listed", self.untold),
                count: 1,
            });
        }
        (self.grade.unwrap_or(Grade::Exact), self.list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
    }

    #[test]
    fn repetition_is_counted_and_the_list_is_bounded() {
        let mut remarks = Remarks::default();
        for _ in 0..3 {
            remarks.repeat(Rule::NameSpelling, "LDEV", Place::default, || "LDEV read as LogicalDevice".into());
        }
        for _ in 0..2000 {
            remarks.add(Rule::DecimalComma, Place::default, || "comma".into());
        }
        let (grade, list) = remarks.finish();
        assert_eq!(grade, Grade::Tolerant);
        assert_eq!(list.len(), MOST + 1);
        assert_eq!(list[0].count, 3);
        assert_eq!(list[MOST].message, "1001 further remarks are not listed");
    }
}
