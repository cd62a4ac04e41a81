//! The real window: the program on an X server of its own, driven with real mouse and key events.
//!
//! Beside it runs its twin, the app without a window on a screen of the same size. Everything is done to both: the twin says where
//! things are, and when the window shows what the twin shows, an event has arrived.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Pos2, Vec2, pos2};
use image::RgbaImage;
use plantweave::app::{LanguageChoice, ThemeChoice, UserSettings, WindowSize};
use plantweave::ui::theme::Theme;

use crate::Screen;

/// Set by `tests/run`, which has installed every peer: a missing one is then a failure.
const REQUIRE: &str = "PLANTWEAVE_REQUIRE_PEERS";
/// Longest wait for the window: it draws without a graphics card, beside other tests.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two things that a hand does: two clicks are no double click.
const PACE: Duration = Duration::from_millis(400);
/// Height of the bar, pixels.
const BAR: u32 = 36;
/// Channels that differ by more are different, of 255.
const DIFFERENT: u8 = 48;
/// Part of the pixels that may differ: where the pointer rests, where a cursor blinks, edges of letters.
const MOST_DIFFERENT: f32 = 0.012;

/// Whether the programs are there that the window needs; says so where one is missing.
///
/// # Panics
/// One is missing, and `tests/run` promised that it is there.
pub fn has_peers() -> bool {
    ["Xvfb", "xdotool", "import"].into_iter().all(|name| {
        let found = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
        assert!(found || std::env::var_os(REQUIRE).is_none(), "{name} is required by {REQUIRE} and missing");
        if !found {
            println!("skipped: {name} missing");
        }
        found
    })
}

/// Builds the program and says where it is.
///
/// # Panics
/// It does not build.
pub fn program() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    // target/debug/deps/window-0123456789abcdef
    let folder = own.ancestors().nth(2).expect("a folder of the profile");
    let target = folder.parent().expect("a target folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The whole workspace, as when it is tested: so its dependencies are built once.
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--workspace", "--bins", "--target-dir"])
        .arg(target)
        .current_dir(root)
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the program does not build");
    folder.join("plantweave")
}

/// The window with the X server it is on.
pub struct Window {
    /// The same app without a window.
    pub twin: Screen,
    server: Child,
    program: Child,
    display: String,
    /// Its number on the server.
    id: String,
    size: Vec2,
    /// For the names of pictures that are left when something fails.
    name: &'static str,
}

impl Window {
    /// Opens the window as large as its twin, with a user's folders of its own.
    ///
    /// # Panics
    /// It does not open.
    pub fn open(name: &'static str, twin: Screen, home: &Path, project: Option<&Path>) -> Self {
        let size = twin.harness.ctx.content_rect().size();
        let mut settings = UserSettings::default();
        settings.theme = ThemeChoice::Light;
        settings.language = LanguageChoice::English;
        settings.animations = false;
        settings.window = Some(WindowSize { width: size.x, height: size.y, maximized: false });
        settings.save(&home.join("settings")).expect("settings");
        let (server, display) = begin_server(size);
        // The pointer rests in the bar from the first: over the chart it would say where things are placed.
        let rest = pos2(size.x * 0.4, 4.0);
        twin.harness.hover_at(rest);
        let (x, y) = (rest.x.to_string(), rest.y.to_string());
        let moved = Command::new("xdotool").args(["mousemove", &x, &y]).env("DISPLAY", &display).status();
        assert!(moved.is_ok_and(|status| status.success()), "no pointer on {display}");
        let program = Command::new(program())
            .args(project)
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("HOME", home)
            .env("PLANTWEAVE_CONFIG_DIR", home.join("settings"))
            .env("PLANTWEAVE_STATE_DIR", home.join("journals"))
            .env("PLANTWEAVE_FILE_DIALOG", "window")
            .spawn()
            .expect("the program");
        let mut window = Self { twin, server, program, display, id: String::new(), size, name };
        window.id = window.until("the window", |window| {
            let found = window.xdotool(&["search", "--onlyvisible", "--name", "Plantweave"])?;
            Some(found.lines().last()?.to_owned())
        });
        let (width, height) = (size.x.to_string(), size.y.to_string());
        let id = window.id.clone();
        window.act(&["windowmove", &id, "0", "0", "windowsize", &id, &width, &height]);
        window.act(&["windowfocus", &id]);
        window.until_same();
        window
    }

    /// Clicks in both.
    pub fn click(&mut self, part: &str) {
        let at = self.twin.find(part).rect().center();
        self.click_at(at);
        self.twin.click(part);
        self.until_same();
    }

    /// Chooses an item of a menu in both.
    pub fn choose(&mut self, menu: &str, item: &str) {
        self.open_menu(menu);
        let at = self.twin.item(item);
        self.click_at(at);
        self.twin.click_at(at, Modifiers::NONE);
        self.until_same();
    }

    /// Opens a menu in both.
    pub fn open_menu(&mut self, menu: &str) {
        let at = self.twin.uppermost(menu);
        self.click_at(at);
        self.twin.open_menu(menu);
        self.until_same();
    }

    /// Drags from one place to another in both.
    pub fn drag_at(&mut self, from: Pos2, to: Pos2) {
        self.point(from);
        self.act(&["mousedown", "1"]);
        for part in [0.2, 0.5, 0.8, 1.0] {
            self.point(from.lerp(to, part));
            std::thread::sleep(Duration::from_millis(60));
        }
        self.act(&["mouseup", "1"]);
        self.twin.drag_at(from, to);
        self.until_same();
    }

