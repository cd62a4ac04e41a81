//! Everything that can be selected, and where it is seen.

use std::collections::BTreeSet;

use crate::check::Subject;
use crate::model::*;

/// A thing of the plan that can be selected, looked for and named in a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The plan as a whole.
    Project,
    /// A chart.
    Chart(ChartId),
    /// An instance, all of its functions.
    Instance(Name),
    /// The block of one function.
    Function(FunctionRef),
    /// A port.
    Port(PortRef),
    /// A link.
    Link(LinkKey),
    /// The constant of an input.
    Constant(PortRef),
    /// A frame of a chart, by position.
    Frame(ChartId, usize),
    /// A note of a chart, by position.
    Note(ChartId, usize),
    /// A planned device.
    Device(Name),
    /// A subnet.
    Subnet(Name),
    /// A planned cable.
    Cable(Cable),
    /// A component version of the plan.
    Component(ComponentKey),
}

impl Item {
    /// What a finding is about.
    pub fn of_subject(subject: &Subject) -> Self {
        match subject {
            Subject::Plan => Self::Project,
            Subject::Component(key) => Self::Component(key.clone()),
            Subject::Chart(chart) => Self::Chart(*chart),
            Subject::Instance(name) => Self::Instance(name.clone()),
            Subject::Function(function) => Self::Function(function.clone()),
            Subject::Port(port) => Self::Port(port.clone()),
            Subject::Link(key) => Self::Link(key.clone()),
            Subject::Target(target) => Self::Function(target.from.clone()),
            Subject::Device(name) => Self::Device(name.clone()),
            Subject::Subnet(name) => Self::Subnet(name.clone()),
            Subject::Cable(cable) => Self::Cable(cable.clone()),
        }
    }

    /// What a finding about it names; nothing is ever found about frames and notes.
    pub fn subject(&self) -> Option<Subject> {
        Some(match self {
            Self::Project => Subject::Plan,
            Self::Component(key) => Subject::Component(key.clone()),
            Self::Chart(chart) => Subject::Chart(*chart),
            Self::Instance(name) => Subject::Instance(name.clone()),
            Self::Function(function) => Subject::Function(function.clone()),
            Self::Port(port) | Self::Constant(port) => Subject::Port(port.clone()),
            Self::Link(key) => Subject::Link(key.clone()),
            Self::Device(name) => Subject::Device(name.clone()),
            Self::Subnet(name) => Subject::Subnet(name.clone()),
            Self::Cable(cable) => Subject::Cable(cable.clone()),
            Self::Frame(..) | Self::Note(..) => return None,
        })
    }

    /// Whether the plan has it.
    pub fn exists(&self, plan: &Plan) -> bool {
        match self {
            Self::Project => true,
            Self::Chart(chart) => plan.charts().contains_key(chart),
            Self::Instance(name) => plan.instances().contains_key(name),
            Self::Function(function) => place_of(plan, function).is_some(),
            Self::Port(port) => plan.port(port).is_some(),
            Self::Link(key) => plan.links().contains_key(key),
            Self::Constant(port) => plan.constants().contains_key(port),
            Self::Frame(chart, at) => plan.charts().get(chart).is_some_and(|chart| *at < chart.frames.len()),
            Self::Note(chart, at) => plan.charts().get(chart).is_some_and(|chart| *at < chart.notes.len()),
            Self::Device(name) => plan.devices().contains_key(name),
            Self::Subnet(name) => plan.subnets().contains_key(name),
            Self::Cable(cable) => plan.cables().contains(cable),
            Self::Component(key) => plan.components().contains_key(key),
        }
    }

    /// Its name as people say it: `Conveyor1.running → Filler1.start`.
    pub fn label(&self, plan: &Plan) -> String {
        match self {
            Self::Project => plan.name().to_string(),
            Self::Chart(ROOT_CHART) => plan.name().to_string(),
            Self::Chart(chart) => {
                let path = plan.chart_path(*chart);
                path.iter().map(Name::as_str).collect::<Vec<_>>().join(" › ")
            }
            Self::Instance(name) | Self::Device(name) | Self::Subnet(name) => name.to_string(),
            Self::Function(function) => function_label(plan, function),
            Self::Port(port) | Self::Constant(port) => port_label(plan, port),
            Self::Link(key) => match plan.links().get(key) {
                Some(link) => format!("{} → {}", port_label(plan, &link.provider), port_label(plan, &key.consumer)),
                None => key.to_string(),
            },
            Self::Frame(chart, at) => {
                text_of(plan.charts().get(chart).and_then(|chart| chart.frames.get(*at)), |frame| {
                    frame.title.to_string()
                })
            }
            Self::Note(chart, at) => text_of(plan.charts().get(chart).and_then(|chart| chart.notes.get(*at)), |note| {
                note.text.lines().next().unwrap_or_default().to_owned()
            }),
            Self::Cable(cable) => {
                format!("{}:{} – {}:{}", cable.a.device, cable.a.port, cable.b.device, cable.b.port)
            }
            Self::Component(key) => match plan.components().get(key) {
                Some(component) => format!("{} {}", component.name, key.version),
                None => key.to_string(),
            },
        }
    }

