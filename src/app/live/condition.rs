//! How each device does, and what to do about it: the list of diagnostics as data.

use std::collections::BTreeMap;

use super::connections::{ConnectionState, LinkPlaces, Told};
use super::values::Values;
use crate::app::code_name;
use crate::model::{LinkKey, Name, Phrase};
use crate::online::monitor::{LdevStatus, LinkState};
use crate::online::{Difference, PDevIdentity, Watch, lines};
use crate::say;
use crate::wire::cba::quality::QualityClass;
use crate::wire::cba::{GroupErrorState, HResult, LDevState};

/// Whether a device answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// Not known yet.
    Asking,
    /// It answers, and is the device that is planned.
    Answers,
    /// Another device than planned answers there.
    Stranger,
    /// It does not answer, or not as a CBA device does.
    Silent {
        /// Why, in words.
        why: Phrase,
        /// What a person can do.
        remedy: Phrase,
    },
}

/// An LDev of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct LdevView {
    /// Its name on the network.
    pub ldev: Name,
    /// Operating state; `None` when it is not known.
    pub state: Option<LDevState>,
    /// Group error; `None` when it is not known.
    pub group_error: Option<GroupErrorState>,
    /// Why the tool's own subscription fails there; `None` when it does not.
    pub subscription_error: Option<Phrase>,
}

/// How much a device needs attention; what needs most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It does not do what it should.
    Problem,
    /// It does, but not all is well.
    Warning,
    /// Not known yet.
    Unknown,
    /// All is well.
    Fine,
}

/// Something that is not as it should be with a device, the most important first.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Its cable was pulled here, to see what happens.
    Pulled,
    /// It does not answer.
    Silent {
        /// Why, in words.
        why: Phrase,
        /// What a person can do.
        remedy: Phrase,
    },
    /// Another device answers.
    Stranger(Vec<Difference>),
    /// It has not all that is planned, or in another version.
    Differs(Vec<Difference>),
    /// It could not be loaded.
    NotDownloaded {
        /// Why, in words.
        why: Phrase,
    },
    /// An LDev is defect.
    Defect(Name),
    /// An LDev does not operate.
    NotOperating(Name, LDevState),
    /// An LDev reports a group error.
    GroupError(Name, GroupErrorState),
    /// Links that are planned and not in the device.
    NotLoaded(usize),
    /// Its partners cannot be reached.
    LostPartners(Vec<Name>),
    /// Connections are disturbed for another reason: its standard name, what the standard says, and how many.
    Connections {
        /// Standard name of the code.
        name: String,
        /// What the standard says of it.
        meaning: &'static str,
        /// Connections.
        n: usize,
    },
    /// Values that the device calls bad.
    BadValues(usize),
    /// The tool cannot subscribe to values.
    Subscription(Name, Phrase),
}

impl Trouble {
    /// How much attention it needs.
    pub fn urgency(&self) -> Urgency {
        match self {
            Self::GroupError(_, error) if is_maintenance(*error) => Urgency::Warning,
            Self::NotOperating(..) | Self::BadValues(_) | Self::Differs(_) => Urgency::Warning,
            _ => Urgency::Problem,
        }
    }

    /// What is wrong, as a sentence.
    pub fn what(&self) -> Phrase {
        match self {
            Self::Pulled => say!("Its cable is pulled"),
            Self::Silent { why, .. } => say!("It does not answer: {why}", why),
            Self::Stranger(differences) => {
                say!("Another device than planned answers: {differences}", differences = lines(differences))
            }
            Self::Differs(differences) => say!("It is not as planned: {differences}", differences = lines(differences)),
            Self::NotDownloaded { why } => say!("It was not loaded: {why}", why),
            Self::Defect(ldev) => say!("{ldev} is defect", ldev),
            Self::NotOperating(ldev, state) => say!("{ldev} does not operate: {state}", ldev, state),
            Self::GroupError(ldev, error) => say!("{ldev} reports a group error: {error}", ldev, error),
            Self::NotLoaded(1) => say!("A planned connection is not in it"),
            Self::NotLoaded(n) => say!("{n} planned connections are not in it", n),
            Self::LostPartners(partners) => say!("It cannot reach {partners}", partners = partners.join(", ")),
            Self::Connections { name, meaning, n } => {
                let meaning = Phrase::Said { text: meaning, values: Vec::new() };
                say!("{n} × {name}: {meaning}", n, name, meaning)
            }
            Self::BadValues(1) => say!("One of its values is bad"),
            Self::BadValues(n) => say!("{n} of its values are bad", n),
            Self::Subscription(ldev, why) => say!("{ldev} delivers no values: {why}", ldev, why),
        }
    }

