//! The form of a rule, and the catalogue.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value as Json;

use super::context::{
    CableView, ChartView, ComponentView, ConstantView, DeviceView, InstanceView, LinkView, LoopView, SubnetView,
    TargetView,
};
use super::rules::CATALOGUE;
use super::{Finding, Severity, Subject};
use crate::model::{ChartId, LinkKey, Name, Phrase, Plan, Say};
use crate::say;

/// A rule of the catalogue.
pub struct Rule {
    /// Stable code, e.g. `PW101`.
    pub code: &'static str,
    /// Short name in words joined by `-`.
    pub name: &'static str,
    /// How bad its findings are; a rule may make single findings worse or milder and says so on its page.
    pub severity: Severity,
    /// Source text of the rule's file, whose top comment is the page.
    pub(super) source: &'static str,
    /// What it looks at.
    pub(super) on: &'static [On],
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.name)
    }
}

/// What a rule looks at, one at a time.
pub(super) enum On {
    Link(fn(&LinkView, &mut Report)),
    Constant(fn(&ConstantView, &mut Report)),
    Instance(fn(&InstanceView, &mut Report)),
    Device(fn(&DeviceView, &mut Report)),
    Component(fn(&ComponentView, &mut Report)),
    Subnet(fn(&SubnetView, &mut Report)),
    Cable(fn(&CableView, &mut Report)),
    Target(fn(&TargetView, &mut Report)),
    Chart(fn(&ChartView, &mut Report)),
    Loop(fn(&LoopView, &mut Report)),
}