    /// The chart on which it is seen.
    pub fn chart(&self, plan: &Plan) -> Option<ChartId> {
        match self {
            Self::Chart(chart) => plan.charts().get(chart)?.parent.or(Some(ROOT_CHART)),
            Self::Instance(name) => plan.instances().get(name)?.home(),
            Self::Function(function) => Some(place_of(plan, function)?.chart),
            Self::Port(port) | Self::Constant(port) => Some(place_of(plan, &port.function())?.chart),
            Self::Link(key) => Some(place_of(plan, &key.consumer.function())?.chart),
            Self::Frame(chart, _) | Self::Note(chart, _) => Some(*chart),
            Self::Project | Self::Device(_) | Self::Subnet(_) | Self::Cable(_) | Self::Component(_) => None,
        }
    }

    /// The device it belongs to.
    pub fn device(&self, plan: &Plan) -> Option<Name> {
        let of = |instance: &Name| Some(plan.instances().get(instance)?.device.clone());
        match self {
            Self::Instance(name) => of(name),
            Self::Function(function) => of(&function.instance),
            Self::Port(port) | Self::Constant(port) => of(&port.instance),
            Self::Link(key) => of(&key.consumer.instance),
            Self::Device(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// The instance it is part of.
    pub fn instance(&self) -> Option<&Name> {
        match self {
            Self::Instance(name) => Some(name),
            Self::Function(function) => Some(&function.instance),
            Self::Port(port) | Self::Constant(port) => Some(&port.instance),
            _ => None,
        }
    }
}

fn text_of<T>(thing: Option<&T>, text: impl Fn(&T) -> String) -> String {
    thing.map(text).unwrap_or_default()
}

/// Where the block of a function stands; `None` when it has no place.
pub fn place_of(plan: &Plan, function: &FunctionRef) -> Option<Placement> {
    let instance = plan.instances().get(&function.instance)?;
    instance.functions.get(&(function.ldev.clone(), function.rtauto.clone())).copied()
}

/// A function as people say it: the name of its instance, and its own where the instance has several.
pub fn function_label(plan: &Plan, function: &FunctionRef) -> String {
    match plan.instances().get(&function.instance) {
        Some(instance) if instance.functions.len() > 1 => format!("{}.{}", function.instance, function.rtauto),
        _ => function.instance.to_string(),
    }
}

/// A port as people say it: `Filler1.level`, with its function where the instance has several.
pub fn port_label(plan: &Plan, port: &PortRef) -> String {
    format!("{}.{}", function_label(plan, &port.function()), port.port)
}

/// What is selected. The one selected last leads: properties show it, keys begin there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    items: BTreeSet<Item>,
    lead: Option<Item>,
}

impl Selection {
    /// Only this.
    pub fn only(item: Item) -> Self {
        Self { items: BTreeSet::from([item.clone()]), lead: Some(item) }
    }

    /// All of these; the last one leads.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Self {
        let mut selection = Self::default();
        for item in items {
            selection.lead = Some(item.clone());
            selection.items.insert(item);
        }
        selection
    }

    /// What is selected, in the order of [`Item`].
    pub fn items(&self) -> impl ExactSizeIterator<Item = &Item> {
        self.items.iter()
    }

    /// The one selected last.
    pub fn lead(&self) -> Option<&Item> {
        self.lead.as_ref()
    }

    /// Whether this is selected.
    pub fn contains(&self, item: &Item) -> bool {
        self.items.contains(item)
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Puts an item in, or takes it out when it is in.
    pub fn toggle(&mut self, item: Item) {
        if self.items.remove(&item) {
            self.lead = self.items.last().cloned();
        } else {
            self.items.insert(item.clone());
            self.lead = Some(item);
        }
    }

    /// Drops what the plan does not have any longer.
    pub fn keep_existing(&mut self, plan: &Plan) {
        self.items.retain(|item| item.exists(plan));
        if self.lead.as_ref().is_some_and(|lead| !self.items.contains(lead)) {
            self.lead = self.items.last().cloned();
        }
    }

    /// Instances of which a block or the whole is selected.
    pub fn instances(&self) -> BTreeSet<Name> {
        self.items
            .iter()
            .filter_map(|item| match item {
                Item::Instance(name) => Some(name.clone()),
                Item::Function(function) => Some(function.instance.clone()),
                _ => None,
            })
            .collect()
    }

    /// Charts that are selected as blocks.
    pub fn charts(&self) -> impl Iterator<Item = ChartId> {
        self.items.iter().filter_map(|item| match item {
            Item::Chart(chart) => Some(*chart),
            _ => None,
        })
    }
}
