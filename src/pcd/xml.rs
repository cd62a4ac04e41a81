//! XML events under limits: well-formedness that quick-xml leaves to its user, namespaces, places.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::attributes::{AttrError, Attribute, Attributes};
use quick_xml::events::{BytesStart, Event};

use super::error::{Limit, Limits, PcdError};
use super::lexical::loose;
use super::place::{Place, Places};
use super::schema::Attr;

/// An attribute that is no namespace declaration.
#[derive(Debug, Clone)]
pub(super) struct RawAttr<'a> {
    /// Name with prefix.
    pub(super) name: &'a str,
    /// Value, references resolved.
    pub(super) value: Cow<'a, str>,
    /// Offset of the value.
    pub(super) at: usize,
    /// The attribute of the format with exactly this name.
    pub(super) known: Option<Attr>,
}

/// A piece of the document. Comments and processing instructions carry nothing and are left out.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A start tag, or a whole element without content; its attributes are in [`Xml::attributes`].
    Open {
        name: &'a str,
        /// Offset of `<`.
        start: usize,
    },
    /// An end tag, real or that of an element without content.
    Close {
        /// Offset behind it.
        end: usize,
    },
    /// Literal text, and whether it is nothing but blanks.
    Text { text: Cow<'a, str>, at: usize, is_blank: bool },
    /// Text that is not literal (a character reference, CDATA): its blanks are meant.
    Exact { text: Cow<'a, str>, at: usize },
    /// The document is over, and complete.
    End,
}

/// What the prefix `xml` always means.
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespace declarations that a document may have altogether.
const MOST_DECLARATIONS: usize = 20_000;

/// A namespace declaration.
#[derive(Debug, Clone)]
struct Declaration<'a> {
    prefix: &'a str,
    uri: Cow<'a, str>,
}

pub(super) struct Xml<'a> {
    pub(super) document: &'a str,
    limits: Limits,
    reader: Reader<&'a [u8]>,
    /// Attributes of the last [`Token::Open`].
    pub(super) attributes: Vec<RawAttr<'a>>,
    /// All declarations, in the order of the document.
    declarations: Vec<Declaration<'a>>,
    /// Those that hold where the reader is, by index.
    active: Vec<usize>,
    /// For each open element, how many active declarations there were before it.
    open: Vec<usize>,
    elements: usize,
    close_next: Option<usize>,
    root_seen: bool,
    /// See [`next_mark`](Self::next_mark).
    mark: usize,
}

impl<'a> Xml<'a> {
    /// # Errors
    /// A character that XML does not have.
    pub(super) fn new(document: &'a str, limits: &Limits) -> Result<Self, Box<PcdError>> {
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_comments = true;
        let xml = Self {
            document,
            limits: limits.clone(),
            reader,
            attributes: Vec::new(),
            declarations: Vec::new(),
            active: Vec::new(),
            open: Vec::new(),
            elements: 0,
            close_next: None,
            root_seen: false,
            mark: 0,
        };
        match illegal_character(document) {
            Some((at, character)) => {
                Err(xml.fault_at(at, format!("the character U+{:04X} is not allowed in XML", u32::from(character))))
            }
            None => Ok(xml),
        }
    }

