//! The link editor: a chart to look at and to change with mouse and keys.
//!
//! What stands where is [`crate::drawing::Scene`]'s business, what may be linked `edit`'s. Here: what part is seen ([`Camera`]), how it
//! is painted ([`paint`]), what hands do ([`interact`]), where arrow keys lead ([`walk`]), what could be linked ([`offers`]), the lists
//! that pop up ([`lists`]), what comes from the library ([`mod@drop`]), arranging and placing ([`place`]), and what assistive programs are told ([`access`]).

mod access;
mod drop;
mod interact;
mod lists;
mod menu;
mod offers;
mod paint;
mod place;
mod walk;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use ahash::HashSet;
use egui::{Rect, Sense, Ui};

pub use lists::note_at_pointer;
pub use paint::glyph;
pub use place::{Align, remove_decorations, retext};

use self::drop::Arriving;
use self::interact::Gesture;
use self::lists::{Jumps, LinkList, QuickAdd};
use self::paint::{Boxes, Canvas, Detail, Markers, Texts};
use crate::app::{Command, Item, Selection, Workspace};
use crate::drawing::{BlockId, Scene};
use crate::model::{ChartId, Name, Plan, PortRef, ROOT_CHART, Touched};
use crate::ui::action::{Action, Scope};
use crate::ui::lang::tr;
use crate::ui::pane::{self, Pane};
use crate::ui::views::camera::Camera;

/// Unconnected ports watched because they are on the chart that is shown.
const MOST_WATCHED: usize = 1_000;

/// Time in one frame for giving wires their paths.
const ROUTING_A_FRAME: Duration = Duration::from_millis(3);

/// State of the link editor.
pub struct LinkEditor {
    scene: Option<Scene>,
    chart: ChartId,
    /// What was seen of each chart.
    cameras: HashMap<ChartId, Camera>,
    /// Where the chart is shown on the screen.
    view: Rect,
    /// What is to be done once the size of the view is known.
    aim: Option<Aim>,
    gesture: Gesture,
    list: Option<LinkList>,
    /// The list that opens when the plan has followed the edit that was just made.
    list_next: Option<LinkList>,
    jumps: Option<Jumps>,
    add: Option<QuickAdd>,
    markers: Markers,
    markers_of: u64,
    related: Related,
    texts: RefCell<Texts>,
    boxes: Boxes,
    /// Where the pointer was last, on the canvas: what is placed by key stands there.
    pointer: egui::Pos2,
    /// Another chart, or something else on it, is shown than [`shows_others`](Self::shows_others) was asked for.
    is_new: bool,
    /// Copies pasted since copying: each stands a little beside the one before.
    n_pasted: u16,
    /// What is dragged over the chart.
    arriving: Option<Arriving>,
}

/// Something to bring into view.
#[derive(Debug, Clone)]
enum Aim {
    Everything,
    Rect(Rect),
    Item(Item),
}

impl Default for LinkEditor {
    fn default() -> Self {
        Self {
            scene: None,
            chart: ROOT_CHART,
            cameras: HashMap::new(),
            view: Rect::NOTHING,
            aim: None,
            gesture: Gesture::None,
            list: None,
            list_next: None,
            jumps: None,
            add: None,
            markers: Markers::default(),
            markers_of: u64::MAX,
            related: Related::default(),
            texts: RefCell::default(),
            boxes: Boxes::default(),
            pointer: egui::Pos2::ZERO,
            is_new: true,
            n_pasted: 0,
            arriving: None,
        }
    }
}

/// The item that a block stands for.
pub fn item_of(id: &BlockId) -> Item {
    match id {
        BlockId::Function(function) => Item::Function(function.clone()),
        BlockId::Chart(chart) => Item::Chart(*chart),
    }
}

impl LinkEditor {
    /// Another project is open.
    pub fn opened(&mut self, plan: &Plan) {
        *self = Self::default();
        self.open_chart(plan, ROOT_CHART);
    }

    /// The plan was changed.
    pub fn changed(&mut self, plan: &Plan, touched: &Touched) {
        if !plan.charts().contains_key(&self.chart) {
            self.scene = None;
            return self.open_chart(plan, ROOT_CHART);
        }
        if let Some(scene) = &mut self.scene {
            scene.update(plan, touched);
        }
        self.gesture.plan_changed();
        self.boxes.forget();
        self.is_new = true;
        self.list = self.list_next.take();
        self.jumps = None;
    }

