//! Project: name, remark, settings, reaction targets.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Compared};
use crate::model::{FunctionRef, ReactionTarget};

pub(super) fn compare(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old, compared.new);
    if old.name() != new.name() {
        compared.add(Change::ProjectRenamed { from: old.name().clone(), to: new.name().clone() });
    }
    if old.comment() != new.comment() {
        compared.add(Change::ProjectRemark { from: old.comment().to_owned(), to: new.comment().to_owned() });
    }
    let (from, to) = (old.settings(), new.settings());
    if from.resolver_port != to.resolver_port {
        compared.add(Change::ResolverPort { from: from.resolver_port, to: to.resolver_port });
    }
    if from.default_qos != to.default_qos {
        compared.add(Change::DefaultTransmission { from: from.default_qos, to: to.default_qos });
    }
    targets(compared);
}

/// A pair of functions can have several targets; where it has one on each side, that one was set otherwise.
fn targets(compared: &mut Compared<'_>) {
    let identity = &compared.identity;
    let renamed = |target: &ReactionTarget| ReactionTarget {
        from: identity.function(&target.from),
        to: identity.function(&target.to),
        max_ms: target.max_ms,
    };
    let olds: BTreeSet<ReactionTarget> = compared.old.targets().iter().map(renamed).collect();
    let news: BTreeSet<ReactionTarget> = compared.new.targets().iter().cloned().collect();
    let mut pairs: BTreeMap<(FunctionRef, FunctionRef), (Vec<u32>, Vec<u32>)> = BTreeMap::new();
    for gone in olds.difference(&news) {
        pairs.entry((gone.from.clone(), gone.to.clone())).or_default().0.push(gone.max_ms);
    }
    for come in news.difference(&olds) {
        pairs.entry((come.from.clone(), come.to.clone())).or_default().1.push(come.max_ms);
    }
    for ((from, to), limits) in pairs {
        match (limits.0.as_slice(), limits.1.as_slice()) {
            ([old_max_ms], [max_ms]) => {
                compared.add(Change::TargetChanged { from, to, old_max_ms: *old_max_ms, max_ms: *max_ms });
            }
            (gone, come) => {
                for max_ms in gone {
                    compared.add(Change::TargetRemoved { from: from.clone(), to: to.clone(), max_ms: *max_ms });
                }
                for max_ms in come {
                    compared.add(Change::TargetAdded { from: from.clone(), to: to.clone(), max_ms: *max_ms });
                }
            }
        }
    }
}
