//! Download over loopback: from what the devices hold at delivery (nothing) to links made, read back and saved.
//!
//! The devices are virtual ones in this same process, so the time is that of both ends: the tool that loads, and the devices that
//! answer and meanwhile connect with each other. Every device consumes its links from four others.
//!
//! `cargo bench --bench download`; arguments `DEVICES LINKS` measure one size only.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::generate::{Configuration, generate};
use plantweave::model::{Plan, fixture};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::online::{DownloadOptions, Outcome, Target, Targets, download};
use plantweave::rpc::RpcNode;
use tokio_util::sync::CancellationToken;

/// Devices and links a device; the first is the one that has a budget: 2 s.
const SIZES: [(usize, usize); 5] = [(100, 100), (10, 100), (50, 100), (100, 50), (100, 200)];
const RUNS: usize = 5;
const PROVIDERS: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = match arguments.as_slice() {
        [devices, links] => vec![(*devices, *links)],
        _ => SIZES.to_vec(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("devices  links each  links   fastest    median  CPU time of the median  links/s");
    for (n_devices, n_links) in sizes {
        let plan = plan(n_devices, n_links)?;
        let mut runs = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            runs.push(runtime.block_on(run(&plan))?);
        }
        runs.sort();
        let (fastest, (median, cpu)) = (runs[0].0, runs[RUNS / 2]);
        let n_all = n_devices * n_links;
        println!(
            "{n_devices:7}  {n_links:10}  {n_all:5}  {:6.0} ms  {:6.0} ms  {:19.0} ms  {:8.0}",
            fastest.as_secs_f64() * 1e3,
            median.as_secs_f64() * 1e3,
            cpu.as_secs_f64() * 1e3,
            n_all as f64 / median.as_secs_f64()
        );
    }
    Ok(())
}

/// A ring in which every device consumes from the four next ones.
fn plan(n_devices: usize, n_links: usize) -> Result<Plan, Box<dyn std::error::Error>> {
    let mut text = String::from("component Cell 2.0 { stack 2.0; qos acyclic; ");
    for port in 0..n_links {
        write!(text, "in i{port} I4; out o{port} I4; ")?;
    }
    text.push_str("}\n");
    for device in 0..n_devices {
        writeln!(text, "D{device}: Cell @10.91.{}.{}", device / 200, device % 200 + 10)?;
    }
    for device in 0..n_devices {
        for port in 0..n_links {
            let provider = (device + 1 + port % PROVIDERS) % n_devices;
            writeln!(text, "D{provider}.o{port} -> D{device}.i{port} acyclic 500")?;
        }
    }
    Ok(fixture::read(&text)?)
}

/// One download to devices that were just switched on: its time, and the time all threads of this process spent on it.
async fn run(plan: &Plan) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let network = Network::new();
    let host = loopback::probe(plan.devices().len());
    let plant = VirtualPlant::start(plan, PlantOptions::new(network.clone(), host))?;
    let target = |name: &_| plant.address(name).map(|at| Target { ip: at.ip, resolver_port: at.resolver_port });
    let targets: Targets = plant.names().filter_map(|name| Some((name.clone(), target(name)?))).collect();
    let configurations: Vec<Arc<Configuration>> =
        generate(plan).devices.into_iter().map(|one| Arc::new(one.configuration)).collect();
    let node = RpcNode::client(network, None);
    let (targets, cancel) = (Arc::new(targets), CancellationToken::new());

    let (begun, cpu_before) = (Instant::now(), cpu_time());
    let reports =
        download(&node, configurations, targets, DownloadOptions::default(), cancel, Arc::new(|_, _| {})).await;
    let (elapsed, cpu) = (begun.elapsed(), cpu_time().saturating_sub(cpu_before));

    if let Some(bad) = reports.iter().find(|report| !matches!(report.outcome, Outcome::Downloaded)) {
        return Err(format!("{}: {:?}", bad.device, bad.outcome).into());
    }
    node.shutdown().await;
    plant.shutdown().await;
    Ok((elapsed, cpu))
}

/// User and system time of this process; 0 where the system does not tell in this way.
fn cpu_time() -> Duration {
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields behind the name, which stands in brackets; utime and stime are 12th and 13th of them.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}