    /// The chart that is shown.
    pub fn chart(&self) -> ChartId {
        self.chart
    }

    /// Shows a chart; one that was shown before as it was seen then, a new one as a whole.
    pub fn open_chart(&mut self, plan: &Plan, chart: ChartId) {
        if self.scene.is_some() && self.chart == chart {
            return;
        }
        self.chart = chart;
        self.scene = Some(Scene::new(plan, chart));
        self.boxes.forget();
        self.is_new = true;
        self.gesture = Gesture::None;
        self.list = None;
        self.list_next = None;
        self.jumps = None;
        self.add = None;
        if !self.cameras.contains_key(&chart) {
            self.aim = Some(Aim::Everything);
        }
    }

    /// Whether all wires have their paths.
    pub fn is_settled(&self) -> bool {
        self.scene.as_ref().is_none_or(|scene| scene.n_stale() == 0)
    }

    /// Where, on the screen, the head of the block is that stands nearest to a place of it.
    pub fn block_near(&self, at: egui::Pos2) -> Option<egui::Pos2> {
        let (scene, camera) = (self.scene.as_ref()?, self.camera());
        let on_screen = |block: &crate::drawing::Block| camera.to_screen(self.view, block.head().center());
        let near = scene.blocks().map(|(_, block)| on_screen(block));
        near.min_by(|one, other| one.distance(at).total_cmp(&other.distance(at)))
    }

    /// Whether other ports are shown than at the last call.
    pub fn shows_others(&mut self) -> bool {
        std::mem::take(&mut self.is_new)
    }

    /// Ports of the blocks on the chart, as far as it makes sense to watch them all.
    pub fn shown_ports(&self, plan: &Plan) -> Vec<PortRef> {
        let blocks = self.scene.iter().flat_map(Scene::blocks);
        let ports = blocks.flat_map(|(_, block)| {
            let indices = block.ports().map(|port| port.index).collect::<Vec<_>>();
            indices.into_iter().filter_map(|index| block.port_ref(index)).collect::<Vec<_>>()
        });
        let mut ports: Vec<PortRef> = ports.filter(|port| plan.port(port).is_some()).take(MOST_WATCHED).collect();
        ports.sort();
        ports.dedup();
        ports
    }

    /// Brings something into view, in the middle.
    pub fn centre(&mut self, item: &Item) {
        self.aim = Some(Aim::Item(item.clone()));
    }

    /// Shows what is selected, or the whole chart.
    pub fn fit(&mut self, selection: &Selection) {
        let rect = selection.items().filter_map(|item| self.rect_of(item)).reduce(Rect::union);
        self.aim = Some(rect.map_or(Aim::Everything, Aim::Rect));
    }

    /// Zooms by a factor around the middle.
    pub fn zoom_by(&mut self, factor: f32) {
        let view = self.view;
        self.camera_mut().zoom_at(view, view.center(), factor);
    }

    /// Shows the chart at 100 %.
    pub fn actual_size(&mut self) {
        let factor = 1.0 / self.camera().zoom;
        self.zoom_by(factor);
    }

    /// Whether a list is open over the chart: keys are for it.
    pub fn lists(&self) -> bool {
        self.list.is_some() || self.jumps.is_some() || self.add.is_some()
    }

    /// Every block of the chart.
    pub fn all_blocks(&self) -> Vec<Item> {
        let blocks = self.scene.iter().flat_map(Scene::blocks);
        blocks.map(|(_, block)| item_of(&block.id)).collect()
    }

    fn camera(&self) -> Camera {
        self.cameras.get(&self.chart).copied().unwrap_or_default()
    }

    fn camera_mut(&mut self) -> &mut Camera {
        self.cameras.entry(self.chart).or_default()
    }

    /// Where something stands on this chart.
    fn rect_of(&self, item: &Item) -> Option<Rect> {
        let scene = self.scene.as_ref()?;
        let block = |id: BlockId| Some(scene.block(scene.find_block(&id)?)?.rect);
        match item {
            Item::Function(function) => block(BlockId::Function(function.clone())),
            Item::Port(port) | Item::Constant(port) => block(BlockId::Function(port.function())),
            Item::Chart(chart) => block(BlockId::Chart(*chart)),
            Item::Instance(name) => {
                let blocks = scene.blocks().filter(
                    |(_, block)| matches!(&block.id, BlockId::Function(function) if function.instance == *name),
                );
                blocks.map(|(_, block)| block.rect).reduce(Rect::union)
            }
            Item::Link(key) => {
                let points = &scene.wire(scene.find_wire(key)?)?.points;
                Some(Rect::from_points(points))
            }
            Item::Frame(_, at) => Some(scene.frames().get(*at)?.rect),
            Item::Note(_, at) => Some(scene.notes().get(*at)?.rect),
            _ => None,
        }
    }

