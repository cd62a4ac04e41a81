//! `chart.toml` and `charts/**.toml`: one file a chart, with everything of the instances at home on it.

use super::plant;
use super::source::{Item, Source, Table};
use super::text::{Inline, Text, dotted, number, point, port, quote, undotted};
use super::write::Parts;
use crate::model::*;

/// What a chart file holds.
#[derive(Default)]
pub(super) struct ChartFile {
    pub(super) at: Point,
    pub(super) comment: Name,
    pub(super) frames: Vec<Frame>,
    pub(super) notes: Vec<Note>,
    pub(super) instances: Vec<InstanceTable>,
}

/// `[instance.NAME]` with what belongs to it.
pub(super) struct InstanceTable {
    pub(super) name: Name,
    /// Byte offset of its key in the file, for messages.
    pub(super) start: usize,
    /// `None` when only links or constants are left of it.
    pub(super) instance: Option<InstanceLines>,
    pub(super) links: Vec<(PortRef, Link)>,
    pub(super) constants: Vec<(PortRef, Constant)>,
}

/// The instance itself, with names of files where the plan has numbers and keys.
pub(super) struct InstanceLines {
    pub(super) component: String,
    pub(super) device: Option<Name>,
    pub(super) comment: Name,
    pub(super) blocks: Vec<Block>,
}

/// Where a function's block stands.
pub(super) struct Block {
    pub(super) function: (Name, Name),
    /// Path of its chart; `None` for the chart of this file.
    pub(super) chart: Option<String>,
    pub(super) at: Point,
}

pub(super) fn write(parts: &Parts, id: ChartId, chart: &Chart, path: &str) -> Vec<u8> {
    let mut text = Text::default();
    if id != ROOT_CHART {
        text.line("at", point(chart.at));
    }
    text.text("comment", &chart.comment);
    for frame in &chart.frames {
        text.element("frame");
        text.line("title", quote(&frame.title));
        text.line("at", point(frame.at));
        text.line("size", point(frame.size));
    }
    for note in &chart.notes {
        text.element("note");
        text.line("text", quote(&note.text));
        text.line("at", point(note.at));
    }
    for name in parts.at_home_on(id) {
        parts.write_instance(&mut text, name, path);
    }
    text.into_bytes()
}

impl Parts<'_> {
    /// Everything of one instance; `home` is the path of the chart whose file this is.
    pub(super) fn write_instance(&self, text: &mut Text, name: &Name, home: &str) {
        if let Some(instance) = self.plan.instances.get(name) {
            text.table(&["instance", name]);
            text.line("component", self.component_text(&instance.component));
            if instance.device != *name {
                text.line("device", quote(&instance.device));
            }
            text.text("comment", &instance.comment);
            if !instance.functions.is_empty() {
                text.table(&["instance", name, "blocks"]);
            }
            for ((ldev, rtauto), placement) in &instance.functions {
                let chart = self.chart_path(placement.chart);
                let value = match chart == home {
                    true => point(placement.at),
                    false => Inline::default().with("chart", quote(chart)).with("at", point(placement.at)).finish(),
                };
                text.line(&dotted(&[ldev, rtauto]), value);
            }
        }
        let mut links = self.plan.links_into(name).peekable();
        if links.peek().is_some() {
            text.table(&["instance", name, "links"]);
        }
        while let Some((key, link)) = links.next() {
            let mut surplus = Vec::new();
            while let Some((_, link)) = links.next_if(|(next, _)| next.consumer == key.consumer) {
                surplus.push(link_value(link));
            }
            let key = dotted(&[&key.consumer.ldev, &key.consumer.rtauto, &key.consumer.port]);
            if surplus.is_empty() {
                text.line(&key, link_value(link));
            } else {
                text.list(&key, std::iter::once(link_value(link)).chain(surplus));
            }
        }
        let mut constants = self.plan.constants_of(name).peekable();
        if constants.peek().is_some() {
            text.table(&["instance", name, "constants"]);
        }
        for (port, constant) in constants {
            let value = match constant.comment.is_empty() {
                true => quote(&constant.value),
                false => {
                    let value = Inline::default().with("value", quote(&constant.value));
                    value.with_text("comment", &constant.comment).finish()
                }
            };
            text.line(&dotted(&[&port.ldev, &port.rtauto, &port.port]), value);
        }
    }
}

fn link_value(link: &Link) -> String {
    let mut value = Inline::default().with("from", port(&link.provider));
    if link.qos != Qos::default() {
        value = value.with("qos", plant::qos_text(link.qos));
    }
    if !link.active {
        value = value.with("active", false);
    }
    if !link.persistent {
        value = value.with("persistent", false);
    }
    if let Some(epsilon) = link.epsilon.filter(|epsilon| epsilon.is_finite()) {
        value = value.with("epsilon", number(epsilon));
    }
    if let Substitute::Value(literal) = &link.substitute {
        value = value.with("substitute", quote(literal));
    }
    value = value.with_text("comment", &link.comment);
    if !link.bends.is_empty() {
        let bends: Vec<_> = link.bends.iter().copied().map(point).collect();
        value = value.with("bends", format!("[{}]", bends.join(", ")));
    }
    value.finish()
}

