//! The document with its names resolved: parts of the format, their values in canonical spelling, and where each stands.
//!
//! Parts, values and ways lie in three lists and refer to each other by number, and what the document says is not copied: most
//! of the time a description takes to read would go into copies otherwise.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::place::{Place, Places};
use super::schema::{Attr, Element};
use super::xml::{excerpt, step};

/// Longest path of a place in bytes; what is above is left out.
const PATH_BYTES: usize = 400;
/// No part, value or way.
const NONE: u32 = u32::MAX;

/// Parts of a large description; for more the lists grow.
const USUAL_PARTS: usize = 4096;

/// Namespaces by prefix that the root element declares.
pub(super) type Scope = HashMap<String, String>;

/// A document, resolved.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    document: &'a str,
    places: Places<'a>,
    ways: Vec<Way>,
    /// Names of elements in paths, made when a place is told; those of others hold as many bytes as their tags.
    steps: RefCell<HashMap<u32, Rc<str>>>,
    parts: Vec<Part<'a>>,
    values: Vec<Value<'a>>,
    /// Parts that were not understood, each a complete element ([`foreign`](super::foreign)), by the part they belong to.
    foreign: HashMap<u32, Vec<Arc<str>>>,
    pub(super) scope: Scope,
}

/// An element that is open or was: what it stands in, and where its tag begins.
#[derive(Debug, Clone, Copy)]
struct Way {
    above: u32,
    start: usize,
}

/// An element of the format.
#[derive(Debug)]
struct Part<'a> {
    element: Element,
    /// The type is written as an array (`VT_ARRAY|VT_UI1`), whose size stands in [`Attr::Array`].
    is_array: bool,
    way: u32,
    /// A bit for each attribute that has a value.
    set: u128,
    first_value: u32,
    last_value: u32,
    first_child: u32,
    last_child: u32,
    /// The next child of the same parent.
    next: u32,
    /// Where it begins: at its tag, or at the value of the attribute it is written as.
    start: usize,
    /// Behind its end; `start` when it is written as an attribute.
    end: usize,
    text: Cow<'a, str>,
}

#[derive(Debug)]
struct Value<'a> {
    attr: Attr,
    next: u32,
    text: Cow<'a, str>,
}

/// A place that has not been told yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'n> {
    pub(super) way: u32,
    pub(super) offset: usize,
    /// The attribute, when the place is one.
    pub(super) attribute: Option<&'n str>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self {
            document,
            places: Places::new(document),
            ways: Vec::new(),
            steps: RefCell::default(),
            // What is usual for descriptions; those that are mostly payload have few parts.
            parts: Vec::with_capacity((document.len() / 64).min(USUAL_PARTS)),
            values: Vec::with_capacity((document.len() / 32).min(2 * USUAL_PARTS)),
            foreign: HashMap::new(),
            scope: Scope::new(),
        }
    }

    /// The way to an element whose tag begins at `start`.
    pub(super) fn way(&mut self, above: Option<u32>, start: usize) -> u32 {
        self.ways.push(Way { above: above.unwrap_or(NONE), start });
        number(self.ways.len() - 1)
    }

    /// Forgets the way made last: nothing in the tree stands there.
    pub(super) fn forget(&mut self, way: u32) {
        if number(self.ways.len()).checked_sub(1) == Some(way) {
            self.ways.pop();
            self.steps.get_mut().remove(&way);
        }
    }

    /// A new part, as the last child of `parent`.
    pub(super) fn part(&mut self, element: Element, way: u32, start: usize, parent: Option<u32>) -> u32 {
        let id = number(self.parts.len());
        self.parts.push(Part {
            element,
            is_array: false,
            way,
            set: 0,
            first_value: NONE,
            last_value: NONE,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
            start,
            end: start,
            text: Cow::Borrowed(""),
        });
        let Some(parent) = parent.and_then(|parent| self.parts.get_mut(index(parent))) else { return id };
        let before = std::mem::replace(&mut parent.last_child, id);
        if before == NONE {
            parent.first_child = id;
        } else if let Some(before) = self.parts.get_mut(index(before)) {
            before.next = id;
        }
        id
    }

    /// Adds a value to a part; `false`, and nothing is changed, when it has one.
    pub(super) fn set(&mut self, part: u32, attr: Attr, text: Cow<'a, str>, is_array: bool) -> bool {
        let id = number(self.values.len());
        let Some(part) = self.parts.get_mut(index(part)).filter(|part| part.set & bit(attr) == 0) else { return false };
        part.set |= bit(attr);
        part.is_array |= is_array;
        let before = std::mem::replace(&mut part.last_value, id);
        if before == NONE {
            part.first_value = id;
        } else if let Some(before) = self.values.get_mut(index(before)) {
            before.next = id;
        }
        self.values.push(Value { attr, next: NONE, text });
        true
    }

    /// Adds to the text of a part.
    pub(super) fn push_text(&mut self, part: u32, text: Cow<'a, str>) {
        let Some(part) = self.parts.get_mut(index(part)) else { return };
        if part.text.is_empty() {
            part.text = text;
        } else {
            part.text.to_mut().push_str(&text);
        }
    }

    /// Takes the text of a part away.
    pub(super) fn take_text(&mut self, part: u32) -> Cow<'a, str> {
        self.parts.get_mut(index(part)).map(|part| std::mem::take(&mut part.text)).unwrap_or_default()
    }

    /// Sets where the element of a part ends.
    pub(super) fn end(&mut self, part: u32, end: usize) {
        if let Some(part) = self.parts.get_mut(index(part)) {
            part.end = end;
        }
    }

    /// Adds an element that was not understood to the part it belongs to.
    pub(super) fn keep(&mut self, part: u32, foreign: Arc<str>) {
        self.foreign.entry(part).or_default().push(foreign);
    }

    /// A part.
    pub(super) fn node(&self, id: u32) -> Node<'_> {
        Node { tree: self, id }
    }

    /// A piece of the document.
    pub(super) fn raw(&self, span: Range<usize>) -> &'a str {
        self.document.get(span).unwrap_or("")
    }

    /// An element as it is called in paths.
    pub(super) fn step(&self, way: u32) -> Rc<str> {
        let start = self.ways.get(index(way)).map_or(usize::MAX, |way| way.start);
        Rc::clone(self.steps.borrow_mut().entry(way).or_insert_with(|| step(self.document, start).into()))
    }

    /// A place to tell: position, and the path from the root.
    pub(super) fn place(&self, spot: Spot<'_>) -> Place {
        let mut steps: Vec<Rc<str>> = Vec::new();
        let mut bytes = 0;
        let mut at = spot.way;
        while let Some(way) = self.ways.get(index(at)) {
            let step = self.step(at);
            bytes += step.len();
            if bytes > PATH_BYTES {
                steps.push("…".into());
                break;
            }
            steps.push(step);
            at = way.above;
        }
        steps.reverse();
        let mut path = steps.join("/");
        if let Some(attribute) = spot.attribute {
            path.push_str("/@");
            path.push_str(&excerpt(attribute));
        }
        Place { position: Some(self.places.at(spot.offset)), path }
    }
}

