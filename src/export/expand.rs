//! Structures and arrays taken apart into what an OPC client can subscribe to.

use std::collections::{BTreeSet, HashMap};

use super::tag::flattened;
use super::variable::Variable;
use super::{ExportError, Note, Placeholder, Template};
use crate::model::{BaseType, Name, Plan, ValueType};

/// Rows of a file once structures and arrays are taken apart: a bound for descriptions that somebody else made.
pub(super) const MOST_ROWS: usize = 1_000_000;

/// One row: a variable, or a part of it.
pub(super) struct Row<'v, 'p> {
    pub variable: &'v Variable<'p>,
    /// Way from the variable to the part; empty for the variable itself.
    pub steps: Vec<Step>,
    pub base: BaseType,
    /// An array of `base`, whole.
    pub array: bool,
    /// Item string.
    pub item: String,
}

/// From a value to a part of it.
#[derive(Clone)]
pub(super) enum Step {
    /// Member of a structure.
    Member(Name),
    /// Element of an array, by its indices from 0 with commas: `1,2`.
    Element(String),
}

impl Row<'_, '_> {
    /// `.member` and `[index]` behind a name.
    pub fn suffix(&self) -> String {
        suffix(&self.steps)
    }
}

fn suffix(steps: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Member(name) => format!(".{name}"),
        Step::Element(index) => format!("[{index}]"),
    };
    steps.iter().map(step).collect()
}

/// Rows of all variables in order, and what there is to say about their item strings. Structures become their members, an array
/// of structures its elements; with `elements`, an array of simple values is followed by its elements.
///
/// # Errors
/// [`ExportError::TooManyTags`].
pub(super) fn rows<'v, 'p>(
    plan: &Plan,
    variables: &'v [Variable<'p>],
    template: &Template,
    elements: bool,
) -> Result<(Vec<Row<'v, 'p>>, Vec<Note>), ExportError> {
    let mut rows = Vec::new();
    let mut without_address = BTreeSet::new();
    for variable in variables {
        if variable.server.is_some_and(|server| server.ip.is_none()) && template.asks_for(Placeholder::Ip) {
            without_address.extend(variable.server.map(|server| server.name.clone()));
        }
        let mut add = |steps: &[Step], base, array| {
            if rows.len() == MOST_ROWS {
                return Err(ExportError::TooManyTags { at: variable.at.to_string() });
            }
            let item = item(plan, template, variable, &suffix(steps));
            rows.push(Row { variable, steps: steps.to_vec(), base, array, item });
            Ok(())
        };
        take_apart(&variable.port.value_type, elements, &mut Vec::new(), &mut add)?;
    }
    let mut notes: Vec<Note> = without_address.into_iter().map(Note::NoAddress).collect();
    let mut users: HashMap<&str, usize> = HashMap::new();
    for row in &rows {
        *users.entry(&row.item).or_default() += 1;
    }
    let shared: usize = users.values().filter(|count| **count > 1).sum();
    if shared > 0 {
        notes.push(Note::SharedItems(shared));
    }
    Ok((rows, notes))
}

/// Calls `add` for each part with the way to it, its type and whether it is an array of that type.
fn take_apart(
    value_type: &ValueType,
    elements: bool,
    steps: &mut Vec<Step>,
    add: &mut impl FnMut(&[Step], BaseType, bool) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let (inner, dims) = flattened(value_type);
    if let ValueType::Base(base) = inner {
        add(steps, *base, !dims.is_empty())?;
    }
    if dims.is_empty() {
        let ValueType::Struct(structure) = inner else { return Ok(()) };
        for member in &structure.members {
            steps.push(Step::Member(member.name.clone()));
            take_apart(&member.value_type, elements, steps, add)?;
            steps.pop();
        }
    } else if elements || matches!(inner, ValueType::Struct(_)) {
        let mut index = vec![0; dims.len()];
        loop {
            steps.push(Step::Element(index.iter().map(u32::to_string).collect::<Vec<_>>().join(",")));
            take_apart(inner, elements, steps, add)?;
            steps.pop();
            if !advance(&mut index, &dims) {
                break;
            }
        }
    }
    Ok(())
}

/// The next index, last one fastest; `false` behind the last.
fn advance(index: &mut [u32], dims: &[u32]) -> bool {
    for (at, size) in index.iter_mut().zip(dims).rev() {
        *at += 1;
        if *at < *size {
            return true;
        }
        *at = 0;
    }
    false
}

fn item(plan: &Plan, template: &Template, variable: &Variable<'_>, suffix: &str) -> String {
    template.fill(|placeholder| match placeholder {
        Placeholder::Project => plan.name().to_string(),
        Placeholder::Device => variable.server.map_or(variable.device, |server| server.name).to_string(),
        Placeholder::Ip => variable.server.and_then(|server| server.ip).map(|ip| ip.to_string()).unwrap_or_default(),
        Placeholder::Ldev => variable.ldev.to_string(),
        Placeholder::RtAuto => variable.at.rtauto.to_string(),
        Placeholder::Property => format!("{}{suffix}", variable.at.port),
        Placeholder::Path => format!("{}{suffix}", variable.at),
    })
}
