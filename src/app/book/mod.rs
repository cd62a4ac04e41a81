//! The plant book: what the core knows of a plan, joined and written on paper.
//!
//! Findings, configurations, cross-reference and counts come from their own parts; [`export::book`](crate::export::book) breaks lines and pages. One
//! file a chapter. Start reading at [`plant_book`].

mod charts;
mod components;
mod configurations;
mod cross_reference;
mod devices;
mod findings;
mod links;

use std::path::Path;

use super::Failure;
use super::generation::replace_file;
use super::summary::{Summary, summary};
use crate::check::{self, Finding, LibraryFacts, Severity};
use crate::export::book::{BookError, Entry, Front, Language, Paper, Words, typeset};
use crate::export::picture::Target;
use crate::generate::{Generation, generate};
use crate::model::{ChartId, FunctionRef, Phrase, Plan, PortRef};
use crate::say;

/// How the book is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookRequest {
    /// Language of headings. What the program says of a plan, such as findings, is English in every book.
    pub language: Language,
    /// Date of issue to print, as it shall be read; without one no date is in the book.
    pub date: Option<String>,
}

/// Makes the plant book of a plan and, when `out` is given, writes it there: the whole file, or nothing. The same plan and request
/// give the same bytes. `watch` is told how much is done, from 0 to 1, and says whether to go on.
///
/// # Errors
/// It was stopped, the PDF cannot hold it, or the disk refuses.
pub fn plant_book(
    plan: &Plan,
    request: &BookRequest,
    watch: &dyn Fn(f32) -> bool,
    out: Option<&Path>,
) -> Result<Vec<u8>, Failure> {
    let content = Content::new(plan, request.language);
    let front = content.front(request.date.clone());
    let pdf = typeset(&front, request.language, &|paper| content.write(paper), watch).map_err(|error| {
        let remedy = match error {
            BookError::Stopped => "start it again",
            BookError::Pdf(_) => "please report this as a fault, with the project if you can",
        };
        Failure::new(say!("cannot make the plant book"), Phrase::plain(error), remedy)
    })?;
    if let Some(out) = out {
        replace_file(out, &pdf).map_err(|error| {
            let remedy = say!("check that its folder is there, can be written and has room");
            Failure::new(say!("cannot write the plant book to {out}", out = out.display()), error, remedy)
        })?;
    }
    Ok(pdf)
}

/// All there is to say.
struct Content<'a> {
    plan: &'a Plan,
    lang: &'static str,
    words: &'static Words,
    summary: Summary,
    findings: Vec<Finding>,
    generation: Generation,
}

impl<'a> Content<'a> {
    fn new(plan: &'a Plan, language: Language) -> Self {
        Self {
            plan,
            lang: language.tag(),
            words: language.words(),
            summary: summary(plan),
            findings: check::check(plan, &LibraryFacts::default()),
            generation: generate(plan),
        }
    }

    fn front(&self, date: Option<String>) -> Front {
        let (summary, words) = (&self.summary, self.words);
        let findings = [
            (Severity::Error, words.one_error, words.errors),
            (Severity::Warning, words.one_warning, words.warnings),
            (Severity::Info, words.one_info, words.infos),
        ];
        let findings = findings.map(|(severity, one, many)| {
            match self.findings.iter().filter(|finding| finding.severity == severity).count() {
                1 => one.to_owned(),
                count => format!("{count} {many}"),
            }
        });
        let facts = [
            (words.charts, summary.charts.to_string()),
            (words.devices, summary.devices.len().to_string()),
            (words.components, summary.components.to_string()),
            (words.instances, summary.instances.to_string()),
            (words.functions, summary.functions.to_string()),
            (words.links, format!("{}, {} {}", summary.links, summary.cyclic_links, words.of_them_cyclic)),
            (words.constants, summary.constants.to_string()),
            (words.findings, findings.join(", ")),
        ];
        Front {
            title: summary.name.clone(),
            comment: summary.comment.clone(),
            facts: facts.map(|(label, value)| (label.to_owned(), value)).into(),
            date,
        }
    }

    /// Writes the book; every time the same.
    fn write(&self, paper: &mut Paper<'_>) {
        self.charts(paper);
        self.devices(paper);
        self.components(paper);
        self.links(paper);
        self.constants(paper);
        self.cross_reference(paper);
        self.findings(paper);
        self.configurations(paper);
    }

    /// A chart as people say it: the levels from the top, the project's name for the top one.
    fn chart_name(&self, chart: ChartId) -> String {
        let path = self.plan.chart_path(chart);
        if path.is_empty() { self.plan.name().to_string() } else { path.join(" / ") }
    }

    /// The chart a function stands on, leading there; nothing when it stands on none.
    fn chart_entry(&self, function: &FunctionRef) -> Option<Entry> {
        let instance = self.plan.instances().get(&function.instance)?;
        let placement = instance.functions.get(&(function.ldev.clone(), function.rtauto.clone()))?;
        Some(Entry::of(self.chart_name(placement.chart)).to(Target::Chart(placement.chart)))
    }

    /// A port by its shortest name, leading to its instance.
    fn port_entry(&self, port: &PortRef) -> Entry {
        Entry::of(self.plan.short_name(port)).to(Target::Instance(port.instance.clone()))
    }

    /// A function as people say it: its instance, and its own name where the instance has more than one.
    fn function_name(&self, function: &FunctionRef) -> String {
        let n_functions = self.plan.component_of(&function.instance).map_or(0, |component| component.rtautos().count());
        match n_functions {
            0 | 1 => function.instance.to_string(),
            _ => format!("{}.{}.{}", function.instance, function.ldev, function.rtauto),
        }
    }
}

/// What stands in a cell that has nothing to say.
fn or_dash(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    const PLANT: &str = "
        component Pump 1.0 { qos acyclic; in start BOOL = false; out running BOOL }
        Pump1: Pump @192.168.0.1
        Pump2: Pump @192.168.0.2
        Pump1.running -> Pump2.start acyclic 100
    ";

    #[test]
    fn the_same_plan_gives_the_same_book_and_another_date_another() {
        let plan = fixture::plan(PLANT);
        let request = BookRequest::default();
        let book = plant_book(&plan, &request, &|_| true, None).unwrap();
        assert_eq!(plant_book(&fixture::plan(PLANT), &request, &|_| true, None).unwrap(), book);
        let dated = BookRequest { date: Some("2026-11-25".into()), ..request };
        assert_ne!(plant_book(&plan, &dated, &|_| true, None).unwrap(), book);
    }

    #[test]
    fn the_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("book.pdf");
        let plan = fixture::plan(PLANT);
        let book = plant_book(&plan, &BookRequest::default(), &|_| true, Some(&out)).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), book);
        let failure = plant_book(&plan, &BookRequest::default(), &|_| true, Some(&folder.path().join("no/book.pdf")))
            .unwrap_err();
        assert!(failure.what.to_string().ends_with("no/book.pdf"), "{failure}");
    }

    #[test]
    fn a_plan_with_nothing_in_it_and_one_full_of_mistakes_have_books() {
        plant_book(&Plan::new(""), &BookRequest::default(), &|_| true, None).unwrap();
        let mut plan = fixture::plan(PLANT);
        plan.components.clear();
        plan.devices.clear();
        let german = BookRequest { language: Language::German, date: None };
        plant_book(&plan, &german, &|_| true, None).unwrap();
    }
}
