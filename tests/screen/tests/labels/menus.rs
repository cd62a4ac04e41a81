//! The welcome page, menus, the palette, languages.

use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;
use plantweave_screen_tests::{Options, Screen, screen, screen_of};

use crate::TWO_MACHINES;

fn is_enabled(screen: &Screen, part: &str) -> bool {
    !screen.find(part).accesskit_node().is_disabled()
}

#[test]
fn the_welcome_page_opens_the_bottling_line() {
    let mut screen = screen(Options::default());
    assert!(screen.desktop().workspace().is_none());
    screen.click("Open the bottling line");
    screen.until("the bottling line", |screen| screen.desktop().workspace().is_some());
    assert_eq!(screen.plan().name(), "Bottling line");
    assert!(screen.has("LineMaster · Line (Line master 1.1)"), "{:?}", screen.labels());
    assert!(!screen.workspace().is_modified());
}

#[test]
fn a_command_that_makes_no_sense_says_what_is_missing() {
    let mut screen = screen(Options::default());
    screen.open_menu("File");
    assert!(is_enabled(&screen, "New project…"));
    assert!(!is_enabled(&screen, "Save as…"));
    screen.hover("Save as…");
    assert!(screen.has("Open a project first"));

    let mut screen = screen_of(TWO_MACHINES);
    screen.open_menu("File");
    assert!(is_enabled(&screen, "Save as…"));
    screen.press(Key::Escape);
    screen.open_menu("Edit");
    assert!(!is_enabled(&screen, "Undo"));
    screen.hover("Undo");
    assert!(screen.has("There is nothing to undo"));
    screen.press(Key::Escape);
    screen.open_menu("Plant");
    screen.hover("Link…");
    assert!(screen.has("Select a port first"));
}

#[test]
fn every_command_has_its_place_in_a_menu() {
    let mut screen = screen_of(TWO_MACHINES);
    for menu in plantweave::app::Menu::ALL {
        let name = ["File", "Edit", "View", "Plant", "Network", "Online", "Tools", "Help"][menu as usize];
        screen.open_menu(name);
        let n_rows = plantweave::app::COMMANDS.iter().filter(|row| row.menu == menu).count();
        let in_menu = screen.labels().len();
        screen.press(Key::Escape);
        let without = screen.labels().len();
        assert!(in_menu >= without + n_rows, "{name}: {n_rows} commands, {in_menu} labels, {without} without");
    }
}

#[test]
fn the_palette_finds_a_port_and_runs_a_command() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press_with(Modifiers::COMMAND, Key::K);
    screen.type_text("Filler1.level");
    screen.press(Key::Enter);
    assert_eq!(screen.selected(), ["Filler1.level"]);

    screen.press_with(Modifiers::COMMAND, Key::K);
    screen.type_text("select all");
    screen.press(Key::Enter);
    assert_eq!(screen.selected(), ["Conveyor1", "Filler1"]);
}

#[test]
fn the_language_changes_while_the_program_runs() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.choose("Tools", "Options…");
    screen.click("Deutsch");
    screen.click("Schließen");
    for word in ["Datei", "Bearbeiten", "Werkzeuge", "Hilfe"] {
        assert!(screen.has(word), "{word}: {:?}", screen.labels());
    }
    assert!(!screen.has("File"));
    screen.choose("Bearbeiten", "Alles auswählen");
    assert_eq!(screen.selected(), ["Conveyor1", "Filler1"]);

    // It is remembered.
    let home = screen.home.clone();
    drop(screen);
    let (settings, told) = plantweave::app::UserSettings::read(&home.path("settings"));
    assert_eq!((settings.language, told), (plantweave::app::LanguageChoice::German, None));
}

#[test]
fn buttons_are_told_by_their_words_not_by_the_letter_of_their_icon() {
    let mut screen = screen_of(TWO_MACHINES);
    // The set of icons stands in the private use area.
    let is_icon = |letter: char| ('\u{e000}'..='\u{f8ff}').contains(&letter);
    for menu in ["File", "Edit", "Online"] {
        screen.open_menu(menu);
        let buttons = screen.harness.root().children_recursive().filter(|node| {
            let node = node.accesskit_node();
            node.role() == egui::accesskit::Role::Button && node.label().is_some_and(|label| label.chars().count() > 1)
        });
        let wrong: Vec<String> = buttons
            .filter_map(|node| node.accesskit_node().label())
            .filter(|label| label.chars().any(is_icon))
            .collect();
        assert!(wrong.is_empty(), "{menu}: {wrong:?}");
        screen.press(Key::Escape);
    }
    assert!(screen.has("Offline") && screen.has("No findings") | screen.has("0 errors"));
}

#[test]
fn keys_lead_from_panel_to_panel() {
    let mut screen = screen_of(crate::TWO_MACHINES);
    // Into the library, past its button, to its search field.
    screen.press_with(Modifiers::ALT, Key::Num3);
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    screen.type_text("capper");
    assert!(screen.has_part("Capper · ") && !screen.has_part("Belt conveyor · "));
    // All around and back: every panel that is shown has the keyboard once.
    let n_shown = 5;
    for _ in 0..n_shown {
        screen.press(Key::F6);
    }
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    screen.retype("belt");
    assert!(screen.has_part("Belt conveyor · ") && !screen.has_part("Capper · "));
    // The chart takes arrows at once.
    screen.press_with(Modifiers::COMMAND, Key::Num1);
    screen.press(Key::ArrowDown);
    assert_eq!(screen.selected().len(), 1);
}

#[test]
fn keys_lead_into_the_table_of_addresses() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press_with(Modifiers::COMMAND, Key::Num2);
    // Once more: from the picture to the table below it.
    screen.press_with(Modifiers::COMMAND, Key::Num2);
    screen.press(Key::ArrowDown);
    for _ in 0..3 {
        screen.press(Key::ArrowRight);
    }
    screen.type_text("10.91.0.77");
    screen.press(Key::Enter);
    let device = screen.plan().devices()["Filler1"].clone();
    assert_eq!(device.ethernet_address().unwrap().ip, Some([10, 91, 0, 77].into()), "{}", screen.told());
    // F6 leads out of it again.
    screen.press(Key::F6);
    screen.type_text("9");
    assert_eq!(screen.plan().devices()["Filler1"], device);
}
