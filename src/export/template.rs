//! Item strings from a template, because the syntax of the SIMATIC NET server for CBA is not known.
//!
//! `PD:[{device}]{ldev}.{rtauto}.{property}`: text with placeholders; `{{` and `}}` stand for the braces themselves.

use std::fmt;

/// What a template can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// Project name.
    Project,
    /// Planned device that answers: the device itself, or its proxy.
    Device,
    /// IP address of that device; empty while it has none.
    Ip,
    /// LDev, under its name on the network.
    Ldev,
    /// RTAuto.
    RtAuto,
    /// Property, with members and elements behind it: `recipe.name`, `volumes[3]`.
    Property,
    /// `Instance.LDev.RTAuto.Property` of the plan, with members and elements behind it.
    Path,
}

impl Placeholder {
    /// All placeholders with their names.
    pub const NAMES: [(Self, &'static str); 7] = [
        (Self::Project, "project"),
        (Self::Device, "device"),
        (Self::Ip, "ip"),
        (Self::Ldev, "ldev"),
        (Self::RtAuto, "rtauto"),
        (Self::Property, "property"),
        (Self::Path, "path"),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(placeholder, _)| *placeholder == self).map_or("", |(_, name)| name)
    }
}

/// Why a text is no template. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name in braces that no placeholder has.
    #[error("`{{{name}}}` at position {at} is no placeholder; there are {}", known())]
    Unknown {
        /// Position of its brace.
        at: usize,
        /// The name.
        name: String,
    },
    /// A brace that is never closed.
    #[error("the `{{` at position {0} is not closed; write `{{{{` for the brace itself")]
    Open(usize),
    /// A closing brace without an opening one.
    #[error("nothing is open at the `}}` at position {0}; write `}}}}` for the brace itself")]
    Close(usize),
    /// A character that cannot stand in a line of text.
    #[error("the character at position {0} is a control character")]
    Control(usize),
    /// Neither `{property}` nor `{path}`: all ports of a function would have the same item string.
    #[error("neither {{property}} nor {{path}} is in the template, so variables could not be told apart")]
    NoPort,
}

fn known() -> String {
    let names: Vec<String> = Placeholder::NAMES.iter().map(|(_, name)| format!("{{{name}}}")).collect();
    names.join(" ")
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// How an item string is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    /// `PD:[{device}]{ldev}.{rtauto}.{property}`: the general pattern of SIMATIC NET item strings. Our convention: no source
    /// confirms it for CBA.
    pub fn simatic_net() -> Self {
        use Placeholder::{Device, Ldev, Property, RtAuto};
        Self::of(&[("PD:[", Device), ("]", Ldev), (".", RtAuto), (".", Property)])
    }

    /// `ns=1;s={path}`: the node of an OPC UA server that calls its variables by their path.
    pub fn opc_ua_node() -> Self {
        Self::of(&[("ns=1;s=", Placeholder::Path)])
    }

    fn of(parts: &[(&str, Placeholder)]) -> Self {
        Self(parts.iter().flat_map(|(text, one)| [Part::Text((*text).into()), Part::Placeholder(*one)]).collect())
    }

    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut characters = (1..).zip(text.chars()).peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '{' if characters.next_if(|(_, next)| *next == '{').is_some() => plain.push('{'),
                '}' if characters.next_if(|(_, next)| *next == '}').is_some() => plain.push('}'),
                '}' => return Err(TemplateError::Close(at)),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match characters.next() {
                            Some((_, '}')) => break,
                            Some((_, '{')) | None => return Err(TemplateError::Open(at)),
                            Some((_, letter)) => name.push(letter),
                        }
                    }
                    let found = Placeholder::NAMES.iter().find(|(_, known)| *known == name);
                    let (placeholder, _) = found.ok_or(TemplateError::Unknown { at, name })?;
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Placeholder(*placeholder));
                }
                _ if character.is_control() => return Err(TemplateError::Control(at)),
                _ => plain.push(character),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        let template = Self(parts);
        let tells_apart = template.asks_for(Placeholder::Property) || template.asks_for(Placeholder::Path);
        if tells_apart { Ok(template) } else { Err(TemplateError::NoPort) }
    }

    /// Whether the placeholder stands in the template.
    pub fn asks_for(&self, placeholder: Placeholder) -> bool {
        self.0.contains(&Part::Placeholder(placeholder))
    }

    /// The item string, with `value` for each placeholder.
    pub(super) fn fill(&self, value: impl Fn(Placeholder) -> String) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Placeholder(placeholder) => out.push_str(&value(*placeholder)),
            }
        }
        out
    }
}

impl fmt::Display for Template {
    /// As [`Template::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Placeholder(placeholder) => write!(f, "{{{}}}", placeholder.name())?,
            }
        }
        Ok(())
    }
}

impl crate::model::Say for TemplateError {
    /// In its own words: it is about a file's text, and met by those who write such files.
    fn say(&self) -> crate::model::Phrase {
        crate::model::Phrase::plain(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in
            ["PD:[{device}]{ldev}.{rtauto}.{property}", "ns=1;s={path}", "{{{path}}}", "{project}/{ip}/{property}ü"]
        {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Template::parse(&Template::simatic_net().to_string()).unwrap(), Template::simatic_net());
        assert_eq!(Template::parse(&Template::opc_ua_node().to_string()).unwrap(), Template::opc_ua_node());
        let filled = Template::parse("{{{path}}}").unwrap().fill(|placeholder| placeholder.name().to_owned());
        assert_eq!(filled, "{path}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_position() {
        for (text, message) in [
            (
                "ü{devise}.{property}",
                "`{devise}` at position 2 is no placeholder; there are {project} {device} {ip} {ldev} {rtauto} {property} {path}",
            ),
            ("{property}{", "the `{` at position 11 is not closed; write `{{` for the brace itself"),
            ("{property{path}", "the `{` at position 1 is not closed; write `{{` for the brace itself"),
            ("a}{property}", "nothing is open at the `}` at position 2; write `}}` for the brace itself"),
            ("a\n{property}", "the character at position 2 is a control character"),
            ("{device}", "neither {property} nor {path} is in the template, so variables could not be told apart"),
            ("", "neither {property} nor {path} is in the template, so variables could not be told apart"),
        ] {
            assert_eq!(Template::parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(template) = Template::parse(&text) {
                proptest::prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
            }
        }
    }
}
