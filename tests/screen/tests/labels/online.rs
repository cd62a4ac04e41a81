//! On line: from F5 to values and back.

use egui::Key;
use plantweave_screen_tests::screen_of;

use crate::TWO_MACHINES;

#[test]
fn a_plant_runs_on_virtual_devices_until_it_is_stopped() {
    // Tests of several checkouts run side by side, each with a network of its own.
    let process = std::process::id();
    let net = format!("10.{}.{}.", 60 + process % 190, (process / 190) % 250);
    let mut screen = screen_of(&TWO_MACHINES.replace("10.91.0.", &net));
    assert!(screen.has_part("Offline"));
    screen.press(Key::F5);
    screen.until_part("Online · 2 of 2 devices");

    screen.click("Conveyor1.running");
    screen.press(Key::W);
    screen.until("a value in the table", |screen| {
        screen.has("Conveyor1.running FALSE") || screen.has("Conveyor1.running false")
    });

    // A click on a second port would draw a link from the first.
    screen.press(Key::Escape);
    screen.click("Conveyor1.speed");
    screen.press(Key::W);
    screen.until_part("Conveyor1.speed 0");

    screen.press_with(egui::Modifiers::SHIFT, Key::F5);
    screen.until_part("Offline");
    screen.until("an end of values", |screen| screen.has("Conveyor1.running "));
}
