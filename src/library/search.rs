//! Search over a catalogue: several words, without regard to case and accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::entry::Entry;
use crate::model::{BaseType, Component, Port, Texts};

/// An entry that matches.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Ports, as `function.port`, that hold a word which nothing else of the entry holds.
    pub ports: Vec<String>,
}

/// Ports of a hit that are named.
const MOST_PORTS: usize = 20;
/// Words of a search that count.
const MOST_WORDS: usize = 16;

/// What a search looks at first, folded once.
#[derive(Debug, Clone, Default)]
pub(super) struct Haystack {
    name: String,
    /// Vendor and category.
    place: String,
    /// Descriptions, device, id.
    more: String,
}

impl Haystack {
    pub(super) fn of(component: &Component) -> Self {
        let device = &component.device;
        let mut more: Vec<&str> = vec![
            &component.key.id,
            &device.type_name,
            &device.identity.producer,
            &device.identity.product,
            &device.identity.order_number,
        ];
        more.extend(texts(&component.description).chain(texts(&device.description)));
        for (ldev, rtauto) in component.rtautos() {
            more.extend([&*ldev.name, &*rtauto.name]);
            more.extend(texts(&rtauto.description));
        }
        Self {
            name: both(&component.name),
            place: both(&format!("{} {}", component.vendor, component.category)),
            more: both(&more.join(" ")),
        }
    }

    /// How far a word is from the top of the list; `None` when it is not here.
    fn rank(&self, word: &str) -> Option<u32> {
        let begins_word = |text: &str| text.split_whitespace().any(|part| part.starts_with(word));
        if self.name.starts_with(word) {
            Some(0)
        } else if begins_word(&self.name) {
            Some(1)
        } else if self.name.contains(word) {
            Some(2)
        } else if begins_word(&self.place) {
            Some(3)
        } else if self.place.contains(word) {
            Some(4)
        } else {
            self.more.contains(word).then_some(6)
        }
    }
}

/// The rank of a word that only ports hold.
const IN_PORTS: u32 = 9;

/// A kind of port as a search says it: `out R4`. One that goes both ways is both.
struct PortKind {
    output: bool,
    value_type: String,
}

impl PortKind {
    /// Takes the pairs of direction and type out of the words.
    fn taken_from(words: &mut Vec<String>) -> Vec<Self> {
        let mut kinds = Vec::new();
        let mut at = 0;
        while let (Some(direction), Some(value_type)) = (words.get(at), words.get(at + 1)) {
            let base = value_type.split('[').next().unwrap_or_default().to_ascii_uppercase();
            let is_direction = matches!(direction.as_str(), "in" | "out");
            if is_direction && BaseType::from_token(&base).is_some() {
                kinds.push(Self { output: direction == "out", value_type: value_type.clone() });
                words.drain(at..at + 2);
            } else {
                at += 1;
            }
        }
        kinds
    }

    fn is(&self, port: &Port) -> bool {
        let directed = if self.output { port.is_output() } else { port.is_input() };
        directed && type_text(port) == self.value_type
    }
}

fn type_text(port: &Port) -> String {
    fold(&port.value_type.to_string())
}

/// Entries that hold all words, the best first; equally good ones in the order given. `out R4` and `in BOOL` mean ports of
/// that direction and type.
pub(super) fn search<'a>(entries: impl Iterator<Item = &'a Entry>, text: &str) -> Vec<Hit<'a>> {
    let mut words: Vec<String> =
        text.split_whitespace().map(fold).filter(|word| !word.is_empty()).take(MOST_WORDS).collect();
    let kinds = PortKind::taken_from(&mut words);
    let mut hits: Vec<(u32, Hit<'a>)> = entries.filter_map(|entry| hit(entry, &words, &kinds)).collect();
    hits.sort_by_key(|(rank, _)| *rank);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

fn hit<'a>(entry: &'a Entry, words: &[String], kinds: &[PortKind]) -> Option<(u32, Hit<'a>)> {
    let mut rank = 0;
    let mut in_ports = Vec::new();
    for word in words {
        match entry.haystack.rank(word) {
            Some(found) => rank += found,
            None => in_ports.push(word.as_str()),
        }
    }
    let n_sought = in_ports.len() + kinds.len();
    if n_sought == 0 {
        return Some((rank, Hit { entry, ports: Vec::new() }));
    }
    let mut ports = Vec::new();
    let mut found = vec![false; n_sought];
    for (_, rtauto) in entry.component.rtautos() {
        for port in &rtauto.ports {
            let (text, value_type) = (port_text(port), type_text(port));
            let by_word = in_ports.iter().map(|word| text.contains(word) || value_type == **word);
            let by_kind = kinds.iter().map(|kind| kind.is(port));
            let mut holds = false;
            for (here, found) in by_word.chain(by_kind).zip(&mut found) {
                holds |= here;
                *found |= here;
            }
            if holds && ports.len() < MOST_PORTS {
                ports.push(format!("{}.{}", rtauto.name, port.name));
            }
        }
    }
    if found.contains(&false) {
        return None;
    }
    rank += IN_PORTS * u32::try_from(n_sought).unwrap_or(u32::MAX);
    Some((rank, Hit { entry, ports }))
}

