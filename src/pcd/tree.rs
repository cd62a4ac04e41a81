//! The document with its names resolved: elements and attributes of the format, values in canonical spelling.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::dialect::{Dialect, Meaning};
use super::error::{Limit, PcdError};
use super::foreign;
use super::lexical::{self, is_blank, loose};
use super::place::{Place, Position};
use super::read::{Kept, ReadOptions};
use super::remark::{Remarks, Rule};
use super::schema::{Attr, Content, Element, Lexical, MOST_CHILDREN, NAMESPACE, NAMESPACE_FAMILY};
use super::xml::{RawAttr, Token, Xml, excerpt};

/// Longest path of a place in bytes; what is above is left out.
const PATH_BYTES: usize = 400;
/// Attributes of this namespace tell validators where schemas are; they mean nothing to a reader.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The way from the root, shared by all that is below.
#[derive(Debug)]
struct Way {
    above: Option<Rc<Way>>,
    step: String,
}

/// An element of the format.
#[derive(Debug)]
pub(super) struct Node {
    element: Element,
    way: Rc<Way>,
    position: Position,
    /// The element as it stands in the file, as offsets; empty when it is written as an attribute.
    pub(super) span: Range<usize>,
    /// Parts in it that were not understood, each a complete element ([`foreign`](super::foreign)).
    pub(super) foreign: Vec<Arc<str>>,
    attributes: HashMap<Attr, String>,
    /// The text, for elements that have one.
    pub(super) text: String,
    /// The type is written as an array (`VT_ARRAY|VT_UI1`), whose size stands in [`Attr::Array`].
    pub(super) is_array: bool,
    children: Vec<Node>,
    last_child: usize,
    counts: [u8; MOST_CHILDREN],
}

impl Node {
    fn new(element: Element, way: Rc<Way>, position: Position) -> Self {
        Self {
            element,
            way,
            position,
            span: 0..0,
            foreign: Vec::new(),
            attributes: HashMap::new(),
            text: String::new(),
            is_array: false,
            children: Vec::new(),
            last_child: 0,
            counts: [0; MOST_CHILDREN],
        }
    }

    /// An attribute, in canonical spelling and within its range.
    pub(super) fn get(&self, attr: Attr) -> Option<&str> {
        self.attributes.get(&attr).map(String::as_str)
    }

    /// An attribute as what it stands for.
    pub(super) fn parse<T: std::str::FromStr>(&self, attr: Attr) -> Option<T> {
        self.get(attr)?.parse().ok()
    }

    /// All children of a kind, in the order of the file.
    pub(super) fn all(&self, element: Element) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.element == element)
    }

    /// The first child of a kind.
    pub(super) fn first(&self, element: Element) -> Option<&Node> {
        self.children.iter().find(|child| child.element == element)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        place(&self.way, self.position, "")
    }
}

fn place(way: &Rc<Way>, position: Position, last: &str) -> Place {
    let mut steps = Vec::new();
    let mut bytes = 0;
    let mut at = Some(way);
    while let Some(way) = at {
        bytes += way.step.len();
        if bytes > PATH_BYTES {
            steps.push("…");
            break;
        }
        steps.push(&way.step);
        at = way.above.as_ref();
    }
    steps.reverse();
    Place { position: Some(position), path: format!("{}{last}", steps.join("/")) }
}

/// What an open element is to the reader.
enum Open {
    Part(Node),
    /// Transparent: its content belongs to the part around it.
    Wrapper,
    /// An attribute that is written as an element, of the open part with this index.
    Value {
        attr: Attr,
        owner: Element,
        text: String,
    },
    /// Not understood; everything inside belongs to it.
    Kept {
        rule: Rule,
    },
}

struct Frame {
    open: Open,
    way: Rc<Way>,
    position: Position,
    /// Offset of `<`.
    start: usize,
}

struct Builder<'o> {
    options: &'o ReadOptions,
    remarks: &'o mut Remarks,
    kept: &'o mut Vec<Kept>,
    frames: Vec<Frame>,
    /// Names of the open elements, for path rules.
    names: Vec<String>,
    /// Open elements below a kept one.
    ignored: usize,
    ports: usize,
    functions: usize,
    namespace: String,
    scope: Scope,
}