    /// The next piece.
    ///
    /// # Errors
    /// What makes the document ill-formed or too large, with its place (without the path of elements).
    pub(super) fn next(&mut self) -> Result<Token<'a>, Box<PcdError>> {
        if let Some(end) = self.close_next.take() {
            self.close();
            return Ok(Token::Close { end });
        }
        loop {
            let start = self.offset();
            let event = self.reader.read_event().map_err(|error| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(start);
                self.fault_at(at.max(start), xml_fault(&error))
            })?;
            match event {
                Event::Start(tag) => return self.open(&tag, start, false),
                Event::Empty(tag) => return self.open(&tag, start, true),
                Event::End(_) => {
                    let end = self.offset();
                    self.close();
                    return Ok(Token::Close { end });
                }
                Event::Text(_) => {
                    let raw = self.raw(start, self.offset());
                    // Most texts are but the way to the next tag.
                    let Some(first) = first_letter(raw) else {
                        if self.open.is_empty() {
                            continue;
                        }
                        return Ok(Token::Text { text: Cow::Borrowed(raw), at: start, is_blank: true });
                    };
                    if self.open.is_empty() {
                        return Err(self.fault_at(start + first, "text outside the root element".into()));
                    }
                    if memchr::memchr(b']', raw.as_bytes()).is_some()
                        && let Some(at) = raw.find("]]>")
                    {
                        return Err(self.fault_at(start + at, "`]]>` must not stand in text".into()));
                    }
                    return Ok(Token::Text { text: line_ends(raw), at: start, is_blank: false });
                }
                Event::CData(_) => {
                    let raw = self.raw(start, self.offset());
                    let text = raw.strip_prefix("<![CDATA[").and_then(|raw| raw.strip_suffix("]]>"));
                    if self.open.is_empty() {
                        return Err(self.fault_at(start, "text outside the root element".into()));
                    }
                    return Ok(Token::Exact { text: line_ends(text.unwrap_or(raw)), at: start });
                }
                Event::GeneralRef(_) => {
                    let raw = self.raw(start, self.offset());
                    let name = raw.strip_prefix('&').and_then(|raw| raw.strip_suffix(';')).unwrap_or(raw);
                    if self.open.is_empty() {
                        return Err(self.fault_at(start, "text outside the root element".into()));
                    }
                    let character = reference(name).map_err(|fault| self.fault_at(start, fault))?;
                    return Ok(Token::Exact { text: Cow::Owned(character.to_string()), at: start });
                }
                Event::DocType(_) => return Err(Box::new(PcdError::Doctype { place: self.place_at(start) })),
                Event::Decl(declaration) => {
                    if start != 0 {
                        return Err(
                            self.fault_at(start, "the XML declaration must be the first thing in the file".into())
                        );
                    }
                    let version = declaration.version().map_err(|error| self.fault_at(start, xml_fault(&error)))?;
                    if version != "1.0" {
                        return Err(self.fault_at(start, format!("XML version `{version}` is not supported; 1.0 is")));
                    }
                }
                Event::Comment(_) => {}
                Event::PI(instruction) => {
                    if instruction.target().eq_ignore_ascii_case("xml") {
                        return Err(
                            self.fault_at(start, "the XML declaration must be the first thing in the file".into())
                        );
                    }
                }
                Event::Eof => {
                    return match (self.open.is_empty(), self.root_seen) {
                        (true, true) => Ok(Token::End),
                        (true, false) => Err(self.fault_at(start, "the file has no element".into())),
                        (false, _) => {
                            let open = match self.open.len() {
                                1 => "an open element".to_owned(),
                                open => format!("{open} open elements"),
                            };
                            Err(self.fault_at(start, format!("the file ends inside {open}")))
                        }
                    };
                }
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, start: usize, empty: bool) -> Result<Token<'a>, Box<PcdError>> {
        let end = self.offset();
        if self.open.is_empty() && self.root_seen {
            return Err(self.fault_at(start, "a second root element".into()));
        }
        self.root_seen = true;
        if end - start > self.limits.tag_bytes {
            return Err(self.limit(start, Limit::TagBytes, self.limits.tag_bytes));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.limit(start, Limit::Depth, self.limits.depth));
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(self.limit(start, Limit::Elements, self.limits.elements));
        }
        self.open.push(self.active.len());
        let inner = self.raw(start + 1, end - if empty { 2 } else { 1 });
        let (name, _) = inner.split_at_checked(tag.name().as_ref().len()).unwrap_or((inner, ""));
        let is_plain = is_plain_name(name);
        if !is_plain && !is_qualified_name(name) {
            return Err(self.fault_at(start, format!("`{}` is not an element name", excerpt(name))));
        }
        if !self.read_plain_attributes(inner, name.len(), start) {
            self.read_attributes(inner, name.len(), start)?;
            for index in 0..self.attributes.len() {
                if let Some((name, at)) = self.attributes.get(index).map(|attr| (attr.name, attr.at)) {
                    self.check_prefix(name, at)?;
                }
            }
        }
        if !is_plain {
            self.check_prefix(name, start)?;
        }
        if empty {
            self.close_next = Some(end);
        }
        Ok(Token::Open { name, start })
    }

    /// Reads attributes as nearly every tag has them: names of the format with one blank before each, values without anything to
    /// resolve. `false` when a tag has others, or is wrong; [`read_attributes`](Self::read_attributes) reads any tag and knows all faults.
    fn read_plain_attributes(&mut self, inner: &'a str, name_len: usize, start: usize) -> bool {
        self.attributes.clear();
        let Some(tag) = inner.get(name_len..) else { return false };
        if self.next_mark(start) < start + inner.len() || memchr::memchr2(b'<', b'\n', tag.as_bytes()).is_some() {
            return false;
        }
        let mut seen = 0u128;
        let mut at = 0;
        let mut marks = memchr::memchr_iter(b'"', tag.as_bytes());
        while let (Some(begin), Some(end)) = (marks.next(), marks.next()) {
            let name =
                tag.get(at..begin).and_then(|name| name.strip_prefix(' ')).and_then(|name| name.strip_suffix('='));
            let (Some(name), Some(value)) = (name, tag.get(begin + 1..end)) else { return false };
            let Some(known) = Attr::named(name) else { return false };
            let bit = 1u128 << (known as u32);
            if seen & bit != 0 || self.attributes.len() >= self.limits.attributes {
                return false;
            }
            seen |= bit;
            let value_at = start + 1 + name_len + begin + 1;
            self.attributes.push(RawAttr { name, value: Cow::Borrowed(value), at: value_at, known: Some(known) });
            at = end + 1;
        }
        // What is left is nothing, or something that is no attribute.
        tag.get(at..).is_some_and(|rest| rest.is_empty() || rest == " ")
    }

    /// The first reference, tab or carriage return at or behind an offset. Tags come in order, so all together look at the document
    /// once.
    fn next_mark(&mut self, from: usize) -> usize {
        if self.mark < from {
            let rest = self.document.as_bytes().get(from..).unwrap_or_default();
            self.mark = memchr::memchr3(b'&', b'\t', b'\r', rest).map_or(usize::MAX, |at| from + at);
        }
        self.mark
    }

    fn read_attributes(&mut self, inner: &'a str, name_len: usize, start: usize) -> Result<(), Box<PcdError>> {
        self.attributes.clear();
        for (count, attribute) in Attributes::new(inner, name_len).enumerate() {
            // Duplicates are looked for by comparing with all before, so the number is bounded first.
            if count >= self.limits.attributes {
                return Err(self.limit(start, Limit::Attributes, self.limits.attributes));
            }
            let attribute = attribute.map_err(|error| {
                let (at, fault) = attribute_fault(&error);
                self.fault_at(start + 1 + at, fault)
            })?;
            let name: &'a str = attribute.key.into_inner();
            let raw: &'a str = match attribute.value {
                Cow::Borrowed(raw) => raw,
                Cow::Owned(_) => return Err(self.fault_at(start, "an attribute cannot be read".into())),
            };
            let at = start + 1 + (raw.as_ptr() as usize).saturating_sub(inner.as_ptr() as usize);
            if !is_qualified_name(name) {
                return Err(self.fault_at(at, format!("`{}` is not an attribute name", excerpt(name))));
            }
            let value = attribute_value(raw).map_err(|fault| self.fault_at(at, fault))?;
            let prefix = match name.split_once(':') {
                Some(("xmlns", prefix)) => Some(prefix),
                _ if name == "xmlns" => Some(""),
                _ => None,
            };
            match prefix {
                Some(prefix) => {
                    if value.is_empty() && !prefix.is_empty() {
                        return Err(self.fault_at(at, format!("the namespace of prefix `{prefix}` is empty")));
                    }
                    if prefix == "xmlns" || (prefix == "xml" && value != XML_NAMESPACE) {
                        return Err(self.fault_at(at, format!("the prefix `{prefix}` is not free to be declared")));
                    }
                    // Looked through for every name, so their number is bounded.
                    if self.active.len() >= self.limits.attributes || self.declarations.len() >= MOST_DECLARATIONS {
                        return Err(self.limit(start, Limit::Namespaces, self.limits.attributes));
                    }
                    self.active.push(self.declarations.len());
                    self.declarations.push(Declaration { prefix, uri: value });
                }
                None => self.attributes.push(RawAttr { name, value, at, known: Attr::named(name) }),
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(before) = self.open.pop() {
            self.active.truncate(before);
        }
    }

    fn check_prefix(&self, name: &str, at: usize) -> Result<(), Box<PcdError>> {
        match name.split_once(':') {
            Some((prefix, _)) if prefix != "xml" && self.namespace(prefix).is_none() => {
                Err(self.fault_at(at, format!("the namespace prefix `{prefix}` is not declared")))
            }
            _ => Ok(()),
        }
    }

    /// The namespace a prefix stands for where the reader is; the empty prefix is the default namespace.
    pub(super) fn namespace(&self, prefix: &str) -> Option<&str> {
        let mut active = self.active.iter().rev().filter_map(|index| self.declarations.get(*index));
        active.find(|declaration| declaration.prefix == prefix).map(|declaration| &*declaration.uri)
    }

    /// Prefixes declared where the reader is, with their namespaces, the outer ones first.
    pub(super) fn scope(&self) -> impl Iterator<Item = (&'a str, &str)> {
        let active = self.active.iter().filter_map(|index| self.declarations.get(*index));
        active.map(|declaration| (declaration.prefix, &*declaration.uri))
    }

    /// How many namespace declarations hold where the reader is.
    pub(super) fn n_declared(&self) -> usize {
        self.active.len()
    }

    /// The namespace of a name with or without prefix.
    pub(super) fn namespace_of(&self, name: &str) -> &str {
        self.namespace(name.split_once(':').map_or("", |(prefix, _)| prefix)).unwrap_or("")
    }

    /// A part of the document; offsets come from the reader.
    pub(super) fn raw(&self, start: usize, end: usize) -> &'a str {
        self.document.get(start..end).unwrap_or("")
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.document.len())
    }

    /// A place without path. Whoever asks gives the document up, so it is counted from the beginning.
    fn place_at(&self, offset: usize) -> Place {
        Place { position: Some(Places::new(self.document).at(offset)), path: String::new() }
    }

    pub(super) fn fault_at(&self, offset: usize, fault: String) -> Box<PcdError> {
        Box::new(PcdError::Syntax { place: self.place_at(offset), fault })
    }

    fn limit(&self, offset: usize, limit: Limit, most: usize) -> Box<PcdError> {
        Box::new(PcdError::Limit { place: self.place_at(offset), limit, most: most as u64 })
    }
}

