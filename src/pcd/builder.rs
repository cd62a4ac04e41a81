//! Events to the tree: which name stands for what, what may stand where, and what is not understood.

use std::borrow::Cow;
use std::sync::Arc;

use super::dialect::Meaning;
use super::error::{Limit, PcdError};
use super::foreign;
use super::lexical::{self, is_blank, loose};
use super::place::Place;
use super::read::{Kept, ReadOptions};
use super::remark::{Remarks, Rule};
use super::schema::{Attr, Content, Element, Lexical, MOST_CHILDREN, NAMESPACE, NAMESPACE_FAMILY};
use super::spelling::{Spelling, canonical};
use super::tree::{Spot, Tree};
use super::xml::{RawAttr, Token, Xml, excerpt};

/// Attributes of this namespace tell validators where schemas are; they mean nothing to a reader.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What an open element is to the reader.
enum Open {
    /// A part of the format, by its number in the tree.
    Part(Element, u32),
    /// Transparent: its content belongs to the part around it.
    Wrapper,
    /// An attribute that is written as an element, of the innermost open part of this kind.
    Value { attr: Attr, owner: Element, text: String },
    /// Not understood; everything inside belongs to it.
    Kept { rule: Rule },
}

struct Frame {
    open: Open,
    way: u32,
    /// Offset of `<`.
    start: usize,
    /// For a part: the furthest child so far, in the order of the schema.
    last_child: usize,
    /// For a part: how many children of each kind there are.
    counts: [u8; MOST_CHILDREN],
}

struct Builder<'o, 'a> {
    options: &'o ReadOptions,
    remarks: &'o mut Remarks,
    kept: &'o mut Vec<Kept>,
    tree: Tree<'a>,
    frames: Vec<Frame>,
    /// Names of the open elements, when there are rules for paths.
    names: Vec<String>,
    /// Open elements below a kept one.
    ignored: usize,
    ports: usize,
    functions: usize,
    namespace: String,
    /// Namespace declarations of the root element. Where there are no more of them, a name without prefix is in its namespace,
    /// if the root's name has no prefix itself.
    n_declared: usize,
}

/// Reads the whole document. The root is the part with the number 0.
pub(super) fn read_tree<'a>(
    document: &'a str,
    options: &ReadOptions,
    remarks: &mut Remarks,
    kept: &mut Vec<Kept>,
) -> Result<Tree<'a>, Box<PcdError>> {
    let mut xml = Xml::new(document, &options.limits)?;
    let mut builder = Builder {
        options,
        remarks,
        kept,
        tree: Tree::new(document),
        frames: Vec::new(),
        names: Vec::new(),
        ignored: 0,
        ports: 0,
        functions: 0,
        namespace: String::new(),
        n_declared: usize::MAX,
    };
    loop {
        match xml.next()? {
            Token::Open { name, start } => builder.open(&xml, name, start)?,
            Token::Close { end } => builder.close(&xml, end)?,
            Token::Text { text, at, is_blank } => builder.text(text, at, is_blank)?,
            Token::Exact { text, at } => builder.text(text, at, false)?,
            Token::End => return Ok(builder.tree),
        }
    }
}

