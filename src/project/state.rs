//! `state.toml`: what is known of each device since it was generated for or loaded.
//!
//! A file of its own, so that a download changes no line that people decide about.

use super::source::{Item, Source, Table};
use super::text::{Inline, Text};
use crate::model::{DeviceState, Name, Plan};

pub(super) fn write(plan: &Plan) -> Vec<u8> {
    let mut text = Text::default();
    for (device, state) in &plan.states {
        text.table(&["device", device]);
        text.text("generated", state.generated.as_deref().unwrap_or_default());
        text.text("downloaded", state.downloaded.as_deref().unwrap_or_default());
        text.text("downloaded_at", state.downloaded_at.as_deref().unwrap_or_default());
        if let Some(stamp) = state.pdev_stamp {
            text.line("pdev_stamp", stamp);
        }
        if !state.cdb_cookies.is_empty() {
            let cookies = state.cdb_cookies.iter();
            text.line(
                "cdb_cookies",
                cookies.fold(Inline::default(), |inline, (ldev, cookie)| inline.with(ldev, cookie)).finish(),
            );
        }
    }
    text.into_bytes()
}

pub(super) fn read(source: &Source) -> Vec<(Name, DeviceState)> {
    let Some(document) = source.parse() else { return Vec::new() };
    let mut states = Vec::new();
    for item in Table::new(source, &document).items() {
        match item.key {
            "device" => {
                let devices = item.table().into_iter().flat_map(Table::items);
                states = devices.filter_map(|item| Some((item.key_name()?, state(item)?))).collect();
            }
            _ => item.unknown("`device`"),
        }
    }
    states
}

fn state(item: Item) -> Option<DeviceState> {
    let mut state = DeviceState::default();
    for item in item.table()?.items() {
        match item.key {
            "generated" => state.generated = Some(item.name()?),
            "downloaded" => state.downloaded = Some(item.name()?),
            "downloaded_at" => state.downloaded_at = Some(item.name()?),
            "pdev_stamp" => state.pdev_stamp = Some(item.integer("a number of 32 bits")?),
            "cdb_cookies" => {
                for item in item.table()?.items() {
                    state.cdb_cookies.insert(item.key_name()?, item.integer("a number of 32 bits")?);
                }
            }
            _ => item.unknown("`generated`, `downloaded`, `downloaded_at`, `pdev_stamp`, `cdb_cookies`"),
        }
    }
    Some(state)
}
