//! Findings for other programs: SARIF names the file that each finding is in.

use crate::check::{self, Finding, Subject};
use crate::model::Plan;
use crate::project::Places;

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
