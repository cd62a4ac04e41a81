//! Properties of links, of one or of several at once: what is set holds for all of them.

use egui::Ui;

use super::form::{Form, Made, optional};
use crate::app::{Item, port_label};
use crate::check::offered;
use crate::edit::Edit;
use crate::model::{Link, LinkKey, Plan, Qos, QosOffer, QosType, Substitute};
use crate::ui::action::Action;
use crate::ui::lang::{tr, trf};

/// The value that all have, if they have one.
fn common<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// The edit that changes these links; those that stay as they are have no part in it.
fn change(plan: &Plan, keys: &[LinkKey], change: impl Fn(&LinkKey, &mut Link)) -> Made {
    let edits = keys.iter().filter_map(|key| {
        let before = plan.links().get(key)?;
        let mut link = (**before).clone();
        change(key, &mut link);
        (link != **before).then(|| Edit::SetLink { key: key.clone(), properties: Box::new(link) })
    });
    let mut edits: Vec<Edit> = edits.collect();
    let edit = match edits.len() {
        0 => return Ok(Vec::new()),
        1 => edits.remove(0),
        n_links => Edit::Group(trf("properties.change_links", &[&n_links]).into(), edits),
    };
    Ok(vec![Action::Edit(edit)])
}

/// The update time of an offer that is nearest to the one wanted.
fn nearest(offer: &QosOffer, wanted: u16) -> u16 {
    let values = offer.values_ms.iter().copied();
    values.min_by_key(|value| value.abs_diff(wanted)).unwrap_or(wanted.max(1))
}

/// A transmission type as people say it.
pub fn qos_text(qos_type: QosType) -> &'static str {
    match qos_type {
        QosType::Acyclic => tr("qos.acyclic"),
        QosType::AcyclicStatus => tr("qos.acyclic_status"),
        QosType::AcyclicHmi => tr("qos.acyclic_hmi"),
        QosType::Constant => tr("qos.constant"),
        QosType::Cyclic => tr("qos.cyclic"),
    }
}

/// Transmission that all ends of all these links offer.
fn offered_by_all(plan: &Plan, links: &[(LinkKey, &Link)]) -> Vec<QosOffer> {
    let mut all: Option<Vec<QosOffer>> = None;
    for (key, link) in links {
        let here = offered(plan, &link.provider, &key.consumer);
        all = Some(match all {
            None => here,
            Some(before) => before.into_iter().filter_map(|offer| in_both(offer, &here)).collect(),
        });
    }
    all.unwrap_or_default()
}

fn in_both(offer: QosOffer, others: &[QosOffer]) -> Option<QosOffer> {
    let other = others.iter().find(|other| other.qos_type == offer.qos_type)?;
    let values_ms = match (&*offer.values_ms, &*other.values_ms) {
        ([], values) | (values, []) => values.to_vec(),
        (one, other) => {
            let both: Vec<u16> = one.iter().copied().filter(|value| other.contains(value)).collect();
            if both.is_empty() {
                return None;
            }
            both
        }
    };
    Some(QosOffer { values_ms, ..offer })
}

