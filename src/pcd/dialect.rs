//! Which names of a file stand for which parts of a component: tables, built in and of the user's.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::lexical::loose;
use super::place::{Places, Position};
use super::schema::{Attr, Content, Element, OTHER_PLACES};
use super::xml::{excerpt, excerpt_of};

/// Names and values that vendors use, laid over the canonical ones.
///
/// The built-in tables are `aliases.toml` beside this file; a mapping file of the user's has the same tables and one
/// more, `[paths]`, that maps whole paths (see the head of `aliases.toml`).
#[derive(Debug, Clone)]
pub struct Dialect {
    children: HashMap<Element, HashMap<String, Meaning>>,
    attributes: HashMap<Element, HashMap<String, Meaning>>,
    roots: Vec<String>,
    values: HashMap<Attr, HashMap<String, String>>,
    /// By the last name of the path.
    paths: HashMap<String, Vec<PathRule>>,
    /// Read schema versions that this program does not know.
    pub(super) forces: bool,
}

/// Why a mapping file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialectError {
    /// Not TOML, or not the tables of a mapping file.
    #[error("{position}: {fault}")]
    Toml {
        /// Where.
        position: Position,
        /// What is wrong there.
        fault: String,
    },
    /// More than a mapping file may say; each path is compared with every element of its last name.
    #[error("a mapping file has at most {most} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many.
        most: usize,
    },
    /// A name on our side that the format does not have.
    #[error("[{table}] `{entry}`: `{name}` is no {expected} of a component description")]
    Unknown {
        /// The table.
        table: &'static str,
        /// The entry.
        entry: String,
        /// The name.
        name: String,
        /// `element`, `attribute` or `token`.
        expected: &'static str,
    },
    /// A path that is empty or malformed.
    #[error("[paths] `{0}` is no path")]
    Path(String),
}

/// Bytes of a mapping file.
const MOST_BYTES: usize = 1 << 20;
/// Path rules of a mapping file.
const MOST_PATHS: usize = 1000;

fn toml_fault(text: &str, error: &toml::de::Error) -> DialectError {
    let position = Places::new(text).at(error.span().map_or(0, |span| span.start));
    DialectError::Toml { position, fault: excerpt_of(error.message().trim(), 200) }
}

/// What a name in a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A child element of the canonical form.
    Child(Element),
    /// An attribute.
    Value(Attr),
    /// A child element with a text, of an element that need not be the one around it.
    ChildOf(Element, Element),
    /// An attribute of an element that need not be the one around it.
    ValueOf(Element, Attr),
    /// A wrapper: what is inside belongs to the element around it.
    Wrapper,
}

#[derive(Debug, Clone)]
struct PathRule {
    /// Names from the root or from anywhere, the last one left out.
    before: Vec<String>,
    anchored: bool,
    meaning: Meaning,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    force_tolerant: bool,
    #[serde(default)]
    elements: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    attributes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    paths: BTreeMap<String, String>,
}

static BUILT_IN: LazyLock<Arc<Dialect>> = LazyLock::new(|| {
    let mut dialect = Dialect::canonical();
    let text = include_str!("aliases.toml");
    toml::from_str(text)
        .map_err(|error| toml_fault(text, &error))
        .and_then(|tables| dialect.extend(tables))
        .unwrap_or_else(
            // A test reads the file, so this cannot happen in a program that passed its tests.
            |error| panic!("aliases.toml: {error}"),
        );
    Arc::new(dialect)
});

impl Dialect {
    /// The tables that come with the program.
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// The built-in tables with those of a mapping file laid over them.
    ///
    /// # Errors
    /// What in the file is not understood, with the table and entry or TOML's line and column.
    pub fn with_mapping(text: &str) -> Result<Self, DialectError> {
        if text.len() > MOST_BYTES {
            return Err(DialectError::TooMuch { what: "bytes", most: MOST_BYTES });
        }
        let tables: Tables = toml::from_str(text).map_err(|error| toml_fault(text, &error))?;
        let mut dialect = Self::clone(&BUILT_IN);
        if tables.paths.len() > MOST_PATHS {
            return Err(DialectError::TooMuch { what: "paths", most: MOST_PATHS });
        }
        dialect.extend(tables)?;
        Ok(dialect)
    }

