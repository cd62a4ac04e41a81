//! What is drawn and changed on a chart, with the mouse and with keys.

use egui::{Event, Key, Modifiers};
use plantweave::model;
use plantweave_screen_tests::{Screen, screen_of};

use crate::TWO_MACHINES;

fn undo(screen: &mut Screen) {
    screen.press_with(Modifiers::COMMAND, Key::Z);
}

fn constants(screen: &Screen) -> Vec<String> {
    let constants = screen.plan().constants().iter();
    constants.map(|(port, constant)| format!("{}.{} = {}", port.instance, port.port, constant.value)).collect()
}

#[test]
fn a_name_is_changed_taken_back_and_changed_again() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1 (Conveyor 2.1)");
    screen.press(Key::F2);
    assert!(screen.has("Rename Conveyor1"));
    screen.retype("Belt1");
    screen.press(Key::Enter);
    assert!(screen.has("Belt1 (Conveyor 2.1)") && !screen.has("Rename Conveyor1"));
    assert_eq!(screen.links(), ["Belt1.running → Filler1.start"]);

    screen.choose("Edit", "Undo: Rename Conveyor1 to Belt1");
    assert!(screen.has("Conveyor1 (Conveyor 2.1)"));
    screen.choose("Edit", "Redo: Rename Conveyor1 to Belt1");
    assert!(screen.has("Belt1 (Conveyor 2.1)"));
}

#[test]
fn a_link_is_drawn_from_port_to_port() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.drag("Conveyor1.jam", "Filler1.stop");
    assert_eq!(screen.links(), ["Conveyor1.running → Filler1.start", "Conveyor1.jam → Filler1.stop"]);
    assert!(screen.has("Conveyor1.jam → Filler1.stop"));
    assert_eq!(screen.selected(), ["Conveyor1.jam → Filler1.stop"]);
    // From the input to the output is the same.
    undo(&mut screen);
    screen.drag("Filler1.stop", "Conveyor1.jam");
    assert_eq!(screen.links().len(), 2);
}

#[test]
fn a_link_that_cannot_be_says_why() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.drag("Conveyor1.jam", "Filler1.level");
    assert_eq!(screen.told(), "BOOL does not fit I4");
    assert!(screen.has_part("BOOL does not fit I4"));
    screen.drag("Conveyor1.jam", "Filler1.start");
    assert!(screen.told().starts_with("already fed by Conveyor1."), "{}", screen.told());
    assert_eq!(screen.links().len(), 1);
}

#[test]
fn an_end_of_a_link_is_taken_elsewhere() {
    let mut screen = screen_of(TWO_MACHINES);
    let port = screen.find("Filler1.start").rect().center();
    // The end of a wire is held just before the port.
    let end = port - egui::vec2(14.0, 0.0);
    let stop = screen.find("Filler1.stop").rect().center();
    screen.drag_at(end, stop);
    assert_eq!(screen.links(), ["Conveyor1.running → Filler1.stop"], "{:?} {}", screen.selected(), screen.told());
}

#[test]
fn a_link_is_made_without_a_mouse() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press(Key::ArrowRight);
    assert_eq!(screen.selected(), ["Conveyor1"]);
    screen.press(Key::ArrowRight);
    assert_eq!(screen.selected(), ["Conveyor1.running"]);
    screen.press(Key::ArrowDown);
    assert_eq!(screen.selected(), ["Conveyor1.jam"]);
    screen.press(Key::L);
    assert!(screen.has("Link to"));
    screen.type_text("stop");
    screen.press(Key::Enter);
    assert_eq!(screen.links(), ["Conveyor1.running → Filler1.start", "Conveyor1.jam → Filler1.stop"]);
}

#[test]
fn escape_closes_a_list_and_leaves_the_selection() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1.jam");
    screen.press(Key::L);
    assert!(screen.has("Link to"));
    screen.press(Key::Escape);
    assert!(!screen.has("Link to"));
    assert_eq!(screen.selected(), ["Conveyor1.jam"]);
}

#[test]
fn an_input_gets_a_constant() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1.speed");
    screen.press(Key::Equals);
    assert!(screen.has("Constant for Conveyor1.speed"));
    screen.type_text("1.5");
    screen.press(Key::Enter);
    assert_eq!(constants(&screen), ["Conveyor1.speed = 1.5"]);
    undo(&mut screen);
    assert!(constants(&screen).is_empty());
}

