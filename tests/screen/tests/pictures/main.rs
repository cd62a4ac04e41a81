//! Pictures of every view, compared with those that were looked at. README.md of this package says how to record them anew.
//!
//! What differs between two runs is in none of them: no time, no folder, no version, no live value.

mod kept;
mod views;

use plantweave_screen_tests::{Home, Options, Screen, screen};
use views::{OVERLAYS, PAGES, PANELS, Project, View};

/// Looks, scale and language that pictures are made in: each value of one with each of the others, where that is worth the bytes.
struct Look {
    name: &'static str,
    dark: bool,
    german: bool,
    pixels_per_point: f32,
}

const LOOKS: [Look; 4] = [
    Look { name: "light-1x-en", dark: false, german: false, pixels_per_point: 1.0 },
    Look { name: "dark-1x-de", dark: true, german: true, pixels_per_point: 1.0 },
    Look { name: "light-2x-de", dark: false, german: true, pixels_per_point: 2.0 },
    Look { name: "dark-2x-en", dark: true, german: false, pixels_per_point: 2.0 },
];

/// Makes the pictures of these views, one after another on one screen for each project.
fn pictures(look: &Look, size: [f32; 2], views: &[View]) {
    let mut wrong = Vec::new();
    for project in [Project::None, Project::Bottling, Project::Mistakes] {
        let views: Vec<&View> = views.iter().filter(|view| view.project == project).collect();
        if views.is_empty() {
            continue;
        }
        let mut screen = begin(look, size, project);
        for view in views {
            (view.show)(&mut screen);
            screen.leave();
            screen.until_still();
            match screen.harness.render() {
                Ok(picture) => {
                    let name = format!("{}-{}", view.name, look.name);
                    wrong.extend(kept::compare(&name, &picture).err());
                }
                Err(why) => panic!("{}: {why}", view.name),
            }
            (view.hide)(&mut screen);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn begin(look: &Look, size: [f32; 2], project: Project) -> Screen {
    let mut screen = screen(Options {
        size: size.into(),
        pixels_per_point: look.pixels_per_point,
        dark: look.dark,
        german: look.german,
        home: Some(Home::new()),
        ..Options::default()
    });
    if let Some(sample) = project.sample() {
        screen.run(plantweave::app::Command::OpenSample);
        screen.click(sample);
        screen.until("the sample", |screen| screen.desktop().workspace().is_some());
        screen.until_idle();
    }
    screen
}

macro_rules! looks {
    ($($test:ident: $look:expr, $size:expr, $views:expr;)*) => {
        $(#[test]
        fn $test() {
            pictures(&LOOKS[$look], $size, $views);
        })*
    };
}

looks! {
    pages_light_1x_en: 0, [1200.0, 760.0], PAGES;
    pages_dark_1x_de: 1, [1200.0, 760.0], PAGES;
    pages_light_2x_de: 2, [1000.0, 640.0], PAGES;
    pages_dark_2x_en: 3, [1000.0, 640.0], PAGES;
    panels_light_1x_en: 0, [1200.0, 760.0], PANELS;
    panels_dark_1x_de: 1, [1200.0, 760.0], PANELS;
    overlays_light_1x_en: 0, [920.0, 620.0], OVERLAYS;
    overlays_dark_1x_de: 1, [920.0, 620.0], OVERLAYS;
}