    fn canonical() -> Self {
        let mut dialect = Self {
            children: HashMap::new(),
            attributes: HashMap::new(),
            roots: vec![loose(Element::Root.name()).into_owned()],
            values: HashMap::new(),
            paths: HashMap::new(),
            forces: false,
        };
        for element in Element::ALL {
            for (attr, ..) in element.shape().attributes {
                dialect.name_attr(*element, attr.name(), *attr);
            }
            let others = OTHER_PLACES.iter().filter(|(around, _)| around == element).map(|(_, child)| child);
            for child in element.shape().children.iter().map(|(child, ..)| child).chain(others) {
                dialect.name_child(*element, child.name(), *child);
            }
        }
        dialect
    }

    fn name_attr(&mut self, element: Element, name: &str, attr: Attr) {
        let name = loose(name).into_owned();
        self.attributes.entry(element).or_default().entry(name.clone()).or_insert(Meaning::Value(attr));
        // A text may hold the value as well; an element of that name goes before.
        self.children.entry(element).or_default().entry(name).or_insert(Meaning::Value(attr));
    }

    fn name_child(&mut self, element: Element, name: &str, child: Element) {
        let name = loose(name).into_owned();
        if matches!(child.shape().content, Content::Text(_)) {
            self.attributes.entry(element).or_default().entry(name.clone()).or_insert(Meaning::Child(child));
        }
        let meaning = self.children.entry(element).or_default().entry(name).or_insert(Meaning::Child(child));
        if matches!(meaning, Meaning::Value(_)) {
            *meaning = Meaning::Child(child);
        }
    }

    fn extend(&mut self, tables: Tables) -> Result<(), DialectError> {
        self.forces |= tables.force_tolerant;
        for (name, aliases) in &tables.elements {
            let child = element("elements", name, name)?;
            for alias in aliases {
                if child == Element::Root {
                    self.roots.push(loose(alias).into_owned());
                }
                for around in Element::ALL {
                    let places = around.shape().children.iter().map(|(child, ..)| *child);
                    let others = OTHER_PLACES.iter().filter(|(place, _)| place == around).map(|(_, child)| *child);
                    if places.chain(others).any(|candidate| candidate == child) {
                        self.name_child(*around, alias, child);
                    }
                }
            }
        }
        for (name, aliases) in &tables.attributes {
            let attr = attribute("attributes", name, name)?;
            for alias in aliases {
                for around in Element::ALL {
                    if around.lexical(attr).is_some() {
                        self.name_attr(*around, alias, attr);
                    }
                }
            }
        }
        for (name, tokens) in tables.values {
            let attr = attribute("values", &name, &name)?;
            let of_attr = self.values.entry(attr).or_default();
            for (token, aliases) in tokens {
                of_attr.extend(aliases.iter().map(|alias| (loose(alias).into_owned(), token.clone())));
            }
        }
        for (path, target) in &tables.paths {
            self.extend_paths(path, target)?;
        }
        Ok(())
    }

