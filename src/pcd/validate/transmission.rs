//! Transmission: offers that are consistent, and ports within their device's (4, 5).

use super::super::remark::{Remarks, Rule};
use super::super::schema::{Attr, Element};
use super::super::tree::Node;
use crate::model::{Direction, PhysicalDevice, Port, QosOffer, QosType};

/// Checks one offer, and puts its intervals in order.
pub(in super::super) fn offer(remarks: &mut Remarks, node: Node<'_>, mut offer: QosOffer) -> QosOffer {
    let mut tell = |message: String| remarks.add(Rule::Transmission, || node.place(), || message);
    let token = offer.qos_type.token();
    if !offer.values_ms.is_sorted_by(|one, next| one < next) {
        tell(format!("the intervals of `{token}` are not ascending; they are put in order"));
        offer.values_ms.sort_unstable();
        offer.values_ms.dedup();
    }
    if offer.values_ms.first() == Some(&0) {
        tell(format!("`{token}` offers an interval of 0 ms; it is left out"));
        offer.values_ms.remove(0);
    }
    if offer.qos_type == QosType::Constant && !(offer.values_ms.is_empty() && offer.default_ms.is_none()) {
        tell("`constant` has no interval; it is left out".to_owned());
        return QosOffer { qos_type: QosType::Constant, values_ms: Vec::new(), default_ms: None };
    }
    if let Some(default) = offer.default_ms.filter(|default| *default == 0 || !offers(&offer, *default)) {
        tell(format!("the default of `{token}`, {default} ms, is not offered; it is left out"));
        offer.default_ms = None;
    }
    offer
}

/// Whether an interval is in the list; an empty one holds all.
fn offers(offer: &QosOffer, interval_ms: u16) -> bool {
    offer.values_ms.is_empty() || offer.values_ms.contains(&interval_ms)
}

/// Checks the offers of a port against those of its device.
pub(in super::super) fn port_transmission(remarks: &mut Remarks, node: Node<'_>, port: &Port, device: &PhysicalDevice) {
    let nodes = || node.first(Element::QosList).into_iter().flat_map(|list| list.all(Element::Qos));
    for offer in &port.qos {
        let token = offer.qos_type.token();
        let place = || nodes().find(|node| node.get(Attr::Type) == Some(token)).unwrap_or(node).place();
        if port.direction == Direction::Hmi && offer.qos_type != QosType::AcyclicHmi {
            remarks.add(Rule::HmiTransmission, place, || {
                format!("`{}` is an HMI property, which is never linked, and offers `{token}`", port.name)
            });
        }
        // A device that says nothing offers acyclic transmission at any interval.
        let of_device = device.qos.iter().find(|candidate| candidate.qos_type == offer.qos_type);
        let any = QosOffer { qos_type: QosType::Acyclic, values_ms: Vec::new(), default_ms: None };
        let of_device = match of_device {
            None if device.qos.is_empty() && offer.qos_type == QosType::Acyclic => Some(&any),
            of_device => of_device,
        };
        let Some(of_device) = of_device else {
            remarks.add(Rule::Transmission, place, || {
                format!("`{}` offers `{token}`, which its device does not", port.name)
            });
            continue;
        };
        let missing: Vec<String> =
            offer.values_ms.iter().filter(|value| !offers(of_device, **value)).map(u16::to_string).collect();
        if !missing.is_empty() {
            remarks.add(Rule::Transmission, place, || {
                format!("`{}` offers `{token}` at {} ms, which its device does not", port.name, missing.join(", "))
            });
        }
    }
}