/// The reader's limits keep all lists far below the end of these numbers.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

/// There are fewer attributes than bits; a test holds it.
fn bit(attr: Attr) -> u128 {
    1 << (attr as u32)
}

fn index(number: u32) -> usize {
    number as usize
}

/// An element of the format in its tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'t> {
    tree: &'t Tree<'t>,
    id: u32,
}

impl PartialEq for Node<'_> {
    /// Nodes of one tree are compared only.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<'t> Node<'t> {
    fn part(self) -> Option<&'t Part<'t>> {
        self.tree.parts.get(index(self.id))
    }

    /// What tells it from all others of its tree.
    pub(super) fn id(self) -> u32 {
        self.id
    }

    pub(super) fn element(self) -> Element {
        self.part().map_or(Element::Root, |part| part.element)
    }

    /// An attribute, in canonical spelling and within its range.
    pub(super) fn get(self, attr: Attr) -> Option<&'t str> {
        let part = self.part().filter(|part| part.set & bit(attr) != 0)?;
        let mut at = part.first_value;
        while let Some(value) = self.tree.values.get(index(at)) {
            if value.attr == attr {
                return Some(&value.text);
            }
            at = value.next;
        }
        None
    }

    /// An attribute as what it stands for.
    pub(super) fn parse<T: std::str::FromStr>(self, attr: Attr) -> Option<T> {
        self.get(attr)?.parse().ok()
    }

    fn children(self) -> impl Iterator<Item = Node<'t>> + use<'t> {
        let tree = self.tree;
        let mut at = self.part().map_or(NONE, |part| part.first_child);
        std::iter::from_fn(move || {
            let part = tree.parts.get(index(at))?;
            let node = Node { tree, id: at };
            at = part.next;
            Some(node)
        })
    }

    /// All children of a kind, in the order of the file.
    pub(super) fn all(self, element: Element) -> impl Iterator<Item = Node<'t>> + use<'t> {
        self.children().filter(move |child| child.element() == element)
    }

    /// The first child of a kind.
    pub(super) fn first(self, element: Element) -> Option<Node<'t>> {
        self.children().find(|child| child.element() == element)
    }

    /// The text, for elements that have one.
    pub(super) fn text(self) -> &'t str {
        self.part().map_or("", |part| &part.text)
    }

    /// The type is written as an array, whose size stands in [`Attr::Array`].
    pub(super) fn is_array(self) -> bool {
        self.part().is_some_and(|part| part.is_array)
    }

    /// The element as it stands in the file; empty when it is written as an attribute.
    pub(super) fn raw(self) -> &'t str {
        self.part().map_or("", |part| self.tree.raw(part.start..part.end))
    }

    /// Elements in it that were not understood.
    pub(super) fn foreign(self) -> &'t [Arc<str>] {
        if self.tree.foreign.is_empty() {
            return &[];
        }
        self.tree.foreign.get(&self.id).map_or(&[], Vec::as_slice)
    }

    /// Where it stands.
    pub(super) fn place(self) -> Place {
        let (way, offset) = self.part().map_or((NONE, 0), |part| (part.way, part.start));
        self.tree.place(Spot { way, offset, attribute: None })
    }
}
