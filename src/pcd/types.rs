//! Types of properties: structures by name, arrays, sizes bounded before anything is unfolded.

use std::collections::HashMap;
use std::sync::Arc;

use super::convention::{ARRAY_DIMENSIONS, ARRAY_SIZE, STRUCT_DEPTH};
use super::error::Limits;
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

/// The structure types of a description, resolved when they are asked for.
#[derive(Debug)]
pub(super) struct Types<'a> {
    nodes: HashMap<&'a str, &'a Node>,
    done: HashMap<&'a str, Result<Sized, String>>,
    /// Bytes that the value of one property may have.
    most_bytes: u64,
    /// Bytes that the values of all further properties together may have.
    left_bytes: u64,
    most_interface_bytes: u64,
}

impl<'a> Types<'a> {
    /// From all `Struct` elements; of two with one name the first counts.
    pub(super) fn new(structs: impl Iterator<Item = &'a Node>, limits: &Limits) -> Self {
        let mut nodes = HashMap::new();
        for node in structs {
            if let Some(name) = node.get(Attr::Name) {
                nodes.entry(name).or_insert(node);
            }
        }
        Self {
            nodes,
            done: HashMap::new(),
            most_bytes: limits.value_bytes,
            left_bytes: limits.interface_bytes,
            most_interface_bytes: limits.interface_bytes,
        }
    }

    /// The type of a `Property`.
    ///
    /// # Errors
    /// Why it has none, for people.
    pub(super) fn of(&mut self, node: &'a Node) -> Result<ValueType, String> {
        let Sized { value_type, bytes } = self.sized(node, 0)?;
        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or_else(|| {
            format!("the values of all properties together are larger than {} bytes", self.most_interface_bytes)
        })?;
        Ok(value_type)
    }

    fn sized(&mut self, node: &'a Node, depth: usize) -> Result<Sized, String> {
        let token = node.get(Attr::Type).ok_or("it has no type that is known")?;
        let element = if token == "STRUCT" {
            self.structure(node.get(Attr::TypeRef).ok_or("its structure type is not named")?, depth)?
        } else {
            let base = BaseType::from_token(token).ok_or_else(|| format!("the type `{token}` is not known"))?;
            let value_type = ValueType::Base(base);
            Sized { bytes: value_type.wire_bytes(), value_type }
        };
        let Some(dims) = node.get(Attr::Array) else {
            return if node.is_array { Err("the size of its array is missing".into()) } else { Ok(element) };
        };
        // One more than allowed shows that there are more.
        let sizes = dims.split_ascii_whitespace().take(ARRAY_DIMENSIONS + 1);
        let dims: Option<Vec<u32>> = sizes.map(|size| size.parse().ok()).collect();
        let dims = dims
            .filter(|dims| !dims.is_empty() && dims.iter().all(|size| (1..=ARRAY_SIZE).contains(size)))
            .ok_or_else(|| format!("its array sizes are not all from 1 to {ARRAY_SIZE}"))?;
        if dims.len() > ARRAY_DIMENSIONS {
            return Err(format!("its array has more than {ARRAY_DIMENSIONS} dimensions"));
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
        let node = *self.nodes.get(name).ok_or_else(|| format!("the structure type `{name}` does not exist"))?;
        if depth >= STRUCT_DEPTH {
            return Err(format!("structures are nested deeper than {STRUCT_DEPTH}, or contain themselves"));
        }
        // Whoever comes back here while it is being resolved has found a circle.
        self.done.insert(name, Err(format!("the structure type `{name}` contains itself")));
        let result = self.members(name, node, depth);
        self.done.insert(name, result.clone());
        result
    }

    fn members(&mut self, name: &str, node: &'a Node, depth: usize) -> Result<Sized, String> {
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
            let sized =
                self.sized(member, depth + 1).map_err(|fault| in_member(format!("member `{member_name}`: {fault}")))?;
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
