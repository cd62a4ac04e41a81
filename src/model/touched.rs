//! What an edit touched.

use std::collections::BTreeSet;

use imbl::ordmap::DiffItem;
use imbl::ordset;

use super::{Cable, ChartId, ComponentKey, LinkKey, Name, Plan, PortRef, ReactionTarget};

/// The parts of a plan that are not the same in another: added, removed or changed.
///
/// Derived data (findings, indexes, drawings) is brought up to date from it, without looking at the rest of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// Links.
    pub links: BTreeSet<LinkKey>,
    /// Constants, by the input they feed.
    pub constants: BTreeSet<PortRef>,
    /// Instances.
    pub instances: BTreeSet<Name>,
    /// Planned devices.
    pub devices: BTreeSet<Name>,
    /// Component versions.
    pub components: BTreeSet<ComponentKey>,
    /// Charts.
    pub charts: BTreeSet<ChartId>,
    /// Ethernet subnets.
    pub subnets: BTreeSet<Name>,
    /// Cables.
    pub cables: BTreeSet<Cable>,
    /// Stated reaction times.
    pub targets: BTreeSet<ReactionTarget>,
    /// Devices whose last known state changed.
    pub states: BTreeSet<Name>,
    /// Project name, remark or settings.
    pub project: bool,
}

impl Plan {
    /// Whether two plans are the same, decided at the first difference. Parts that they share are not visited, so of two states
    /// of a document this is known at once, whatever the size of the plan.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.name(), self.comment(), self.settings()) == (other.name(), other.comment(), other.settings())
            && self.instances().diff(other.instances()).next().is_none()
            && self.links().diff(other.links()).next().is_none()
            && self.constants().diff(other.constants()).next().is_none()
            && self.devices().diff(other.devices()).next().is_none()
            && self.charts().diff(other.charts()).next().is_none()
            && self.components().diff(other.components()).next().is_none()
            && self.subnets().diff(other.subnets()).next().is_none()
            && self.cables().diff(other.cables()).next().is_none()
            && self.targets().diff(other.targets()).next().is_none()
            && self.states().diff(other.states()).next().is_none()
    }
}

impl Touched {
    /// What differs between two plans.
    ///
    /// The plans share what an edit left alone, and shared parts are not visited: the cost is that of the difference,
    /// whatever the size of the plan. Two plans that were read separately are compared entry by entry.
    pub fn between(old: &Plan, new: &Plan) -> Self {
        Self {
            links: keys(old.links().diff(new.links())),
            constants: keys(old.constants().diff(new.constants())),
            instances: keys(old.instances().diff(new.instances())),
            devices: keys(old.devices().diff(new.devices())),
            components: keys(old.components().diff(new.components())),
            charts: keys(old.charts().diff(new.charts())),
            subnets: keys(old.subnets().diff(new.subnets())),
            cables: members(old.cables().diff(new.cables())),
            targets: members(old.targets().diff(new.targets())),
            states: keys(old.states().diff(new.states())),
            project: (old.name(), old.comment(), old.settings()) != (new.name(), new.comment(), new.settings()),
        }
    }

    /// Whether nothing was touched.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn keys<'a, K: Ord + Clone + 'a, V: 'a>(differences: impl Iterator<Item = DiffItem<'a, 'a, K, V>>) -> BTreeSet<K> {
    differences
        .map(|difference| match difference {
            DiffItem::Add(key, _) | DiffItem::Remove(key, _) => key.clone(),
            DiffItem::Update { new: (key, _), .. } => key.clone(),
        })
        .collect()
}

fn members<'a, T: Ord + Clone + 'a>(differences: impl Iterator<Item = ordset::DiffItem<'a, 'a, T>>) -> BTreeSet<T> {
    differences
        .map(|difference| match difference {
            ordset::DiffItem::Add(member) | ordset::DiffItem::Remove(member) => member.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Link, fixture};

    #[test]
    fn only_what_differs_is_touched() {
        let old = fixture::plan(
            "component A 1.0 { in x I2 = 0; in z I2 = 0; out y I2 }\nOne: A\nTwo: A\nOne.y -> Two.x\nOne.x = 3",
        );
        assert!(Touched::between(&old, &old.clone()).is_empty());
        let mut new = old.clone();
        let key = LinkKey::to(PortRef::parse("Two.A.Main.z").unwrap());
        new.insert_link(key.clone(), Link::from(PortRef::parse("One.A.Main.y").unwrap()));
        new.constants.clear();
        let touched = Touched::between(&old, &new);
        assert_eq!(touched.links, [key].into());
        assert_eq!(touched.constants, [PortRef::parse("One.A.Main.x").unwrap()].into());
        assert!(touched.instances.is_empty() && touched.devices.is_empty() && !touched.project);
        assert_eq!(Touched::between(&new, &old), touched, "there and back touch the same");
        assert!(old.is_same(&old.clone()) && !old.is_same(&new) && !new.is_same(&old));
    }
}
