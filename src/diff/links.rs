//! Links and constants: what feeds which input.

use std::collections::BTreeMap;

use super::{Change, Compared, LinkProperty};
use crate::model::{Constant, Link, LinkKey, Plan, PortRef, Substitute};

pub(super) fn compare(compared: &mut Compared<'_>) {
    links(compared);
    constants(compared);
}

fn links(compared: &mut Compared<'_>) {
    let identity = &compared.identity;
    let olds: BTreeMap<LinkKey, (PortRef, &Link)> = compared
        .old
        .links()
        .iter()
        .map(|(key, link)| (identity.link(key), (identity.port(&link.provider), &**link)))
        .collect();
    let mut replugged = Replugged::of(&olds, compared.new);
    let mut changes = Vec::new();
    let mut n_routes = 0;
    for (key, (provider, link)) in &olds {
        let now = compared.new.links().get(key);
        let Some(now) = now else {
            match replugged.to.remove(key) {
                Some(to) => {
                    changes.push(Change::LinkTarget { provider: provider.clone(), from: key.clone(), to: to.clone() });
                    if let Some(now) = compared.new.links().get(&to) {
                        properties(&to, link, now, &mut changes, &mut n_routes);
                    }
                }
                None => changes.push(Change::LinkRemoved { consumer: key.clone(), provider: provider.clone() }),
            }
            continue;
        };
        if *provider != now.provider {
            let (from, to) = (provider.clone(), now.provider.clone());
            changes.push(Change::LinkSource { consumer: key.clone(), from, to });
        }
        properties(key, link, now, &mut changes, &mut n_routes);
    }
    for (key, link) in compared.new.links() {
        if !olds.contains_key(key) && !replugged.from.contains_key(key) {
            let (consumer, provider) = (key.clone(), link.provider.clone());
            changes.push(Change::LinkAdded { consumer, provider, qos: link.qos });
        }
    }
    compared.changes.append(&mut changes);
    compared.layout.routes += n_routes;
}

/// Links that now feed another input: of an output, one link went and one came.
struct Replugged {
    /// New key by the old one.
    to: BTreeMap<LinkKey, LinkKey>,
    /// Old key by the new one.
    from: BTreeMap<LinkKey, LinkKey>,
}

impl Replugged {
    fn of(olds: &BTreeMap<LinkKey, (PortRef, &Link)>, new: &Plan) -> Self {
        let mut by_provider: BTreeMap<&PortRef, (Vec<&LinkKey>, Vec<&LinkKey>)> = BTreeMap::new();
        for (key, (provider, _)) in olds.iter().filter(|(key, _)| !new.links().contains_key(*key)) {
            by_provider.entry(provider).or_default().0.push(key);
        }
        for (key, link) in new.links().iter().filter(|(key, _)| !olds.contains_key(*key)) {
            by_provider.entry(&link.provider).or_default().1.push(key);
        }
        let (mut to, mut from) = (BTreeMap::new(), BTreeMap::new());
        for (gone, come) in by_provider.into_values() {
            if let ([gone], [come]) = (gone.as_slice(), come.as_slice()) {
                to.insert((*gone).clone(), (*come).clone());
                from.insert((*come).clone(), (*gone).clone());
            }
        }
        Self { to, from }
    }
}

/// Properties of a link in words, in the order of [`LinkProperty`].
fn in_words(link: &Link) -> [(LinkProperty, String); 6] {
    let substitute = match &link.substitute {
        Substitute::HoldLast => "last value".to_owned(),
        // A text value can itself say so, hence the quotes.
        Substitute::Value(value) => format!("`{value}`"),
    };
    [
        (LinkProperty::Transmission, link.qos.to_string()),
        (LinkProperty::Activation, if link.active { "active" } else { "passive" }.to_owned()),
        (LinkProperty::Persistence, if link.persistent { "persistent" } else { "volatile" }.to_owned()),
        (LinkProperty::Epsilon, link.epsilon.map(|epsilon| epsilon.to_string()).unwrap_or_default()),
        (LinkProperty::Substitute, substitute),
        (LinkProperty::Remark, link.comment.to_string()),
    ]
}

fn properties(key: &LinkKey, old: &Link, new: &Link, changes: &mut Vec<Change>, n_routes: &mut usize) {
    for ((property, from), (_, to)) in in_words(old).into_iter().zip(in_words(new)) {
        if from != to {
            changes.push(Change::LinkChanged { consumer: key.clone(), property, from, to });
        }
    }
    *n_routes += usize::from(old.bends != new.bends);
}

fn constants(compared: &mut Compared<'_>) {
    let identity = &compared.identity;
    let olds: BTreeMap<PortRef, &Constant> =
        compared.old.constants().iter().map(|(port, constant)| (identity.port(port), constant)).collect();
    let mut changes = Vec::new();
    for (port, constant) in &olds {
        let Some(now) = compared.new.constants().get(port) else {
            changes.push(Change::ConstantRemoved { port: port.clone(), value: constant.value.clone() });
            continue;
        };
        if constant.value != now.value {
            let (from, to) = (constant.value.clone(), now.value.clone());
            changes.push(Change::ConstantChanged { port: port.clone(), from, to });
        }
        if constant.comment != now.comment {
            let (from, to) = (constant.comment.clone(), now.comment.clone());
            changes.push(Change::ConstantRemark { port: port.clone(), from, to });
        }
    }
    for (port, constant) in compared.new.constants().iter().filter(|(port, _)| !olds.contains_key(*port)) {
        changes.push(Change::ConstantAdded { port: port.clone(), value: constant.value.clone() });
    }
    compared.changes.append(&mut changes);
}