    /// Gives some more wires their paths, those in view first, until all have them.
    fn route(&mut self, ui: &Ui) {
        let camera = self.camera();
        let Some(scene) = &mut self.scene else { return };
        // Where no wire is drawn none comes first.
        let first = if paint::draws_wires(scene, camera.zoom) { camera.seen(self.view) } else { Rect::NOTHING };
        let until = Instant::now() + ROUTING_A_FRAME;
        if scene.route_while(first, |_| Instant::now() < until) {
            ui.ctx().request_repaint();
        }
    }

    /// Points the camera at what it shall show, now that the view's size is known.
    fn take_aim(&mut self) {
        let Some(aim) = self.aim.take() else { return };
        let view = self.view;
        let rect = match &aim {
            Aim::Everything => self.scene.as_ref().map(Scene::bounds),
            Aim::Rect(rect) => Some(*rect),
            Aim::Item(item) => {
                let Some(rect) = self.rect_of(item) else { return };
                // Already in full view: it stays where the eye has it.
                let camera = self.camera_mut();
                if !camera.seen(view).contains_rect(rect) || camera.zoom < 0.4 {
                    camera.zoom = camera.zoom.clamp(0.62, 1.5);
                    camera.centre(view, rect.center());
                }
                return;
            }
        };
        if let Some(rect) = rect {
            self.camera_mut().fit(view, rect);
        }
    }

    /// The worst finding of each thing, made anew when findings may have changed.
    fn follow_findings(&mut self, workspace: &Workspace) {
        if self.markers_of == workspace.revision() {
            return;
        }
        self.markers_of = workspace.revision();
        self.boxes.forget();
        self.markers.clear();
        let plan = workspace.plan();
        for finding in workspace.findings() {
            let item = Item::of_subject(&finding.subject);
            let mut mark = |item: Item| self.markers.mark(item, finding.severity);
            if let Item::Instance(name) = &item {
                crate::ui::views::functions_of(plan, name).for_each(|function| mark(Item::Function(function)));
            }
            mark(item);
        }
    }
}

/// Shows the chart.
pub fn link_editor_ui(ui: &mut Ui, editor: &mut LinkEditor, scope: &mut Scope<'_>) {
    let view = ui.available_rect_before_wrap();
    editor.view = view;
    editor.take_aim();
    editor.follow_findings(scope.workspace);
    editor.related.follow(scope);
    let response = ui.allocate_rect(view, Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, tr("pane.plant")));
    if pane::takes_keyboard(ui.ctx(), Pane::Plant) {
        response.request_focus();
    }
    editor.interact(ui, &response, scope);
    editor.route(ui);
    if let Some(scene) = &editor.scene
        && Detail::at(editor.camera().zoom) == Detail::Box
    {
        editor.boxes.follow(scene, &editor.markers, scope.theme);
    }
    if let Some(item) = chart_ui(ui, editor, scope) {
        scope.actions.push(Action::Select(Selection::only(item)));
    }
    let mut camera = editor.camera();
    if let Some(scene) = &editor.scene {
        paint::minimap_ui(ui, view, scene, &mut camera, scope.theme);
    }
    *editor.camera_mut() = camera;
    editor.drop_ui(ui, &response, scope);
    editor.menu_ui(&response, scope);
    editor.lists_ui(ui, scope);
}

