//! What a device can bear, and what it has to.

use super::context::{DeviceView, LinkView};
use crate::model::{Component, Limits, Name, Phrase};
use crate::say;

/// One limit of a device with its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What is counted, as [`Limits`] calls it.
    pub key: &'static str,
    /// What is counted, in words.
    pub what: Phrase,
    /// How much of it the plan asks for.
    pub used: u64,
    /// Up to here the maker calls it typical.
    pub typical: Option<u64>,
    /// Beyond this the device refuses.
    pub maximum: Option<u64>,
}

impl Use {
    /// Whether it is beyond the maximum.
    pub fn is_exceeded(&self) -> bool {
        self.maximum.is_some_and(|maximum| self.used > maximum)
    }
}

/// Which field of [`Limits`] counts what.
type Field = fn(&Limits) -> Option<u32>;

/// A limit of a component: the profile's typical value, and the lower of the maxima in description and profile.
fn bounds(component: &Component, field: Field) -> (Option<u64>, Option<u64>) {
    let profile = component.profile.as_deref();
    let typical = profile.and_then(|profile| field(&profile.typical)).map(u64::from);
    let maximum = [field(&component.device.limits), profile.and_then(|profile| field(&profile.maximum))];
    (typical, maximum.into_iter().flatten().min().map(u64::from))
}

/// All limits of a device that anybody states. Of several components on one device, the strictest counts.
pub(super) fn uses(view: &DeviceView) -> Vec<Use> {
    let load = view.load;
    let counted: [(&'static str, Phrase, u64, Field); 7] = [
        ("connections_in", say!("connections consumed"), load.connections_in + load.constants, |limits| {
            limits.connections_in
        }),
        ("connections_out", say!("connections provided"), load.connections_out, |limits| limits.connections_out),
        ("partners", say!("partners"), load.n_partners(), |limits| limits.partners),
        ("bytes_in", say!("bytes consumed"), load.bytes_in, |limits| limits.bytes_in),
        ("bytes_out", say!("bytes provided"), load.bytes_out, |limits| limits.bytes_out),
        ("cyclic_in", say!("cyclic connections consumed"), load.cyclic_in, |limits| limits.cyclic_in),
        ("cyclic_out", say!("cyclic connections provided"), load.cyclic_out, |limits| limits.cyclic_out),
    ];
    counted
        .into_iter()
        .map(|(key, what, used, field)| {
            let (mut typical, mut maximum): (Option<u64>, Option<u64>) = (None, None);
            for component in view.components() {
                let (own_typical, own_maximum) = bounds(component, field);
                typical = typical.into_iter().chain(own_typical).min();
                maximum = maximum.into_iter().chain(own_maximum).min();
            }
            Use { key, what, used, typical, maximum }
        })
        .collect()
}

/// The limits on the bytes of one array or structure at the ends of a link that carries one, and whose they are.
pub(super) fn array_uses<'a>(view: &LinkView<'a>) -> Vec<(Use, &'a Name)> {
    let Some((port, _)) = view.ports().filter(|(port, _)| port.value_type.base().is_none()) else { return Vec::new() };
    let used = port.value_type.wire_bytes();
    let ends = [view.provider, view.consumer].into_iter();
    let at = ends.filter_map(|end| Some((end.component()?, &end.port.instance)));
    at.map(|(component, instance)| {
        let (typical, maximum) = bounds(component, |limits| limits.array_bytes);
        (Use { key: "array_bytes", what: say!("bytes in one array or structure"), used, typical, maximum }, instance)
    })
    .collect()
}
