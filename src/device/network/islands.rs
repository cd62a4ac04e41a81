//! What planned cables leave apart.

use std::collections::{BTreeMap, BTreeSet};

use super::spec::StationSpec;
use crate::model::{Cable, LanPort, Name};
use crate::wire::ethernet::MacAddress;

/// One port in each group of connected stations, where the switch is plugged in: the first that is free at the first
/// station that has one. Where none is free, the first station gets one more.
pub(super) fn islands(stations: &mut [StationSpec], cables: &[Cable]) -> Vec<LanPort> {
    let mut taken: BTreeMap<&Name, BTreeSet<u8>> = BTreeMap::new();
    let mut next: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
    for Cable { a, b } in cables {
        for (here, there) in [(a, b), (b, a)] {
            taken.entry(&here.device).or_default().insert(here.port);
            next.entry(&here.device).or_default().push(&there.device);
        }
    }
    let at: BTreeMap<Name, usize> = stations.iter().enumerate().map(|(at, spec)| (spec.device.clone(), at)).collect();
    let mut seen = BTreeSet::new();
    let mut uplinks = Vec::new();
    for first in 0..stations.len() {
        let mut island = Vec::new();
        let mut open = vec![first];
        while let Some(number) = open.pop() {
            if seen.insert(number) {
                island.push(number);
                let neighbours = stations.get(number).and_then(|spec| next.get(&spec.device));
                open.extend(neighbours.into_iter().flatten().filter_map(|name| at.get(*name)));
            }
        }
        island.sort_unstable();
        let free = |number: &usize| {
            let spec = stations.get(*number)?;
            let ports = u8::try_from(spec.port_macs.len()).unwrap_or(u8::MAX);
            let port = (1..=ports).find(|port| !taken.get(&spec.device).is_some_and(|taken| taken.contains(port)))?;
            Some(LanPort { device: spec.device.clone(), port })
        };
        let uplink = island.iter().find_map(free);
        let one_more = || {
            let spec = island.first().and_then(|number| stations.get_mut(*number))?;
            let port = u8::try_from(spec.port_macs.len()).ok()?.checked_add(1)?;
            let MacAddress([a, b, c, d, e, f]) = spec.mac;
            spec.port_macs.push(MacAddress([a | 0x02, b, c, d, e ^ 0xa5, f ^ port]));
            Some(LanPort { device: spec.device.clone(), port })
        };
        uplinks.extend(uplink.or_else(one_more).filter(|_| !island.is_empty()));
    }
    uplinks
}
