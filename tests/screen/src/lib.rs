//! What the tests of the screen share: the desktop app without a window, driven by events and asked by label, and drawn in software.

mod renderer;
pub mod window;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use plantweave::app::{Command, LanguageChoice, ThemeChoice, UserSettings, Workspace, save_project};
use plantweave::model::{Plan, fixture};
use plantweave::pcd;
use plantweave::ui::desktop::{Desktop, Start};
use plantweave::ui::lang::tr;
use tempfile::TempDir;

pub use renderer::SoftwareRenderer;

/// Longest wait for something to be seen: work in the background shares the machine with other tests.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time that passes in a frame, seconds: two clicks at one place stay two.
const FRAME_SECS: f32 = 0.25;
/// Frames until what was asked for is shown, and what that asked for in turn.
const MOST_FRAMES: u64 = 40;

/// Folders that the app sees as those of its user; they go with the value.
pub struct Home(TempDir);

impl Home {
    /// A user who never had the program.
    ///
    /// # Panics
    /// No folder can be made.
    pub fn new() -> Rc<Self> {
        Rc::new(Self(tempfile::tempdir().expect("a folder")))
    }

    /// A place in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Saves the plan of a fixture's text as a project that opens: with descriptions of its components.
    ///
    /// # Panics
    /// The text is no fixture.
    pub fn project(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.path(name);
        let plan = fixture::plan(text);
        save_project(&plan, &folder).expect("a saved project");
        for component in plan.components().values() {
            // A fixture's component comes from no vendor's file.
            let place = embedded(&folder.join("components"), &component.source.file_name).expect("an embedded file");
            std::fs::write(place, pcd::write(component)).expect("a written description");
        }
        folder
    }
}

/// A file of this name below a folder.
fn embedded(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    entries
        .into_iter()
        .find_map(|path| if path.is_dir() { embedded(&path, name) } else { path.ends_with(name).then_some(path) })
}

/// How a screen is begun.
pub struct Options {
    /// Size, points.
    pub size: Vec2,
    /// Pixels per point.
    pub pixels_per_point: f32,
    /// Dark, not light.
    pub dark: bool,
    /// German, not English.
    pub german: bool,
    /// Project to open.
    pub project: Option<PathBuf>,
    /// Folders of the user; new ones where `None`.
    pub home: Option<Rc<Home>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { size: vec2(1400.0, 880.0), pixels_per_point: 1.0, dark: false, german: false, project: None, home: None }
    }
}

/// The desktop app on a screen that is not there.
pub struct Screen {
    /// What drives it.
    pub harness: Harness<'static, Desktop>,
    /// Folders of its user.
    pub home: Rc<Home>,
}

/// Begins the app, and waits until what it reads at first is read.
///
/// # Panics
/// The app does not begin.
pub fn screen(options: Options) -> Screen {
    let home = options.home.unwrap_or_else(Home::new);
    let mut settings = UserSettings::read(&home.path("settings")).0;
    settings.theme = if options.dark { ThemeChoice::Dark } else { ThemeChoice::Light };
    settings.language = if options.german { LanguageChoice::German } else { LanguageChoice::English };
    settings.animations = false;
    let start = Start {
        project: options.project,
        settings,
        folder: Some(home.path("settings")),
        journals: Some(home.path("journals")),
        chooses_inside: true,
        told: None,
    };
    let harness = Harness::builder()
        .with_size(options.size)
        .with_pixels_per_point(options.pixels_per_point)
        .with_theme(if options.dark { egui::Theme::Dark } else { egui::Theme::Light })
        .with_step_dt(FRAME_SECS)
        .with_max_steps(MOST_FRAMES)
        .with_render_cursor(false)
        .renderer(SoftwareRenderer::default())
        .build_eframe(|creation| Desktop::new(&creation.egui_ctx, start).expect("the app"));
    let mut screen = Screen { harness, home };
    screen.until_idle();
    screen
}

/// Begins the app with the plan of a fixture's text, opened from its folder.
///
/// # Panics
/// The text is no fixture.
pub fn screen_of(text: &str) -> Screen {
    let home = Home::new();
    let project = Some(home.project("project.plant", text));
    let mut screen = screen(Options { project, home: Some(home), ..Options::default() });
    screen.until("the project", |screen| screen.desktop().workspace().is_some());
    screen.until_idle();
    screen
}

/// # What is there
impl Screen {
    /// The app.
    pub fn desktop(&self) -> &Desktop {
        self.harness.state()
    }