    /// What to do about it; a sentence, but for a device that does not answer, whose remedy begins small as all of failures do.
    pub fn advice(&self) -> Phrase {
        match self {
            Self::Pulled => say!("Plug it in again"),
            Self::Silent { remedy, .. } => remedy.clone(),
            Self::Stranger(_) => say!("Check addresses and cabling, or plan the device that is there"),
            Self::Differs(_) => say!("Plan the component version that is there, or load the device's program"),
            Self::NotDownloaded { .. } => say!("Mend what is said, and download again"),
            Self::Defect(_) => say!("See what the device itself indicates; reset or replace it"),
            Self::NotOperating(..) => say!("Start the device's program, or switch it to run"),
            Self::GroupError(..) => say!("See the device's own diagnosis for what is behind it"),
            Self::NotLoaded(_) => say!("Download to the device"),
            Self::LostPartners(_) => {
                say!("See to those devices first; the connections come back by themselves")
            }
            Self::Connections { .. } => {
                say!("Compare the device with the plan; both ends must offer what the connection asks for")
            }
            Self::BadValues(_) => say!("See whether the function works, and whether its own inputs are fed"),
            Self::Subscription(..) => {
                say!("Check that the device can bear one more partner, and can reach this computer")
            }
        }
    }
}

/// Whether a group error only asks for somebody to look after the device.
fn is_maintenance(error: GroupErrorState) -> bool {
    matches!(
        error,
        GroupErrorState::MaintenanceRequired | GroupErrorState::MaintenanceDemanded | GroupErrorState::MaintenanceBoth
    )
}

/// How a device does.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceCondition {
    /// Device in the plan.
    pub device: Name,
    /// Where it is, e.g. `192.168.0.11`; empty when it has no address.
    pub address: String,
    /// Whether it answers.
    pub reach: Reach,
    /// What it says about itself, when it was reached once.
    pub identity: Option<PDevIdentity>,
    /// In what it is not as planned, beside its connections.
    pub differences: Vec<Difference>,
    /// Its LDevs.
    pub ldevs: Vec<LdevView>,
    /// Its cable was pulled here.
    pub is_pulled: bool,
    /// Links into it that are disturbed or not there.
    pub connection_errors: Vec<(LinkKey, ConnectionState)>,
    /// Devices that it gets values from and cannot reach.
    pub lost_partners: Vec<Name>,
    /// Values watched.
    pub n_values: usize,
    /// Bad and uncertain ones among them.
    pub n_bad: usize,
    /// See [`n_bad`](Self::n_bad).
    pub n_uncertain: usize,
    /// How much it needs attention.
    pub urgency: Urgency,
    /// What is wrong, the most important first.
    pub troubles: Vec<Trouble>,
}

/// What is known of a device.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) address: String,
    pub(super) reach: Reach,
    pub(super) identity: Option<PDevIdentity>,
    pub(super) differences: Vec<Difference>,
    pub(super) is_pulled: bool,
    /// Why it was not loaded when the session began.
    pub(super) not_downloaded: Option<Phrase>,
}

/// Everything the conditions follow from.
pub(super) struct Known<'a> {
    pub(super) devices: &'a BTreeMap<Name, Facts>,
    pub(super) ldevs: &'a BTreeMap<(Name, Name), LdevStatus>,
    pub(super) told: &'a BTreeMap<Name, Told>,
    pub(super) links: &'a LinkPlaces,
    pub(super) watches: &'a [&'a Watch],
    pub(super) values: &'a Values,
}

/// The conditions of all devices, problems first, then by name.
pub(super) fn conditions(known: &Known) -> Vec<DeviceCondition> {
    let mut counts: BTreeMap<&Name, [usize; 3]> = BTreeMap::new();
    for watch in known.watches {
        let [n_values, n_bad, n_uncertain] = counts.entry(&watch.device).or_default();
        *n_values += 1;
        match known.values.get(&watch.port).map(|value| value.group) {
            Some(QualityClass::Bad) => *n_bad += 1,
            Some(QualityClass::Uncertain) => *n_uncertain += 1,
            Some(QualityClass::Good) | None => {}
        }
    }
    let condition = |(device, facts): (&Name, &Facts)| {
        let counts = counts.get(device).copied().unwrap_or_default();
        known.condition(device, facts, counts)
    };
    let mut conditions: Vec<DeviceCondition> = known.devices.iter().map(condition).collect();
    conditions.sort_by(|a, b| (a.urgency, &a.device).cmp(&(b.urgency, &b.device)));
    conditions
}

