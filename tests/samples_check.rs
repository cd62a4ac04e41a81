//! The sample plants as a user has them: opened from disk with the real reader of descriptions, checked, generated.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use plantweave::app::{apply_fixes, fix_edit, library_facts, open_project, read_project_files};
use plantweave::check::{self, Finding, LibraryFacts, Severity, check, rules};
use plantweave::edit::Document;
use plantweave::generate::generate;
use plantweave::model::Plan;
use plantweave::project::Files;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

fn sample(name: &str) -> Plan {
    open_project(&folder(name)).unwrap_or_else(|failure| panic!("{failure}"))
}

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("library")
}

#[test]
fn the_plants_to_begin_with_have_no_errors() {
    for (name, n_instances, n_links) in [("bottling-line.plant", 22, 122), ("water-treatment.plant", 11, 45)] {
        let plan = sample(name);
        assert_eq!((plan.instances().len(), plan.links().len()), (n_instances, n_links), "{name}");
        let findings = check(&plan, &LibraryFacts::default());
        let errors: Vec<String> =
            findings.iter().filter(|finding| finding.severity == Severity::Error).map(ToString::to_string).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        let generation = generate(&plan);
        assert!(!generation.has_errors(), "{name}");
        let generated: usize = generation.devices.iter().map(|one| one.configuration.n_connections()).sum();
        assert_eq!(
            generated,
            n_links + plan.constants().len(),
            "{name}: every link and constant is in a configuration"
        );
    }
}

/// `samples/README.md` says why each of them is there.
#[test]
fn what_is_told_of_the_plants_to_begin_with_is_wanted() {
    let facts = library_facts(&[library()]).unwrap();
    let mut told = BTreeSet::new();
    for name in ["bottling-line.plant", "water-treatment.plant"] {
        for finding in check(&sample(name), &facts) {
            // Remarks of one rule are alike.
            let place = if finding.severity == Severity::Info { String::new() } else { finding.place };
            told.insert(format!("{name} {} {place}", finding.code));
        }
    }
    let expected = [
        "bottling-line.plant PW107 line-master",
        "bottling-line.plant PW112 ",
        "bottling-line.plant PW114 ",
        "bottling-line.plant PW140 ",
        "water-treatment.plant PW114 ",
    ];
    assert_eq!(told.into_iter().collect::<Vec<_>>(), expected);
}

/// What is found in the plant of mistakes, held against the library.
fn mistakes() -> Vec<Finding> {
    check(&sample("mistakes.plant"), &library_facts(&[library()]).unwrap())
}

#[test]
fn the_plant_of_mistakes_breaks_every_rule() {
    let findings = mistakes();
    let firing: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let silent: Vec<&str> = rules().iter().map(|rule| rule.code).filter(|code| !firing.contains(code)).collect();
    assert_eq!(silent, [""; 0]);
}

/// `samples/README.md` says where each mistake is; run with `UPDATE_DOCS=1` to write its table anew.
#[test]
fn the_page_about_the_samples_names_each_mistake() {
    let mut places: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for finding in mistakes() {
        places.entry(finding.code).or_default().insert(finding.place);
    }
    let mut table = String::from("| Code | Mistake | Where |\n|---|---|---|\n");
    for rule in rules() {
        let places: Vec<&str> = places[rule.code].iter().map(String::as_str).collect();
        table += &format!("| {} | {} | {} |\n", rule.code, rule.title(), places.join("; "));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/README.md");
    let page = fs::read_to_string(&path).unwrap();
    let (above, _) = page.split_once("| Code |").unwrap();
    let expected = format!("{above}{table}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "run with UPDATE_DOCS=1");
}

/// A finding's numbers have the names that its rule's page tells.
#[test]
fn facts_are_those_of_the_pages() {
    for finding in mistakes() {
        let told = check::find(finding.code).unwrap().section("Facts");
        for name in finding.facts.keys() {
            assert!(told.contains(&format!("`{name}`")), "{}: {name} is not in: {told}", finding.code);
        }
    }
}

/// Saved again, the samples are the same byte for byte: so a fix changes only what it is about.
#[test]
fn the_samples_are_in_the_form_we_write() {
    for name in ["bottling-line.plant", "water-treatment.plant", "mistakes.plant"] {
        let before = read_project_files(&folder(name)).unwrap();
        let after = plantweave::project::write(&sample(name));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for file in names {
            let text = |files: &Files| files.get(file).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            assert_eq!(text(&after), text(&before), "{name}/{file}");
        }
    }
}

#[test]
fn every_fix_mends_its_finding_and_breaks_nothing() {
    let plan = sample("mistakes.plant");
    let facts = library_facts(&[library()]).unwrap();
    let before = check(&plan, &facts);
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let errors: BTreeSet<_> = before.iter().filter(is_error).map(|finding| (finding.code, &finding.subject)).collect();
    for finding in &before {
        let Some(fix) = &finding.fix else { continue };
        let mut document = Document::new(plan.clone());
        document
            .apply(&fix_edit(&plan, fix).unwrap())
            .unwrap_or_else(|error| panic!("{finding}: {}: {error}", fix.title));
        let after = check(document.plan(), &facts);
        let same = |other: &&Finding| (other.code, &other.subject) == (finding.code, &finding.subject);
        assert_eq!(after.iter().find(same), None, "{} is not mended by: {}", finding, fix.title);
        let new = after.iter().filter(is_error).find(|error| !errors.contains(&(error.code, &error.subject)));
        assert_eq!(new, None, "a new error after {}", fix.title);
        assert_eq!(document.undo_label(), Some(&fix.title), "one step of the history");
        document.undo();
        assert_eq!(*document.plan(), plan);
    }
}

#[test]
fn all_fixes_together_leave_nothing_to_fix() {
    let mut document = Document::new(sample("mistakes.plant"));
    let facts = library_facts(&[library()]).unwrap();
    let n_errors = |plan: &Plan| check(plan, &facts).iter().filter(|it| it.severity == Severity::Error).count();
    let before = n_errors(document.plan());
    let tried = apply_fixes(&mut document, &facts, |_| true);
    let refused: Vec<_> = tried.iter().filter(|fix| fix.refused.is_some()).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    assert_eq!(check(document.plan(), &facts).into_iter().find(|finding| finding.fix.is_some()), None);
    assert!(n_errors(document.plan()) < before);
    while document.undo().is_some() {}
    assert_eq!(*document.plan(), sample("mistakes.plant"));
}

#[test]
fn a_broken_description_is_named_with_its_place() {
    let copy = tempfile::tempdir().unwrap();
    let files = plantweave::app::read_project_files(&folder("water-treatment.plant")).unwrap();
    plantweave::app::save_project_files(copy.path(), &files).unwrap();
    let description = files.keys().find(|path| path.ends_with(".pcd.xml")).unwrap();
    let whole = fs::read(copy.path().join(description)).unwrap();
    fs::write(copy.path().join(description), &whole[..whole.len() / 2]).unwrap();
    let failure = open_project(copy.path()).unwrap_err();
    assert!(failure.why.to_string().starts_with(description.as_str()), "{failure}");
    assert!(failure.remedy.to_string().contains("open the project again"), "{failure}");
}