/// Shows them.
pub fn links_ui(ui: &mut Ui, form: &mut Form<'_>, keys: &[LinkKey]) {
    let plan = form.plan();
    let links: Vec<(LinkKey, &Link)> =
        keys.iter().filter_map(|key| Some((key.clone(), &**plan.links().get(key)?))).collect();
    if let [(key, link)] = &*links {
        form.jumps(ui, tr("properties.provider"), [port(plan, &link.provider)]);
        form.jumps(ui, tr("properties.consumer"), [port(plan, &key.consumer)]);
    }
    let described: Vec<_> = links.iter().filter_map(|(key, _)| plan.port(&key.consumer)).collect();
    if let Some(value_type) = common(described.iter().map(|port| &port.value_type)) {
        form.read(ui, tr("properties.type"), value_type.to_string());
    }
    transmission_ui(ui, form, &links);
    let all: Vec<LinkKey> = links.iter().map(|(key, _)| key.clone()).collect();
    substitute_ui(ui, form, &links, &all);

    let unit = common(described.iter().map(|port| port.unit.as_str())).unwrap_or_default();
    let epsilon = common(links.iter().map(|(_, link)| link.epsilon));
    let text = epsilon.flatten().map(|epsilon| epsilon.to_string()).unwrap_or_default();
    let dead_band = tr("properties.dead_band");
    let label = if unit.is_empty() { dead_band.to_owned() } else { format!("{dead_band} ({unit})") };
    let hint = if epsilon.is_some() { tr("properties.any_change") } else { tr("properties.various") };
    let keys = all.clone();
    form.hinted(ui, &label, &text, hint, move |plan, text| {
        let epsilon = optional::<f64>(&text.replace(',', "."), tr("properties.a_number"))?;
        change(plan, &keys, |_, link| link.epsilon = epsilon)
    });

    let active = common(links.iter().map(|(_, link)| link.active));
    form.switch(ui, tr("properties.active"), active, |plan, on| change(plan, &all, |_, link| link.active = on));
    let persistent = common(links.iter().map(|(_, link)| link.persistent));
    form.switch(ui, tr("properties.persistent"), persistent, |plan, on| {
        change(plan, &all, |_, link| link.persistent = on)
    });
    let comment = common(links.iter().map(|(_, link)| link.comment.as_str())).unwrap_or_default();
    let keys = all.clone();
    form.lines(ui, tr("properties.comment"), comment, move |plan, text| {
        change(plan, &keys, |_, link| link.comment = text.trim().into())
    });
    if let [(key, link)] = &*links {
        load_ui(ui, form, key, link);
    }
}

fn port(plan: &Plan, port: &crate::model::PortRef) -> (String, Item) {
    (port_label(plan, port), Item::Port(port.clone()))
}

fn transmission_ui(ui: &mut Ui, form: &mut Form<'_>, links: &[(LinkKey, &Link)]) {
    let offers = offered_by_all(form.plan(), links);
    let qos_type = common(links.iter().map(|(_, link)| link.qos.qos_type));
    let mut types: Vec<QosType> = offers.iter().map(|offer| offer.qos_type).collect();
    // One that is set and not offered is a finding; it is shown all the same.
    types.extend(qos_type.filter(|set| !types.contains(set)));
    let options: Vec<String> = types
        .iter()
        .map(|qos_type| match offers.iter().any(|offer| offer.qos_type == *qos_type) {
            true => qos_text(*qos_type).to_owned(),
            false => trf("properties.not_offered", &[&qos_text(*qos_type)]),
        })
        .collect();
    let chosen = qos_type.and_then(|set| types.iter().position(|qos_type| *qos_type == set));
    let keys: Vec<LinkKey> = links.iter().map(|(key, _)| key.clone()).collect();
    form.choice(ui, tr("properties.transmission"), chosen, &options, |plan, at| {
        let Some(qos_type) = types.get(at).copied() else { return Ok(Vec::new()) };
        let offer = offers.iter().find(|offer| offer.qos_type == qos_type);
        change(plan, &keys, |_, link| {
            let value_ms = offer.map_or(link.qos.value_ms, |offer| nearest(offer, link.qos.value_ms));
            link.qos = Qos { qos_type, value_ms };
        })
    });
    let values_ms = qos_type.and_then(|set| offers.iter().find(|offer| offer.qos_type == set));
    let listed: Vec<String> =
        values_ms.map(|offer| offer.values_ms.iter().map(u16::to_string).collect()).unwrap_or_default();
    let value = common(links.iter().map(|(_, link)| link.qos.value_ms)).map(|value| value.to_string());
    let label = tr("properties.update_time");
    form.number_or_listed(ui, label, (&value.unwrap_or_default(), "ms"), &listed, move |plan, text| {
        let what = tr("properties.a_time");
        let Some(value_ms) = optional::<u16>(text, what)? else { return Ok(Vec::new()) };
        change(plan, &keys, |_, link| link.qos.value_ms = value_ms)
    });
}