pub(super) fn read(source: &Source, is_root: bool) -> ChartFile {
    let mut file = ChartFile::default();
    let Some(document) = source.parse() else { return file };
    for item in Table::new(source, &document).items() {
        match item.key {
            "at" if !is_root => file.at = item.point().unwrap_or_default(),
            "comment" => file.comment = item.text().unwrap_or_default().into(),
            "frame" => file.frames = item.list().into_iter().filter_map(frame).collect(),
            "note" => file.notes = item.list().into_iter().filter_map(note).collect(),
            "instance" => {
                let instances = item.table().into_iter().flat_map(Table::items);
                file.instances = instances.filter_map(read_instance).collect();
            }
            _ => item.unknown("`at` (not on the top chart), `comment`, `frame`, `note`, `instance`"),
        }
    }
    file
}

fn frame(item: Item) -> Option<Frame> {
    let mut frame = Frame { title: Name::default(), at: Point::default(), size: Point::default() };
    for item in item.table()?.items() {
        match item.key {
            "title" => frame.title = item.text()?.into(),
            "at" => frame.at = item.point()?,
            "size" => frame.size = item.point()?,
            _ => item.unknown("`title`, `at`, `size`"),
        }
    }
    Some(frame)
}

fn note(item: Item) -> Option<Note> {
    let mut note = Note { text: "".into(), at: Point::default() };
    for item in item.table()?.items() {
        match item.key {
            "text" => note.text = item.text()?.into(),
            "at" => note.at = item.point()?,
            _ => item.unknown("`text`, `at`"),
        }
    }
    Some(note)
}

/// `[instance.NAME]`; also in `network.toml`.
pub(super) fn read_instance(item: Item) -> Option<InstanceTable> {
    let name = item.key_name()?;
    let (mut component, mut device, mut comment) = (None, None, None);
    let (mut blocks, mut links, mut constants) = (Vec::new(), Vec::new(), Vec::new());
    let table = item.table()?;
    for item in table.items() {
        match item.key {
            "component" => component = item.text().map(String::from),
            "device" => device = item.name(),
            "comment" => comment = item.text().map(Name::new),
            "blocks" => blocks = item.table()?.items().filter_map(block).collect(),
            "links" => {
                for item in item.table()?.items() {
                    let Some(consumer) = consumer(item, &name) else { continue };
                    let surplus = item.elements().unwrap_or_else(|| vec![item]);
                    links.extend(surplus.into_iter().filter_map(|item| Some((consumer.clone(), link(item)?))));
                }
            }
            "constants" => {
                constants =
                    item.table()?.items().filter_map(|item| Some((consumer(item, &name)?, constant(item)?))).collect();
            }
            _ => item.unknown("`component`, `device`, `comment`, `blocks`, `links`, `constants`"),
        }
    }
    let instance = match component {
        Some(component) => Some(InstanceLines { component, device, comment: comment.unwrap_or_default(), blocks }),
        None if device.is_some() || comment.is_some() || !blocks.is_empty() => {
            table.missing("component");
            return None;
        }
        None => None,
    };
    Some(InstanceTable { name, start: item.start, instance, links, constants })
}

fn block(item: Item) -> Option<Block> {
    let Some([ldev, rtauto]) = undotted(item.key) else {
        item.unknown("functions `LDev.RTAuto`");
        return None;
    };
    let function = (ldev, rtauto);
    let Some(table) = item.as_table() else {
        return Some(Block { function, chart: None, at: item.point()? });
    };
    let (mut chart, mut at) = (None, Point::default());
    for item in table.items() {
        match item.key {
            "chart" => chart = Some(item.text()?.into()),
            "at" => at = item.point()?,
            _ => item.unknown("`chart`, `at`"),
        }
    }
    Some(Block { function, chart, at })
}

fn consumer(item: Item, instance: &Name) -> Option<PortRef> {
    match undotted(item.key) {
        Some([ldev, rtauto, port]) => Some(PortRef::new(instance.clone(), ldev, rtauto, port)),
        None => {
            item.unknown("ports `LDev.RTAuto.port`");
            None
        }
    }
}

fn link(item: Item) -> Option<Link> {
    let table = item.table()?;
    let mut provider = None;
    let mut link = Link::from(PortRef::new("", "", "", ""));
    for item in table.items() {
        match item.key {
            "from" => {
                let [instance, ldev, rtauto, port] = item.parsed("a port `Instance.LDev.RTAuto.port`", undotted)?;
                provider = Some(PortRef::new(instance, ldev, rtauto, port));
            }
            "qos" => link.qos = plant::qos(item)?,
            "active" => link.active = item.boolean()?,
            "persistent" => link.persistent = item.boolean()?,
            "epsilon" => link.epsilon = Some(item.real("a number")?),
            "substitute" => link.substitute = Substitute::Value(item.text()?.into()),
            "comment" => link.comment = item.text()?.into(),
            "bends" => link.bends = item.list().into_iter().filter_map(Item::point).collect(),
            _ => item.unknown("`from`, `qos`, `active`, `persistent`, `epsilon`, `substitute`, `comment`, `bends`"),
        }
    }
    let Some(provider) = provider else {
        table.missing("from");
        return None;
    };
    link.provider = provider;
    Some(link)
}

fn constant(item: Item) -> Option<Constant> {
    if item.is_text() {
        return Some(Constant { value: item.text()?.into(), comment: Name::default() });
    }
    let (mut value, mut comment) = (None, Name::default());
    let Some(table) = item.as_table() else {
        item.wrong("a value in quotes");
        return None;
    };
    for item in table.items() {
        match item.key {
            "value" => value = Some(item.text()?.into()),
            "comment" => comment = item.text()?.into(),
            _ => item.unknown("`value`, `comment`"),
        }
    }
    let Some(value) = value else {
        table.missing("value");
        return None;
    };
    Some(Constant { value, comment })
}
