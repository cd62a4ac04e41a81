//! The list of interconnections, and that of constants.

use super::{Content, or_dash};
use crate::export::book::{Cell, Column, Entry, Paper, Row, Tone};
use crate::export::picture::Target;
use crate::model::{Link, Substitute};

impl Content<'_> {
    pub(super) fn links(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.links);
        if self.plan.links().is_empty() {
            return paper.paragraph(words.none);
        }
        let mut columns = vec![
            Column::text(words.provider),
            Column::text(words.consumer),
            Column::text(words.port_type),
            Column::text(words.transmission),
            Column::text(words.dead_band),
            Column::text(words.substitute),
            Column::text(words.chart),
        ];
        let remarked = self.plan.links().values().any(|link| !self.remarks(link).0.is_empty());
        columns.extend(remarked.then(|| Column::text(words.remark)));
        let mut links: Vec<_> = self.plan.links().iter().collect();
        links.sort_by(|(key, link), (other_key, other)| (&link.provider, *key).cmp(&(&other.provider, *other_key)));
        paper.table("links", &columns, |add| {
            for (key, link) in &links {
                let consumer = &key.consumer;
                let substitute = match &link.substitute {
                    Substitute::HoldLast => Entry::of(words.hold_last).tone(Tone::Dim),
                    Substitute::Value(value) => Entry::of(value.as_str()),
                };
                let value_type = self.plan.port(consumer).or_else(|| self.plan.port(&link.provider));
                let row = Row::of([
                    self.port_entry(&link.provider).into(),
                    self.port_entry(consumer).into(),
                    or_dash(value_type.map(|port| port.value_type.to_string())).into(),
                    link.qos.to_string().into(),
                    or_dash(link.epsilon.map(|epsilon| epsilon.to_string())).into(),
                    substitute.into(),
                    self.chart_entry(&consumer.function()).into_iter().collect(),
                    self.remarks(link),
                ]);
                add(row.at(Target::Link((*key).clone())));
            }
        });
    }

    /// What is unusual about a link, and what the engineer says of it.
    fn remarks(&self, link: &Link) -> Cell {
        let unusual = [(!link.active, self.words.passive), (!link.persistent, self.words.volatile)];
        let unusual = unusual.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word.to_owned());
        let comment = Some(link.comment.to_string()).filter(|comment| !comment.is_empty());
        unusual.chain(comment).map(|text| Entry::of(text).tone(Tone::Dim)).collect()
    }

    pub(super) fn constants(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.constants);
        if self.plan.constants().is_empty() {
            return paper.paragraph(words.none);
        }
        let mut columns = vec![
            Column::text(words.input),
            Column::text(words.value),
            Column::text(words.port_type),
            Column::text(words.chart),
        ];
        let remarked = self.plan.constants().values().any(|constant| !constant.comment.is_empty());
        columns.extend(remarked.then(|| Column::text(words.remark)));
        paper.table("constants", &columns, |add| {
            for (port, constant) in self.plan.constants() {
                let described = self.plan.port(port);
                let unit = described.map(|port| port.unit.as_str()).unwrap_or_default();
                add(Row::of([
                    self.port_entry(port).into(),
                    format!("{} {unit}", constant.value).trim_end().into(),
                    or_dash(described.map(|port| port.value_type.to_string())).into(),
                    self.chart_entry(&port.function()).into_iter().collect(),
                    constant.comment.as_str().into(),
                ]));
            }
        });
    }
}
