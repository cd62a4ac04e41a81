//! Charts of 1,000, 10,000 and 100,000 blocks with up to four links each (those whose other end would lie outside of the chart are
//! left out, a few in a hundred): made, kept up to date, routed, searched by place, and laid out.
//!
//! Budgets: at 10,000 blocks a scene in well under a second, all paths in a couple of seconds, an edit under 2 ms.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use divan::Bencher;
use emath::{Rect, pos2, vec2};
use plantweave::drawing::{BlockId, Reach, Scene, layout};
use plantweave::edit::{Document, Edit};
use plantweave::model::{Placement, Plan, Point, ROOT_CHART, Touched};

#[path = "support/chart.rs"]
mod support;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A plan of this many blocks, made once.
fn plan(n_blocks: usize, links_a_block: usize) -> Plan {
    static PLANS: Mutex<BTreeMap<(usize, usize), Plan>> = Mutex::new(BTreeMap::new());
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    plans.entry((n_blocks, links_a_block)).or_insert_with(|| support::chart(n_blocks, links_a_block)).clone()
}

/// The plan with the block in the middle moved by an eighth of a block, and what that touches.
fn moved(plan: &Plan) -> (Plan, Touched) {
    let scene_blocks = plan.instances().len();
    let name = format!("B{}", scene_blocks / 2);
    let (function, placement) = plan.instances()[name.as_str()].functions.iter().next().expect("a unit has a function");
    let function = plantweave::model::FunctionRef {
        instance: name.as_str().into(),
        ldev: function.0.clone(),
        rtauto: function.1.clone(),
    };
    let at = Point { x: placement.at.x + 20.0, y: placement.at.y + 12.0 };
    let mut document = Document::new(plan.clone());
    document
        .apply(&Edit::MoveBlocks(vec![(function, Placement { chart: ROOT_CHART, at })]))
        .expect("a block may stand anywhere");
    let after = document.plan().clone();
    let touched = Touched::between(plan, &after);
    (after, touched)
}

/// A window of 1,600 × 1,000 in the middle of a chart.
fn window(scene: &Scene) -> Rect {
    Rect::from_center_size(scene.bounds().center(), vec2(1600.0, 1000.0))
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 3, sample_size = 1)]
fn scene_of(bencher: Bencher, n_blocks: usize) {
    let plan = plan(n_blocks, 4);
    bencher.bench(|| Scene::new(&plan, ROOT_CHART));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 3, sample_size = 1)]
fn route_all_of(bencher: Bencher, n_blocks: usize) {
    let scene = Scene::new(&plan(n_blocks, 4), ROOT_CHART);
    bencher.with_inputs(|| scene.clone()).bench_local_values(|mut scene| {
        scene.route_all();
        scene
    });
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5, sample_size = 1)]
fn route_what_a_window_shows_of(bencher: Bencher, n_blocks: usize) {
    let scene = Scene::new(&plan(n_blocks, 4), ROOT_CHART);
    let view = window(&scene);
    let n_wires = scene.wires_in(view).len();
    bencher.with_inputs(|| scene.clone()).bench_local_values(|mut scene| {
        scene.route(view, n_wires);
        scene
    });
}

/// The move and its undo in turn; only the move is measured.
fn after_move(bencher: Bencher, n_blocks: usize, route: bool) {
    let before = plan(n_blocks, 4);
    let (after, touched) = moved(&before);
    let mut scene = Scene::new(&before, ROOT_CHART);
    scene.route_all();
    let view = window(&scene);
    let scene = RefCell::new(scene);
    bencher
        .with_inputs(|| {
            let mut scene = scene.borrow_mut();
            scene.update(&before, &touched);
            scene.route_all();
        })
        .bench_local_values(|()| {
            let mut scene = scene.borrow_mut();
            scene.update(&after, &touched);
            while route && scene.route(view, 1000) {}
        });
}

#[divan::bench(args = [1_000, 10_000], sample_count = 20, sample_size = 1)]
fn update_after_a_move_at(bencher: Bencher, n_blocks: usize) {
    after_move(bencher, n_blocks, false);
}

#[divan::bench(args = [1_000, 10_000], sample_count = 20, sample_size = 1)]
fn update_and_route_after_a_move_at(bencher: Bencher, n_blocks: usize) {
    after_move(bencher, n_blocks, true);
}

#[divan::bench(args = [1_000, 10_000], sample_count = 20, sample_size = 1)]
fn preview_of_a_drag_at(bencher: Bencher, n_blocks: usize) {
    let mut scene = Scene::new(&plan(n_blocks, 4), ROOT_CHART);
    scene.route_all();
    let middle = scene.blocks().nth(n_blocks / 2).expect("it is there").1.id.clone();
    let scene = RefCell::new(scene);
    let mut step = 0.0;
    bencher
        .with_inputs(|| {
            step = (step + 4.0) % 64.0;
            step
        })
        .bench_local_values(|step| scene.borrow_mut().preview_move(std::slice::from_ref(&middle), vec2(step, step)));
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 50, sample_size = 20)]
fn pick_in(bencher: Bencher, n_blocks: usize) {
    let scene = Scene::new(&plan(n_blocks, 4), ROOT_CHART);
    let centre = scene.bounds().center();
    let mut number: u16 = 0;
    bencher
        .with_inputs(|| {
            number = (number + 37) % 1000;
            pos2(centre.x + f32::from(number), centre.y + f32::from(number % 211))
        })
        .bench_local_values(|at| scene.pick(at, 4.0));
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 50, sample_size = 20)]
fn blocks_and_wires_in_a_window_of(bencher: Bencher, n_blocks: usize) {
    let scene = Scene::new(&plan(n_blocks, 4), ROOT_CHART);
    let view = window(&scene);
    bencher.bench_local(|| (scene.blocks_in(view, Reach::Touching), scene.wires_in(view)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn layout_1k_blocks_2k_links(bencher: Bencher) {
    let scene = Scene::new(&plan(1_000, 2), ROOT_CHART);
    bencher.bench(|| layout(&scene, None));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn layout_and_route_1k_blocks_2k_links(bencher: Bencher) {
    let plan = plan(1_000, 2);
    let scene = Scene::new(&plan, ROOT_CHART);
    bencher.bench(|| {
        let places = layout(&scene, None);
        let blocks = places.into_iter().filter_map(|(id, at)| {
            let BlockId::Function(function) = id else { return None };
            Some((function, Placement { chart: ROOT_CHART, at: Point { x: at.x, y: at.y } }))
        });
        let mut document = Document::new(plan.clone());
        document.apply(&Edit::MoveBlocks(blocks.collect())).expect("a block may stand anywhere");
        let mut scene = Scene::new(document.plan(), ROOT_CHART);
        scene.route_all();
        scene
    });
}
