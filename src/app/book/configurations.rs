//! What is generated for each device.

use super::{Content, or_dash};
use crate::export::book::{Cell, Column, Entry, Mark, Paper, Row, Tone};
use crate::export::picture::Target;
use crate::generate::{Connection, ConnectionGroup, Generated, LdevConfiguration, Persistence, TypedValue};
use crate::model::{Name, QosType};

impl Content<'_> {
    pub(super) fn configurations(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.configurations);
        for error in &self.generation.errors {
            paper.paragraph(&format!("{}: {error}", words.not_generated));
        }
        if self.generation.devices.is_empty() {
            return paper.paragraph(words.none);
        }
        let mut columns = vec![
            Column::text(words.consumer_item),
            Column::text(words.provider),
            Column::text(words.provider_item),
            Column::text(words.transmission),
            Column::text(words.value_or_substitute),
            Column::text(words.dead_band),
        ];
        let links = self.plan.links();
        let remarked = links.values().any(|link| !link.active || !link.persistent);
        columns.extend(remarked.then(|| Column::text(words.remark)));
        for generated in &self.generation.devices {
            self.configuration(paper, &columns, generated);
        }
    }

    fn configuration(&self, paper: &mut Paper<'_>, columns: &[Column], generated: &Generated) {
        let (words, configuration) = (self.words, &generated.configuration);
        paper.heading(&configuration.device, Some(Target::Configuration(configuration.device.clone())), 95.0);
        let fingerprint = configuration.fingerprint();
        let state = self.download_state(&configuration.device, &fingerprint);
        paper.paragraph(&format!("{} {fingerprint}\n{state}", words.fingerprint));
        paper.table("configurations", columns, |add| {
            for error in &generated.errors {
                add(Row::note(Entry::of(format!("{}: {error}", words.not_generated)).mark(Mark::Error)));
            }
            for ldev in &configuration.ldevs {
                self.ldev(ldev, add);
            }
            for payload in &configuration.payloads {
                let size = payload.size.map(|size| format!(", {size} bytes")).unwrap_or_default();
                let text = format!("{}: {} {} {}{size}", words.payload, payload.instance, payload.id, payload.kind);
                add(Row::note(Entry::of(text).tone(Tone::Dim)));
            }
        });
    }

    /// How what is generated stands to what was downloaded.
    fn download_state(&self, device: &Name, fingerprint: &str) -> String {
        let words = self.words;
        let state = self.plan.states().get(device);
        let at = state.and_then(|state| state.downloaded_at.as_deref()).unwrap_or_default();
        match state.and_then(|state| state.downloaded.as_deref()) {
            None => words.never_downloaded.to_owned(),
            Some(downloaded) if downloaded == fingerprint => format!("{} {at}", words.downloaded).trim_end().to_owned(),
            Some(_) => format!("{} {at}", words.differs).trim_end().to_owned(),
        }
    }

    fn ldev(&self, ldev: &LdevConfiguration, add: &mut dyn FnMut(Row)) {
        let words = self.words;
        let component = format!("{} {}", ldev.product, ldev.component_version);
        let mut head = vec![
            Entry::of(format!("{} {}", words.ldev, ldev.name)).tone(Tone::Strong),
            Entry::of(ldev.instance.as_str()).to(Target::Instance(ldev.instance.clone())).tone(Tone::Dim),
            Entry::of(component).tone(Tone::Dim),
        ];
        if let Some(place) = &ldev.profibus {
            let number = place.address.map_or_else(|| "?".to_owned(), |number| number.to_string());
            let text = format!("PROFIBUS {}/{number}", place.system_id);
            head.push(Entry::of(text).to(Target::Device(place.device.clone())).tone(Tone::Dim));
        }
        add(Row::group(head));
        for group in &ldev.groups {
            for connection in &group.connections {
                add(self.connection(group, connection));
            }
        }
    }

    fn connection(&self, group: &ConnectionGroup, connection: &Connection) -> Row {
        let words = self.words;
        let provider = match &group.provider {
            Some(provider) => Entry::of(format!("{}!{}", provider.device, provider.ldev))
                .to(Target::Configuration(provider.device.clone())),
            None => Entry::of(words.constant).tone(Tone::Dim),
        };
        let transmission = match group.qos_type {
            QosType::Constant => "–".to_owned(),
            other => format!("{} {} ms", other.token(), group.qos_value_ms),
        };
        let text = |value: &TypedValue| value.value_type.write_literal(&value.value);
        let substitute = match (&connection.substitute, &group.provider) {
            (Some(value), _) => Entry::of(text(value)),
            (None, Some(_)) => Entry::of(words.hold_last).tone(Tone::Dim),
            (None, None) => Entry::of("–"),
        };
        let unusual =
            [(!group.active, words.passive), (connection.persistence == Persistence::Volatile, words.volatile)];
        let unusual = unusual.into_iter().filter(|(is_so, _)| *is_so);
        let remark: Cell = unusual.map(|(_, word)| Entry::of(word).tone(Tone::Dim)).collect();
        Row::of([
            connection.consumer_item.as_str().into(),
            provider.into(),
            or_dash(Some(connection.provider_item.to_string())).into(),
            transmission.into(),
            substitute.into(),
            or_dash(connection.epsilon.as_ref().map(text)).into(),
            remark,
        ])
    }
}