/// Where a text has something else than blanks.
fn first_letter(text: &str) -> Option<usize> {
    // A line end and blanks, as between tags: eight blanks are looked at like one.
    let mut at = usize::from(text.starts_with('\n'));
    while text.as_bytes().get(at..at + 8).is_some_and(|eight| eight == b"        ") {
        at += 8;
    }
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).map(|found| at + found)
}

/// The first character that XML 1.0 does not allow.
fn illegal_character(document: &str) -> Option<(usize, char)> {
    // Whole blocks first: a loop that does not leave early is done many bytes at a time.
    for (index, block) in document.as_bytes().chunks(4096).enumerate() {
        let suspicious = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xEF;
        if !block.iter().fold(false, |found, byte| found | suspicious(*byte)) {
            continue;
        }
        for (at, _) in block.iter().enumerate().filter(|(_, byte)| suspicious(**byte)) {
            let at = index * 4096 + at;
            let character = document.get(at..).and_then(|rest| rest.chars().next());
            if let Some(character) = character.filter(|character| !is_legal(*character)) {
                return Some((at, character));
            }
        }
    }
    None
}

/// Whether XML 1.0 has this character.
pub(super) fn is_legal(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// An element as it is called in paths: its name, with what tells it from its neighbours. `start` is where its tag begins.
pub(super) fn step(document: &str, start: usize) -> String {
    let tag = document.get(start..).and_then(|rest| rest.strip_prefix('<')).map_or("", start_tag);
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let name_len = tag.find(super::lexical::is_blank).unwrap_or(tag.len());
    let name = excerpt(tag.get(..name_len).unwrap_or_default());
    let is_name = |attribute: &Attribute<'_>| loose(attribute.key.into_inner()) == "name";
    match Attributes::new(tag, name_len).flatten().find(is_name) {
        Some(attribute) => {
            let value = attribute_value(&attribute.value).unwrap_or_default();
            format!("{name}[{}]", excerpt(&value))
        }
        None => name,
    }
}

/// A tag up to its `>`, which is none inside a value.
pub(super) fn start_tag(raw: &str) -> &str {
    let mut quote = None;
    let end = raw.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(mark), byte) if mark == byte => {
            quote = None;
            false
        }
        _ => false,
    });
    raw.get(..end.unwrap_or(raw.len())).unwrap_or(raw)
}