fn port_text(port: &Port) -> String {
    let symbol = port.map.as_ref().map_or("", |map| &map.symbol);
    let mut parts: Vec<&str> = vec![&port.name, &port.interface, symbol];
    parts.extend(texts(&port.comment));
    both(&parts.join(" "))
}

fn texts(texts: &Texts) -> impl Iterator<Item = &str> {
    texts.0.iter().map(|(_, text)| &**text)
}

/// `text` without regard to case and accents: `Füller` becomes `fuller`, `Ø` `o`, `ß` `ss`.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match character {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            'þ' => out.push_str("th"),
            _ => out.push(character),
        }
    }
    out
}

/// Folded, and folded once more as German writes umlauts without them, so that both `fuller` and `fueller` find `Füller`.
fn both(text: &str) -> String {
    let mut folded = fold(text);
    if text.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü']) {
        folded.push(' ');
        folded.push_str(&fold(&umlauts(text)));
    }
    folded
}

/// `ae`, `oe` and `ue` for umlauts.
pub(super) fn umlauts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.nfc() {
        match character {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'Ä' => out.push_str("Ae"),
            'Ö' => out.push_str("Oe"),
            'Ü' => out.push_str("Ue"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::library::Catalogue;
    use crate::model::{Component, fixture};
    use crate::pcd::Grade;

    fn catalogue() -> Catalogue {
        let component = |name: &str, vendor: &str, category: &str, text: &str| {
            let component = Component {
                name: name.into(),
                vendor: vendor.into(),
                category: category.into(),
                description: Texts(vec![("de".into(), text.into())]),
                ..fixture::component(&format!("component {name} 1.0 {{ in speed_sp R4; out ready BOOL }}")).unwrap()
            };
            Entry::new(format!("{name}.xml"), Arc::new(component), Grade::Exact, Vec::new(), Vec::new())
        };
        let entries = vec![
            component("Füller", "Brunnmark", "Filling/Rotary", "Rundfüller mit 24 Ventilen"),
            component("Conveyor", "Kettwald", "Transport", "Förderband zum Füller"),
            component("Wrapper", "Hüllbach", "Packing", "Folie, Größe L"),
        ];
        Catalogue::new(entries, Vec::new())
    }

    fn found(text: &str, category: Option<&str>) -> Vec<String> {
        catalogue().search(text, category).iter().map(|hit| hit.entry.component.name.to_string()).collect()
    }

    #[test]
    fn words_are_found_without_case_and_accents_and_names_come_first() {
        for text in ["FULLER", "fueller", "füller", "fu\u{308}ller"] {
            assert_eq!(found(text, None), ["Füller", "Conveyor"], "{text}");
        }
        assert_eq!(found("groesse", None), ["Wrapper"]);
        assert_eq!(found("ventil brunn", None), ["Füller"]);
        assert_eq!(found("ventil kettwald", None), [""; 0]);
        assert_eq!(found("", None).len(), 3);
        assert_eq!(found("", Some("filling")), ["Füller"]);
        assert_eq!(found("conveyor", Some("filling")), [""; 0]);
    }

    #[test]
    fn ports_are_named_when_only_they_hold_a_word() {
        let catalogue = catalogue();
        let hits = catalogue.search("kettwald SPEED", None);
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].ports, ["Main.speed_sp"]);
    }

    #[test]
    fn ports_are_found_by_direction_and_type() {
        let catalogue = catalogue();
        let found = |text: &str| {
            let hits = catalogue.search(text, None);
            hits.iter().map(|hit| hit.ports.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(found("out BOOL"), ["Main.ready"; 3]);
        assert_eq!(found("in R4 kettwald"), ["Main.speed_sp"]);
        assert_eq!(found("out r4"), [""; 0]);
        assert_eq!(found("wrapper bool"), ["Main.ready"]);
    }
}
