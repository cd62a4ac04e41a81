//! Automatic layout and routing of a chart of 1,000 blocks: the program's side of `benches/layout_vs_elk.sh`.
//!
//! `layout_rate --write FILE` writes the chart as JSON for another program: blocks with sizes and ports, and links.
//! `layout_rate FILE` lays it out and routes it, writes where everything is, and prints milliseconds on the clock and of the processor.

use std::time::Instant;

use plantweave::drawing::{BlockId, Scene, Side, layout};
use plantweave::edit::{Document, Edit};
use plantweave::model::{Placement, Plan, Point, ROOT_CHART};
use serde_json::{Value, json};

#[path = "../benches/support/chart.rs"]
mod chart;

const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = chart::chart(1_000, 2);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [write, path] if write == "--write" => std::fs::write(path, graph(&Scene::new(&plan, ROOT_CHART)).to_string())?,
        [path] => {
            let mut rounds: Vec<(f64, f64, f64, Scene)> = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(round(&plan)?);
            }
            rounds.sort_by(|one, other| (one.0 + one.1).total_cmp(&(other.0 + other.1)));
            let (layout_ms, route_ms, cpu_ms, scene) = &rounds[ROUNDS / 2];
            std::fs::write(path, drawn(scene).to_string())?;
            println!("{}", json!({ "layout_ms": layout_ms, "route_ms": route_ms, "cpu_ms": cpu_ms }));
        }
        _ => return Err("usage: layout_rate [--write] FILE".into()),
    }
    Ok(())
}

/// Layout and routing once: milliseconds of each on the clock, of both on the processor, and the result.
fn round(plan: &Plan) -> Result<(f64, f64, f64, Scene), Box<dyn std::error::Error>> {
    let scene = Scene::new(plan, ROOT_CHART);
    let cpu = cpu_ms();
    let start = Instant::now();
    let places = layout(&scene, None);
    let layout_ms = start.elapsed().as_secs_f64() * 1e3;
    let cpu_layout = cpu_ms() - cpu;
    let blocks = places.into_iter().filter_map(|(id, at)| match id {
        BlockId::Function(function) => {
            Some((function, Placement { chart: ROOT_CHART, at: Point { x: at.x, y: at.y } }))
        }
        BlockId::Chart(_) => None,
    });
    let mut document = Document::new(plan.clone());
    document.apply(&Edit::MoveBlocks(blocks.collect()))?;
    let mut scene = Scene::new(document.plan(), ROOT_CHART);
    let cpu = cpu_ms();
    let start = Instant::now();
    scene.route_all();
    let route_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok((layout_ms, route_ms, cpu_layout + cpu_ms() - cpu, scene))
}

/// Processor time of this thread in milliseconds, where the system tells it (Linux); else 0.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn graph(scene: &Scene) -> Value {
    let blocks = scene.blocks().map(|(slot, block)| {
        let ports = block.ports().map(|port| {
            let at = port.at - block.rect.min;
            json!({ "index": port.index, "right": port.side == Side::Right, "y": at.y })
        });
        json!({ "slot": slot.0, "width": block.rect.width(), "height": block.rect.height(), "ports": ports.collect::<Vec<_>>() })
    });
    let links = scene.wires().map(|(_, wire)| {
        let (from, to) = (wire.from, wire.to);
        json!({ "from": [from.block().0, from.port()], "to": [to.block().0, to.port()] })
    });
    json!({ "blocks": blocks.collect::<Vec<_>>(), "links": links.collect::<Vec<_>>() })
}

fn drawn(scene: &Scene) -> Value {
    let blocks = scene.blocks().map(|(_, block)| {
        let rect = block.rect;
        json!([rect.min.x, rect.min.y, rect.width(), rect.height()])
    });
    let wires = scene.wires().map(|(_, wire)| {
        let points: Vec<[f32; 2]> = wire.points.iter().map(|point| [point.x, point.y]).collect();
        json!({ "output": format!("{}.{}", wire.from.block().0, wire.from.port()), "points": points })
    });
    json!({ "blocks": blocks.collect::<Vec<_>>(), "wires": wires.collect::<Vec<_>>() })
}
