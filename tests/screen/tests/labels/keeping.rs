//! Work is kept: saved, guarded, recovered; descriptions come into the library.

use egui::{Key, Modifiers, ViewportCommand, ViewportId};
use plantweave::app::open_project;
use plantweave::model::fixture;
use plantweave::pcd;
use plantweave_screen_tests::{Home, Options, Screen, screen, screen_of};

use crate::TWO_MACHINES;

/// The window is closed.
fn is_closing(screen: &Screen) -> bool {
    let viewport = screen.harness.output().viewport_output.get(&ViewportId::ROOT);
    viewport.is_some_and(|viewport| viewport.commands.contains(&ViewportCommand::Close))
}

fn rename_first(screen: &mut Screen) {
    screen.click("Conveyor1 (Conveyor 2.1)");
    screen.press(Key::F2);
    screen.retype("Belt1");
    screen.press(Key::Enter);
    assert!(screen.workspace().is_modified());
}

#[test]
fn a_new_project_is_saved_and_opened_again_as_it_was() {
    let mut screen = screen(Options::default());
    screen.press_with(Modifiers::COMMAND, Key::N);
    screen.retype("Small line");
    screen.press(Key::Enter);
    assert_eq!(screen.plan().name(), "Small line");
    for name in ["belt conveyor", "volumetric filler"] {
        screen.press(Key::Space);
        screen.type_text(name);
        screen.press(Key::Enter);
    }
    assert_eq!(screen.plan().instances().len(), 2, "{}", screen.told());
    screen.press_with(Modifiers::COMMAND, Key::S);
    screen.until_part("Save project");
    let folder = screen.home.path("small.plant");
    screen.retype(folder.to_str().unwrap());
    screen.press(Key::Enter);
    screen.until("the saved project", |screen| !screen.workspace().is_modified());
    assert_eq!(screen.workspace().path(), Some(folder.as_path()));
    assert_eq!(open_project(&folder).unwrap(), *screen.plan());

    let mut again = plantweave_screen_tests::screen(Options { project: Some(folder), ..Options::default() });
    again.until("the project", |screen| screen.desktop().workspace().is_some());
    assert_eq!(again.plan(), screen.plan());
}

#[test]
fn work_that_is_not_saved_is_asked_about_before_the_program_ends() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press_with(Modifiers::COMMAND, Key::Q);
    assert!(is_closing(&screen), "nothing was changed");

    let mut screen = screen_of(TWO_MACHINES);
    rename_first(&mut screen);
    screen.press_with(Modifiers::COMMAND, Key::Q);
    assert!(screen.has("Save Two machines?") && !is_closing(&screen));
    screen.click("Cancel");
    assert!(!screen.has("Save Two machines?") && !is_closing(&screen));

    screen.press_with(Modifiers::COMMAND, Key::Q);
    screen.click("Do not save");
    assert!(is_closing(&screen));

    let mut screen = screen_of(TWO_MACHINES);
    rename_first(&mut screen);
    let folder = screen.workspace().path().unwrap().to_owned();
    screen.press_with(Modifiers::COMMAND, Key::Q);
    screen.press(Key::Enter);
    screen.until("the end", is_closing);
    assert!(open_project(&folder).unwrap().instances().contains_key("Belt1"));
}

#[test]
fn a_closed_window_is_kept_open_for_work_that_is_not_saved() {
    let mut screen = screen_of(TWO_MACHINES);
    rename_first(&mut screen);
    let viewport = screen.harness.input_mut().viewports.get_mut(&ViewportId::ROOT).unwrap();
    viewport.events.push(egui::ViewportEvent::Close);
    screen.harness.step();
    let commands = &screen.harness.output().viewport_output[&ViewportId::ROOT].commands;
    assert!(commands.contains(&ViewportCommand::CancelClose));
    screen.settle();
    assert!(screen.has("Save Two machines?"));
}

#[test]
fn what_a_crash_left_over_is_offered_and_opened() {
    let home = Home::new();
    let project = Some(home.project("two.plant", TWO_MACHINES));
    let mut crashed = screen(Options { project, home: Some(home.clone()), ..Options::default() });
    crashed.until("the project", |screen| screen.desktop().workspace().is_some());
    rename_first(&mut crashed);
    let last = crashed.plan().clone();
    // As when the process ends: nobody closes the journal.
    drop(crashed);

    let mut again = screen(Options { home: Some(home.clone()), ..Options::default() });
    again.until_part("Work that was not saved");
    assert!(again.has_part("1 changes"));
    again.click("Open Two machines");
    again.until("the recovered project", |screen| screen.desktop().workspace().is_some());
    assert_eq!(again.plan(), &last);
    assert!(again.workspace().is_modified());
    again.press_with(Modifiers::COMMAND, Key::S);
    again.until("the saved project", |screen| !screen.workspace().is_modified());
    drop(again);

    let third = screen(Options { home: Some(home), ..Options::default() });
    assert!(!third.has("Work that was not saved"));
}

#[test]
fn a_description_that_is_dropped_comes_into_the_library() {
    let home = Home::new();
    let plan = fixture::plan(TWO_MACHINES);
    let conveyor = plan.components().values().find(|component| component.name == "Conveyor").unwrap();
    let description = home.path("conveyor.pcd.xml");
    std::fs::write(&description, pcd::write(conveyor)).unwrap();

    let mut screen = screen(Options { home: Some(home), ..Options::default() });
    screen.press_with(Modifiers::COMMAND, Key::N);
    screen.press(Key::Enter);
    screen.drop_file(&description);
    screen.until("the import", |screen| screen.told() == "Components in the library now: 1");
    screen.until_idle();
    screen.press(Key::Space);
    screen.type_text("Conveyor 2.1 Example");
    screen.press(Key::Enter);
    assert!(screen.has("Conveyor1 (Conveyor 2.1)"), "{:?}", screen.labels());
}