/// Namespaces by prefix that the root element declares.
pub(super) type Scope = HashMap<String, String>;

/// Reads the whole document.
pub(super) fn read_tree(
    document: &str,
    options: &ReadOptions,
    remarks: &mut Remarks,
    kept: &mut Vec<Kept>,
) -> Result<(Node, Scope), PcdError> {
    let mut xml = Xml::new(document, &options.limits)?;
    let mut builder = Builder {
        options,
        remarks,
        kept,
        frames: Vec::new(),
        names: Vec::new(),
        ignored: 0,
        ports: 0,
        functions: 0,
        namespace: String::new(),
        scope: Scope::new(),
    };
    let mut root = None;
    loop {
        match xml.next()? {
            Token::Open { name, start } => builder.open(&xml, name, start)?,
            Token::Close { end } => {
                if let Some(node) = builder.close(&xml, end)? {
                    root = Some(node);
                }
            }
            Token::Text { text, at } => builder.text(&xml, &text, at, false)?,
            Token::Exact { text, at } => builder.text(&xml, &text, at, true)?,
            Token::End => break,
        }
    }
    let root = root.ok_or(PcdError::Missing { place: Place::default(), what: Element::Root.name() })?;
    Ok((root, builder.scope))
}

impl Builder<'_> {
    fn open(&mut self, xml: &Xml<'_>, name: &str, start: usize) -> Result<(), PcdError> {
        if self.ignored > 0 || matches!(self.frames.last(), Some(Frame { open: Open::Kept { .. }, .. })) {
            self.ignored += 1;
            return Ok(());
        }
        let local = name.split_once(':').map_or(name, |(_, local)| local);
        let way = Rc::new(Way {
            above: self.frames.last().map(|frame| Rc::clone(&frame.way)),
            step: step(name, &xml.attributes),
        });
        let position = xml.position;
        let Some(around) = self.around() else {
            return self.open_root(xml, name, local, way, start);
        };
        let mapped = match self.options.dialect.has_paths() {
            true => {
                let mapped = self.options.dialect.path(&self.names, local);
                self.names.push(loose(local).into_owned());
                mapped
            }
            false => None,
        };
        let any = around.shape().content == Content::Any;
        let meaning = mapped.or_else(|| self.options.dialect.child(around, local)).filter(|_| !any);
        let here = || place(&way, position, "");
        if mapped.is_some() {
            self.remarks
                .repeat(Rule::MappedName, local, here, || format!("`{}` is mapped by the user", excerpt(local)));
        }
        let open = match meaning {
            Some(Meaning::Child(child)) => {
                self.note_name(xml, name, local, child.name(), mapped.is_some(), here);
                self.part(around, child, &way, position)?
            }
            Some(Meaning::ChildOf(owner, child)) => self.part(owner, child, &way, position)?,
            Some(Meaning::Value(attr)) => {
                self.note_name(xml, name, local, attr.name(), mapped.is_some(), here);
                self.remarks.repeat(Rule::ValueForm, attr.name(), here, || {
                    format!("the attribute `{}` is written as an element", attr.name())
                });
                Open::Value { attr, owner: around, text: String::new() }
            }
            Some(Meaning::ValueOf(owner, attr)) => Open::Value { attr, owner, text: String::new() },
            Some(Meaning::Wrapper) => Open::Wrapper,
            None => Open::Kept { rule: if any { Rule::Extension } else { Rule::NotUnderstood } },
        };
        let kept = matches!(open, Open::Kept { .. });
        self.frames.push(Frame { open, way, position, start });
        if !kept {
            self.attributes(xml)?;
        }
        Ok(())
    }

    fn open_root(
        &mut self,
        xml: &Xml<'_>,
        name: &str,
        local: &str,
        way: Rc<Way>,
        start: usize,
    ) -> Result<(), PcdError> {
        let here = || place(&way, xml.position, "");
        if !self.options.dialect.is_root(local) {
            return Err(PcdError::NotADescription { place: here(), root: excerpt(name) });
        }
        self.namespace = xml.namespace_of(name).to_owned();
        self.scope = xml.scope().map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect();
        let version = xml.attributes.iter().find(|attr| loose(attr.name) == loose(Attr::SchemaVersion.name()));
        let version = version.map_or("", |attr| attr.value.trim());
        let family = self.namespace.starts_with(NAMESPACE_FAMILY);
        let known = version.starts_with("2.") && (self.namespace == NAMESPACE || !family);
        let merely_missing = version.is_empty() && self.namespace == NAMESPACE;
        if !(known || merely_missing || self.options.force_tolerant || self.options.dialect.forces) && family {
            return Err(PcdError::SchemaVersion { place: here(), found: excerpt(version) });
        }
        if self.namespace != NAMESPACE {
            let namespace = excerpt(&self.namespace);
            self.remarks.repeat(Rule::Namespace, "", here, || format!("the namespace is `{namespace}`"));
        }
        if !known {
            self.remarks.add(Rule::SchemaVersion, here, || {
                format!("the schema version is `{}`, read as 2.0", excerpt(version))
            });
        }
        if local != Element::Root.name() {
            self.remarks.repeat(Rule::NameSpelling, local, here, || spelled(local, Element::Root.name()));
        }
        let node = Node::new(Element::Root, Rc::clone(&way), xml.position);
        self.names.push(loose(local).into_owned());
        self.frames.push(Frame { open: Open::Part(node), way, position: xml.position, start });
        self.attributes(xml)
    }

    /// The part whose content is read.
    fn around(&self) -> Option<Element> {
        self.frames.iter().rev().find_map(|frame| match &frame.open {
            Open::Part(node) => Some(node.element),
            _ => None,
        })
    }

    /// The innermost open part of a kind.
    fn owner(&mut self, element: Element) -> Option<&mut Node> {
        self.frames.iter_mut().rev().find_map(|frame| match &mut frame.open {
            Open::Part(node) if node.element == element => Some(node),
            _ => None,
        })
    }

    /// A child that may stand here; one too many is kept unread.
    fn part(&mut self, around: Element, child: Element, way: &Rc<Way>, position: Position) -> Result<Open, PcdError> {
        let here = || place(way, position, "");
        let counted = match child {
            Element::Property | Element::Member => Some((&mut self.ports, Limit::Ports, self.options.limits.ports)),
            Element::Ldev | Element::RtAuto => {
                Some((&mut self.functions, Limit::Functions, self.options.limits.functions))
            }
            _ => None,
        };
        if let Some((count, limit, most)) = counted {
            *count += 1;
            if *count > most {
                return Err(PcdError::Limit { place: here(), limit, most: most as u64 });
            }
        }
        let Some(node) = self.owner(around) else {
            // A user's rule names a place that is not open.
            return Ok(Open::Kept { rule: Rule::NotUnderstood });
        };
        let Some(index) = around.shape().child(child) else {
            self.remarks.repeat(Rule::OtherPlace, child.name(), here, || {
                format!("`{}` stands directly in `{}`", child.name(), around.name())
            });
            return Ok(Open::Part(Node::new(child, Rc::clone(way), position)));
        };
        let out_of_order = index < node.last_child;
        node.last_child = node.last_child.max(index);
        let most = around.shape().children.get(index).map_or(0, |(_, _, most)| *most);
        let count = node.counts.get_mut(index).map_or(0, |count| {
            *count = count.saturating_add(1);
            *count
        });
        if most != 0 && count > most {
            self.remarks
                .add(Rule::Repeated, here, || format!("`{}` stands here again; the first counts", child.name()));
            return Ok(Open::Kept { rule: Rule::Repeated });
        }
        if out_of_order {
            self.remarks.repeat(Rule::Order, child.name(), here, || {
                format!("`{}` stands behind what it should stand before", child.name())
            });
        }
        Ok(Open::Part(Node::new(child, Rc::clone(way), position)))
    }

    fn note_name(
        &mut self,
        xml: &Xml<'_>,
        name: &str,
        local: &str,
        canonical: &'static str,
        mapped: bool,
        here: impl Fn() -> Place,
    ) {
        if local != canonical && !mapped {
            self.remarks.repeat(Rule::NameSpelling, local, &here, || spelled(local, canonical));
        }
        let namespace = xml.namespace_of(name);
        if namespace != self.namespace {
            self.remarks.repeat(Rule::Namespace, namespace, here, || {
                format!("`{}` is in the namespace `{}`", excerpt(name), excerpt(namespace))
            });
        }
    }

    fn attributes(&mut self, xml: &Xml<'_>) -> Result<(), PcdError> {
        for RawAttr { name, value, at } in &xml.attributes {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            if prefix == "xml" || (!prefix.is_empty() && xml.namespace(prefix) == Some(XSI)) {
                continue;
            }
            let Some(frame) = self.frames.last() else { return Ok(()) };
            let way = Rc::clone(&frame.way);
            let here = || place(&way, xml.position_at(*at), &format!("/@{}", excerpt(name)));
            let around = match &frame.open {
                Open::Part(node) => Some(node.element),
                _ => None,
            };
            let mapped = self.options.dialect.path(&self.names, &format!("@{local}"));
            if mapped.is_some() {
                self.remarks
                    .repeat(Rule::MappedName, local, here, || format!("`@{}` is mapped by the user", excerpt(local)));
            }
            let meaning = mapped.or_else(|| self.options.dialect.attribute(around?, local));
            let taken = match (meaning, around) {
                (Some(Meaning::Value(attr)), Some(owner)) | (Some(Meaning::ValueOf(owner, attr)), _) => {
                    if local != attr.name() && mapped.is_none() {
                        self.remarks.repeat(Rule::NameSpelling, local, here, || spelled(local, attr.name()));
                    }
                    if !prefix.is_empty() {
                        self.remarks.repeat(Rule::Namespace, prefix, here, || {
                            format!("the attribute `{}` has a prefix", excerpt(name))
                        });
                    }
                    self.value(owner, attr, value, here)?
                }
                (Some(Meaning::Child(child)), Some(owner)) | (Some(Meaning::ChildOf(owner, child)), _) => {
                    self.remarks.repeat(Rule::ValueForm, child.name(), here, || {
                        format!("the element `{}` is written as an attribute", child.name())
                    });
                    match self.part(owner, child, &way, xml.position_at(*at))? {
                        Open::Part(mut node) => {
                            node.text = value.to_string();
                            self.finish(&mut node)?;
                            self.owner(owner).map(|owner| owner.children.push(node)).is_some()
                        }
                        _ => false,
                    }
                }
                _ => {
                    self.remarks
                        .add(Rule::NotUnderstood, here, || format!("the attribute `{}` is kept", excerpt(name)));
                    false
                }
            };
            if !taken {
                let namespace = if prefix.is_empty() { "" } else { xml.namespace(prefix).unwrap_or("") };
                let here = here();
                let foreign = foreign::attribute(name, namespace, value, &here.path);
                self.keep(here, value, foreign)?;
            }
        }
        Ok(())
    }

    /// Sets an attribute; `false` when its value is to be kept instead.
    fn value(&mut self, owner: Element, attr: Attr, text: &str, here: impl Fn() -> Place) -> Result<bool, PcdError> {
        let Some(lexical) = owner.shape().lexical(attr) else { return Ok(false) };
        let (text, array) = match canonical(&self.options.dialect, lexical, attr, text) {
            Spelling::Canonical(text) => (text, false),
            Spelling::Other { rule, value, array } => {
                self.remarks
                    .repeat(rule, text, &here, || format!("`{}` is read as `{}`", excerpt(text), excerpt(&value)));
                (value, array)
            }
            Spelling::Unreadable => {
                self.remarks.add(Rule::BadValue, here, || {
                    format!("`{}` is no value of `{}` and is left out", excerpt(text), attr.name())
                });
                return Ok(false);
            }
        };
        let Some(node) = self.owner(owner) else {
            self.remarks.add(Rule::NotUnderstood, here, || format!("no `{}` is open here", owner.name()));
            return Ok(false);
        };
        if node.attributes.contains_key(&attr) {
            self.remarks.add(Rule::Repeated, here, || format!("`{}` is given twice; the first counts", attr.name()));
            return Ok(false);
        }
        node.is_array |= array;
        node.attributes.insert(attr, text);
        Ok(true)
    }

    fn text(&mut self, xml: &Xml<'_>, text: &str, at: usize, exact: bool) -> Result<(), PcdError> {
        if self.ignored > 0 {
            return Ok(());
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        match &mut frame.open {
            Open::Part(node) if matches!(node.element.shape().content, Content::Text(_)) => node.text.push_str(text),
            Open::Value { text: value, .. } => value.push_str(text),
            Open::Kept { .. } => {}
            Open::Part(_) | Open::Wrapper if !exact && text.chars().all(is_blank) => {}
            Open::Part(_) | Open::Wrapper => {
                let here = place(&frame.way, xml.position_at(at), "");
                self.remarks.add(
                    Rule::NotUnderstood,
                    || here.clone(),
                    || format!("the text `{}` is kept", excerpt(text)),
                );
                let foreign = foreign::text(text, &here.path);
                self.keep(here, text, foreign)?;
            }
        }
        Ok(())
    }

    fn close(&mut self, xml: &Xml<'_>, end: usize) -> Result<Option<Node>, PcdError> {
        if self.ignored > 0 {
            self.ignored -= 1;
            return Ok(None);
        }
        let Some(Frame { open, way, position, start }) = self.frames.pop() else { return Ok(None) };
        self.names.truncate(self.frames.len());
        let here = || place(&way, position, "");
        match open {
            Open::Part(mut node) => {
                node.span = start..end;
                self.finish(&mut node)?;
                let parent = self.frames.iter_mut().rev().find_map(|frame| match &mut frame.open {
                    Open::Part(node) => Some(node),
                    _ => None,
                });
                match parent {
                    Some(parent) => parent.children.push(node),
                    None => return Ok(Some(node)),
                }
            }
            Open::Wrapper => {}
            Open::Value { attr, owner, text } => {
                if !self.value(owner, attr, text.trim_matches(is_blank), here)? {
                    let here = here();
                    let foreign = foreign::element(xml.raw(start, end), |prefix| xml.namespace(prefix), &here.path);
                    self.keep(here, &text, foreign)?;
                }
            }
            Open::Kept { rule } => {
                if rule != Rule::Repeated {
                    let name = &way.step;
                    self.remarks.add(rule, here, || format!("`{name}` is kept"));
                }
                let raw = xml.raw(start, end);
                let here = here();
                let foreign = foreign::element(raw, |prefix| xml.namespace(prefix), &here.path);
                self.keep(here, raw, foreign)?;
            }
        }
        Ok(None)
    }

    /// Looks at a part as a whole: its text, and the children it must have.
    fn finish(&mut self, node: &mut Node) -> Result<(), PcdError> {
        if let Content::Text(lexical) = node.element.shape().content
            && !lexical::conforms(lexical, node.text.trim_matches(is_blank))
        {
            let kept = std::mem::take(&mut node.text);
            self.remarks.add(
                Rule::BadValue,
                || node.place(),
                || format!("`{}` is no text of `{}` and is left out", excerpt(&kept), node.element.name()),
            );
            let foreign = foreign::text(&kept, &node.place().path);
            self.keep(node.place(), &kept, foreign)?;
        }
        for (child, least, _) in node.element.shape().children {
            let elsewhere = match child {
                // The builder looks below the device as well, and refuses a file without any.
                Element::Ldev => true,
                Element::Interface => node.first(Element::Property).is_some(),
                _ => false,
            };
            if *least > 0 && !elsewhere && node.first(*child).is_none() {
                self.remarks.add(Rule::MissingValue, || node.place(), || format!("`{}` is missing", child.name()));
            }
        }
        Ok(())
    }

    /// Keeps what was not understood, and with the part it belongs to as an element.
    fn keep(&mut self, place: Place, text: &str, foreign: Arc<str>) -> Result<(), PcdError> {
        if self.kept.len() >= self.options.limits.kept_parts {
            let most = self.options.limits.kept_parts as u64;
            return Err(PcdError::Limit { place, limit: Limit::KeptParts, most });
        }
        self.kept.push(Kept { place, text: shared(text, &foreign) });
        let owner = self.frames.iter_mut().rev().find_map(|frame| match &mut frame.open {
            Open::Part(node) if node.element.shape().child(Element::Extensions).is_some() => Some(node),
            _ => None,
        });
        if let Some(owner) = owner {
            owner.foreign.push(foreign);
        }
        Ok(())
    }
}

