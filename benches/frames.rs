//! A frame of the desktop app with a large chart in the link editor: what the screen's thread spends on input, layout, painting and
//! tessellation, without a window and without the graphics card.
//!
//! Charts of 1,000, 10,000 and 100,000 blocks with four links each; the chart fitted, at 100 %, in between, while it is pushed, zoomed, and
//! while a block is dragged. Thread CPU time, so other programs do not count. Budgets: 8 ms at 10,000 blocks at any zoom, 16 ms at 100,000.
//!
//! At the end a plant of virtual devices whose 990 outputs change twenty times a second, all of them on the screen: off line and on line.
//!
//! `-- 1000 online` measures only what is named.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use egui::{Context, Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, TouchPhase, pos2, vec2};
use plantweave::app::UserSettings;
use plantweave::app::live::{Live, LiveState};
use plantweave::edit::{Document, Edit};
use plantweave::model::{BEHAVIOUR_LOADER, Content, Payload, Plan, Point, ROOT_CHART, fixture};
use plantweave::ui::desktop::{Desktop, Start};

#[path = "support/chart.rs"]
mod support;

const SCREEN: Rect = Rect { min: Pos2::ZERO, max: pos2(1920.0, 1080.0) };
/// The middle of the link editor.
const MIDDLE: Pos2 = pos2(850.0, 450.0);
/// Frames measured of each kind.
const FRAMES: usize = 40;
/// Frames in which wires are given their paths before anything is measured.
const MOST_SETTLING: usize = 3_000;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let is_named = |what: &str| named.is_empty() || named.iter().any(|name| name == what);
    println!("{:>8}  {:<12} {:>10} {:>10} {:>10}", "blocks", "", "median ms", "slowest ms", "vertices");
    for n_blocks in [1_000, 10_000, 100_000].into_iter().filter(|n| is_named(&n.to_string())) {
        let mut screen = Screen::new(support::chart(n_blocks, 4));
        screen.settle();
        screen.key(egui::Key::F);
        screen.report(n_blocks, "fit", |screen, _| screen.frame(vec![]));
        screen.report(n_blocks, "fit, pushed", |screen, nth| screen.push(nth));
        for percent in [15, 20, 30, 45, 65] {
            screen.zoom_to(percent as f32 / 100.0);
            screen.report(n_blocks, &format!("{percent} %, pushed"), |screen, nth| screen.push(nth));
        }
        screen.zoom_to(1.0);
        screen.report(n_blocks, "100 %", |screen, _| screen.frame(vec![]));
        screen.report(n_blocks, "100 %, pushed", |screen, nth| screen.push(nth));
        screen.report(n_blocks, "zoomed", |screen, nth| screen.wheel(if nth % 20 < 10 { -1.0 } else { 1.0 }));
        screen.zoom_to(1.0);
        screen.press();
        screen.report(n_blocks, "dragged", |screen, nth| screen.drag(nth));
    }
    if is_named("online") {
        online();
    }
}

/// Frames while values change: as many a second as a window shows, and how many changes were seen.
fn online() {
    let mut screen = Screen::new(lively());
    screen.settle();
    screen.key(egui::Key::F);
    screen.report(LIVELY, "off line", |screen, _| screen.frame(vec![]));
    screen.key(egui::Key::F5);
    let is_online = |screen: &Screen| {
        let state = screen.desktop.live().map(Live::state);
        matches!(state, Some(LiveState::Online { n_devices_ok, n_devices }) if n_devices_ok == n_devices)
    };
    let begun = Instant::now();
    while !is_online(&screen) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the plant did not come on line");
        screen.frame(vec![]);
        std::thread::sleep(FRAME);
    }
    let (begun, mut n_changes, mut seen) = (Instant::now(), 0, u64::MAX);
    screen.report(LIVELY, "on line", |screen, _| {
        // Sleeping costs the thread nothing.
        std::thread::sleep(FRAME);
        screen.frame(vec![]);
        let values = screen.desktop.live().map(Live::values).unwrap_or_default();
        n_changes += values.iter().filter(|(_, value)| value.sequence > seen).count();
        seen = values.sequence();
    });
    println!("{:>8}  changes seen a second: {:.0}", LIVELY, n_changes as f64 / begun.elapsed().as_secs_f64());
}

/// Frames of a window that repaints 30 times a second.
const FRAME: Duration = Duration::from_millis(33);
/// Blocks of the plant, with this many outputs each.
const LIVELY: usize = 11;
const OUTPUTS: usize = 90;

