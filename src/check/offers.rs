//! Which transmission the two ends of a link offer.

use super::context::{End, LinkView};
use super::rule::{self, link_name};
use super::{Fix, FixChange};
use crate::model::{Phrase, Plan, PortRef, Qos, QosOffer, QosType};
use crate::say;

/// What one end offers: that of the port if it says so, otherwise that of the device; a device that says
/// nothing offers acyclic transmission at any interval.
fn offers<'a>(end: &End<'a>) -> Option<&'a [QosOffer]> {
    let port = end.described?;
    if !port.qos.is_empty() {
        return Some(&port.qos);
    }
    Some(&end.component()?.device.qos)
}

/// Whether a list of offers holds a type, and the intervals it holds for it; an empty list means any.
fn of_type(offers: &[QosOffer], qos_type: QosType) -> Option<&[u16]> {
    if offers.is_empty() && qos_type == QosType::Acyclic {
        return Some(&[]);
    }
    offers.iter().find(|offer| offer.qos_type == qos_type).map(|offer| offer.values_ms.as_slice())
}

/// Intervals an end offers for a type: `None` when it does not offer the type; an empty list means any. An end that does not exist
/// offers everything, for that it is missing is another rule's finding.
pub(super) fn values<'a>(end: &End<'a>, qos_type: QosType) -> Option<&'a [u16]> {
    offers(end).map_or(Some(&[]), |offers| of_type(offers, qos_type))
}

/// Whether an end's own port, rather than its device, makes the offer.
pub(super) fn by_port(end: &End) -> bool {
    end.described.is_some_and(|port| !port.qos.is_empty())
}

/// Intervals that both ends offer for a type, ascending: `None` when one does not offer the type, `Some(None)` for any.
pub(super) fn common(view: &LinkView, qos_type: QosType) -> Option<Option<Vec<u16>>> {
    Some(both(values(&view.provider, qos_type)?, values(&view.consumer, qos_type)?))
}

/// Intervals in both lists, ascending; `None` for any.
fn both(provider: &[u16], consumer: &[u16]) -> Option<Vec<u16>> {
    let mut both: Vec<u16> = match (provider, consumer) {
        ([], []) => return None,
        ([], values) | (values, []) => values.to_vec(),
        _ => provider.iter().copied().filter(|value| consumer.contains(value)).collect(),
    };
    both.sort_unstable();
    both.dedup();
    Some(both)
}

/// Transmission that both ends of a link offer, with the intervals they have in common; none of them means any. A type for which
/// they have no interval in common is not offered.
pub fn offered(plan: &Plan, provider: &PortRef, consumer: &PortRef) -> Vec<QosOffer> {
    let end = |port: &PortRef, qos_type| {
        let Some(described) = plan.port(port) else { return Some(Vec::new()) };
        let offers = match plan.component_of(&port.instance) {
            Some(component) if described.qos.is_empty() => &component.device.qos,
            _ => &described.qos,
        };
        of_type(offers, qos_type).map(<[u16]>::to_vec)
    };
    let types = QosType::TOKENS.iter().map(|(qos_type, _)| *qos_type).filter(|it| *it != QosType::Constant);
    types
        .filter_map(|qos_type| {
            let values_ms = match both(&end(provider, qos_type)?, &end(consumer, qos_type)?) {
                None => Vec::new(),
                Some(values) if values.is_empty() => return None,
                Some(values) => values,
            };
            Some(QosOffer { qos_type, values_ms, default_ms: None })
        })
        .collect()
}

/// The interval nearest to the one wanted that both ends offer, the shorter of two equally near.
pub(super) fn nearest(view: &LinkView, qos_type: QosType, wanted: u16) -> Option<u16> {
    match common(view, qos_type)? {
        None => Some(wanted.max(1)),
        Some(values) => values.into_iter().min_by_key(|value| value.abs_diff(wanted)),
    }
}

/// Gives a link this transmission.
pub(super) fn set(view: &LinkView, qos: Qos) -> Fix {
    let title = say!("Set {link} to {qos}", link = link_name(view.cx.plan, view.key), qos);
    Fix { title, change: FixChange::SetQos { link: view.key.clone(), qos } }
}

/// Gives a link the acyclic transmission with the interval nearest to its own that both ends offer.
pub(super) fn make_acyclic(view: &LinkView) -> Option<Fix> {
    let value_ms = nearest(view, QosType::Acyclic, view.link.qos.value_ms)?;
    Some(set(view, Qos { qos_type: QosType::Acyclic, value_ms }))
}

/// `50, 100, 200 ms`, or `any interval`.
pub(super) fn list(values: &[u16]) -> Phrase {
    match values {
        [] => say!("any interval"),
        _ => say!("{list} ms", list = rule::list(values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Component;
    use crate::model::fixture::plan;

    fn component_of(plan: &mut Plan) -> &mut Component {
        let key = plan.components.keys().next().cloned().unwrap();
        plan.components.get_mut(&key).map(std::sync::Arc::make_mut).unwrap()
    }

    #[test]
    fn what_both_ends_offer() {
        let mut plan = plan("component P 1.0 { in x R4; out y R4 }\nA: P at 0 0\nB: P at 300 0\nA.y -> B.x");
        let (key, link) = plan.links().iter().next().map(|(key, link)| (key.clone(), link.clone())).unwrap();
        let offers = |plan: &Plan| offered(plan, &link.provider, &key.consumer);
        let any = QosOffer { qos_type: QosType::Acyclic, values_ms: Vec::new(), default_ms: None };
        assert_eq!(offers(&plan), [any], "a device that says nothing");
        let component = component_of(&mut plan);
        let cyclic = |values_ms| QosOffer { qos_type: QosType::Cyclic, values_ms, default_ms: None };
        component.device.qos = vec![cyclic(vec![8, 16, 32])];
        assert_eq!(offers(&plan), [cyclic(vec![8, 16, 32])]);
        let component = component_of(&mut plan);
        let input = component.ldevs[0].rtautos[0].ports.iter_mut().find(|port| port.name == "x").unwrap();
        input.qos = vec![cyclic(vec![64, 16])];
        assert_eq!(offers(&plan), [cyclic(vec![16])], "the port's own list counts");
        let component = component_of(&mut plan);
        component.ldevs[0].rtautos[0].ports[0].qos = vec![cyclic(vec![64])];
        assert_eq!(offers(&plan), [], "none in common");
    }
}
