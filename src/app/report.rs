//! Which findings are told, and how other programs get them: as JSON, or as SARIF, which names the file each is in.

use serde_json::{Value as Json, json};

use super::{Failure, TriedFix};
use crate::check::{self, Finding, Severity, Subject};
use crate::model::Plan;
use crate::project::Places;

/// Which findings somebody wants to know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingFilter {
    severity: Severity,
    /// Codes of rules; empty for all.
    codes: Vec<&'static str>,
}

impl FindingFilter {
    /// Findings at least this severe, of these rules, or of all when no code is named.
    ///
    /// # Errors
    /// A code that no rule has.
    pub fn new(severity: Severity, codes: &[String]) -> Result<Self, Failure> {
        let known = |code: &String| {
            let rule = check::find(code).ok_or_else(|| {
                let remedy = "`plantweave explain` lists all rules with their codes";
                Failure::new(format!("cannot look for `{code}`"), "no rule has this code", remedy)
            });
            rule.map(|rule| rule.code)
        };
        Ok(Self { severity, codes: codes.iter().map(known).collect::<Result<_, _>>()? })
    }

    /// Whether a finding is one of them.
    pub fn takes(&self, finding: &Finding) -> bool {
        finding.severity <= self.severity && (self.codes.is_empty() || self.codes.contains(&finding.code))
    }
}

/// Findings as a JSON document, with the fixes that were tried before; `docs/JSON.md` describes it.
pub fn findings_json<'a>(findings: impl IntoIterator<Item = &'a Finding>, fixes: Option<&[TriedFix]>) -> Json {
    let findings: Vec<Json> = findings.into_iter().map(check::json).collect();
    json!({ "format": 1, "fixes": fixes, "findings": findings })
}

/// Findings as SARIF 2.1.0, each at the file of the project folder that holds what it is about.
pub fn sarif<'a>(plan: &Plan, findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let places = Places::new(plan);
    check::sarif(plan, findings, |plan, subject| file_of(&places, plan, subject))
}

fn file_of(places: &Places, plan: &Plan, subject: &Subject) -> Option<String> {
    Some(match subject {
        Subject::Plan | Subject::Target(_) => places.project().to_owned(),
        Subject::Component(key) => return places.component(key),
        Subject::Chart(chart) => places.chart(*chart),
        Subject::Instance(name) => places.instance(plan, name),
        Subject::Function(function) => places.instance(plan, &function.instance),
        Subject::Port(port) => places.instance(plan, &port.instance),
        Subject::Link(key) => places.instance(plan, &key.consumer.instance),
        Subject::Device(_) | Subject::Subnet(_) | Subject::Cable(_) => places.network().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{LibraryFacts, check};
    use crate::model::fixture;
    use crate::project;

    #[test]
    fn every_finding_is_at_a_file_of_the_project() {
        let plan = fixture::plan(
            "
            component Pump 1.0 { qos acyclic; in start BOOL; out running BOOL }
            Pump1: Pump @192.168.0.1
            Pump2: Pump @192.168.0.1
            Pump1.running -> Pump2.start acyclic 77
            ",
        );
        let files = project::write(&plan);
        let places = Places::new(&plan);
        let findings = check(&plan, &LibraryFacts::default());
        assert!(findings.len() > 2);
        for finding in &findings {
            let file = file_of(&places, &plan, &finding.subject).unwrap();
            assert!(files.contains_key(&file), "{finding}: {file}");
        }
    }
}
