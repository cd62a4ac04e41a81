//! The device: interfaces that its class needs (6), and bytes that it bears (10).

use super::super::remark::{Remarks, Rule};
use super::super::schema::Element;
use super::super::tree::Node;
use crate::model::{Component, DeviceClass, Port};

/// Checks the device as a whole.
pub(in super::super) fn device(remarks: &mut Remarks, node: Node<'_>, component: &Component) {
    let device = &component.device;
    let place = || node.place();
    let slaves = device.profibus.iter().filter(|bus| !bus.master).count();
    match device.class {
        DeviceClass::ProfibusSlave if slaves != 1 => remarks.add(Rule::DeviceInterface, place, || {
            format!("a PROFIBUS slave has one Profibus interface with the role slave, not {slaves}")
        }),
        DeviceClass::Proxy if slaves == device.profibus.len() => remarks
            .add(Rule::DeviceInterface, place, || "a proxy needs a Profibus interface with the role master".to_owned()),
        _ => {}
    }
    if device.class == DeviceClass::Proxy && device.ethernet.is_none() {
        remarks.add(Rule::DeviceInterface, place, || "a proxy needs an Ethernet interface".to_owned());
    }

    let ports = || component.rtautos().flat_map(|(_, rtauto)| &rtauto.ports);
    let bytes = |counts: fn(&Port) -> bool| -> u64 {
        let sizes = ports().filter(|port| counts(port)).map(|port| port.value_type.wire_bytes());
        sizes.fold(0, u64::saturating_add)
    };
    let limits = node.first(Element::Limits).unwrap_or(node);
    for (what, bytes, most) in [
        ("inputs", bytes(Port::is_input), device.limits.bytes_in),
        ("outputs", bytes(Port::is_output), device.limits.bytes_out),
    ] {
        if let Some(most) = most.filter(|most| bytes > u64::from(*most)) {
            remarks.add(
                Rule::TooManyBytes,
                || limits.place(),
                || {
                    format!(
                        "all {what} together have {bytes} bytes, the device bears {most}; not all can be linked at once"
                    )
                },
            );
        }
    }
}