    /// The project that is open.
    ///
    /// # Panics
    /// None is.
    pub fn workspace(&self) -> &Workspace {
        self.desktop().workspace().expect("an open project")
    }

    /// Its plan.
    pub fn plan(&self) -> &Plan {
        self.workspace().plan()
    }

    /// Links of the plan as people say them, in their order.
    pub fn links(&self) -> Vec<String> {
        let links = self.plan().links().iter().map(|(key, link)| {
            let (provider, consumer) = (&link.provider, &key.consumer);
            format!("{}.{} → {}.{}", provider.instance, provider.port, consumer.instance, consumer.port)
        });
        links.collect()
    }

    /// What is selected, as people say it.
    pub fn selected(&self) -> Vec<String> {
        self.workspace().selection.items().map(|item| item.label(self.plan())).collect()
    }

    /// What was told last.
    pub fn told(&self) -> String {
        self.desktop().messages().kept().last().map(|message| message.text.clone()).unwrap_or_default()
    }

    /// Whether something has this label.
    pub fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label(label).next().is_some()
    }

    /// Whether something has this in its label.
    pub fn has_part(&self, part: &str) -> bool {
        self.harness.query_all_by_label_contains(part).next().is_some()
    }

    /// The first thing with this in its label; what can be clicked comes before a text, and the whole label before a part.
    ///
    /// # Panics
    /// There is none.
    pub fn find<'a>(&'a self, part: &'a str) -> Node<'a> {
        let is_text = |node: &Node<'_>| node.accesskit_node().role() == egui::accesskit::Role::Label;
        let exact = || self.harness.query_all_by_label(part);
        let having = || self.harness.query_all_by_label_contains(part);
        let found = exact().find(|node| !is_text(node)).or_else(|| exact().next());
        let found = found.or_else(|| having().find(|node| !is_text(node))).or_else(|| having().next());
        found.unwrap_or_else(|| panic!("nothing is called {part}; there is:\n{}", self.labels().join("\n")))
    }

    /// Every label.
    pub fn labels(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive().collect::<Vec<_>>();
        nodes.iter().filter_map(|node| node.accesskit_node().label().or_else(|| node.value())).collect()
    }
}

/// # What is done
impl Screen {
    /// Frames until nothing more is asked for.
    pub fn settle(&mut self) {
        self.harness.run_ok();
    }

