//! What the check found, by severity and rule, with what to do about it.

use std::collections::BTreeMap;

use super::Content;
use crate::check::{self, Finding, Severity, Subject};
use crate::export::book::{Cell, Column, Entry, Mark, Paper, Row, Tone};
use crate::export::picture::Target;

impl Content<'_> {
    pub(super) fn findings(&self, paper: &mut Paper<'_>) {
        let words = self.words;
        paper.chapter(words.findings);
        if self.findings.is_empty() {
            return paper.paragraph(words.none);
        }
        let mut by_rule: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            by_rule.entry((finding.severity, finding.code)).or_default().push(finding);
        }
        let columns = [Column::text(words.subject), Column::text(words.message)];
        paper.table("findings", &columns, |add| {
            for ((severity, code), findings) in &by_rule {
                let (mark, severity) = match severity {
                    Severity::Error => (Mark::Error, words.error),
                    Severity::Warning => (Mark::Warning, words.warning),
                    Severity::Info => (Mark::Info, words.info),
                };
                let rule = check::find(code);
                add(Row::group([
                    Entry::of(format!("{severity} {code}")).mark(mark).tone(Tone::Strong),
                    Entry::of(rule.map(check::Rule::title).unwrap_or_default()).tone(Tone::Strong),
                ]));
                if let Some(remedy) = rule.map(check::Rule::remedy).filter(|remedy| !remedy.is_empty()) {
                    add(Row::note(Entry::of(format!("{}: {remedy}", words.remedy)).tone(Tone::Dim)));
                }
                for finding in findings {
                    add(finding_row(finding));
                }
            }
        });
    }
}

fn finding_row(finding: &Finding) -> Row {
    let subject = Entry { to: target(&finding.subject), ..Entry::of(finding.place.as_str()) };
    let fix = finding.fix.as_ref().map(|fix| Entry::of(fix.title.to_string()).tone(Tone::Dim));
    let message: Cell = [Entry::of(finding.message.to_string())].into_iter().chain(fix).collect();
    Row::of([subject.into(), message])
}

/// Where the subject of a finding is told of.
fn target(subject: &Subject) -> Option<Target> {
    Some(match subject {
        Subject::Component(key) => Target::Component(key.clone()),
        Subject::Chart(chart) => Target::Chart(*chart),
        Subject::Instance(name) => Target::Instance(name.clone()),
        Subject::Function(function) => Target::Instance(function.instance.clone()),
        Subject::Port(port) => Target::Instance(port.instance.clone()),
        Subject::Link(key) => Target::Link(key.clone()),
        Subject::Target(target) => Target::Instance(target.from.instance.clone()),
        Subject::Device(name) => Target::Device(name.clone()),
        Subject::Cable(cable) => Target::Device(cable.a.device.clone()),
        Subject::Plan | Subject::Subnet(_) => return None,
    })
}