/// What rules do with one kind of thing, in the order of codes.
type Checks<F> = Vec<(&'static Rule, F)>;

/// The rules by what they look at.
#[derive(Default)]
pub(super) struct ByKind {
    pub link: Checks<fn(&LinkView, &mut Report)>,
    pub constant: Checks<fn(&ConstantView, &mut Report)>,
    pub instance: Checks<fn(&InstanceView, &mut Report)>,
    pub device: Checks<fn(&DeviceView, &mut Report)>,
    pub component: Checks<fn(&ComponentView, &mut Report)>,
    pub subnet: Checks<fn(&SubnetView, &mut Report)>,
    pub cable: Checks<fn(&CableView, &mut Report)>,
    pub target: Checks<fn(&TargetView, &mut Report)>,
    pub chart: Checks<fn(&ChartView, &mut Report)>,
    pub feedback_loop: Checks<fn(&LoopView, &mut Report)>,
}

/// All rules by what they look at.
pub(super) static BY_KIND: LazyLock<ByKind> = LazyLock::new(|| {
    let mut all = ByKind::default();
    for rule in rules().iter().copied() {
        for on in rule.on {
            match on {
                On::Link(check) => all.link.push((rule, *check)),
                On::Constant(check) => all.constant.push((rule, *check)),
                On::Instance(check) => all.instance.push((rule, *check)),
                On::Device(check) => all.device.push((rule, *check)),
                On::Component(check) => all.component.push((rule, *check)),
                On::Subnet(check) => all.subnet.push((rule, *check)),
                On::Cable(check) => all.cable.push((rule, *check)),
                On::Target(check) => all.target.push((rule, *check)),
                On::Chart(check) => all.chart.push((rule, *check)),
                On::Loop(check) => all.feedback_loop.push((rule, *check)),
            }
        }
    }
    all
});

/// The facts of a finding, and what they say.
pub(super) trait Facts: Serialize {
    /// What is wrong, without naming the subject again.
    fn message(&self) -> Phrase;
}

/// Things that have something in common with the subject: a few of them by name, and how many there are, for a plan can hold any
/// number.
#[derive(Default, Serialize)]
pub(super) struct Others {
    others: Vec<Name>,
    n_others: usize,
}

/// So many things of a kind are named in a finding at most.
const TOLD: usize = 10;

impl Others {
    /// Others in a group, of which `own` is a member.
    pub(super) fn beside(own: &Name, group: Option<&BTreeSet<Name>>) -> Self {
        let Some(group) = group else { return Self::default() };
        let others = group.iter().filter(|other| *other != own).take(TOLD).cloned().collect();
        Self { others, n_others: group.len() - usize::from(group.contains(own)) }
    }

    /// All of these.
    pub(super) fn all(names: &BTreeSet<Name>) -> Self {
        Self { others: names.iter().take(TOLD).cloned().collect(), n_others: names.len() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.others.is_empty()
    }

    /// Those that are told by name.
    pub(super) fn subjects(&self, subject: fn(Name) -> Subject) -> Vec<Subject> {
        self.others.iter().cloned().map(subject).collect()
    }
}

impl Say for Others {
    /// `B, C, D`, and how many more.
    fn say(&self) -> Phrase {
        some_of(self.others.join(", "), self.n_others - self.others.len())
    }
}

/// A list, and how many more there are.
fn some_of(list: String, more: usize) -> Phrase {
    match more {
        0 => Phrase::plain(list),
        _ => say!("{list} and {n} more", list, n = more),
    }
}

/// Takes the findings of one rule.
pub(super) struct Report<'a> {
    pub(super) plan: &'a Plan,
    pub(super) rule: &'static Rule,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// So many things are given as related to a finding at most.
pub(super) const RELATED: usize = 100;

impl Report<'_> {
    /// Adds a finding, to which a fix, related subjects or another severity may still be given.
    pub(super) fn add(&mut self, subject: Subject, facts: &impl Facts) -> &mut Finding {
        let map = match serde_json::to_value(facts) {
            Ok(Json::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let at = self.findings.len();
        self.findings.push(Finding {
            code: self.rule.code,
            severity: self.rule.severity,
            place: place(self.plan, &subject),
            subject,
            message: facts.message(),
            related: Vec::new(),
            facts: map,
            fix: None,
        });
        &mut self.findings[at]
    }
}

/// A subject as people say it.
pub(super) fn place(plan: &Plan, subject: &Subject) -> String {
    match subject {
        Subject::Plan => plan.name().to_string(),
        Subject::Component(key) => match plan.components().get(key) {
            Some(component) => format!("{} {}", component.name, key.version),
            None => key.to_string(),
        },
        Subject::Chart(chart) => chart_name(plan, *chart),
        Subject::Function(function) => function_name(plan, function),
        Subject::Port(port) => plan.short_name(port),
        Subject::Link(key) => link_name(plan, key),
        Subject::Target(target) => {
            format!("{} → {}", function_name(plan, &target.from), function_name(plan, &target.to))
        }
        Subject::Cable(_) | Subject::Instance(_) | Subject::Device(_) | Subject::Subnet(_) => subject.to_string(),
    }
}

/// `Conveyor1.running → Filler1.start`.
pub(super) fn link_name(plan: &Plan, key: &LinkKey) -> String {
    let consumer = plan.short_name(&key.consumer);
    match plan.links().get(key) {
        Some(link) => format!("{} → {consumer}", plan.short_name(&link.provider)),
        None => consumer,
    }
}

/// The instance, where it has one function only, otherwise with the function's names.
pub(super) fn function_name(plan: &Plan, function: &crate::model::FunctionRef) -> String {
    let only = plan.component_of(&function.instance).is_some_and(|component| component.rtautos().count() == 1);
    if only { function.instance.to_string() } else { function.to_string() }
}

/// `One, Two, Three`, and of a long list how many more.
pub(super) fn list<T: ToString>(items: &[T]) -> Phrase {
    let told: Vec<String> = items.iter().take(TOLD).map(ToString::to_string).collect();
    some_of(told.join(", "), items.len() - told.len())
}

/// `One → Two → Three`; of a long way the beginning and the end.
pub(super) fn way(names: &[String]) -> String {
    match names {
        [first @ .., _, _, _, last] if first.len() > TOLD => {
            let begin: Vec<&str> = first.iter().take(TOLD).map(String::as_str).collect();
            format!("{} → … → {last}", begin.join(" → "))
        }
        _ => names.join(" → "),
    }
}

/// `Plant / Filling / Cell`.
pub(super) fn chart_name(plan: &Plan, chart: ChartId) -> String {
    let mut path = vec![plan.name().clone()];
    path.extend(plan.chart_path(chart));
    path.join(" / ")
}

impl Rule {
    /// The manual page in Markdown: title, what it checks, why, example, remedy.
    pub fn page(&self) -> String {
        let mut page = String::new();
        for line in self.source.lines().map_while(|line| line.strip_prefix("//!")) {
            page.push_str(line.strip_prefix(' ').unwrap_or(line));
            page.push('\n');
        }
        page
    }

    /// The page's title without the code.
    pub fn title(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.split_once(": ").map_or(first, |(_, title)| title)
    }

    /// The section of the page under this heading, e.g. `Remedy`.
    pub fn section(&self, heading: &str) -> String {
        let page = self.page();
        let mut lines = page.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading));
        lines.next();
        let body: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
        body.join("\n").trim().to_owned()
    }

    /// What a person does about its findings, as one line.
    pub fn remedy(&self) -> String {
        let text = self.section("Remedy").split_whitespace().collect::<Vec<_>>().join(" ");
        // Findings say themselves which fix is safe.
        text.split("Safe fix").next().unwrap_or_default().trim().to_owned()
    }

    /// Whether some of its findings come with a safe fix.
    pub fn has_fix(&self) -> bool {
        self.section("Remedy").contains("Safe fix")
    }
}

/// All rules by code.
pub fn rules() -> &'static [&'static Rule] {
    CATALOGUE
}

/// The rule with this code, in capitals or not.
pub fn find(code: &str) -> Option<&'static Rule> {
    rules().iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}
