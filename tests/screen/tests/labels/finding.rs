//! Findings: listed, walked along, mended.

use egui::Key;
use plantweave_screen_tests::{Screen, screen_of};

const CONSTANT_BESIDE_LINK: &str = r#"
    component Conveyor 2.1 { in start BOOL; out running BOOL }
    project "Mistakes"
    A: Conveyor @10.91.0.11 at 80 80
    B: Conveyor @10.91.0.12 at 480 80
    A.running -> B.start acyclic 100 sub false
    B.start = true
"#;

fn codes(screen: &Screen) -> Vec<&'static str> {
    screen.workspace().findings().map(|finding| finding.code).collect()
}

fn chosen(screen: &Screen) -> Option<String> {
    screen.workspace().finding.as_ref().map(|finding| format!("{} {} {}", finding.code, finding.place, finding.message))
}

#[test]
fn f8_walks_along_all_findings_and_begins_again() {
    let mut screen = screen_of(CONSTANT_BESIDE_LINK);
    let n_findings = codes(&screen).len();
    assert!(n_findings > 1, "{:?}", codes(&screen));
    let mut seen = Vec::new();
    for _ in 0..n_findings {
        screen.press(Key::F8);
        seen.extend(chosen(&screen));
        assert!(screen.has(seen.last().unwrap()), "{seen:?}");
    }
    seen.dedup();
    assert_eq!(seen.len(), n_findings);
    screen.press(Key::F8);
    assert_eq!(chosen(&screen).as_ref(), seen.first());
}

#[test]
fn a_finding_is_mended_in_the_list_and_comes_back_with_undo() {
    let mut screen = screen_of(CONSTANT_BESIDE_LINK);
    let before = codes(&screen);
    let finding = screen.workspace().findings().find(|finding| finding.fix.is_some()).cloned().unwrap();
    let title = finding.fix.as_ref().unwrap().title.clone();
    screen.click(&title.to_string());
    assert!(!screen.workspace().findings().any(|other| *other == finding), "{:?}", codes(&screen));
    assert_eq!(screen.plan().constants().len() + screen.plan().links().len(), 1);
    screen.press_with(egui::Modifiers::COMMAND, Key::Z);
    assert_eq!(codes(&screen), before);
}

#[test]
fn a_click_on_a_finding_selects_what_it_is_about() {
    let mut screen = screen_of(CONSTANT_BESIDE_LINK);
    let finding = screen.workspace().findings().find(|finding| finding.place == "B.start").cloned().unwrap();
    screen.click(&format!("{} {} {}", finding.code, finding.place, finding.message));
    assert_eq!(screen.workspace().finding.as_ref(), Some(&finding));
    assert!(!screen.selected().is_empty());
}

#[test]
fn the_filter_keeps_what_has_its_words() {
    let mut screen = screen_of(CONSTANT_BESIDE_LINK);
    let shown = |screen: &Screen| {
        let rows = screen.workspace().findings().map(|at| format!("{} {} {}", at.code, at.place, at.message));
        rows.filter(|row| screen.has(row)).count()
    };
    assert_eq!(shown(&screen), codes(&screen).len());
    screen.click("Filter");
    screen.type_text("no finding says this");
    assert_eq!(shown(&screen), 0);
    assert!(screen.has("No findings"));
}