#[test]
fn what_is_selected_is_deleted_as_one_step() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1.running → Filler1.start");
    screen.press(Key::Delete);
    assert!(screen.links().is_empty());
    undo(&mut screen);
    assert_eq!(screen.links().len(), 1);
    screen.press_with(Modifiers::COMMAND, Key::A);
    screen.press(Key::Delete);
    assert!(screen.plan().instances().is_empty() && screen.plan().links().is_empty());
    undo(&mut screen);
    assert_eq!((screen.plan().instances().len(), screen.plan().links().len()), (2, 1));
}

#[test]
fn a_copy_keeps_the_links_among_what_is_copied() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press_with(Modifiers::COMMAND, Key::A);
    screen.clipboard(Event::Copy);
    screen.clipboard(Event::Paste("Conveyor1\nFiller1".to_owned()));
    assert_eq!(
        screen.links(),
        ["Conveyor1.running → Filler1.start", "Conveyor2.running → Filler2.start"],
        "{:?}",
        screen.told()
    );
    assert_eq!(screen.selected(), ["Conveyor2", "Filler2"]);
    undo(&mut screen);
    assert_eq!(screen.plan().instances().len(), 2);
}

#[test]
fn a_copy_can_take_the_links_from_outside_as_well() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Filler1 (Filler 1.0)");
    screen.clipboard(Event::Copy);
    screen.clipboard(Event::Paste("Filler1".to_owned()));
    assert_eq!(screen.links(), ["Conveyor1.running → Filler1.start"], "{:?}", screen.told());
    assert!(screen.has("Links from outside that the copy could take as well"));
    assert!(screen.has_part("Conveyor1.running → Filler2.start"));
    screen.press(Key::Enter);
    assert_eq!(screen.links(), ["Conveyor1.running → Filler1.start", "Conveyor1.running → Filler2.start"]);
    assert!(!screen.has("Links from outside that the copy could take as well"));
    // Escape leaves the copy without.
    undo(&mut screen);
    undo(&mut screen);
    screen.clipboard(Event::Paste("Filler1".to_owned()));
    screen.press(Key::Escape);
    assert!(!screen.has("Links from outside that the copy could take as well"));
    assert_eq!((screen.plan().instances().len(), screen.links().len()), (3, 1));
}

#[test]
fn what_a_device_can_no_longer_bear_is_refused() {
    let mut screen = screen_of(
        "
        component A 1.0 { in x BOOL; in z BOOL; out y BOOL; limit partners 1 }
        One: A @10.0.0.1
        Two: A @10.0.0.2
        Three: A @10.0.0.3
        Two.y -> One.x",
    );
    screen.press_with(Modifiers::COMMAND, Key::L);
    screen.drag("Three.y", "One.z");
    assert_eq!((screen.told().as_str(), screen.links().len()), ("limit of 1 partners of One reached", 1));
    screen.drag("Two.y", "One.z");
    assert_eq!(screen.links().len(), 2, "{}", screen.told());
}

#[test]
fn ctrl_takes_a_port_to_those_selected_and_draws_nothing() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1.jam");
    screen.click_with(Modifiers::COMMAND, "Filler1.stop");
    assert_eq!(screen.selected(), ["Conveyor1.jam", "Filler1.stop"]);
    assert_eq!(screen.links().len(), 1);
    // Without it, two clicks are a link.
    screen.press(Key::Escape);
    screen.click("Conveyor1.jam");
    screen.click("Filler1.stop");
    assert_eq!(screen.links().len(), 2, "{}", screen.told());
}

#[test]
fn a_frame_is_drawn_larger_and_moved_by_its_title() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.click("Conveyor1 (Conveyor 2.1)");
    screen.run(plantweave::app::Command::AddFrame);
    let frame = |screen: &Screen| screen.plan().charts()[&model::ROOT_CHART].frames[0].clone();
    let before = frame(&screen);
    let rect = screen.find(&before.title).rect();
    screen.drag_at(rect.right_bottom() - egui::vec2(1.0, 1.0), rect.right_bottom() + egui::vec2(79.0, 47.0));
    let larger = frame(&screen);
    assert_eq!(larger.at, before.at);
    assert!(larger.size.x > before.size.x + 60.0 && larger.size.y > before.size.y + 30.0, "{larger:?}");
    // Its block comes along when the title is dragged.
    let block = |screen: &Screen| screen.find("Conveyor1 (Conveyor 2.1)").rect();
    let (stood, rect) = (block(&screen), screen.find(&before.title).rect());
    let title = rect.left_top() + egui::vec2(24.0, 12.0);
    screen.drag_at(title, title + egui::vec2(0.0, 80.0));
    assert!(frame(&screen).at.y > larger.at.y && frame(&screen).size == larger.size);
    assert!(block(&screen).min.y > stood.min.y + 40.0);
    undo(&mut screen);
    undo(&mut screen);
    assert_eq!(frame(&screen), before);
}