impl Known<'_> {
    fn condition(&self, device: &Name, facts: &Facts, [n_values, n_bad, n_uncertain]: [usize; 3]) -> DeviceCondition {
        let told = self.told.get(device);
        let links = self.links.fed_in(device);
        let states = links.iter().map(|link| (link, link.state(told)));
        let wrong: Vec<_> = states.filter(|(_, state)| state.is_wrong()).collect();
        let silent = |name: &Name| {
            self.devices.get(name).is_some_and(|facts| facts.is_pulled || matches!(facts.reach, Reach::Silent { .. }))
        };
        let mut lost_partners: Vec<Name> = wrong
            .iter()
            .filter(|(link, state)| match state {
                // Whatever the code, a connection whose provider does not answer fails for that reason.
                ConnectionState::Failed { code, .. } => {
                    *code == HResult::CBA_E_NONACCESSIBLE.0 || link.provider.as_ref().is_some_and(silent)
                }
                _ => false,
            })
            .filter_map(|(link, _)| link.provider.clone())
            .filter(|provider| provider != device)
            .collect();
        lost_partners.sort();
        lost_partners.dedup();
        let others = wrong
            .iter()
            .filter(|(link, _)| link.provider.as_ref().is_none_or(|provider| !lost_partners.contains(provider)));
        let mut by_name: BTreeMap<&String, (&'static str, usize)> = BTreeMap::new();
        for (_, state) in others {
            if let ConnectionState::Failed { name, meaning, .. } = state {
                by_name.entry(name).or_insert((meaning, 0)).1 += 1;
            }
        }
        let n_not_loaded = wrong.iter().filter(|(_, state)| *state == ConnectionState::NotLoaded).count();
        let ldevs: Vec<LdevView> = self
            .ldevs
            .range((device.clone(), Name::default())..)
            .take_while(|((owner, _), _)| owner == device)
            .map(|((_, ldev), status)| LdevView {
                ldev: ldev.clone(),
                state: status.state,
                group_error: status.group_error,
                subscription_error: match &status.link {
                    LinkState::Failed { code, why } => Some(say!("{code}, {why}", code = code_name(*code), why)),
                    LinkState::Connecting | LinkState::Connected => None,
                },
            })
            .collect();

        let mut troubles = Vec::new();
        if facts.is_pulled {
            troubles.push(Trouble::Pulled);
        }
        match &facts.reach {
            Reach::Silent { .. } if facts.is_pulled => {}
            Reach::Silent { why, remedy } => {
                troubles.push(Trouble::Silent { why: why.clone(), remedy: remedy.clone() })
            }
            Reach::Stranger => troubles.push(Trouble::Stranger(facts.differences.clone())),
            Reach::Asking | Reach::Answers => {}
        }
        // What else is wrong with a device that does not answer follows from that.
        if troubles.is_empty() {
            if !facts.differences.is_empty() {
                troubles.push(Trouble::Differs(facts.differences.clone()));
            }
            troubles.extend(facts.not_downloaded.clone().map(|why| Trouble::NotDownloaded { why }));
            for ldev in &ldevs {
                match ldev.state {
                    Some(LDevState::Defect) => troubles.push(Trouble::Defect(ldev.ldev.clone())),
                    Some(LDevState::Operating) | None => {}
                    Some(state) => troubles.push(Trouble::NotOperating(ldev.ldev.clone(), state)),
                }
                match ldev.group_error {
                    Some(GroupErrorState::Okay | GroupErrorState::NonAccessible | GroupErrorState::Unknown) | None => {}
                    Some(error) => troubles.push(Trouble::GroupError(ldev.ldev.clone(), error)),
                }
                if let Some(why) = ldev.subscription_error.clone().filter(|_| facts.reach == Reach::Answers) {
                    troubles.push(Trouble::Subscription(ldev.ldev.clone(), why));
                }
            }
            if n_not_loaded > 0 {
                troubles.push(Trouble::NotLoaded(n_not_loaded));
            }
            if !lost_partners.is_empty() {
                troubles.push(Trouble::LostPartners(lost_partners.clone()));
            }
            let connections =
                by_name.into_iter().map(|(name, (meaning, n))| Trouble::Connections { name: name.clone(), meaning, n });
            troubles.extend(connections);
            if n_bad > 0 && troubles.is_empty() && facts.reach == Reach::Answers {
                troubles.push(Trouble::BadValues(n_bad));
            }
        }
        let fine = if facts.reach == Reach::Asking { Urgency::Unknown } else { Urgency::Fine };
        DeviceCondition {
            device: device.clone(),
            address: facts.address.clone(),
            reach: facts.reach.clone(),
            identity: facts.identity.clone(),
            differences: facts.differences.clone(),
            ldevs,
            is_pulled: facts.is_pulled,
            connection_errors: wrong.into_iter().map(|(link, state)| (link.key.clone(), state)).collect(),
            lost_partners,
            n_values,
            n_bad,
            n_uncertain,
            urgency: troubles.iter().map(Trouble::urgency).min().unwrap_or(fine),
            troubles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn facts(reach: Reach) -> Facts {
        let address = "10.0.0.1".to_owned();
        Facts { address, reach, identity: None, differences: Vec::new(), is_pulled: false, not_downloaded: None }
    }

    fn status(device: &str, state: Option<LDevState>, group_error: Option<GroupErrorState>) -> LdevStatus {
        LdevStatus { device: device.into(), ldev: "P".into(), link: LinkState::Connected, state, group_error }
    }

    #[test]
    fn problems_come_first_and_what_follows_from_one_is_not_told_again() {
        let plan = fixture::plan(
            "
            component P 1.0 { out a I2; in b I2; in c I2 }
            Away: P @10.0.0.1
            Fine: P @10.0.0.2
            Maint: P @10.0.0.3
            New: P @10.0.0.4
            Other: P @10.0.0.5
            Worn: P @10.0.0.6
            Away.a -> Worn.b acyclic 100
            Fine.a -> Worn.c acyclic 100
            Fine.a -> Other.b acyclic 100
        ",
        );
        let links = LinkPlaces::of(&plan);
        let silence = || Reach::Silent { why: "silence".into(), remedy: "check the cable".into() };
        let stranger = Difference {
            ldev: String::new(),
            what: "product".into(),
            planned: Some("A".into()),
            found: Some("B".into()),
        };
        let devices: BTreeMap<Name, Facts> = [
            ("Away", Facts { is_pulled: false, ..facts(silence()) }),
            ("Fine", facts(Reach::Answers)),
            ("Maint", facts(Reach::Answers)),
            ("New", facts(Reach::Asking)),
            ("Other", Facts { differences: vec![stranger], ..facts(Reach::Stranger) }),
            ("Worn", facts(Reach::Answers)),
        ]
        .map(|(name, facts)| (name.into(), facts))
        .into();
        let ldevs = [
            status("Maint", Some(LDevState::Operating), Some(GroupErrorState::MaintenanceRequired)),
            status("Worn", Some(LDevState::Operating), Some(GroupErrorState::Problem)),
            status("Fine", Some(LDevState::Operating), Some(GroupErrorState::Okay)),
        ];
        let ldevs = ldevs.into_iter().map(|status| ((status.device.clone(), status.ldev.clone()), status)).collect();
        let items = [("Main.b", HResult::CBA_E_LINKFAILURE), ("Main.c", HResult::CBA_E_TYPEMISMATCH)];
        let items = items.map(|(item, code)| (item.to_owned(), code)).into();
        let told = [("Worn".into(), [("P".into(), Some(items))].into())].into();
        let values = Values::default();
        let known =
            Known { devices: &devices, ldevs: &ldevs, told: &told, links: &links, watches: &[], values: &values };
        let all = conditions(&known);
        let order: Vec<_> = all.iter().map(|one| (one.device.as_str(), one.urgency)).collect();
        use Urgency::*;
        let expected = [
            ("Away", Problem),
            ("Other", Problem),
            ("Worn", Problem),
            ("Maint", Warning),
            ("New", Unknown),
            ("Fine", Fine),
        ];
        assert_eq!(order, expected);
        let lines = |place: usize| -> Vec<String> {
            all[place].troubles.iter().map(|trouble| format!("{}. {}", trouble.what(), trouble.advice())).collect()
        };
        assert_eq!(lines(0), ["It does not answer: silence. check the cable"]);
        assert_eq!(lines(1).len(), 1, "{:?}", lines(1));
        assert!(lines(1)[0].starts_with("Another device than planned answers: ~ product A (the device has B)"));
        let worn = lines(2);
        assert!(worn[0].starts_with("P reports a group error: problem"), "{worn:?}");
        assert!(worn[1].starts_with("It cannot reach Away. See to those devices first"), "{worn:?}");
        assert!(worn[2].starts_with("1 × CBA_E_TYPEMISMATCH: The types of both ends differ."), "{worn:?}");
        assert_eq!((all[2].lost_partners.len(), all[2].connection_errors.len()), (1, 2));
        assert!(all[5].troubles.is_empty());
    }
}