impl<'a> Builder<'_, 'a> {
    fn tell(&mut self, rule: Rule, spot: Spot<'_>, message: impl FnOnce() -> String) {
        self.remarks.add(rule, || self.tree.place(spot), message);
    }

    /// Tells once a subject.
    fn repeat(&mut self, rule: Rule, subject: &str, spot: Spot<'_>, message: impl FnOnce() -> String) {
        self.remarks.repeat(rule, subject, || self.tree.place(spot), message);
    }

    fn open(&mut self, xml: &Xml<'a>, name: &'a str, start: usize) -> Result<(), Box<PcdError>> {
        if self.ignored > 0 || matches!(self.frames.last(), Some(Frame { open: Open::Kept { .. }, .. })) {
            self.ignored += 1;
            return Ok(());
        }
        let way = self.tree.way(self.frames.last().map(|frame| frame.way), start);
        let spot = Spot { way, offset: start, attribute: None };
        let Some(at) = self.innermost() else { return self.open_root(xml, name, spot) };
        let around = self.element(at);
        let has_paths = self.options.dialect.has_paths();
        // The usual case: the name is that of the format, and its element may stand here.
        let usual = Element::named(name)
            .filter(|child| !has_paths && xml.n_declared() == self.n_declared && around.child(*child).is_some());
        let open = match usual {
            Some(child) => self.part(at, child, spot)?,
            None => self.open_unusual(xml, name, at, spot)?,
        };
        let is_kept = matches!(open, Open::Kept { .. });
        self.push(open, way, start);
        if is_kept { Ok(()) } else { self.attributes(xml) }
    }

    fn open_unusual(&mut self, xml: &Xml<'a>, name: &'a str, at: usize, spot: Spot<'_>) -> Result<Open, Box<PcdError>> {
        let around = self.element(at);
        let local = name.split_once(':').map_or(name, |(_, local)| local);
        let mut mapped = None;
        if self.options.dialect.has_paths() {
            mapped = self.options.dialect.path(&self.names, local);
            self.names.push(loose(local).into_owned());
        }
        let any = around.shape().content == Content::Any;
        let meaning = mapped.or_else(|| self.options.dialect.child(around, local)).filter(|_| !any);
        if mapped.is_some() {
            self.repeat(Rule::MappedName, local, spot, || format!("`{}` is mapped by the user", excerpt(local)));
        }
        Ok(match meaning {
            Some(Meaning::Child(child)) => {
                self.note_name(xml, name, local, child.name(), mapped.is_some(), spot);
                self.part(at, child, spot)?
            }
            Some(Meaning::ChildOf(owner, child)) => match self.owner(owner) {
                Some(at) => self.part(at, child, spot)?,
                // A user's rule names a place that is not open.
                None => Open::Kept { rule: Rule::NotUnderstood },
            },
            Some(Meaning::Value(attr)) => {
                self.note_name(xml, name, local, attr.name(), mapped.is_some(), spot);
                self.repeat(Rule::ValueForm, attr.name(), spot, || {
                    format!("the attribute `{}` is written as an element", attr.name())
                });
                Open::Value { attr, owner: around, text: String::new() }
            }
            Some(Meaning::ValueOf(owner, attr)) => Open::Value { attr, owner, text: String::new() },
            Some(Meaning::Wrapper) => Open::Wrapper,
            None => Open::Kept { rule: if any { Rule::Extension } else { Rule::NotUnderstood } },
        })
    }

    fn open_root(&mut self, xml: &Xml<'a>, name: &'a str, spot: Spot<'_>) -> Result<(), Box<PcdError>> {
        let local = name.split_once(':').map_or(name, |(_, local)| local);
        if !self.options.dialect.is_root(local) {
            return Err(Box::new(PcdError::NotADescription { place: self.tree.place(spot), root: excerpt(name) }));
        }
        self.namespace = xml.namespace_of(name).to_owned();
        if xml.namespace_of("") == self.namespace {
            self.n_declared = xml.n_declared();
        }
        self.tree.scope = xml.scope().map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect();
        let version = xml.attributes.iter().find(|attr| loose(attr.name) == loose(Attr::SchemaVersion.name()));
        let version = version.map_or("", |attr| attr.value.trim());
        let family = self.namespace.starts_with(NAMESPACE_FAMILY);
        let known = version.starts_with("2.") && (self.namespace == NAMESPACE || !family);
        let merely_missing = version.is_empty() && self.namespace == NAMESPACE;
        if !(known || merely_missing || self.options.force_tolerant || self.options.dialect.forces) && family {
            return Err(Box::new(PcdError::SchemaVersion { place: self.tree.place(spot), found: excerpt(version) }));
        }
        if self.namespace != NAMESPACE {
            let namespace = excerpt(&self.namespace);
            self.repeat(Rule::Namespace, "", spot, || format!("the namespace is `{namespace}`"));
        }
        if !known {
            self.tell(Rule::SchemaVersion, spot, || {
                format!("the schema version is `{}`, read as 2.0", excerpt(version))
            });
        }
        if local != Element::Root.name() {
            self.repeat(Rule::NameSpelling, local, spot, || spelled(local, Element::Root.name()));
        }
        self.names.push(loose(local).into_owned());
        let root = self.tree.part(Element::Root, spot.way, spot.offset, None);
        self.push(Open::Part(Element::Root, root), spot.way, spot.offset);
        self.attributes(xml)
    }

    fn push(&mut self, open: Open, way: u32, start: usize) {
        self.frames.push(Frame { open, way, start, last_child: 0, counts: [0; MOST_CHILDREN] });
    }

    /// The frame of the part whose content is read.
    fn innermost(&self) -> Option<usize> {
        self.frames.iter().rposition(|frame| matches!(frame.open, Open::Part(..)))
    }

    /// The frame of the innermost open part of a kind.
    fn owner(&self, element: Element) -> Option<usize> {
        self.frames.iter().rposition(|frame| matches!(frame.open, Open::Part(found, _) if found == element))
    }

    /// The element of the part in a frame.
    fn element(&self, at: usize) -> Element {
        match self.frames.get(at).map(|frame| &frame.open) {
            Some(Open::Part(element, _)) => *element,
            _ => Element::Root,
        }
    }

    /// A child of the part in a frame; one too many is kept unread.
    fn part(&mut self, at: usize, child: Element, spot: Spot<'_>) -> Result<Open, Box<PcdError>> {
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
                return Err(Box::new(PcdError::Limit { place: self.tree.place(spot), limit, most: most as u64 }));
            }
        }
        let Some(frame) = self.frames.get_mut(at) else { return Ok(Open::Kept { rule: Rule::NotUnderstood }) };
        let Open::Part(around, parent) = frame.open else { return Ok(Open::Kept { rule: Rule::NotUnderstood }) };
        match around.child(child) {
            None => self.repeat(Rule::OtherPlace, child.name(), spot, || {
                format!("`{}` stands directly in `{}`", child.name(), around.name())
            }),
            Some(index) => {
                let out_of_order = index < frame.last_child;
                frame.last_child = frame.last_child.max(index);
                let most = around.shape().children.get(index).map_or(0, |(_, _, most)| *most);
                let count = frame.counts.get_mut(index).map_or(0, |count| {
                    *count = count.saturating_add(1);
                    *count
                });
                if most != 0 && count > most {
                    self.tell(Rule::Repeated, spot, || {
                        format!("`{}` stands here again; the first counts", child.name())
                    });
                    return Ok(Open::Kept { rule: Rule::Repeated });
                }
                if out_of_order {
                    self.repeat(Rule::Order, child.name(), spot, || {
                        format!("`{}` stands behind what it should stand before", child.name())
                    });
                }
            }
        }
        Ok(Open::Part(child, self.tree.part(child, spot.way, spot.offset, Some(parent))))
    }

    fn note_name(
        &mut self,
        xml: &Xml<'a>,
        name: &str,
        local: &str,
        canonical: &'static str,
        mapped: bool,
        spot: Spot<'_>,
    ) {
        if local != canonical && !mapped {
            self.repeat(Rule::NameSpelling, local, spot, || spelled(local, canonical));
        }
        let namespace = xml.namespace_of(name);
        if namespace != self.namespace {
            self.repeat(Rule::Namespace, namespace, spot, || {
                format!("`{}` is in the namespace `{}`", excerpt(name), excerpt(namespace))
            });
        }
    }

    /// Takes the attributes of the element opened last.
    fn attributes(&mut self, xml: &Xml<'a>) -> Result<(), Box<PcdError>> {
        let has_paths = self.options.dialect.has_paths();
        let at = self.frames.len().saturating_sub(1);
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let way = frame.way;
        let around = match frame.open {
            Open::Part(element, _) => Some(element),
            _ => None,
        };
        for attribute in &xml.attributes {
            let spot = Spot { way, offset: attribute.at, attribute: Some(attribute.name) };
            // The usual case: the name is that of the format, and the attribute may stand here.
            let usual = attribute.known.filter(|_| !has_paths);
            let usual = usual.and_then(|attr| Some((attr, around.and_then(|around| around.lexical(attr))?)));
            let taken = match usual {
                Some((attr, lexical)) => self.value(at, attr, lexical, attribute.value.clone(), spot),
                None => self.attribute_unusual(xml, attribute, around, spot)?,
            };
            if !taken {
                let prefix = attribute.name.split_once(':').map_or("", |(prefix, _)| prefix);
                let namespace = if prefix.is_empty() { "" } else { xml.namespace(prefix).unwrap_or("") };
                let place = self.tree.place(spot);
                let foreign = foreign::attribute(attribute.name, namespace, &attribute.value, &place.path);
                self.keep(place, &attribute.value, foreign)?;
            }
        }
        Ok(())
    }

    /// Takes an attribute of another name or place; `false` when it is to be kept.
    fn attribute_unusual(
        &mut self,
        xml: &Xml<'a>,
        attribute: &RawAttr<'a>,
        around: Option<Element>,
        spot: Spot<'_>,
    ) -> Result<bool, Box<PcdError>> {
        let name = attribute.name;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if prefix == "xml" || (!prefix.is_empty() && xml.namespace(prefix) == Some(XSI)) {
            return Ok(true);
        }
        let mut mapped = None;
        if self.options.dialect.has_paths() {
            mapped = self.options.dialect.path(&self.names, &format!("@{local}"));
        }
        if mapped.is_some() {
            self.repeat(Rule::MappedName, local, spot, || format!("`@{}` is mapped by the user", excerpt(local)));
        }
        let meaning = mapped.or_else(|| self.options.dialect.attribute(around?, local));
        match (meaning, around) {
            (Some(Meaning::Value(attr)), Some(owner)) | (Some(Meaning::ValueOf(owner, attr)), _) => {
                if local != attr.name() && mapped.is_none() {
                    self.repeat(Rule::NameSpelling, local, spot, || spelled(local, attr.name()));
                }
                if !prefix.is_empty() {
                    self.repeat(Rule::Namespace, prefix, spot, || {
                        format!("the attribute `{}` has a prefix", excerpt(name))
                    });
                }
                Ok(self.value_of(owner, attr, attribute.value.clone(), spot))
            }
            (Some(Meaning::Child(child)), Some(owner)) | (Some(Meaning::ChildOf(owner, child)), _) => {
                self.repeat(Rule::ValueForm, child.name(), spot, || {
                    format!("the element `{}` is written as an attribute", child.name())
                });
                let Some(at) = self.owner(owner) else { return Ok(false) };
                let way = Spot { attribute: None, ..spot };
                match self.part(at, child, way)? {
                    Open::Part(element, part) => {
                        self.tree.push_text(part, attribute.value.clone());
                        self.finish(element, part, None)?;
                        Ok(true)
                    }
                    _ => Ok(false),
                }
            }
            _ => {
                self.tell(Rule::NotUnderstood, spot, || format!("the attribute `{}` is kept", excerpt(name)));
                Ok(false)
            }
        }
    }

    /// Sets an attribute of the innermost open part of a kind; `false` when its value is to be kept instead.
    fn value_of(&mut self, owner: Element, attr: Attr, text: Cow<'a, str>, spot: Spot<'_>) -> bool {
        let Some(lexical) = owner.lexical(attr) else { return false };
        match self.owner(owner) {
            Some(at) => self.value(at, attr, lexical, text, spot),
            None => {
                self.tell(Rule::NotUnderstood, spot, || format!("no `{}` is open here", owner.name()));
                false
            }
        }
    }

    /// Sets an attribute of the part in a frame; `false` when its value is to be kept instead.
    fn value(&mut self, at: usize, attr: Attr, lexical: Lexical, text: Cow<'a, str>, spot: Spot<'_>) -> bool {
        let (text, is_array) = match canonical(&self.options.dialect, lexical, attr, &text) {
            Spelling::Canonical(text) => (text, false),
            Spelling::Other { rule, value, array } => {
                self.repeat(rule, &text, spot, || format!("`{}` is read as `{}`", excerpt(&text), excerpt(&value)));
                (Cow::Owned(value), array)
            }
            Spelling::Unreadable => {
                self.tell(Rule::BadValue, spot, || {
                    format!("`{}` is no value of `{}` and is left out", excerpt(&text), attr.name())
                });
                return false;
            }
        };
        let Some(Frame { open: Open::Part(_, part), .. }) = self.frames.get(at) else { return false };
        let is_new = self.tree.set(*part, attr, text, is_array);
        if !is_new {
            self.tell(Rule::Repeated, spot, || format!("`{}` is given twice; the first counts", attr.name()));
        }
        is_new
    }

    /// `skip` is true for blanks that only lead to the next tag.
    fn text(&mut self, text: Cow<'a, str>, at: usize, skip: bool) -> Result<(), Box<PcdError>> {
        if self.ignored > 0 {
            return Ok(());
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        match &mut frame.open {
            Open::Part(element, part) if matches!(element.shape().content, Content::Text(_)) => {
                self.tree.push_text(*part, text);
            }
            Open::Value { text: value, .. } => value.push_str(&text),
            Open::Kept { .. } => {}
            Open::Part(..) | Open::Wrapper if skip => {}
            Open::Part(..) | Open::Wrapper => {
                let spot = Spot { way: frame.way, offset: at, attribute: None };
                self.tell(Rule::NotUnderstood, spot, || format!("the text `{}` is kept", excerpt(&text)));
                let place = self.tree.place(spot);
                let foreign = foreign::text(&text, &place.path);
                self.keep(place, &text, foreign)?;
            }
        }
        Ok(())
    }

    fn close(&mut self, xml: &Xml<'a>, end: usize) -> Result<(), Box<PcdError>> {
        if self.ignored > 0 {
            self.ignored -= 1;
            return Ok(());
        }
        let Some(Frame { open, way, start, counts, .. }) = self.frames.pop() else { return Ok(()) };
        self.names.truncate(self.frames.len());
        let spot = Spot { way, offset: start, attribute: None };
        match open {
            Open::Part(element, part) => {
                self.tree.end(part, end);
                self.finish(element, part, Some(counts))?;
            }
            Open::Wrapper => {}
            Open::Value { attr, owner, text } => {
                let value = Cow::Owned(text.trim_matches(is_blank).to_owned());
                if !self.value_of(owner, attr, value, spot) {
                    let place = self.tree.place(spot);
                    let raw = self.tree.raw(start..end);
                    let foreign = foreign::element(raw, |prefix| xml.namespace(prefix), &place.path);
                    self.keep(place, &text, foreign)?;
                }
            }
            Open::Kept { rule } => {
                let place = self.tree.place(spot);
                if rule != Rule::Repeated {
                    let name = self.tree.step(way);
                    self.remarks.add(rule, || place.clone(), || format!("`{name}` is kept"));
                }
                let raw = self.tree.raw(start..end);
                let foreign = foreign::element(raw, |prefix| xml.namespace(prefix), &place.path);
                self.keep(place, raw, foreign)?;
                self.tree.forget(way);
            }
        }
        Ok(())
    }

    /// Looks at a part as a whole: its text, and the children it must have.
    fn finish(
        &mut self,
        element: Element,
        part: u32,
        counts: Option<[u8; MOST_CHILDREN]>,
    ) -> Result<(), Box<PcdError>> {
        let shape = element.shape();
        if let Content::Text(lexical) = shape.content
            && !matches!(lexical, Lexical::Text | Lexical::Base64)
            && !lexical::conforms(lexical, self.tree.node(part).text().trim_matches(is_blank))
        {
            let text = self.tree.take_text(part);
            let place = self.tree.node(part).place();
            self.remarks.add(
                Rule::BadValue,
                || place.clone(),
                || format!("`{}` is no text of `{}` and is left out", excerpt(&text), element.name()),
            );
            let foreign = foreign::text(&text, &place.path);
            self.keep(place, &text, foreign)?;
        }
        for (index, (child, least, _)) in shape.children.iter().enumerate() {
            if *least == 0 || counts.is_some_and(|counts| counts.get(index).is_some_and(|count| *count > 0)) {
                continue;
            }
            let node = self.tree.node(part);
            let elsewhere = match child {
                // The builder looks below the device as well, and refuses a file without any.
                Element::Ldev => true,
                Element::Interface => node.first(Element::Property).is_some(),
                _ => false,
            };
            if !elsewhere && node.first(*child).is_none() {
                self.remarks.add(Rule::MissingValue, || node.place(), || format!("`{}` is missing", child.name()));
            }
        }
        Ok(())
    }

    /// Keeps what was not understood, and with the part it belongs to as an element.
    fn keep(&mut self, place: Place, text: &str, foreign: Arc<str>) -> Result<(), Box<PcdError>> {
        if self.kept.len() >= self.options.limits.kept_parts {
            let most = self.options.limits.kept_parts as u64;
            return Err(Box::new(PcdError::Limit { place, limit: Limit::KeptParts, most }));
        }
        self.kept.push(Kept { place, text: shared(text, &foreign) });
        let owner = self.frames.iter().rev().find_map(|frame| match frame.open {
            Open::Part(element, part) if element.child(Element::Extensions).is_some() => Some(part),
            _ => None,
        });
        if let Some(owner) = owner {
            self.tree.keep(owner, foreign);
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
