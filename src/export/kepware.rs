//! Device tags of KEPServerEX (Kepware Server) as CSV.
//!
//! 17 columns; UTF-8 with a byte order mark, CRLF; names, item strings and descriptions in quotes, the rest without, as
//! the server itself writes. A dot in a tag's name makes groups, here instance, LDev, RTAuto and structure. How
//! names are compared and which characters they hold is from memory of the server's manual, not from a file of the server.

use std::collections::{HashMap, HashSet};

use super::expand::{Row, Step, rows};
use super::variable::{Variable, one_line};
use super::{ExportError, Note, Options, TagFile, Template};
use crate::model::{BaseType, Plan};

const HEADER: &str = "Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,\
    Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value";
/// Milliseconds between two reads of a tag; what the server proposes.
const SCAN_RATE_MILLIS: u32 = 100;
/// Characters of a tag's name. The limit is known for a single name; holding the whole to it is on the safe side.
const MOST_CHARACTERS: usize = 256;
const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn write(plan: &Plan, variables: &[Variable<'_>], options: &Options<'_>) -> Result<TagFile, ExportError> {
    let default = Template::opc_ua_node();
    let (rows, mut notes) = rows(plan, variables, options.template.unwrap_or(&default), false)?;
    let mut names = Names::for_rows(&rows);
    let mut text = format!("{BYTE_ORDER_MARK}{HEADER}\r\n");
    for row in &rows {
        let port = row.variable.port;
        let access = if port.writable { "R/W" } else { "RO" };
        text.push_str(&format!(
            "{},{},{},1,{access},{SCAN_RATE_MILLIS},,,,,,,,,{},{},\r\n",
            quoted(&names.tag(&parts(row))),
            quoted(&one_line(&row.item)),
            data_type(row.base, row.array),
            where_needed(&one_line(&port.unit)),
            quoted(&row.variable.description(options.lang)),
        ));
    }
    if names.changed > 0 {
        notes.push(Note::NamesChanged(names.changed));
    }
    Ok(TagFile { text, n_variables: variables.len(), n_rows: rows.len(), notes })
}

/// Groups and, last, the name of the tag itself.
fn parts(row: &Row<'_, '_>) -> Vec<String> {
    let at = &row.variable.at;
    let path = [&at.instance, &at.ldev, &at.rtauto, &at.port];
    let steps = row.steps.iter().map(|step| match step {
        Step::Member(name) => name.to_string(),
        Step::Element(index) => index.clone(),
    });
    path.into_iter().map(ToString::to_string).chain(steps).collect()
}

fn data_type(base: BaseType, array: bool) -> String {
    let name = match base {
        BaseType::Bool => "Boolean",
        BaseType::I1 => "Char",
        BaseType::UI1 => "Byte",
        BaseType::I2 => "Short",
        BaseType::UI2 => "Word",
        BaseType::I4 => "Long",
        BaseType::UI4 => "DWord",
        BaseType::R4 => "Float",
        BaseType::R8 => "Double",
        BaseType::Date => "Date",
        BaseType::Bstr => "String",
    };
    if array { format!("{name} Array") } else { name.to_owned() }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn where_needed(text: &str) -> String {
    if text.contains([',', '"']) { quoted(text) } else { text.to_owned() }
}

/// Names as the server takes them: changed where they must be, different among siblings without regard to case.
struct Names {
    /// Most characters of a part.
    most: usize,
    /// Groups made, by the name of the group around them and the name in the plan.
    groups: HashMap<(String, String), String>,
    /// Names in use, in lower case.
    taken: HashSet<String>,
    /// Names in the plan that could not stay as they are.
    changed: usize,
}

impl Names {
    /// When every name fits, none is cut; otherwise all get the same share, so that a group has one name for all its tags.
    fn for_rows(rows: &[Row<'_, '_>]) -> Self {
        let all = || rows.iter().map(parts);
        let longest = all().map(|parts| parts.iter().map(|part| part.chars().count() + 1).sum::<usize>() - 1).max();
        let deepest = all().map(|parts| parts.len()).max().unwrap_or(1);
        let fits = longest.is_none_or(|longest| longest <= MOST_CHARACTERS);
        let most = if fits { MOST_CHARACTERS } else { (MOST_CHARACTERS + 1) / deepest - 1 };
        Self { most, groups: HashMap::new(), taken: HashSet::new(), changed: 0 }
    }

    /// The name of a tag, groups before it.
    fn tag(&mut self, parts: &[String]) -> String {
        let Some((tag, groups)) = parts.split_last() else { return String::new() };
        let mut around = String::new();
        for group in groups {
            let key = (around, group.clone());
            around = match self.groups.get(&key) {
                Some(name) => name.clone(),
                None => {
                    let name = self.new_name(&key.0, group);
                    self.groups.insert(key, name.clone());
                    name
                }
            };
        }
        self.new_name(&around, tag)
    }

    fn new_name(&mut self, around: &str, part: &str) -> String {
        let allowed = |character: char| {
            if matches!(character, '.' | '"') || character.is_control() { '_' } else { character }
        };
        let clean: String = part.trim_start_matches('_').chars().map(allowed).collect();
        let clean = if clean.is_empty() { "Tag".to_owned() } else { clean };
        let dotted = |name: &str| if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") };
        let mut name: String = clean.chars().take(self.most).collect();
        let mut number = 1_u32;
        while !self.taken.insert(dotted(&name).to_lowercase()) {
            number += 1;
            let ending = format!("_{number}");
            let kept = self.most.saturating_sub(ending.len()).max(1);
            name = clean.chars().take(kept).chain(ending.chars()).collect();
        }
        self.changed += usize::from(name != part);
        dotted(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &mut Names, tags: &[&[&str]]) -> Vec<String> {
        tags.iter().map(|parts| names.tag(&parts.iter().map(ToString::to_string).collect::<Vec<_>>())).collect()
    }

    fn names(most: usize) -> Names {
        Names { most, groups: HashMap::new(), taken: HashSet::new(), changed: 0 }
    }

    #[test]
    fn names_become_what_the_server_takes() {
        let mut names = names(256);
        let made =
            tags(&mut names, &[&["__A", "x"], &["A", "x"], &["A", "X"], &["__A", "y.\"z"], &["_"], &["Füller 1-b"]]);
        assert_eq!(made, ["A.x", "A_2.x", "A_2.X_2", "A.y__z", "Tag", "Füller 1-b"]);
        assert_eq!(names.changed, 5);
    }

    #[test]
    fn cut_names_stay_different() {
        let mut names = names(6);
        let made = tags(&mut names, &[&["Conveyor1", "speed_a"], &["Conveyor2", "speed_a"], &["Conveyor1", "speed_b"]]);
        assert_eq!(made, ["Convey.speed_", "Conv_2.speed_", "Convey.spee_2"]);
    }

    #[test]
    fn fields_with_marks_are_quoted() {
        assert_eq!(quoted("say \"no\""), "\"say \"\"no\"\"\"");
        assert_eq!((where_needed("1/h"), where_needed("a,b")), ("1/h".to_owned(), "\"a,b\"".to_owned()));
    }
}
