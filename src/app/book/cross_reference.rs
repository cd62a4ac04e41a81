//! The cross-reference: for every function, what feeds each port and what it feeds.

use super::Content;
use crate::export::book::{Cell, Column, Entry, Paper, Row, Tone};
use crate::export::picture::Target;
use crate::model::{Direction, FunctionRef, LogicalDevice, Name, Port, PortRef, RtAuto};

impl Content<'_> {
    pub(super) fn cross_reference(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.cross_reference);
        if self.plan.instances().is_empty() {
            return paper.paragraph(words.none);
        }
        let columns = [
            Column::text(words.port),
            Column::text(words.direction),
            Column::text(words.port_type),
            Column::text(words.connected_with),
            Column::text(words.transmission),
        ];
        paper.table("cross-reference", &columns, |add| {
            for name in self.plan.instances().keys() {
                let Some(component) = self.plan.component_of(name) else { continue };
                for (ldev, rtauto) in component.rtautos() {
                    self.function(name, ldev, rtauto, add);
                }
            }
        });
    }

    fn function(&self, name: &Name, ldev: &LogicalDevice, rtauto: &RtAuto, add: &mut dyn FnMut(Row)) {
        let function = FunctionRef { instance: name.clone(), ldev: ldev.name.clone(), rtauto: rtauto.name.clone() };
        let mut head = vec![Entry::of(self.function_name(&function)).tone(Tone::Strong)];
        head.extend(self.chart_entry(&function).map(|entry| entry.tone(Tone::Dim)));
        let device = self.plan.instances().get(name).map(|instance| &instance.device);
        head.extend(device.map(|device| Entry::of(device.as_str()).to(Target::Device(device.clone())).tone(Tone::Dim)));
        // Others lead to the instance; the first of its functions is where they arrive.
        add(Row::group(head).at(Target::Instance(name.clone())));
        let comment = self.plan.instances().get(name).map(|instance| instance.comment.as_str()).unwrap_or_default();
        if !comment.is_empty() {
            add(Row::note(Entry::of(comment).tone(Tone::Dim)));
        }
        let mut unconnected = Vec::new();
        for port in &rtauto.ports {
            let at = PortRef::new(name.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
            if let Some(row) = self.port_row(port, &at) {
                add(row);
            } else {
                unconnected.push(port.name.as_str());
            }
        }
        if !unconnected.is_empty() {
            let text = format!("{}: {}", self.words.not_connected, unconnected.join(", "));
            add(Row::note(Entry::of(text).tone(Tone::Dim)));
        }
    }

    /// The row of a port that something feeds, or that feeds something.
    fn port_row(&self, port: &Port, at: &PortRef) -> Option<Row> {
        let fed_by = self.plan.links_to(at).map(|(_, link)| ("←", &link.provider, link.qos));
        let feeds = self.plan.links_from(at).map(|(key, link)| ("→", &key.consumer, link.qos));
        let (mut ends, mut transmissions) = (Cell::default(), Cell::default());
        for (arrow, other, qos) in fed_by.chain(feeds) {
            let entry = self.port_entry(other);
            ends.0.push(Entry { text: format!("{arrow} {}", entry.text), ..entry });
            transmissions.0.push(Entry::of(qos.to_string()));
        }
        if let Some(constant) = self.plan.constants().get(at) {
            ends.0.push(Entry::of(format!("= {} {}", constant.value, port.unit).trim_end()));
        }
        let connected = !ends.0.is_empty();
        connected.then(|| {
            Row::of([
                port.name.as_str().into(),
                Entry::of(Direction::token(port.direction)).tone(Tone::Dim).into(),
                Entry::of(port.value_type.to_string()).tone(Tone::Dim).into(),
                ends,
                transmissions,
            ])
        })
    }
}
