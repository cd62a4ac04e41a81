//! From an empty project to a running plant and a saved file, in the real window: once with the mouse only, once with keys only.

use std::path::Path;

use egui::{Key, Modifiers, pos2, vec2};
use plantweave::app::{open_project, save_project};
use plantweave::model::{Plan, fixture};
use plantweave_screen_tests::window::{Window, has_peers};
use plantweave_screen_tests::{Home, Options, Screen, screen};

const LINK: [&str; 2] = ["running", "upstream_ok"];

fn twin(home: &std::rc::Rc<Home>, project: Option<&str>) -> Screen {
    let project = project.map(|name| home.path(name));
    let is_there = project.is_some();
    let size = vec2(1280.0, 800.0);
    let mut twin = screen(Options { size, project, home: Some(home.clone()), ..Options::default() });
    twin.until("the project", |twin| twin.desktop().workspace().is_some() == is_there);
    twin
}

/// A network of its own for each test, since those of several checkouts run side by side.
fn network(nth: u32) -> String {
    let process = std::process::id() * 2 + nth;
    format!("10.{}.{}.0/24", 60 + process % 190, (process / 190) % 250)
}

/// The name of the instance of a component.
fn instance_of(plan: &Plan, component: &str) -> String {
    let found = plan.instances().iter().find(|(_, instance)| {
        plan.components().get(&instance.component).is_some_and(|described| described.name == component)
    });
    found.map(|(name, _)| name.to_string()).unwrap_or_else(|| panic!("no instance of {component}"))
}

/// Waits until a saved project has the instances and the link.
fn until_saved(window: &mut Window, folder: &Path) {
    window.until("the saved project", |_| {
        let plan = open_project(folder).ok()?;
        let ports: Vec<String> = plan
            .links()
            .iter()
            .map(|(key, link)| {
                format!(
                    "{}.{} {}.{}",
                    link.provider.instance, link.provider.port, key.consumer.instance, key.consumer.port
                )
            })
            .collect();
        if plan.instances().len() < 2 || ports.is_empty() {
            return None;
        }
        let [from, to] = [instance_of(&plan, "Belt conveyor"), instance_of(&plan, "Volumetric filler")];
        assert_eq!(ports, [format!("{from}.{} {to}.{}", LINK[0], LINK[1])]);
        Some(())
    });
}

/// Waits until values of the watched input were recorded, good ones among them.
fn until_recorded(window: &mut Window, file: &Path) {
    window.until("a good value in the record", |_| {
        let text = std::fs::read_to_string(file).ok()?;
        let mut lines = text.lines();
        let head = lines.next()?;
        assert!(head.contains("quality"), "{head}");
        lines.any(|line| line.contains(LINK[1]) && line.to_lowercase().contains("good")).then_some(())
    });
}

#[test]
fn a_plant_is_built_and_run_with_the_mouse() {
    if !has_peers() {
        return;
    }
    let (own, other) = (Home::new(), Home::new());
    for home in [&own, &other] {
        let plan = fixture::plan(&format!("project Line\nsubnet line-net {}", network(0)));
        save_project(&plan, &home.path("line.plant")).unwrap();
    }
    let project = own.path("line.plant");
    let twin = twin(&other, Some("line.plant"));
    let mut window = Window::open("mouse", twin, &own.path(""), Some(&project));

    for (component, at) in
        [("Belt conveyor · 2.1", pos2(300.0, 160.0)), ("Volumetric filler · 3.0", pos2(640.0, 160.0))]
    {
        let row = window.twin.find(component).rect().center();
        window.drag_at(row, at);
    }
    let plan = window.twin.plan().clone();
    let (conveyor, filler) = (instance_of(&plan, "Belt conveyor"), instance_of(&plan, "Volumetric filler"));
    let (from, to) = (format!("{conveyor}.{}", LINK[0]), format!("{filler}.{}", LINK[1]));
    window.drag(&from, &to);
    assert_eq!(window.twin.links(), [format!("{from} → {to}")]);
    window.choose("Network", "Assign addresses…");
    let assign = window.twin.item("Assign");
    window.click_at(assign);
    window.twin.click_at(assign, Modifiers::NONE);
    window.until_same();
    window.choose("File", "Save");
    until_saved(&mut window, &project);

    window.click(&to);
    window.choose("Online", "Watch");
    only_in_window(&mut window, "Run on virtual devices");
    window.until_online(true);
    only_in_window(&mut window, "Record…");
    window.until_dimmed();
    // The dialog is the same as the one that archives.
    window.twin.choose("File", "Archive…");
    window.twin.until_part("Archive project");
    let save = window.twin.find("Save").rect().center();
    window.twin.press(Key::Escape);
    window.click_at(save);
    until_recorded(&mut window, &own.path("Line-values.csv"));
    only_in_window(&mut window, "Record…");
    only_in_window(&mut window, "Stop");
    window.until_online(false);

    let menu = window.twin.uppermost("File");
    window.click_at(menu);
    window.twin.open_menu("File");
    let quit = window.twin.item("Quit");
    window.click_at(quit);
    window.until_end();
    assert_eq!(open_project(&project).unwrap().links().len(), 1);
}

