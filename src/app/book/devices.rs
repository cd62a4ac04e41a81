//! The list of planned devices.

use std::collections::BTreeMap;

use super::{Content, or_dash};
use crate::export::book::{Cell, Column, Entry, Paper, Row, Tone};
use crate::export::picture::Target;
use crate::model::{Attachment, Device, FunctionRef, Mac, Name};

impl Content<'_> {
    pub(super) fn devices(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.devices);
        if self.plan.devices().is_empty() {
            return paper.paragraph(words.none);
        }
        let columns = [
            Column::text(words.device),
            Column::text(words.component),
            Column::text(words.station),
            Column::text(words.address),
            Column::text(words.mask_router),
            Column::text(words.mac),
            Column::text(words.functions),
            Column::number(words.links_in),
            Column::number(words.links_out),
            Column::number(words.partners),
        ];
        let mut on_device: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        for (name, instance) in self.plan.instances() {
            on_device.entry(&instance.device).or_default().push(name);
        }
        paper.table("devices", &columns, |add| {
            let loads = &self.summary.devices;
            for ((name, device), load) in self.plan.devices().iter().zip(loads) {
                let instances = on_device.get(name).map(Vec::as_slice).unwrap_or_default();
                let mut own = vec![Entry::of(name.as_str()).tone(Tone::Strong)];
                if let Some(comment) = Some(&device.comment).filter(|comment| !comment.is_empty()) {
                    own.push(Entry::of(comment.as_str()).tone(Tone::Dim));
                }
                let [station, address, mask, mac] = self.addresses(device);
                let row = Row::of([
                    Cell(own),
                    self.components_of(instances),
                    station,
                    address,
                    mask,
                    mac,
                    self.functions_of(instances),
                    load.links_in.to_string().into(),
                    load.links_out.to_string().into(),
                    load.partners.to_string().into(),
                ]);
                add(row.at(Target::Device(name.clone())));
            }
        });
    }

    /// Name of station, address, mask with router, and MAC.
    fn addresses(&self, device: &Device) -> [Cell; 4] {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                let subnet = address.subnet.as_ref().and_then(|subnet| self.plan.subnets().get(subnet));
                let mask = address.mask.or(subnet.map(|subnet| subnet.mask));
                let router = address.router.map(|router| Entry::of(router.to_string()).tone(Tone::Dim));
                let mask = Entry::of(or_dash(mask.map(|mask| mask.to_string())));
                [
                    or_dash(Some(address.name_of_station.to_string())).into(),
                    or_dash(address.ip.map(|ip| ip.to_string())).into(),
                    [mask].into_iter().chain(router).collect(),
                    or_dash(address.mac.map(mac_text)).into(),
                ]
            }
            Attachment::Profibus(address) => {
                let number = address.address.map_or_else(|| "?".to_owned(), |number| number.to_string());
                let place = Entry::of(format!("PROFIBUS {}/{number}", address.system_id));
                let proxy = match &address.proxy {
                    Some(proxy) => {
                        Entry::of(format!("{} {proxy}", self.words.behind)).to(Target::Device(proxy.clone()))
                    }
                    None => Entry::of(self.words.no_proxy),
                };
                ["–".into(), Cell(vec![place, proxy.tone(Tone::Dim)]), "–".into(), "–".into()]
            }
        }
    }

    fn components_of(&self, instances: &[&Name]) -> Cell {
        let mut keys: Vec<_> = instances.iter().filter_map(|name| self.plan.instances().get(*name)).collect();
        keys.sort_by_key(|instance| instance.component.clone());
        keys.dedup_by_key(|instance| instance.component.clone());
        let entry = |key: &crate::model::ComponentKey| match self.plan.components().get(key) {
            Some(component) => Entry::of(format!("{} {}", component.name, key.version)),
            None => Entry::of(key.to_string()),
        };
        let entries =
            keys.iter().map(|instance| entry(&instance.component).to(Target::Component(instance.component.clone())));
        entries.collect()
    }

    /// Every function that runs there, leading to its chart.
    fn functions_of(&self, instances: &[&Name]) -> Cell {
        let mut entries = Vec::new();
        for name in instances {
            let Some(instance) = self.plan.instances().get(*name) else { continue };
            for ((ldev, rtauto), placement) in &instance.functions {
                let function = FunctionRef { instance: (*name).clone(), ldev: ldev.clone(), rtauto: rtauto.clone() };
                entries.push(Entry::of(self.function_name(&function)).to(Target::Chart(placement.chart)));
            }
        }
        Cell(entries)
    }
}

fn mac_text(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}
