//! What a port can be linked to, and why something else cannot: pure functions over the plan.

use crate::app::port_label;
use crate::drawing::Side;
use crate::edit::{Edit, why_not};
use crate::model::{FunctionRef, LinkKey, Plan, PortRef};

/// A link that could be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Output.
    pub provider: PortRef,
    /// Input.
    pub consumer: PortRef,
    /// Why not; `None` when it can be.
    pub refused: Option<String>,
    /// How it is shown: the port at the other end.
    pub text: String,
}

impl Offer {
    /// The edit that draws it.
    pub fn edit(&self) -> Edit {
        Edit::Link { provider: self.provider.clone(), consumer: self.consumer.clone() }
    }
}

/// Output and input in their order: `side` is where the first port stands on its block.
pub fn in_order(port: &PortRef, side: Side, other: &PortRef) -> (PortRef, PortRef) {
    match side {
        Side::Right => (port.clone(), other.clone()),
        Side::Left => (other.clone(), port.clone()),
    }
}

/// Why a port cannot be linked to another; `None` when it can. `replugged` is a link whose end is being taken elsewhere: what it
/// feeds now does not count as fed.
pub fn refusal(
    plan: &Plan,
    port: &PortRef,
    side: Side,
    other: &PortRef,
    replugged: Option<&LinkKey>,
) -> Option<String> {
    let (provider, consumer) = in_order(port, side, other);
    if replugged.is_some_and(|key| key.consumer == consumer) {
        // Only the output changes: it must fit, and the input is fed by this very link.
        let types = (plan.port(&provider)?, plan.port(&consumer)?);
        return (types.0.value_type != types.1.value_type)
            .then(|| format!("{} does not fit {}", types.0.value_type, types.1.value_type));
    }
    why_not(plan, &provider, &consumer).map(|error| crate::ui::lang::said(&error))
}

/// What a port could be linked to on one function: what fits first.
pub fn of_function(plan: &Plan, port: &PortRef, side: Side, function: &FunctionRef) -> Vec<Offer> {
    let ports = plan
        .component_of(&function.instance)
        .and_then(|component| component.rtauto(&function.ldev, &function.rtauto))
        .map(|rtauto| rtauto.ports.as_slice())
        .unwrap_or_default();
    let mut offers: Vec<Offer> = ports
        .iter()
        .filter(|other| if side == Side::Right { other.is_input() } else { other.is_output() })
        .map(|other| {
            let other = PortRef::new(
                function.instance.clone(),
                function.ldev.clone(),
                function.rtauto.clone(),
                other.name.clone(),
            );
            offer(plan, port, side, other)
        })
        .collect();
    offers.sort_by_key(|offer| (offer.refused.is_some(), similarity(plan, port, offer)));
    offers
}

/// Everything in the plan that a port can be linked to, for the list of the keyboard; at most `most`.
pub fn of_plan(plan: &Plan, port: &PortRef, side: Side, most: usize) -> Vec<Offer> {
    let mut offers = Vec::new();
    let Some(described) = plan.port(port) else { return offers };
    for (name, instance) in plan.instances() {
        let Some(component) = plan.components().get(&instance.component) else { continue };
        for (ldev, rtauto) in component.rtautos() {
            for other in rtauto.ports.iter().filter(|other| other.value_type == described.value_type) {
                let other = PortRef::new(name.clone(), ldev.name.clone(), rtauto.name.clone(), other.name.clone());
                let offer = offer(plan, port, side, other);
                if offer.refused.is_none() {
                    offers.push(offer);
                }
                if offers.len() == most {
                    return offers;
                }
            }
        }
    }
    offers
}