    /// Frames until something is so; work in the background gets its time between them.
    ///
    /// # Panics
    /// It never is.
    #[track_caller]
    pub fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self) {
            assert!(Instant::now() < deadline, "never seen: {what}; told last: {}", self.told());
            std::thread::sleep(Duration::from_millis(2));
            self.harness.step();
        }
        self.settle();
    }

    /// Frames until all work in the background is done, and what it came to is shown.
    #[track_caller]
    pub fn until_idle(&mut self) {
        self.until("an end of all jobs", |screen| !screen.desktop().is_busy());
        self.settle();
    }

    /// Frames until nothing moves any more: all work is done, all wires are routed.
    ///
    /// # Panics
    /// It goes on and on.
    #[track_caller]
    pub fn until_still(&mut self) {
        self.until_idle();
        let still = (0..10).any(|_| self.harness.run_ok().is_some());
        assert!(still, "frames without end: {:?}", self.harness.ctx.repaint_causes());
    }

    /// Frames until something with this in its label is there.
    #[track_caller]
    pub fn until_part(&mut self, part: &str) {
        self.until(part, |screen| screen.has_part(part));
    }

    /// Clicks what has this in its label.
    #[track_caller]
    pub fn click(&mut self, part: &str) {
        let at = self.find(part).rect().center();
        self.click_at(at, Modifiers::NONE);
    }

    /// Clicks with keys held.
    #[track_caller]
    pub fn click_with(&mut self, modifiers: Modifiers, part: &str) {
        let at = self.find(part).rect().center();
        self.click_at(at, modifiers);
    }

    /// Clicks at a place.
    pub fn click_at(&mut self, at: Pos2, modifiers: Modifiers) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.event(Event::ModifiersChanged(modifiers));
        self.button(at, true, modifiers);
        self.button(at, false, modifiers);
        self.harness.event(Event::ModifiersChanged(Modifiers::NONE));
        self.settle();
    }

    fn button(&self, pos: Pos2, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers });
    }

    /// Clicks twice, so quickly that it counts as one double click.
    #[track_caller]
    pub fn double_click(&mut self, part: &str) {
        let pos = self.find(part).rect().center();
        self.harness.event(Event::PointerMoved(pos));
        self.harness.step();
        let button =
            |pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
        self.harness.input_mut().events.extend([true, false, true, false].map(button));
        self.settle();
    }

    /// Presses on one thing, and lets go over another.
    #[track_caller]
    pub fn drag(&mut self, from: &str, to: &str) {
        let (from, to) = (self.find(from).rect().center(), self.find(to).rect().center());
        self.drag_at(from, to);
    }

    /// Presses at one place, and lets go at another.
    pub fn drag_at(&mut self, from: Pos2, to: Pos2) {
        self.harness.event(Event::PointerMoved(from));
        self.button(from, true, Modifiers::NONE);
        for part in [0.2, 0.5, 0.8, 1.0] {
            self.harness.event(Event::PointerMoved(from.lerp(to, part)));
        }
        self.settle();
        self.button(to, false, Modifiers::NONE);
        self.settle();
    }

    /// Rests the pointer on something until what it says is shown.
    #[track_caller]
    pub fn hover(&mut self, part: &str) {
        let at = self.find(part).rect().center();
        self.harness.event(Event::PointerMoved(at));
        self.harness.run_steps(6);
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) {
        self.press_with(Modifiers::NONE, key);
    }

    /// Presses a key with others held.
    pub fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Types a text into what has the keyboard.
    pub fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    /// Types a text in place of the one that stands in the field that has the keyboard.
    pub fn retype(&mut self, text: &str) {
        self.press_with(Modifiers::COMMAND, Key::A);
        self.type_text(text);
    }

    /// What the system's clipboard keys send.
    pub fn clipboard(&mut self, event: Event) {
        self.harness.event(event);
        self.settle();
    }

    /// Chooses an item of a menu.
    #[track_caller]
    pub fn choose(&mut self, menu: &str, item: &str) {
        self.open_menu(menu);
        let at = self.item(item);
        self.click_at(at, Modifiers::NONE);
    }

    /// The middle of an item of the menu that is open, called exactly so or else with this in its name: it lies over whatever is called
    /// the same.
    ///
    /// # Panics
    /// There is none.
    pub fn item(&self, item: &str) -> Pos2 {
        let exact = self.harness.query_all_by_label(item).last();
        let found = exact.or_else(|| self.harness.query_all_by_label_contains(item).last());
        found.unwrap_or_else(|| panic!("no item {item}")).rect().center()
    }

    /// Runs a command, by its keys or else from its menu, in whatever language the screen is.
    ///
    /// # Panics
    /// Its keys are none.
    #[track_caller]
    pub fn run(&mut self, command: Command) {
        let row = command.row();
        let Some(keys) = row.keys.first() else {
            let menu = tr(&format!("menu.{}", row.menu.key())).to_owned();
            let item = tr(&format!("command.{}", row.key)).to_owned();
            self.choose(&menu, &item);
            return self.leave();
        };
        let mut modifiers = Modifiers::NONE;
        let mut key = None;
        for part in keys.split('+') {
            match part {
                "Ctrl" => modifiers |= Modifiers::COMMAND,
                "Shift" => modifiers |= Modifiers::SHIFT,
                "Alt" => modifiers |= Modifiers::ALT,
                name => key = Key::from_name(name),
            }
        }
        self.press_with(modifiers, key.unwrap_or_else(|| panic!("no key: {keys}")));
    }

    /// Takes the pointer off the screen.
    pub fn leave(&mut self) {
        self.harness.remove_cursor();
        self.settle();
    }

    /// Opens a menu.
    #[track_caller]
    pub fn open_menu(&mut self, menu: &str) {
        self.click_uppermost(menu);
    }

    /// Clicks what is called exactly so and stands highest: menus, and the way over the chart.
    #[track_caller]
    pub fn click_uppermost(&mut self, label: &str) {
        let at = self.uppermost(label);
        self.click_at(at, Modifiers::NONE);
    }

    /// The middle of what is called exactly so and stands highest.
    ///
    /// # Panics
    /// Nothing is called so.
    pub fn uppermost(&self, label: &str) -> Pos2 {
        let all = self.harness.query_all_by_label(label);
        let found = all.min_by(|one, other| one.rect().top().total_cmp(&other.rect().top()));
        found.unwrap_or_else(|| panic!("nothing is called {label}")).rect().center()
    }

    /// Drops a file onto the window.
    pub fn drop_file(&mut self, path: &Path) {
        self.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.to_owned())));
        self.settle();
    }
}

/// A file that a hand let go over the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}