#[test]
fn an_arrow_with_several_ends_lets_choose() {
    let mut screen = screen_of(
        "
        component A 1.0 { in x BOOL; out y BOOL }
        chart Left
        chart Right
        One: A @10.0.0.1 on Left at 80 80
        Two: A @10.0.0.2 on Right at 80 80
        Three: A @10.0.0.3 on Right at 80 280
        One.y -> Two.x
        One.y -> Three.x",
    );
    screen.press_with(Modifiers::COMMAND, Key::L);
    screen.double_click("Left (");
    screen.click("One.y ⇢ ");
    assert!(screen.has("Go to the other end of"));
    screen.press(Key::ArrowDown);
    screen.press(Key::Enter);
    assert!(screen.has_part("Two (A 1.0)") && !screen.has_part("One (A 1.0)"));
    assert_eq!(screen.selected(), ["Two.x"]);
}

#[test]
fn a_component_is_placed_by_its_name() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press(Key::Space);
    assert!(screen.has("Add component"));
    screen.type_text("belt conveyor");
    screen.press(Key::Enter);
    assert!(!screen.has("Add component"));
    assert_eq!(screen.plan().instances().len(), 3, "{}", screen.told());
    assert!(screen.has_part("(Belt conveyor 2.1)"));
    // Its component is embedded by the same step.
    undo(&mut screen);
    assert_eq!((screen.plan().instances().len(), screen.plan().components().len()), (2, 2));
}

#[test]
fn components_placed_one_after_the_other_do_not_lie_on_each_other() {
    let mut screen = screen_of(TWO_MACHINES);
    for _ in 0..3 {
        screen.press(Key::Space);
        screen.type_text("belt conveyor");
        screen.press(Key::Enter);
    }
    let places: Vec<_> = screen.plan().instances().values().flat_map(|instance| instance.functions.values()).collect();
    assert_eq!(places.len(), 5, "{}", screen.told());
    for (nth, place) in places.iter().enumerate() {
        // A block is at least 160 wide and 32 high.
        let apart = |other: &model::Placement| {
            (place.at.x - other.at.x).abs() >= 160.0 || (place.at.y - other.at.y).abs() >= 32.0
        };
        assert!(places[nth + 1..].iter().all(|other| apart(other)), "{places:?}");
    }
}

#[test]
fn what_an_assistive_program_clicks_is_selected() {
    let mut screen = screen_of(TWO_MACHINES);
    for (label, selected) in [
        ("Filler1 (Filler 1.0)", "Filler1"),
        ("Conveyor1.jam", "Conveyor1.jam"),
        ("Conveyor1.running → Filler1.start", "Conveyor1.running → Filler1.start"),
    ] {
        screen.find(label).click_accesskit();
        screen.settle();
        assert_eq!(screen.selected(), [selected]);
    }
    screen.press_with(Modifiers::COMMAND, Key::Num2);
    let device = screen.plan().devices().keys().next().unwrap().to_string();
    screen.find(&format!("{device} (")).click_accesskit();
    screen.settle();
    assert_eq!(screen.selected(), [device]);
}

#[test]
fn a_block_is_moved_and_arranging_is_one_step() {
    let mut screen = screen_of(TWO_MACHINES);
    let before = screen.plan().clone();
    let head = screen.find("Filler1 (Filler 1.0)").rect().center();
    screen.drag_at(head, head + egui::vec2(40.0, 160.0));
    assert_ne!(screen.plan(), &before);
    let moved = screen.plan().clone();
    screen.press_with(Modifiers::COMMAND, Key::L);
    assert_ne!(screen.plan(), &moved, "{}", screen.told());
    undo(&mut screen);
    assert_eq!(screen.plan(), &moved);
    undo(&mut screen);
    assert_eq!(screen.plan(), &before);
}

#[test]
fn a_chart_is_made_entered_and_left() {
    let mut screen = screen_of(TWO_MACHINES);
    screen.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    assert_eq!(screen.plan().charts().len(), 2);
    assert_eq!(screen.selected(), ["Chart1"]);
    screen.press(Key::Enter);
    assert!(screen.has("›") && !screen.has("Filler1 (Filler 1.0)"), "{:?}", screen.labels());
    screen.press(Key::Backspace);
    assert!(screen.has("Filler1 (Filler 1.0)"));
    // With the mouse: a double click leads in, the way over the chart leads out.
    screen.double_click("Chart1 (");
    assert!(!screen.has("Filler1 (Filler 1.0)"));
    screen.click_uppermost("Two machines");
    assert!(screen.has("Filler1 (Filler 1.0)"));
}
