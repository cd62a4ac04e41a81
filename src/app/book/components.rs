//! The list of component versions in use.

use std::collections::BTreeMap;

use super::{Content, or_dash};
use crate::export::book::{Cell, Column, Entry, Paper, Row, Tone};
use crate::export::picture::Target;
use crate::model::{Component, ComponentKey};

impl Content<'_> {
    pub(super) fn components(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.components);
        if self.plan.components().is_empty() {
            return paper.paragraph(words.none);
        }
        let columns = [
            Column::text(words.component),
            Column::text(words.vendor),
            Column::text(words.order_number),
            Column::text(words.functions),
            Column::number(words.used_by),
            Column::text(words.description),
        ];
        let mut uses: BTreeMap<&ComponentKey, usize> = BTreeMap::new();
        for instance in self.plan.instances().values() {
            *uses.entry(&instance.component).or_default() += 1;
        }
        let mut components: Vec<_> = self.plan.components().values().collect();
        components.sort_by(|a, b| (&a.name, &a.key.version, &a.key.id).cmp(&(&b.name, &b.key.version, &b.key.id)));
        paper.table("components", &columns, |add| {
            for component in &components {
                let own = [
                    Entry::of(format!("{} {}", component.name, component.key.version)).tone(Tone::Strong),
                    Entry::of(component.key.id.as_str()).tone(Tone::Dim),
                ];
                let maker = [
                    Entry::of(component.vendor.as_str()),
                    Entry::of(component.category.replace('/', " / ")).tone(Tone::Dim),
                ];
                let row = Row::of([
                    Cell(own.into()),
                    Cell(maker.into()),
                    or_dash(Some(component.device.identity.order_number.to_string())).into(),
                    functions(component),
                    uses.get(&component.key).copied().unwrap_or(0).to_string().into(),
                    component.description.get(self.lang).unwrap_or("–").into(),
                ]);
                add(row.at(Target::Component(component.key.clone())));
            }
        });
    }
}

fn functions(component: &Component) -> Cell {
    let names = component.rtautos().map(|(ldev, rtauto)| Entry::of(format!("{}.{}", ldev.name, rtauto.name)));
    names.collect()
}