/// A text, without a copy of its own when there is one already.
pub(super) fn shared(text: &str, copy: &Arc<str>) -> Arc<str> {
    if **copy == *text { Arc::clone(copy) } else { text.into() }
}

fn spelled(found: &str, canonical: &str) -> String {
    format!("`{}` is read as `{canonical}`", excerpt(found))
}

/// The name of an element, with what tells it from its neighbours.
fn step(name: &str, attributes: &[RawAttr<'_>]) -> String {
    match attributes.iter().find(|attribute| loose(attribute.name) == "name") {
        Some(attribute) => format!("{}[{}]", excerpt(name), excerpt(&attribute.value)),
        None => excerpt(name),
    }
}

/// How a value is spelled.
enum Spelling {
    Canonical(String),
    Other { rule: Rule, value: String, array: bool },
    Unreadable,
}

/// A value in the spelling of the schema.
fn canonical(dialect: &Dialect, lexical: Lexical, attr: Attr, text: &str) -> Spelling {
    if lexical::conforms(lexical, text) {
        return Spelling::Canonical(match lexical {
            Lexical::Text | Lexical::Name | Lexical::Base64 => text.to_owned(),
            _ => text.trim_matches(is_blank).to_owned(),
        });
    }
    let mut array = false;
    let mut rule = Rule::ValueSpelling;
    let value = match lexical {
        Lexical::Token(tokens) if attr == Attr::Type && tokens.contains(&"STRUCT") => {
            rule = Rule::TypeSpelling;
            type_token(dialect, tokens, text).map(|(token, is_array)| {
                array = is_array;
                token
            })
        }
        Lexical::Token(tokens) => token(dialect, tokens, attr, text),
        Lexical::Bool => lexical::boolean(text).map(|truth| truth.to_string()),
        Lexical::Uuid => lexical::uuid(text).map(|uuid| uuid.to_string()),
        Lexical::Version => lexical::version(text).map(|version| version.to_string()),
        Lexical::Hex16 => lexical::hex16(text).map(|number| format!("0x{number:04X}")),
        Lexical::Int(low, high) => {
            lexical::number(text).filter(|number| (low..=high).contains(number)).map(|number| number.to_string())
        }
        Lexical::Double | Lexical::Decimal => {
            rule = Rule::DecimalComma;
            lexical::decimal_point(text)
        }
        Lexical::Lang => Some(text.replace('_', "-")),
        Lexical::MsList | Lexical::Dims => Some(text.replace([',', ';', '*', 'x'], " ")),
        _ => None,
    };
    match value.filter(|value| lexical::conforms(lexical, value)) {
        Some(value) => Spelling::Other { rule, value, array },
        None => Spelling::Unreadable,
    }
}

fn token(dialect: &Dialect, tokens: &[&str], attr: Attr, text: &str) -> Option<String> {
    let text = text.trim();
    let plain = loose(text);
    let same = tokens.iter().find(|token| loose(token) == plain).map(|token| (*token).to_owned());
    same.or_else(|| dialect.token(attr, text).map(str::to_owned))
}

/// `VT_I2`, `int`, `VT_ARRAY|VT_UI1`, `8209`: the token, and whether it is an array of it.
fn type_token(dialect: &Dialect, tokens: &[&str], text: &str) -> Option<(String, bool)> {
    /// VARTYPE's mark of an array.
    const VT_ARRAY: i128 = 0x2000;
    if let Some(number) = lexical::number(text).filter(|number| number & VT_ARRAY != 0) {
        return token(dialect, tokens, Attr::Type, &(number & !VT_ARRAY).to_string()).map(|token| (token, true));
    }
    let mut found = None;
    let mut array = false;
    for part in text.split('|') {
        let upper = part.trim().to_ascii_uppercase();
        let plain = upper.strip_prefix("VT_").or_else(|| upper.strip_prefix("PN_")).unwrap_or(&upper);
        match (plain, &found) {
            ("ARRAY", _) => array = true,
            (_, None) => found = Some(token(dialect, tokens, Attr::Type, plain)?),
            _ => return None,
        }
    }
    found.map(|token| (token, array))
}