    /// Drags from one thing to another in both.
    pub fn drag(&mut self, from: &str, to: &str) {
        let (from, to) = (self.twin.find(from).rect().center(), self.twin.find(to).rect().center());
        self.drag_at(from, to);
    }

    /// Presses a key in both; `keys` is what xdotool calls it.
    pub fn press(&mut self, keys: &str, modifiers: Modifiers, key: Key) {
        self.act(&["key", "--clearmodifiers", keys]);
        self.twin.press_with(modifiers, key);
        self.until_same();
    }

    /// Types in both.
    pub fn type_text(&mut self, text: &str) {
        self.act(&["type", "--delay", "30", text]);
        self.twin.type_text(text);
        self.until_same();
    }

    /// Clicks in the window only: on line, where its twin is not.
    pub fn click_at(&self, at: Pos2) {
        self.point(at);
        self.act(&["click", "1"]);
    }

    /// Presses a key in the window only.
    pub fn key(&self, keys: &str) {
        self.act(&["key", "--clearmodifiers", keys]);
    }

    /// Types in the window only.
    pub fn keys(&self, text: &str) {
        self.act(&["type", "--delay", "30", text]);
    }

    fn point(&self, at: Pos2) {
        self.run(&["mousemove", &at.x.round().to_string(), &at.y.round().to_string()]);
    }

    /// A hand does something, and then rests a little.
    fn act(&self, arguments: &[&str]) {
        self.run(arguments);
        std::thread::sleep(PACE);
    }

    fn run(&self, arguments: &[&str]) {
        assert!(self.xdotool(arguments).is_some(), "xdotool {arguments:?}");
    }

    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What the window shows.
    fn picture(&self) -> Option<RgbaImage> {
        let (width, height) = (self.size.x as u32, self.size.y as u32);
        let output = Command::new("import")
            .args(["-window", "root", "-depth", "8", "rgba:-"])
            .env("DISPLAY", &self.display)
            .output()
            .ok()?;
        RgbaImage::from_raw(width, height, output.stdout)
    }

    /// Part of the pixels that differ from the twin's.
    fn difference(&mut self) -> f32 {
        let (Some(shown), Ok(twin)) = (self.picture(), self.twin.harness.render()) else { return 1.0 };
        if shown.dimensions() != twin.dimensions() {
            return 1.0;
        }
        let differs = |(one, other): (&image::Rgba<u8>, &image::Rgba<u8>)| {
            (0..3).any(|channel| one.0[channel].abs_diff(other.0[channel]) > DIFFERENT)
        };
        let pairs = shown.pixels().zip(twin.pixels());
        pairs.filter(|pair| differs(*pair)).count() as f32 / (shown.width() * shown.height()) as f32
    }

    /// Waits until the window shows what its twin shows.
    ///
    /// # Panics
    /// It never does; both pictures are left in the folder of built tests.
    #[track_caller]
    pub fn until_same(&mut self) {
        self.twin.until_still();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let difference = self.difference();
            if difference <= MOST_DIFFERENT {
                return;
            }
            if Instant::now() > deadline {
                let places = self.leave_pictures();
                panic!("{:.1} % of the window differ from its twin: {places}", difference * 100.0);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until there is something to see.
    ///
    /// # Panics
    /// There never is.
    #[track_caller]
    pub fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            if let Ok(Some(status)) = self.program.try_wait() {
                panic!("{what}: the program has ended with {status}");
            }
            if Instant::now() > deadline {
                panic!("never seen: {what}; {}", self.leave_pictures());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until the bar says that all devices are on line, or that none is any more: in the colour of what runs.
    ///
    /// # Panics
    /// It never does.
    #[track_caller]
    pub fn until_online(&mut self, online: bool) {
        self.until(if online { "the mark of being on line" } else { "an end of being on line" }, |window| {
            let picture = window.picture()?;
            // Thin lines are mixed with the grey of the bar: nothing else in it is green.
            let is_mark = |pixel: &image::Rgba<u8>| {
                let [red, green, blue, _] = pixel.0;
                green > red.saturating_add(14) && green > blue.saturating_add(8)
            };
            let bar = picture.enumerate_pixels().filter(|(_, y, pixel)| *y < BAR && is_mark(pixel));
            ((bar.count() > 4) == online).then_some(())
        });
    }

    /// Waits until a dialog lies over the window, which dims what is below.
    ///
    /// # Panics
    /// None ever does.
    #[track_caller]
    pub fn until_dimmed(&mut self) {
        let bar = Theme::new(false).bar;
        self.until("a dialog", |window| (window.picture()?.get_pixel(2, 2).0[0] + 16 < bar.r()).then_some(()));
    }

    /// Waits until the program ends by itself.
    ///
    /// # Panics
    /// It does not, or not well.
    pub fn until_end(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.program.try_wait() {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the program does not end; {}", self.leave_pictures());
    }

    fn leave_pictures(&mut self) -> String {
        let own = std::env::current_exe().unwrap_or_default();
        let place = |what: &str| own.with_file_name(format!("{}-{what}.png", self.name));
        let (shown, twin) = (place("window"), place("twin"));
        let saved = self.picture().is_some_and(|picture| picture.save(&shown).is_ok());
        let both = self.twin.harness.render().is_ok_and(|picture| picture.save(&twin).is_ok());
        if saved && both { format!("see {} and {}", shown.display(), twin.display()) } else { "no pictures".to_owned() }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.server] {
            // One that has ended already is no loss.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An X server that chooses its own number.
fn begin_server(size: Vec2) -> (Child, String) {
    let screen = format!("{}x{}x24", size.x, size.y);
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb");
    let mut number = String::new();
    let stdout = server.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut number).expect("the number of its display");
    (server, format!(":{}", number.trim()))
}