/// A plant whose outputs change in each cycle of its devices.
fn lively() -> Plan {
    let outputs: Vec<String> = (0..OUTPUTS).map(|nth| format!("out v{nth} R4")).collect();
    let fixture = fixture::plan(&format!("component Source 1.0 {{ {} }}", outputs.join("; ")));
    let mut component = (**fixture.components().values().next().expect("a component")).clone();
    let (_, rtauto) = component.rtautos().next().expect("a function");
    let name = rtauto.name.clone();
    let sets: String = (0..OUTPUTS).map(|nth| format!("f.v{nth} = n + {nth}.0;\n")).collect();
    let script = format!(
        "fn init() {{ this.state.n = 0.0; }}\nfn step(dt) {{ this.state.n += 0.5; let n = this.state.n; let f = this.{name};\n{sets} this.{name} = f; }}"
    );
    component.payloads = vec![Payload {
        id: "behaviour".into(),
        kind: "program".into(),
        target: "".into(),
        loader: BEHAVIOUR_LOADER.into(),
        mime: "text/plain".into(),
        size: None,
        gzip: false,
        sha256: "".into(),
        content: Content::Inline(script.as_bytes().into()),
    }];
    let key = component.key.clone();
    let mut document = Document::new(Plan::new("Lively"));
    document.apply(&Edit::AddComponent(component.into())).expect("a new component");
    for nth in 0..LIVELY {
        let at = Point { x: nth as f32 * 240.0, y: 0.0 };
        let place = Edit::Place { component: key.clone(), name: None, chart: ROOT_CHART, at };
        document.apply(&place).expect("room for a block");
    }
    document.plan().clone()
}

/// The app in a context without a window.
struct Screen {
    ctx: Context,
    desktop: Desktop,
    time: f64,
    zoom: f32,
    /// Vertices of the last frame.
    n_vertices: usize,
    _journals: tempfile::TempDir,
}

impl Screen {
    fn new(plan: Plan) -> Self {
        let ctx = Context::default();
        let journals = tempfile::tempdir().expect("a folder for the journal");
        let start = Start {
            project: None,
            settings: UserSettings::default(),
            folder: None,
            journals: Some(journals.path().to_owned()),
            chooses_inside: true,
            told: None,
        };
        let mut desktop = Desktop::new(&ctx, start).expect("the app starts");
        desktop.open_plan(plan);
        Self { ctx, desktop, time: 0.0, zoom: 1.0, n_vertices: 0, _journals: journals }
    }

    fn frame(&mut self, events: Vec<Event>) {
        self.time += 1.0 / 60.0;
        let input = RawInput { screen_rect: Some(SCREEN), time: Some(self.time), events, ..RawInput::default() };
        let desktop = &mut self.desktop;
        let output = self.ctx.run_ui(input, |ui| {
            desktop.logic(&ui.ctx().clone());
            desktop.ui(ui);
        });
        let primitives = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let vertices = |primitive: &egui::ClippedPrimitive| match &primitive.primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
            egui::epaint::Primitive::Callback(_) => 0,
        };
        self.n_vertices = primitives.iter().map(vertices).sum();
    }

    /// Until every wire has its path, or, of very many, those in view and some around.
    fn settle(&mut self) {
        for _ in 0..MOST_SETTLING {
            if self.desktop.is_settled() {
                return;
            }
            self.frame(vec![]);
        }
    }

    fn report(&mut self, n_blocks: usize, what: &str, mut frame: impl FnMut(&mut Self, usize)) {
        frame(self, 0);
        let mut times: Vec<Duration> = (0..FRAMES)
            .map(|nth| {
                let begun = ThreadTime::now();
                frame(self, nth);
                begun.elapsed()
            })
            .collect();
        times.sort();
        let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
        let (median, slowest) = (ms(times.get(times.len() / 2)), ms(times.last()));
        println!("{n_blocks:>8}  {what:<12} {median:>10.2} {slowest:>10.2} {:>10}", self.n_vertices);
    }

    fn key(&mut self, key: egui::Key) {
        let event =
            |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
        self.frame(vec![event(true)]);
        self.frame(vec![event(false)]);
        self.frame(vec![]);
    }

    fn wheel(&mut self, lines: f32) {
        self.zoom *= 1.15_f32.powf(lines);
        self.frame(vec![Event::PointerMoved(MIDDLE), wheel(MouseWheelUnit::Line, vec2(0.0, lines))]);
    }

    fn push(&mut self, nth: usize) {
        let by = if nth % 20 < 10 { 12.0 } else { -12.0 };
        self.frame(vec![Event::PointerMoved(MIDDLE), wheel(MouseWheelUnit::Point, vec2(by, by / 2.0))]);
    }

    /// From 100 % to a zoom.
    fn zoom_to(&mut self, zoom: f32) {
        self.key(egui::Key::Num1);
        self.wheel(zoom.ln() / 1.15_f32.ln());
    }

    /// Presses on the block nearest to the middle.
    fn press(&mut self) {
        let block = self.desktop.block_near(MIDDLE).unwrap_or(MIDDLE);
        let button = |pressed| Event::PointerButton {
            pos: block,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(block)]);
        self.frame(vec![button(true)]);
        self.frame(vec![Event::PointerMoved(block + vec2(20.0, 10.0))]);
    }

    fn drag(&mut self, nth: usize) {
        let step = (nth % 20) as f32 * 6.0;
        self.frame(vec![Event::PointerMoved(MIDDLE + vec2(step, step))]);
    }
}

fn wheel(unit: MouseWheelUnit, delta: egui::Vec2) -> Event {
    Event::MouseWheel {
        unit,
        delta,
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}