/// Several outputs and the inputs of a function that have their names, for linking them all at once; those without one are left out.
///
/// An output is matched with the input of the same name, without regard to case and `_`; else with the only one that fits.
pub fn by_name(plan: &Plan, outputs: &[PortRef], function: &FunctionRef) -> Vec<Offer> {
    let mut taken: Vec<PortRef> = Vec::new();
    let mut offers = Vec::new();
    for output in outputs {
        let fitting: Vec<Offer> = of_function(plan, output, Side::Right, function)
            .into_iter()
            .filter(|offer| offer.refused.is_none() && !taken.contains(&offer.consumer))
            .collect();
        let same = fitting.iter().find(|offer| plain(&offer.consumer.port) == plain(&output.port));
        let only = if fitting.len() == 1 { fitting.first() } else { None };
        if let Some(offer) = same.or(only) {
            taken.push(offer.consumer.clone());
            let text = format!("{} → {}", port_label(plan, output), port_label(plan, &offer.consumer));
            offers.push(Offer { text, ..offer.clone() });
        }
    }
    offers
}

fn offer(plan: &Plan, port: &PortRef, side: Side, other: PortRef) -> Offer {
    let refused = refusal(plan, port, side, &other, None);
    let text = port_label(plan, &other);
    let (provider, consumer) = in_order(port, side, &other);
    Offer { provider, consumer, refused, text }
}

/// Smaller for a port whose name is more like that of the port to be linked.
fn similarity(plan: &Plan, port: &PortRef, offer: &Offer) -> u8 {
    let other = if offer.provider == *port { &offer.consumer } else { &offer.provider };
    let (one, two) = (plain(&port.port), plain(&other.port));
    let fed = plan.links_to(&offer.consumer).next().is_some();
    if one == two {
        0
    } else if one.contains(&two) || two.contains(&one) {
        1
    } else {
        2 + u8::from(fed)
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::plan;

    const TEXT: &str = "
        component Conveyor 1.0 { in start BOOL; in speed_sp R4; out running BOOL; out speed_act R4 }
        component Filler 1.0 { in upstream_ok BOOL; in running BOOL; in speed R4; in count I4; out ready BOOL }
        A: Conveyor
        B: Filler
        C: Filler
        C.ready -> B.running
    ";

    fn port(text: &str) -> PortRef {
        let parts: Vec<&str> = text.split('.').collect();
        let plan = plan(TEXT);
        let instance = &plan.instances()[parts[0]];
        let (ldev, rtauto) = instance.functions.keys().next().unwrap().clone();
        PortRef::new(parts[0], ldev, rtauto, parts[1])
    }

    #[test]
    fn what_fits_comes_first_and_the_rest_says_why_not() {
        let plan = plan(TEXT);
        let offers = of_function(&plan, &port("A.running"), Side::Right, &port("B.running").function());
        let shown: Vec<(&str, bool)> =
            offers.iter().map(|offer| (offer.consumer.port.as_str(), offer.refused.is_none())).collect();
        assert_eq!(shown[0], ("upstream_ok", true));
        assert!(shown[1..].iter().all(|(_, fits)| !fits), "{shown:?}");
        let refused =
            |name: &str| offers.iter().find(|offer| offer.consumer.port == name).unwrap().refused.clone().unwrap();
        assert!(refused("running").contains("C.") && refused("count").contains("I4"), "{}", refused("running"));
    }

    #[test]
    fn several_outputs_find_inputs_of_their_names() {
        let plan = plan(TEXT);
        let outputs = [port("A.speed_act"), port("A.running")];
        let texts = |function| -> Vec<String> {
            by_name(&plan, &outputs, &function).into_iter().map(|offer| offer.text).collect()
        };
        assert_eq!(texts(port("C.running").function()), ["A.speed_act → C.speed", "A.running → C.running"]);
        // The input of that name is fed on B, and what is left is the only one that fits.
        assert_eq!(texts(port("B.running").function()), ["A.speed_act → B.speed", "A.running → B.upstream_ok"]);
    }

    #[test]
    fn an_end_can_be_plugged_to_where_it_is() {
        let plan = plan(TEXT);
        let key = LinkKey::to(port("B.running"));
        let refused = |other: &str| refusal(&plan, &port("B.running"), Side::Left, &port(other), Some(&key));
        assert_eq!(refused("A.running"), None);
        assert_eq!(refused("A.speed_act").as_deref(), Some("R4 does not fit BOOL"));
    }
}