    fn extend_paths(&mut self, path: &str, target: &str) -> Result<(), DialectError> {
        let meaning = meaning(path, target)?;
        let anchored = path.starts_with('/');
        let mut names: Vec<String> =
            path.strip_prefix('/').unwrap_or(path).split('/').map(|name| loose(name).into_owned()).collect();
        let last = names.pop().filter(|last| !last.is_empty() && last != "@");
        let (Some(last), false) = (last, names.iter().any(|name| name.is_empty() || name.starts_with('@'))) else {
            return Err(DialectError::Path(excerpt(path)));
        };
        if meaning == Meaning::Child(Element::Root) && names.is_empty() {
            self.roots.push(last);
            return Ok(());
        }
        let rules = self.paths.entry(last).or_default();
        rules.push(PathRule { before: names, anchored, meaning });
        // The longest first: it says most about the place.
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.before.len(), rule.anchored)));
        Ok(())
    }

    /// Whether an element of this name (without prefix) can be the root of a description.
    pub(super) fn is_root(&self, local: &str) -> bool {
        let name = loose(local);
        self.roots.iter().any(|root| *root == name)
    }

    /// What a child element called `local` means inside `around`.
    pub(super) fn child(&self, around: Element, local: &str) -> Option<Meaning> {
        self.children.get(&around)?.get(&*loose(local)).copied()
    }

    /// What an attribute called `local` means on `around`.
    pub(super) fn attribute(&self, around: Element, local: &str) -> Option<Meaning> {
        self.attributes.get(&around)?.get(&*loose(local)).copied()
    }

    /// Whether there are path rules at all.
    pub(super) fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// What the user's mapping says of `last` (an element, or an attribute with `@` before its name) below the
    /// elements `around`, which are given in [`loose`] spelling.
    pub(super) fn path(&self, around: &[String], last: &str) -> Option<Meaning> {
        let rules = self.paths.get(&*loose(last))?;
        let fits = |rule: &&PathRule| {
            if rule.anchored { around == rule.before } else { around.ends_with(&rule.before) }
        };
        rules.iter().find(fits).map(|rule| rule.meaning)
    }

    /// The canonical token for a vendor's.
    pub(super) fn token(&self, attr: Attr, text: &str) -> Option<&str> {
        self.values.get(&attr)?.get(&*loose(text)).map(String::as_str)
    }
}

fn element(table: &'static str, entry: &str, name: &str) -> Result<Element, DialectError> {
    Element::ALL.iter().copied().find(|element| element.name() == name).ok_or_else(|| DialectError::Unknown {
        table,
        entry: excerpt(entry),
        name: excerpt(name),
        expected: "element",
    })
}

fn attribute(table: &'static str, entry: &str, name: &str) -> Result<Attr, DialectError> {
    Attr::ALL.iter().copied().find(|attr| attr.name() == name).ok_or_else(|| DialectError::Unknown {
        table,
        entry: excerpt(entry),
        name: excerpt(name),
        expected: "attribute",
    })
}

/// The right side of a path rule: `.`, `Element`, `Element/Child` or `Element/@attribute`.
fn meaning(path: &str, target: &str) -> Result<Meaning, DialectError> {
    if target == "." {
        return Ok(Meaning::Wrapper);
    }
    let of_attribute = path.rsplit('/').next().is_some_and(|last| last.starts_with('@'));
    let found = match target.split_once('/') {
        None => Meaning::Child(element("paths", path, target)?),
        Some((owner, name)) => {
            let owner = element("paths", path, owner)?;
            match name.strip_prefix('@') {
                Some(name) => {
                    let attr = attribute("paths", path, name)?;
                    if owner.lexical(attr).is_none() {
                        return Err(unknown_part(path, target, "attribute"));
                    }
                    Meaning::ValueOf(owner, attr)
                }
                None => {
                    let child = element("paths", path, name)?;
                    if owner.child(child).is_none() {
                        return Err(unknown_part(path, target, "element"));
                    }
                    Meaning::ChildOf(owner, child)
                }
            }
        }
    };
    let is_text = |element: Element| matches!(element.shape().content, Content::Text(_));
    match found {
        Meaning::Child(_) if of_attribute => Err(unknown_part(path, target, "attribute")),
        Meaning::ChildOf(_, child) if of_attribute && !is_text(child) => Err(unknown_part(path, target, "attribute")),
        found => Ok(found),
    }
}

fn unknown_part(path: &str, target: &str, expected: &'static str) -> DialectError {
    DialectError::Unknown { table: "paths", entry: excerpt(path), name: excerpt(target), expected }
}