/// Chooses from the menu of what is on line, where the twin is not.
fn only_in_window(window: &mut Window, item: &str) {
    let menu = window.twin.uppermost("Online");
    window.click_at(menu);
    window.twin.open_menu("Online");
    let at = window.twin.item(item);
    // The same click again closes it.
    window.twin.open_menu("Online");
    window.click_at(at);
}

#[test]
fn a_plant_is_built_and_run_with_keys() {
    if !has_peers() {
        return;
    }
    let (own, other) = (Home::new(), Home::new());
    let twin = twin(&other, None);
    let mut window = Window::open("keys", twin, &own.path(""), None);

    window.press("ctrl+n", Modifiers::COMMAND, Key::N);
    window.press("ctrl+a", Modifiers::COMMAND, Key::A);
    window.type_text("Line");
    window.press("Return", Modifiers::NONE, Key::Enter);
    for component in ["belt conveyor", "volumetric filler"] {
        window.press("space", Modifiers::NONE, Key::Space);
        window.type_text(component);
        window.press("Return", Modifiers::NONE, Key::Enter);
    }
    let plan = window.twin.plan().clone();
    let (conveyor, filler) = (instance_of(&plan, "Belt conveyor"), instance_of(&plan, "Volumetric filler"));
    let from = format!("{conveyor}.{}", LINK[0]);

    // From the conveyor, which is walked to first, to its outputs, and down them.
    window.press("Escape", Modifiers::NONE, Key::Escape);
    for way in ["Right", "Right"] {
        window.press(way, Modifiers::NONE, Key::ArrowRight);
    }
    for _ in 0..30 {
        if window.twin.selected() == std::slice::from_ref(&from) {
            break;
        }
        window.press("Down", Modifiers::NONE, Key::ArrowDown);
    }
    assert_eq!(window.twin.selected(), std::slice::from_ref(&from));
    window.press("l", Modifiers::NONE, Key::L);
    window.type_text(LINK[1]);
    window.press("Return", Modifiers::NONE, Key::Enter);
    assert_eq!(window.twin.links(), [format!("{from} → {filler}.{}", LINK[1])]);
    window.press("Right", Modifiers::NONE, Key::ArrowRight);
    window.press("w", Modifiers::NONE, Key::W);

    for (command, answers) in
        [("add subnet", vec!["line-net".to_owned(), network(1)]), ("assign addresses", Vec::new())]
    {
        window.press("ctrl+k", Modifiers::COMMAND, Key::K);
        window.type_text(command);
        window.press("Return", Modifiers::NONE, Key::Enter);
        for (nth, answer) in answers.iter().enumerate() {
            if nth > 0 {
                window.press("Tab", Modifiers::NONE, Key::Tab);
            }
            window.type_text(answer);
        }
        window.press("Return", Modifiers::NONE, Key::Enter);
    }

    // What stands in the folder differs from what the twin would show.
    window.key("ctrl+s");
    window.until_dimmed();
    window.key("ctrl+a");
    let project = own.path("line.plant");
    window.keys(project.to_str().unwrap());
    window.key("Return");
    until_saved(&mut window, &project);

    window.key("F5");
    window.until_online(true);
    window.key("ctrl+r");
    window.until_dimmed();
    window.key("ctrl+a");
    let record = own.path("values.csv");
    window.keys(record.to_str().unwrap());
    window.key("Return");
    until_recorded(&mut window, &record);
    window.key("ctrl+r");
    window.key("shift+F5");
    window.until_online(false);
    window.key("ctrl+q");
    window.until_end();
    assert_eq!(open_project(&project).unwrap().links().len(), 1);
}