/// Name of letters and digits without prefix: what nearly all are.
fn is_plain_name(name: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    name.as_bytes().first().is_some_and(is_letter) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Name with at most one prefix (Namespaces in XML).
fn is_qualified_name(name: &str) -> bool {
    let part = |part: &str| {
        let mut characters = part.chars();
        characters.next().is_some_and(is_name_start)
            && characters.all(|c| {
                is_name_start(c)
                    || matches!(c, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
            })
    };
    match name.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(name),
    }
}

fn is_name_start(character: char) -> bool {
    matches!(character,
        'a'..='z' | 'A'..='Z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// What `&name;` stands for. Only XML's own five and character references: there is no DTD to declare others.
fn reference(name: &str) -> Result<char, String> {
    let number = |digits: &str, radix: u32| {
        let digits_only = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let code = digits_only.then(|| u32::from_str_radix(digits, radix).ok()).flatten();
        code.and_then(char::from_u32).filter(|c| is_legal(*c))
    };
    let character = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(hex), _) => number(hex, 16),
            (None, Some(decimal)) => number(decimal, 10),
            (None, None) => return Err(format!("the entity `&{};` is not declared", excerpt(name))),
        },
    };
    character.ok_or_else(|| format!("`&{};` is no character of XML", excerpt(name)))
}

