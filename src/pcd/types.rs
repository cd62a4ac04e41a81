//! Types of properties: structures by name, arrays, sizes bounded before anything is unfolded.

use std::collections::HashMap;
use std::sync::Arc;

use super::convention::{ARRAY_DIMENSIONS, ARRAY_SIZE, STRUCT_DEPTH};
use super::error::Limits;
use super::remark::Rule;
use super::schema::{Attr, Element};
use super::tree::Node;
use crate::model::{BaseType, Member, StructType, ValueType};

/// A type and the bytes of a value, counted once: structures inside structures would otherwise be walked over and
/// over.
#[derive(Debug, Clone)]
struct Sized {
    value_type: ValueType,
    bytes: u64,
}

/// Why a property has no type.
#[derive(Debug, Clone)]
pub(super) struct Untyped {
    /// [`Rule::TypeReference`] when a structure type is to blame.
    pub(super) rule: Rule,
    /// For people.
    pub(super) fault: String,
}

impl<T: Into<String>> From<T> for Untyped {
    fn from(fault: T) -> Self {
        Self { rule: Rule::Incomplete, fault: fault.into() }
    }
}

/// The structure types of a description, resolved when they are asked for.
#[derive(Debug, Default)]
pub(super) struct Types<'a> {
    /// In the order of the file.
    nodes: Vec<Node<'a>>,
    by_name: HashMap<&'a str, Node<'a>>,
    done: HashMap<&'a str, Result<Sized, String>>,
    /// Bytes that the value of one property may have.
    most_bytes: u64,
    /// Bytes that the values of all further properties together may have.
    left_bytes: u64,
    most_interface_bytes: u64,
}

impl<'a> Types<'a> {
    /// From `Struct` elements with different names.
    pub(super) fn new(nodes: Vec<Node<'a>>, limits: &Limits) -> Self {
        let by_name = nodes.iter().filter_map(|node| Some((node.get(Attr::Name)?, *node))).collect();
        Self {
            nodes,
            by_name,
            done: HashMap::new(),
            most_bytes: limits.value_bytes,
            left_bytes: limits.interface_bytes,
            most_interface_bytes: limits.interface_bytes,
        }
    }

    /// All structure types with their elements, in the order of the file, or why one cannot be used.
    pub(super) fn all(&mut self) -> Vec<(Node<'a>, Result<Arc<StructType>, String>)> {
        let mut all = Vec::new();
        for node in self.nodes.clone() {
            let resolved = match node.get(Attr::Name).map(|name| self.structure(name, 0)) {
                Some(Ok(Sized { value_type: ValueType::Struct(structure), .. })) => Ok(structure),
                Some(Err(fault)) => Err(fault),
                _ => Err("the structure type has no name".to_owned()),
            };
            all.push((node, resolved));
        }
        all
    }

    /// The type of a member of a structure that can be used.
    pub(super) fn of_member(&mut self, node: Node<'a>) -> Option<ValueType> {
        self.sized(node, 0).ok().map(|sized| sized.value_type)
    }

    /// The type of a `Property`.
    ///
    /// # Errors
    /// Why it has none.
    pub(super) fn of(&mut self, node: Node<'a>) -> Result<ValueType, Untyped> {
        let Sized { value_type, bytes } = self.sized(node, 0)?;
        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or_else(|| {
            format!("the values of all properties together are larger than {} bytes", self.most_interface_bytes)
        })?;
        Ok(value_type)
    }

    fn sized(&mut self, node: Node<'a>, depth: usize) -> Result<Sized, Untyped> {
        let token = node.get(Attr::Type).ok_or("it has no type that is known")?;
        let element = if token == "STRUCT" {
            let name = node.get(Attr::TypeRef).ok_or("its structure type is not named");
            let structure = name.map_err(String::from).and_then(|name| self.structure(name, depth));
            structure.map_err(|fault| Untyped { rule: Rule::TypeReference, fault })?
        } else {
            let base = BaseType::from_token(token).ok_or_else(|| format!("the type `{token}` is not known"))?;
            let value_type = ValueType::Base(base);
            Sized { bytes: value_type.wire_bytes(), value_type }
        };
        let Some(dims) = node.get(Attr::Array) else {
            return if node.is_array() { Err("the size of its array is missing".into()) } else { Ok(element) };
        };
        // One more than allowed shows that there are more.
        let sizes = dims.split_ascii_whitespace().take(ARRAY_DIMENSIONS + 1);
        let dims: Option<Vec<u32>> = sizes.map(|size| size.parse().ok()).collect();
        let dims = dims
            .filter(|dims| !dims.is_empty() && dims.iter().all(|size| (1..=ARRAY_SIZE).contains(size)))
            .ok_or_else(|| format!("its array sizes are not all from 1 to {ARRAY_SIZE}"))?;
        if dims.len() > ARRAY_DIMENSIONS {
            return Err(format!("its array has more than {ARRAY_DIMENSIONS} dimensions").into());
        }
        let count = dims.iter().try_fold(1u64, |count, size| count.checked_mul(u64::from(*size)));
        let bytes = count.and_then(|count| count.checked_mul(element.bytes.max(1)));
        let bytes = bytes.filter(|bytes| *bytes <= self.most_bytes).ok_or_else(|| self.too_large())?;
        Ok(Sized { value_type: ValueType::Array { element: Box::new(element.value_type), dims }, bytes })
    }

    fn structure(&mut self, name: &'a str, depth: usize) -> Result<Sized, String> {
        if let Some(done) = self.done.get(name) {
            return done.clone();
        }
        let node = *self.by_name.get(name).ok_or_else(|| format!("the structure type `{name}` does not exist"))?;
        if depth >= STRUCT_DEPTH {
            return Err(format!("structures are nested deeper than {STRUCT_DEPTH}, or contain themselves"));
        }
        // Whoever comes back here while it is being resolved has found a circle.
        self.done.insert(name, Err(format!("the structure type `{name}` contains itself")));
        let result = self.members(name, node, depth);
        self.done.insert(name, result.clone());
        result
    }

    fn members(&mut self, name: &str, node: Node<'a>, depth: usize) -> Result<Sized, String> {
        let mut members: Vec<Member> = Vec::new();
        let mut names = std::collections::HashSet::new();
        let mut bytes = 0u64;
        for member in node.all(Element::Member) {
            let in_member = |fault: String| format!("structure type `{name}`: {fault}");
            let member_name =
                member.get(Attr::Name).ok_or_else(|| in_member("a member has no usable name".to_owned()))?;
            if !names.insert(member_name) {
                return Err(in_member(format!("two members are called `{member_name}`")));
            }
            let sized = self
                .sized(member, depth + 1)
                .map_err(|untyped| in_member(format!("member `{member_name}`: {}", untyped.fault)))?;
            bytes = bytes.saturating_add(sized.bytes);
            if bytes > self.most_bytes {
                return Err(in_member(self.too_large()));
            }
            members.push(Member { name: member_name.into(), value_type: sized.value_type });
        }
        if members.is_empty() {
            return Err(format!("the structure type `{name}` has no members"));
        }
        Ok(Sized { value_type: ValueType::Struct(Arc::new(StructType { name: name.into(), members })), bytes })
    }

    fn too_large(&self) -> String {
        format!("its value is larger than {} bytes", self.most_bytes)
    }
}
