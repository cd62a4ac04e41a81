//! Things dragged in the tree: instances and charts go to the chart they are let go on.

use crate::app::{Item, Selection};
use crate::edit::Edit;
use crate::model::{ChartId, FunctionRef, Name, Placement, Plan, Point, ROOT_CHART};

/// What is dragged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dragged(pub Vec<Item>);

impl Dragged {
    /// What is dragged with an item: all that is selected when it is, otherwise itself; `None` when that can be moved nowhere.
    pub fn with(item: &Item, selection: &Selection) -> Option<Self> {
        let all: Vec<Item> = match selection.contains(item) {
            true => selection.items().cloned().collect(),
            false => vec![item.clone()],
        };
        let movable = |item: &Item| match item {
            Item::Instance(_) | Item::Function(_) => true,
            Item::Chart(chart) => *chart != ROOT_CHART,
            _ => false,
        };
        let moved: Vec<Item> = all.into_iter().filter(movable).collect();
        (movable(item) && !moved.is_empty()).then_some(Self(moved))
    }

    /// The edits that bring it to a chart; none for what stands there already.
    pub fn to(&self, plan: &Plan, chart: ChartId) -> Vec<Edit> {
        let mut blocks: Vec<(FunctionRef, Placement)> = Vec::new();
        let mut edits = Vec::new();
        let mut add = |function: FunctionRef, at: Point| {
            if !blocks.iter().any(|(known, _)| *known == function) {
                blocks.push((function, Placement { chart, at }));
            }
        };
        for item in &self.0 {
            match item {
                Item::Function(function) => {
                    let place = crate::app::place_of(plan, function).filter(|place| place.chart != chart);
                    if let Some(place) = place {
                        add(function.clone(), place.at);
                    }
                }
                Item::Instance(name) => {
                    for (function, place) in functions_at_home(plan, name) {
                        if place.chart != chart {
                            add(function, place.at);
                        }
                    }
                }
                Item::Chart(inner) => {
                    let described = plan.charts().get(inner).filter(|inner| inner.parent != Some(chart));
                    if let Some(described) = described.filter(|_| *inner != chart) {
                        edits.push(Edit::MoveChart { chart: *inner, parent: chart, at: described.at });
                    }
                }
                _ => {}
            }
        }
        if !blocks.is_empty() {
            edits.push(Edit::MoveBlocks(blocks));
        }
        edits
    }
}

/// The functions of an instance that stand on its home chart: those that were put elsewhere stay there.
fn functions_at_home<'a>(plan: &'a Plan, name: &'a Name) -> impl Iterator<Item = (FunctionRef, Placement)> + use<'a> {
    let instance = plan.instances().get(name);
    let home = instance.and_then(|instance| instance.home());
    let places = instance.into_iter().flat_map(|instance| &instance.functions);
    places.filter(move |(_, place)| Some(place.chart) == home).map(move |((ldev, rtauto), place)| {
        let function = FunctionRef { instance: name.clone(), ldev: ldev.clone(), rtauto: rtauto.clone() };
        (function, *place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Document;
    use crate::model::fixture;

    #[test]
    fn what_is_dragged_goes_to_the_chart() {
        let plan = fixture::plan("component P 1.0 { in x R4 }\nA: P at 8 16\nB: P at 300 0");
        let mut document = Document::new(plan);
        for name in ["C", "D"] {
            let edit = Edit::AddChart { name: name.into(), parent: ROOT_CHART, at: Point::default() };
            document.apply(&edit).unwrap();
        }
        let ids: Vec<ChartId> = document.plan().charts().keys().copied().filter(|id| *id != ROOT_CHART).collect();
        let selection = Selection::of([Item::Chart(ids[0]), Item::Instance("A".into())]);
        let dragged = Dragged::with(&Item::Instance("A".into()), &selection).unwrap();
        for edit in dragged.to(document.plan(), ids[1]) {
            document.apply(&edit).unwrap();
        }
        let plan = document.plan();
        assert_eq!(plan.instances()["A"].home(), Some(ids[1]));
        assert_eq!(plan.instances()["A"].functions.values().next().unwrap().at, Point { x: 8.0, y: 16.0 });
        assert_eq!(plan.charts()[&ids[0]].parent, Some(ids[1]));
        assert_eq!(plan.instances()["B"].home(), Some(ROOT_CHART));
        assert!(dragged.to(plan, ids[1]).is_empty());
        assert_eq!(Dragged::with(&Item::Project, &selection), None);
        assert_eq!(Dragged::with(&Item::Chart(ROOT_CHART), &selection), None);
    }
}
