//! What a port can be linked to, and why something else cannot: pure functions over the plan.

use crate::app::{Refusal, Workspace, port_label};
use crate::drawing::Side;
use crate::edit::{Clip, Edit};
use crate::model::{FunctionRef, Link, LinkKey, Plan, PortRef};

/// A link that could be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Output.
    pub provider: PortRef,
    /// Input.
    pub consumer: PortRef,
    /// Why not; `None` when it can be.
    pub refused: Option<Refusal>,
    /// How it is shown: the port at the other end.
    pub text: String,
    /// What it is to be like; `None` for a link as it is drawn.
    pub like: Option<Box<Link>>,
}

impl Offer {
    /// The edits that draw it.
    pub fn edits(&self) -> Vec<Edit> {
        let link = Edit::Link { provider: self.provider.clone(), consumer: self.consumer.clone() };
        let key = LinkKey::to(self.consumer.clone());
        let like = self.like.clone().map(|properties| Edit::SetLink { key, properties });
        std::iter::once(link).chain(like).collect()
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
    workspace: &Workspace,
    port: &PortRef,
    side: Side,
    other: &PortRef,
    replugged: Option<&LinkKey>,
) -> Option<Refusal> {
    let (provider, consumer) = in_order(port, side, other);
    workspace.refusal(&provider, &consumer, replugged)
}

/// What a port could be linked to on one function: what fits first.
pub fn of_function(workspace: &Workspace, port: &PortRef, side: Side, function: &FunctionRef) -> Vec<Offer> {
    let plan = workspace.plan();
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
            offer(workspace, port, side, other)
        })
        .collect();
    offers.sort_by_key(|offer| (offer.refused.is_some(), similarity(plan, port, offer)));
    offers
}

/// Everything in the plan that a port can be linked to, for the list of the keyboard; at most `most`.
pub fn of_plan(workspace: &Workspace, port: &PortRef, side: Side, most: usize) -> Vec<Offer> {
    let mut offers = Vec::new();
    let plan = workspace.plan();
    let Some(described) = plan.port(port) else { return offers };
    for (name, instance) in plan.instances() {
        let Some(component) = plan.components().get(&instance.component) else { continue };
        for (ldev, rtauto) in component.rtautos() {
            for other in rtauto.ports.iter().filter(|other| other.value_type == described.value_type) {
                let other = PortRef::new(name.clone(), ldev.name.clone(), rtauto.name.clone(), other.name.clone());
                let offer = offer(workspace, port, side, other);
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
pub fn by_name(workspace: &Workspace, outputs: &[PortRef], function: &FunctionRef) -> Vec<Offer> {
    let plan = workspace.plan();
    let mut taken: Vec<PortRef> = Vec::new();
    let mut offers = Vec::new();
    for output in outputs {
        let fitting: Vec<Offer> = of_function(workspace, output, Side::Right, function)
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

fn offer(workspace: &Workspace, port: &PortRef, side: Side, other: PortRef) -> Offer {
    let refused = refusal(workspace, port, side, &other, None);
    let text = port_label(workspace.plan(), &other);
    let (provider, consumer) = in_order(port, side, &other);
    Offer { provider, consumer, refused, text, like: None }
}

/// Links from outside that could follow what is about to be pasted.
pub fn following(plan: &Plan, clip: &Clip) -> Vec<Offer> {
    let offer = |(consumer, link): (PortRef, Link)| {
        let provider = link.provider.clone();
        // The copy has no label yet: its device and function are those of the original.
        let text = format!("{} → {}.{}", port_label(plan, &provider), consumer.instance, consumer.port);
        Offer { provider, consumer, refused: None, text, like: Some(Box::new(link)) }
    };
    clip.following(plan).into_iter().map(offer).collect()
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
    use crate::app::Opened;
    use crate::check::LibraryFacts;
    use crate::model::fixture::plan;

    const TEXT: &str = "
        component Conveyor 1.0 { in start BOOL; in speed_sp R4; out running BOOL; out speed_act R4 }
        component Filler 1.0 { in upstream_ok BOOL; in running BOOL; in speed R4; in count I4; out ready BOOL }
        A: Conveyor
        B: Filler
        C: Filler
        C.ready -> B.running
    ";

    fn workspace(text: &str) -> Workspace {
        Workspace::new(Opened::new(None, plan(text), LibraryFacts::default()))
    }

    fn port(text: &str) -> PortRef {
        let parts: Vec<&str> = text.split('.').collect();
        let plan = plan(TEXT);
        let instance = &plan.instances()[parts[0]];
        let (ldev, rtauto) = instance.functions.keys().next().unwrap().clone();
        PortRef::new(parts[0], ldev, rtauto, parts[1])
    }

    #[test]
    fn what_fits_comes_first_and_the_rest_says_why_not() {
        let workspace = workspace(TEXT);
        let offers = of_function(&workspace, &port("A.running"), Side::Right, &port("B.running").function());
        let shown: Vec<(&str, bool)> =
            offers.iter().map(|offer| (offer.consumer.port.as_str(), offer.refused.is_none())).collect();
        assert_eq!(shown[0], ("upstream_ok", true));
        assert!(shown[1..].iter().all(|(_, fits)| !fits), "{shown:?}");
        let refused = |name: &str| {
            offers.iter().find(|offer| offer.consumer.port == name).unwrap().refused.clone().unwrap().to_string()
        };
        assert!(refused("running").contains("C.") && refused("count").contains("I4"), "{}", refused("running"));
    }

    #[test]
    fn several_outputs_find_inputs_of_their_names() {
        let workspace = workspace(TEXT);
        let outputs = [port("A.speed_act"), port("A.running")];
        let texts = |function| -> Vec<String> {
            by_name(&workspace, &outputs, &function).into_iter().map(|offer| offer.text).collect()
        };
        assert_eq!(texts(port("C.running").function()), ["A.speed_act → C.speed", "A.running → C.running"]);
        // The input of that name is fed on B, and what is left is the only one that fits.
        assert_eq!(texts(port("B.running").function()), ["A.speed_act → B.speed", "A.running → B.upstream_ok"]);
    }

    #[test]
    fn an_end_can_be_plugged_to_where_it_is() {
        let workspace = workspace(TEXT);
        let key = LinkKey::to(port("B.running"));
        let refused = |other: &str| refusal(&workspace, &port("B.running"), Side::Left, &port(other), Some(&key));
        assert_eq!(refused("A.running"), None);
        assert_eq!(refused("A.speed_act").unwrap().to_string(), "R4 does not fit BOOL");
    }

    #[test]
    fn a_device_that_can_bear_no_more_refuses() {
        let text = "
            component A 1.0 { in x BOOL; in z BOOL; out y BOOL; limit partners 1 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x";
        let workspace = workspace(text);
        let port = |instance: &str, name: &str| {
            let functions = &workspace.plan().instances()[instance].functions;
            let (ldev, rtauto) = functions.keys().next().unwrap().clone();
            PortRef::new(instance, ldev, rtauto, name)
        };
        let why = |from, to, replugged: Option<&LinkKey>| {
            let refused = refusal(&workspace, &port(from, "y"), Side::Right, &to, replugged);
            refused.map(|refused| refused.to_string())
        };
        assert_eq!(why("Two", port("One", "z"), None), None, "the same partner again");
        let refused = why("Three", port("One", "z"), None);
        assert_eq!(refused.as_deref(), Some("limit of 1 partners of One reached"));
        let replugged = LinkKey::to(port("One", "x"));
        assert_eq!(why("Three", port("One", "x"), Some(&replugged)), None, "one partner goes, one comes");
    }
}
