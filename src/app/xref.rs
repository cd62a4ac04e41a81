//! Cross-reference: every port of the plant, what feeds it and what it feeds.

use serde::Serialize;

use crate::model::{Direction, Name, Plan, PortRef};

/// One port of the plant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct XrefRow {
    /// The port itself.
    #[serde(skip)]
    pub at: PortRef,
    /// Port, in the shortest form that is clear.
    pub port: String,
    /// Its component.
    pub component: String,
    /// Its type, e.g. `R4[8]`.
    #[serde(rename = "type")]
    pub value_type: String,
    /// `In`, `Out`, `InOut` or `HMI`.
    pub direction: &'static str,
    /// Chart its function stands on, levels separated by ` / `; the plant's name for the top chart.
    pub chart: String,
    /// Planned device it runs on.
    pub device: String,
    /// Outputs that feed it with their transmission: none, one, or more after a merge.
    pub fed_by: Vec<XrefEnd>,
    /// Constant that feeds it.
    pub constant: Option<String>,
    /// Inputs it feeds with their transmission.
    pub feeds: Vec<XrefEnd>,
}

/// The other end of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct XrefEnd {
    /// The port itself.
    #[serde(skip)]
    pub at: PortRef,
    /// Port at that end.
    pub port: String,
    /// Transmission, e.g. `cyclic 8 ms`.
    pub qos: String,
}

/// The cross-reference in the order of instances and of ports in their descriptions.
pub fn cross_reference(plan: &Plan) -> Vec<XrefRow> {
    plan.instances().keys().flat_map(|name| cross_reference_of(plan, name)).collect()
}

/// The rows of one instance, in the order of ports in its description; none when there is no such instance.
pub fn cross_reference_of<'a>(plan: &'a Plan, name: &'a Name) -> impl Iterator<Item = XrefRow> + use<'a> {
    let found = plan.instances().get(name).zip(plan.component_of(name));
    found.into_iter().flat_map(move |(instance, component)| {
        component.rtautos().flat_map(move |(ldev, rtauto)| {
            let place = instance.functions.get(&(ldev.name.clone(), rtauto.name.clone()));
            let path = place.map(|place| plan.chart_path(place.chart)).unwrap_or_default();
            let chart = if path.is_empty() { plan.name().to_string() } else { path.join(" / ") };
            rtauto.ports.iter().map(move |port| {
                let at = PortRef::new(name.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
                XrefRow {
                    port: plan.short_name(&at),
                    component: format!("{} {}", component.name, component.key.version),
                    value_type: port.value_type.to_string(),
                    direction: Direction::token(port.direction),
                    chart: chart.clone(),
                    device: instance.device.to_string(),
                    fed_by: plan.links_to(&at).map(|(_, link)| end(plan, &link.provider, link.qos)).collect(),
                    constant: plan.constants().get(&at).map(|constant| constant.value.to_string()),
                    feeds: plan.links_from(&at).map(|(key, link)| end(plan, &key.consumer, link.qos)).collect(),
                    at,
                }
            })
        })
    })
}

fn end(plan: &Plan, port: &PortRef, qos: crate::model::Qos) -> XrefEnd {
    XrefEnd { at: port.clone(), port: plan.short_name(port), qos: qos.to_string() }
}