/// An attribute value with its references resolved and its blanks made spaces (XML 1.0, 3.3.3).
fn attribute_value(raw: &str) -> Result<Cow<'_, str>, String> {
    if raw.contains('<') {
        return Err("`<` must not stand in an attribute; write `&lt;`".into());
    }
    if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (plain, found) = rest.split_at_checked(at).unwrap_or((rest, ""));
        value.push_str(plain);
        if let Some(behind) = found.strip_prefix('&') {
            let (name, behind) = behind.split_once(';').ok_or("`&` without `;` in an attribute; write `&amp;`")?;
            value.push(reference(name)?);
            rest = behind;
        } else {
            value.push(' ');
            rest = found.strip_prefix("\r\n").unwrap_or_else(|| found.get(1..).unwrap_or(""));
        }
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// `\r\n` and `\r` are `\n` to an XML reader.
fn line_ends(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', raw.as_bytes()).is_some() {
        Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(raw)
    }
}

/// The beginning of a text that may be long, safe to print: what would move a terminal's cursor is a blank, and what
/// would turn the writing around or cannot be seen is spelled out.
pub(super) fn excerpt(text: &str) -> String {
    excerpt_of(text, 60)
}

/// As [`excerpt`], with another number of characters.
pub(super) fn excerpt_of(text: &str, most: usize) -> String {
    let mut short = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(most) {
        match character {
            _ if character.is_control() => short.push(' '),
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => {
                short.extend(character.escape_unicode());
            }
            _ => short.push(character),
        }
    }
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

fn xml_fault(error: &quick_xml::Error) -> String {
    use quick_xml::errors::{Error, IllFormedError};
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("`</{}>` closes `<{}>`", excerpt(found), excerpt(expected))
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            format!("`</{}>` closes an element that is not open", excerpt(found))
        }
        Error::Syntax(error) => error.to_string(),
        Error::IllFormed(error) => error.to_string(),
        Error::InvalidAttr(error) => attribute_fault(error).1,
        other => other.to_string(),
    }
}

