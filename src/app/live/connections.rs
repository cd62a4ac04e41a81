//! How the links of the plan fare in the devices, asked of the consumers' ACCOs.

use std::collections::{BTreeMap, HashMap};

use crate::app::code_name;
use crate::model::{LinkKey, Name, Plan};
use crate::online::Watch;
use crate::wire::cba::HResult;

/// How a link of the plan fares as a connection in its consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not known: the consumer was not asked yet, does not answer, or is of a stage that does not tell.
    Unknown,
    /// Values come.
    Connected,
    /// It is being made, or has carried no value yet.
    Establishing,
    /// The plan has it only stored.
    Passive,
    /// The device does not hold it: it was not downloaded.
    NotLoaded,
    /// It is disturbed.
    Failed {
        /// HRESULT.
        code: u32,
        /// Its name in the standard.
        name: String,
        /// What the standard says of it, as a sentence.
        meaning: &'static str,
    },
}

impl ConnectionState {
    pub(super) fn of(code: HResult) -> Self {
        match code {
            HResult::S_OK | HResult::CBA_S_VALUEUNCERTAIN => Self::Connected,
            code if code.is_success() => Self::Establishing,
            code => Self::Failed { code: code.0, name: code_name(code), meaning: code.meaning() },
        }
    }

    /// Whether it is as it should not be.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::NotLoaded | Self::Failed { .. })
    }
}

/// All links with how each fares.
pub type ConnectionStates = BTreeMap<LinkKey, ConnectionState>;

/// What the ACCOs of a device say: by LDev, consumer items with their states; `None` for a device that does not tell.
pub(super) type Told = BTreeMap<Name, Option<BTreeMap<String, HResult>>>;

/// Where each link is found: its consumer's device, LDev and item.
#[derive(Default)]
pub(super) struct LinkPlaces {
    by_device: HashMap<Name, Vec<LinkPlace>>,
}

pub(super) struct LinkPlace {
    pub(super) key: LinkKey,
    pub(super) ldev: Name,
    item: String,
    is_active: bool,
    /// The device that serves the provider.
    pub(super) provider: Option<Name>,
}

impl LinkPlaces {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut by_device: HashMap<Name, Vec<LinkPlace>> = HashMap::new();
        // A second link to an input is a contradiction that no device can hold.
        for (key, link) in plan.links().iter().filter(|(key, _)| key.nth == 0) {
            let Some(watch) = Watch::of(plan, &key.consumer) else { continue };
            let provider = Watch::of(plan, &link.provider).map(|watch| watch.device);
            by_device.entry(watch.device).or_default().push(LinkPlace {
                key: key.clone(),
                ldev: watch.ldev,
                item: watch.item,
                is_active: link.active,
                provider,
            });
        }
        Self { by_device }
    }

    /// Links that a device consumes.
    pub(super) fn fed_in(&self, device: &str) -> &[LinkPlace] {
        self.by_device.get(device).map_or(&[], Vec::as_slice)
    }

    /// The states of all links, from what devices told.
    pub(super) fn states(&self, told: &BTreeMap<Name, Told>) -> ConnectionStates {
        let mut states = ConnectionStates::new();
        for (device, places) in &self.by_device {
            let told = told.get(device);
            states.extend(places.iter().map(|place| (place.key.clone(), place.state(told))));
        }
        states
    }
}

impl LinkPlace {
    pub(super) fn state(&self, told: Option<&Told>) -> ConnectionState {
        match told.and_then(|told| told.get(&self.ldev)) {
            None | Some(None) => ConnectionState::Unknown,
            Some(Some(items)) => match items.get(&self.item) {
                None => ConnectionState::NotLoaded,
                Some(_) if !self.is_active => ConnectionState::Passive,
                Some(code) => ConnectionState::of(*code),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn each_link_is_told_as_its_consumer_tells() {
        let plan = fixture::plan(
            "
            component P 1.0 { out a I2; out b I2; in c I2; in d I2 }
            A: P @10.0.0.1
            B: P @10.0.0.2
            C: P @10.0.0.3
            A.a -> B.c acyclic 100
            A.b -> B.d acyclic 100
            B.a -> A.c acyclic 100 passive
            B.a -> A.d acyclic 100
            A.a -> C.c acyclic 100
        ",
        );
        let places = LinkPlaces::of(&plan);
        let items =
            |all: &[(&str, HResult)]| Some(all.iter().map(|(item, code)| ((*item).to_owned(), *code)).collect());
        let told = [
            (
                "B",
                items(&[
                    ("Main.c", HResult::S_OK),
                    ("Main.d", HResult::CBA_E_NONACCESSIBLE),
                    ("Main.x", HResult::S_OK),
                ]),
            ),
            ("A", items(&[("Main.c", HResult::CBA_S_NOCONNECTION)])),
            ("C", None),
        ];
        let told = told.into_iter().map(|(device, items)| (device.into(), [("P".into(), items)].into())).collect();
        let states = places.states(&told);
        let state = |port: &str| &states[&LinkKey::to(plan.find_port(port).unwrap())];
        assert_eq!(state("B.c"), &ConnectionState::Connected);
        assert!(matches!(state("B.d"), ConnectionState::Failed { name, .. } if name == "CBA_E_NONACCESSIBLE"));
        assert_eq!((state("A.c"), state("A.d")), (&ConnectionState::Passive, &ConnectionState::NotLoaded));
        assert_eq!(state("C.c"), &ConnectionState::Unknown);
        assert_eq!(ConnectionState::of(HResult::CBA_S_NOCONNECTIONDATA), ConnectionState::Establishing);
    }
}