impl crate::model::Say for DialectError {
    /// In its own words: it is about a file's text, and met by those who write such files.
    fn say(&self) -> crate::model::Phrase {
        crate::model::Phrase::plain(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_only_where_their_part_may_stand() {
        let dialect = Dialect::built_in();
        assert!(dialect.is_root("PROFINET_COMPONENT") && dialect.is_root("pcd") && !dialect.is_root("GSDML"));
        assert_eq!(dialect.child(Element::Property, "Text"), Some(Meaning::Child(Element::Comment)));
        assert_eq!(dialect.child(Element::Enum, "TEXT"), Some(Meaning::Child(Element::Text)));
        assert_eq!(dialect.child(Element::Info, "COMMENT"), Some(Meaning::Child(Element::Description)));
        assert_eq!(dialect.child(Element::Device, "LDEV"), Some(Meaning::Child(Element::Ldev)));
        assert_eq!(dialect.child(Element::Property, "Data-Type"), Some(Meaning::Value(Attr::Type)));
        assert_eq!(dialect.attribute(Element::Info, "Vendor"), Some(Meaning::Child(Element::Vendor)));
        assert_eq!(dialect.attribute(Element::Interface, "guid"), Some(Meaning::Value(Attr::Uuid)));
        assert_eq!(dialect.attribute(Element::Info, "guid"), Some(Meaning::Value(Attr::Id)));
        assert_eq!(dialect.attribute(Element::Limits, "name"), None);
        assert_eq!(dialect.token(Attr::Type, "date_and_time"), Some("DATE"));
    }

    #[test]
    fn every_alias_of_a_token_has_a_canonical_token() {
        use super::super::schema::Lexical;
        for (attr, tokens) in &Dialect::built_in().values {
            for token in tokens.values() {
                let known = Element::ALL.iter().any(|element| match element.lexical(*attr) {
                    Some(Lexical::Token(known)) => known.contains(&token.as_str()),
                    _ => false,
                });
                assert!(known, "{token}");
            }
        }
    }

    #[test]
    fn a_mapping_extends_the_tables() {
        let dialect = Dialect::with_mapping(
            r#"
            [elements]
            Property = ["Sig"]
            [values.type]
            R4 = ["ANALOG"]
            [paths]
            "/Module" = "ComponentDescription"
            "Head/@Guid" = "ComponentInfo/@id"
            "/Module/Head/@Guid" = "ComponentInfo/@version"
            "Signals" = "."
            "#,
        )
        .unwrap();
        assert!(dialect.is_root("MODULE"));
        assert_eq!(dialect.child(Element::Interface, "SIG"), Some(Meaning::Child(Element::Property)));
        assert_eq!(dialect.token(Attr::Type, "analog"), Some("R4"));
        let around = ["module".to_owned(), "head".to_owned()];
        let id = Meaning::ValueOf(Element::Info, Attr::Id);
        assert_eq!(dialect.path(&around[1..], "@guid"), Some(id));
        assert_eq!(dialect.path(&around, "@guid"), Some(Meaning::ValueOf(Element::Info, Attr::Version)));
        assert_eq!(dialect.path(&[], "signals"), Some(Meaning::Wrapper));
        assert!(!dialect.forces && Dialect::with_mapping("force_tolerant = true").unwrap().forces);
    }

    #[test]
    fn a_wrong_mapping_names_its_entry() {
        let fault = |text: &str| Dialect::with_mapping(text).unwrap_err().to_string();
        assert_eq!(
            fault("[elements]\nPropperty = ['x']"),
            "[elements] `Propperty`: `Propperty` is no element of a component description"
        );
        assert_eq!(
            fault("[paths]\n'a/@b' = 'Property'"),
            "[paths] `a/@b`: `Property` is no attribute of a component description"
        );
        assert_eq!(fault("[paths]\n'a//b' = '.'"), "[paths] `a//b` is no path");
        assert!(fault("\n[pahts]").starts_with("2:2: unknown field `pahts`"), "{}", fault("\n[pahts]"));
        assert_eq!(fault(&"#".repeat(MOST_BYTES + 1)), "a mapping file has at most 1048576 bytes");
        let paths: String = (0..=MOST_PATHS).map(|n| format!("'a{n}/b' = '.'\n")).collect();
        assert_eq!(fault(&format!("[paths]\n{paths}")), "a mapping file has at most 1000 paths");
    }
}
