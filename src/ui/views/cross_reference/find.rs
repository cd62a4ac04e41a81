//! Which rows of the cross-reference are wanted, and in which order.

use std::cmp::Ordering;

use crate::app::{XrefEnd, XrefRow, cross_reference_of};
use crate::model::{Name, Plan};

/// Rows that are shown at most; the others are told of.
pub const MOST_ROWS: usize = 100_000;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The port.
    Port,
    /// Its component.
    Component,
    /// Its type.
    Type,
    /// Its direction.
    Direction,
    /// Its chart.
    Chart,
    /// Its device.
    Device,
    /// What feeds it: links or a constant.
    FedBy,
    /// What it feeds.
    Feeds,
}

impl Column {
    /// All, in the order shown, with the share of the width each has.
    pub const ALL: [(Self, f32); 8] = [
        (Self::Port, 0.2),
        (Self::Component, 0.12),
        (Self::Type, 0.07),
        (Self::Direction, 0.06),
        (Self::Chart, 0.11),
        (Self::Device, 0.1),
        (Self::FedBy, 0.17),
        (Self::Feeds, 0.17),
    ];

    /// What stands in it.
    pub fn text(self, row: &XrefRow) -> String {
        let ends = |ends: &[XrefEnd]| ends.iter().map(|end| end.port.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::Port => row.port.clone(),
            Self::Component => row.component.clone(),
            Self::Type => row.value_type.clone(),
            Self::Direction => row.direction.to_owned(),
            Self::Chart => row.chart.clone(),
            Self::Device => row.device.clone(),
            Self::FedBy => match (&row.constant, row.fed_by.is_empty()) {
                (Some(value), true) => format!("= {value}"),
                (Some(value), false) => format!("= {value}, {}", ends(&row.fed_by)),
                (None, _) => ends(&row.fed_by),
            },
            Self::Feeds => ends(&row.feeds),
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Every word is in some column; without regard to case.
    pub filter: String,
    /// Only ports of these instances; all for `None`.
    pub instances: Option<Vec<Name>>,
    /// Sorted by this column, `true` downwards; otherwise in the order of instances and descriptions.
    pub sorted: Option<(Column, bool)>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The rows.
    pub rows: Vec<XrefRow>,
    /// There are more than [`MOST_ROWS`].
    pub is_cut: bool,
}

/// Finds them. `is_cancelled` is asked between instances; what is found until then counts.
pub fn find(plan: &Plan, wanted: &Wanted, is_cancelled: impl Fn() -> bool) -> Found {
    let words: Vec<String> = wanted.filter.split_whitespace().map(str::to_lowercase).collect();
    let mut found = Found::default();
    let all: Box<dyn Iterator<Item = &Name>> = match &wanted.instances {
        Some(instances) => Box::new(instances.iter()),
        None => Box::new(plan.instances().keys()),
    };
    for name in all.take_while(|_| !is_cancelled()) {
        found.rows.extend(cross_reference_of(plan, name).filter(|row| has_words(row, &words)));
        if found.rows.len() > MOST_ROWS {
            found.rows.truncate(MOST_ROWS);
            found.is_cut = true;
            break;
        }
    }
    if let Some((column, downwards)) = wanted.sorted {
        found.rows.sort_by_cached_key(|row| Key { text: column.text(row).to_lowercase(), downwards });
    }
    found
}

/// Whether every word is in some column.
fn has_words(row: &XrefRow, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let texts = Column::ALL.map(|(column, _)| column.text(row).to_lowercase());
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// A text to sort by. Empty ones come last, in both directions.
#[derive(PartialEq, Eq)]
struct Key {
    text: String,
    downwards: bool,
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.text.cmp(&other.text);
        let order = if self.downwards { order.reverse() } else { order };
        self.text.is_empty().cmp(&other.text.is_empty()).then(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::plan;

    const TEXT: &str = "
        component Pump 1.0 { in start BOOL; in speed R4; out running BOOL }
        B: Pump at 0 0
        A: Pump at 300 0
        A.running -> B.start
    ";

    fn found(filter: &str, instances: Option<Vec<Name>>, sorted: Option<(Column, bool)>) -> Vec<String> {
        let wanted = Wanted { filter: filter.into(), instances, sorted };
        find(&plan(TEXT), &wanted, || false).rows.into_iter().map(|row| row.port).collect()
    }

    #[test]
    fn rows_are_filtered_by_words_in_any_column() {
        assert_eq!(found("", None, None).len(), 6);
        assert_eq!(found("r4", None, None), ["A.speed", "B.speed"]);
        assert_eq!(found("a.RUNNING start", None, None), ["A.running", "B.start"]);
        assert_eq!(found("a.running pump b.start bool out", None, None), ["A.running"]);
        assert_eq!(found("nothing", None, None), [""; 0]);
        assert_eq!(found("", Some(vec!["B".into()]), None), ["B.start", "B.speed", "B.running"]);
    }

    #[test]
    fn rows_are_sorted_and_empty_cells_come_last() {
        assert_eq!(found("", None, Some((Column::FedBy, false)))[0], "B.start");
        assert_eq!(found("", None, Some((Column::FedBy, true)))[0], "B.start");
        let up = found("", None, Some((Column::Port, false)));
        let down = found("", None, Some((Column::Port, true)));
        assert_eq!(up, ["A.running", "A.speed", "A.start", "B.running", "B.speed", "B.start"]);
        assert!(up.iter().eq(down.iter().rev()));
    }

    #[test]
    fn who_has_no_time_is_not_kept_waiting() {
        let wanted = Wanted { filter: String::new(), instances: None, sorted: None };
        assert!(find(&plan(TEXT), &wanted, || true).rows.is_empty());
    }
}