fn substitute_ui(ui: &mut Ui, form: &mut Form<'_>, links: &[(LinkKey, &Link)], keys: &[LinkKey]) {
    let substitute = common(links.iter().map(|(_, link)| &link.substitute));
    let options = [tr("properties.hold_last").to_owned(), tr("properties.a_value").to_owned()];
    let chosen = substitute.map(|substitute| usize::from(matches!(substitute, Substitute::Value(_))));
    form.choice(ui, tr("properties.on_loss"), chosen, &options, |plan, at| {
        change(plan, keys, |key, link| {
            link.substitute = match at {
                0 => Substitute::HoldLast,
                // What the description proposes, otherwise the zero of the type.
                _ => plan.port(&key.consumer).map_or(Substitute::HoldLast, |port| {
                    let value = port.substitute.clone().unwrap_or_else(|| port.initial_value());
                    Substitute::Value(port.value_type.write_literal(&value).into())
                }),
            }
        })
    });
    let values = links.iter().map(|(_, link)| match &link.substitute {
        Substitute::Value(value) => Some(value.as_str()),
        Substitute::HoldLast => None,
    });
    if values.clone().all(|value| value.is_none()) {
        return;
    }
    let value = common(values).flatten().unwrap_or_default();
    let keys = keys.to_vec();
    form.text(ui, tr("properties.substitute"), value, move |plan, text| {
        change(plan, &keys, |_, link| link.substitute = Substitute::Value(text.trim().into()))
    });
}

/// What the link asks of its devices.
fn load_ui(ui: &mut Ui, form: &Form<'_>, key: &LinkKey, link: &Link) {
    let Some(port) = form.plan().port(&key.consumer) else { return };
    let updates = 1_000.0 / f64::from(link.qos.value_ms.max(1));
    let bytes = port.value_type.wire_bytes();
    let text = if link.active {
        trf("properties.load_text", &[&bytes, &format!("{updates:.1}")])
    } else {
        tr("properties.no_load").to_owned()
    };
    form.read(ui, tr("properties.load"), text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::plan;

    fn linked() -> (Plan, Vec<LinkKey>) {
        let text = "component P 1.0 { in x R4; in z R4; out y R4 }\nA: P at 0 0\nB: P at 300 0\nA.y -> B.x\nA.y -> B.z";
        let plan = plan(text);
        let keys = plan.links().keys().cloned().collect();
        (plan, keys)
    }

    #[test]
    fn several_links_are_changed_in_one_step_and_only_where_they_differ() {
        let (plan, keys) = linked();
        let made = change(&plan, &keys, |_, link| link.active = false).unwrap();
        let [Action::Edit(edit)] = &*made else { panic!("{made:?}") };
        let mut document = crate::edit::Document::new(plan);
        document.apply(edit).unwrap();
        assert!(document.plan().links().values().all(|link| !link.active));
        let made = change(document.plan(), &keys, |_, link| link.active = false).unwrap();
        assert!(made.is_empty(), "{made:?}");
    }

    #[test]
    fn offers_of_several_links_are_what_all_have() {
        let offer =
            |values_ms: &[u16]| QosOffer { qos_type: QosType::Cyclic, values_ms: values_ms.to_vec(), default_ms: None };
        assert_eq!(in_both(offer(&[8, 16]), &[offer(&[16, 32])]), Some(offer(&[16])));
        assert_eq!(in_both(offer(&[8, 16]), &[offer(&[])]), Some(offer(&[8, 16])));
        assert_eq!(in_both(offer(&[8]), &[offer(&[16])]), None);
        assert_eq!(in_both(offer(&[8]), &[]), None);
        assert_eq!(nearest(&offer(&[8, 16, 32]), 20), 16);
        assert_eq!(nearest(&offer(&[]), 20), 20);
    }
}