fn attribute_fault(error: &AttrError) -> (usize, String) {
    match error {
        AttrError::ExpectedEq(at) => (*at, "`=` expected behind the name of the attribute".into()),
        AttrError::ExpectedValue(at) => (*at, "the attribute has no value".into()),
        AttrError::UnquotedValue(at) => (*at, "the value of the attribute must stand in quotes".into()),
        AttrError::ExpectedQuote(at, quote) => {
            (*at, format!("the attribute is not closed with `{}`", char::from(*quote)))
        }
        AttrError::Duplicated(at, _) => (*at, "the attribute stands twice in this element".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole document as text, or its fault.
    fn walk(document: &str) -> Result<String, String> {
        let limits = Limits { depth: 5, elements: 20, attributes: 4, tag_bytes: 200, ..Limits::default() };
        let mut out = String::new();
        let mut run = || -> Result<(), Box<PcdError>> {
            let mut xml = Xml::new(document, &limits)?;
            loop {
                match xml.next()? {
                    Token::Open { name, .. } => {
                        out.push_str(&format!("<{name}"));
                        for attribute in &xml.attributes {
                            out.push_str(&format!(" {}={}", attribute.name, attribute.value));
                        }
                        out.push('>');
                    }
                    Token::Close { .. } => out.push_str("</>"),
                    Token::Text { text, .. } | Token::Exact { text, .. } => out.push_str(&text),
                    Token::End => return Ok(()),
                }
            }
        };
        run().map_err(|error| error.to_string())?;
        Ok(out)
    }

    #[test]
    fn references_blanks_and_line_ends_are_resolved() {
        let text =
            "<?xml version='1.0'?><!-- c --><a b=' &lt;&#65;\r\n\tx' xmlns='u'>1\r\n&amp;<![CDATA[<&]]><c/></a>\n";
        assert_eq!(walk(text).unwrap(), "<a b= <A  x>1\n&<&<c></></>");
    }

    #[test]
    fn faults_have_a_place() {
        for (document, expected) in [
            ("", "1:1: the file has no element"),
            ("  ", "1:3: the file has no element"),
            ("plain", "1:1: text outside the root element"),
            ("<a/>x", "1:5: text outside the root element"),
            ("<a/><b/>", "1:5: a second root element"),
            ("<a>\n<b></a>", "2:4: `</a>` closes `<b>`"),
            ("</a>", "1:1: `</a>` closes an element that is not open"),
            ("<a><b>", "1:7: the file ends inside 2 open elements"),
            ("<a>", "1:4: the file ends inside an open element"),
            ("<a xmlns:xml='u'/>", "1:15: the prefix `xml` is not free to be declared"),
            ("<a xmlns:xmlns='u'/>", "1:17: the prefix `xmlns` is not free to be declared"),
            ("<a b='1' b='2'/>", "1:10: the attribute stands twice in this element"),
            ("<a b=1/>", "1:6: the value of the attribute must stand in quotes"),
            ("<a b/>", "1:5: `=` expected behind the name of the attribute"),
            ("<a b='<'/>", "1:7: `<` must not stand in an attribute; write `&lt;`"),
            ("<a b='&x;'/>", "1:7: the entity `&x;` is not declared"),
            ("<a>&x;</a>", "1:4: the entity `&x;` is not declared"),
            ("<a>&#0;</a>", "1:4: `&#0;` is no character of XML"),
            ("<a>&#xD800;</a>", "1:4: `&#xD800;` is no character of XML"),
            ("<a>&#-5;</a>", "1:4: `&#-5;` is no character of XML"),
            ("<a>\0</a>", "1:4: the character U+0000 is not allowed in XML"),
            ("<a>\u{FFFF}</a>", "1:4: the character U+FFFF is not allowed in XML"),
            ("<1/>", "1:1: `1` is not an element name"),
            ("<a:b:c/>", "1:1: `a:b:c` is not an element name"),
            ("<v:a/>", "1:1: the namespace prefix `v` is not declared"),
            ("<a v:b='1'/>", "1:9: the namespace prefix `v` is not declared"),
            ("<a>]]></a>", "1:4: `]]>` must not stand in text"),
            ("<a><?xml version='1.0'?></a>", "1:4: the XML declaration must be the first thing in the file"),
            ("<?xml version='1.1'?><a/>", "1:1: XML version `1.1` is not supported; 1.0 is"),
            ("<a><a><a><a><a><a>", "1:16: elements are nested too deeply, and at most 5 are read"),
            ("<a b='' c='' d='' e='' f=''/>", "1:1: the element has too many attributes, and at most 4 are read"),
        ] {
            assert_eq!(walk(document).unwrap_err(), expected, "{document}");
        }
        assert_eq!(excerpt("a\n\u{202E}b"), "a \\u{202e}b");
        assert_eq!(excerpt(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
        let doctype = walk("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").unwrap_err();
        assert!(doctype.starts_with("1:1: a document type declaration"), "{doctype}");
        assert!(walk(&format!("<a>{}</a>", "<b/>".repeat(20))).unwrap_err().contains("too many elements"));
        assert!(walk(&format!("<a b='{}'/>", "x".repeat(200))).unwrap_err().contains("too many bytes"));
    }
}