/// Paints the chart, and what is being done with it; says what an assistive program has clicked.
fn chart_ui(ui: &Ui, editor: &LinkEditor, scope: &Scope<'_>) -> Option<Item> {
    let scene = editor.scene.as_ref()?;
    let painter = ui.painter_at(editor.view);
    let fits = editor.gesture.fits(scene, scope.workspace);
    let canvas = Canvas {
        painter: &painter,
        view: editor.view,
        camera: editor.camera(),
        theme: scope.theme,
        scene,
        selection: &scope.workspace.selection,
        related: &editor.related.items,
        hovered: scope.hovered,
        markers: &editor.markers,
        online: scope.online,
        plan: scope.workspace.plan(),
        fits: fits.as_ref().map(|fits| fits as &dyn Fn(_, _) -> bool),
        texts: &editor.texts,
        boxes: &editor.boxes,
    };
    paint::paint(&canvas);
    editor.gesture.paint(&canvas, ui);
    let clicked = access::describe(ui, &canvas);
    if scene.n_blocks() == 0 && scene.notes().is_empty() {
        hint(&canvas);
    }
    clicked
}

/// What stands right in the bar over the chart: how large it is shown.
pub fn bar_ui(ui: &mut Ui, editor: &LinkEditor, scope: &mut Scope<'_>) {
    ui.add_space(8.0);
    for command in [Command::Arrange, Command::ActualSize, Command::Fit] {
        let text = tr(&format!("command.{}", command.row().key)).to_owned();
        let text = if command == Command::ActualSize { format!("{:.0} %", editor.camera().zoom * 100.0) } else { text };
        let button = egui::Button::new(egui::RichText::new(text).size(crate::ui::theme::SMALL)).frame(false);
        let tip = tr(&format!("command.{}.tip", command.row().key)).to_owned();
        if ui.add(button).on_hover_text(tip).clicked() {
            scope.actions.run(command);
        }
        ui.add_space(4.0);
    }
}

/// The way from the top chart to the one shown; each step leads there.
pub fn breadcrumb_ui(ui: &mut Ui, editor: &LinkEditor, scope: &mut Scope<'_>) {
    let plan = scope.workspace.plan();
    let mut way = Vec::new();
    let mut at = Some(editor.chart);
    while let Some(chart) = at.filter(|_| way.len() <= plan.charts().len()) {
        let Some(described) = plan.charts().get(&chart) else { break };
        let name = if chart == ROOT_CHART { plan.name() } else { &described.name };
        way.push((chart, name.clone()));
        at = described.parent;
    }
    ui.add_space(24.0);
    ui.spacing_mut().item_spacing.x = 4.0;
    for (nth, (chart, name)) in way.iter().rev().enumerate() {
        if nth > 0 {
            ui.label(egui::RichText::new("›").color(scope.theme.dim));
        }
        let text = egui::RichText::new(name.as_str()).size(crate::ui::theme::SMALL).color(scope.theme.dim);
        if ui.add(egui::Button::new(text).frame(false)).clicked() {
            scope.actions.push(Action::OpenChart(*chart));
        }
    }
}

/// What an empty chart says.
fn hint(canvas: &Canvas<'_>) {
    let at = canvas.view.center();
    let (font, colour) = (egui::FontId::proportional(14.0), canvas.theme.dim);
    canvas.painter.text(at, egui::Align2::CENTER_CENTER, tr("editor.empty"), font, colour);
}

/// What is marked because something that belongs to it is selected or under the pointer elsewhere.
#[derive(Default)]
struct Related {
    /// Selected device, device under the pointer, chosen finding, and the revision they were looked up in.
    of: (Option<Name>, Option<Name>, Option<Item>, u64),
    items: HashSet<Item>,
}

impl Related {
    /// The functions of a device, and what the chosen finding is about.
    fn follow(&mut self, scope: &Scope<'_>) {
        let device = |item: Option<&Item>| match item {
            Some(Item::Device(name)) => Some(name.clone()),
            _ => None,
        };
        let workspace = scope.workspace;
        let finding = workspace.finding.as_ref().map(|finding| Item::of_subject(&finding.subject));
        let (selected, hovered) = (device(workspace.selection.lead()), device(scope.hovered));
        let of = (selected, hovered, finding, workspace.revision());
        if self.of == of {
            return;
        }
        self.items.clear();
        self.items.extend(of.2.clone());
        let plan = workspace.plan();
        if of.0.is_some() || of.1.is_some() {
            let own = |device: &Name| of.0.as_ref() == Some(device) || of.1.as_ref() == Some(device);
            for (name, _) in plan.instances().iter().filter(|(_, instance)| own(&instance.device)) {
                self.items.insert(Item::Instance(name.clone()));
                self.items.extend(crate::ui::views::functions_of(plan, name).map(Item::Function));
            }
        }
        self.of = of;
    }
}
