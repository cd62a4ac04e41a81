//! Which transmission the two ends of a link offer.

use super::context::{End, LinkView};
use super::rule::{self, link_name};
use super::{Fix, FixChange};
use crate::model::{Qos, QosOffer, QosType};

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
    let provider = values(&view.provider, qos_type)?;
    let consumer = values(&view.consumer, qos_type)?;
    let mut both: Vec<u16> = match (provider, consumer) {
        ([], []) => return Some(None),
        ([], values) | (values, []) => values.to_vec(),
        _ => provider.iter().copied().filter(|value| consumer.contains(value)).collect(),
    };
    both.sort_unstable();
    both.dedup();
    Some(Some(both))
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
    let title = format!("Set {} to {qos}", link_name(view.cx.plan, view.key));
    Fix { title, change: FixChange::SetQos { link: view.key.clone(), qos } }
}

/// Gives a link the acyclic transmission with the interval nearest to its own that both ends offer.
pub(super) fn make_acyclic(view: &LinkView) -> Option<Fix> {
    let value_ms = nearest(view, QosType::Acyclic, view.link.qos.value_ms)?;
    Some(set(view, Qos { qos_type: QosType::Acyclic, value_ms }))
}

/// `50, 100, 200 ms`, or `any interval`.
pub(super) fn list(values: &[u16]) -> String {
    if values.is_empty() { "any interval".to_owned() } else { format!("{} ms", rule::list(values)) }
}
