//! A plant without hardware: three virtual devices on loopback, loaded by the tool over the real protocol.
//!
//! `cargo run --release --example virtual_plant [CAPTURE.pcap]`
//!
//! With a file name, the whole conversation is saved as a capture that Wireshark opens; that needs no privilege.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::generate::generate;
use plantweave::model::{Value, fixture};
use plantweave::net::capture::{Capture, CaptureSettings};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::online::{DownloadOptions, Outcome, Target, Targets, compare, download};
use plantweave::rpc::RpcNode;
use tokio_util::sync::CancellationToken;

const PLAN: &str = "
    component Conveyor 1.0 { qos acyclic; in start BOOL = false; out running BOOL; out level I2 }
    component Filler 1.0 { qos acyclic; in start BOOL = false; in speed R4; in level I2 = 0; out ready BOOL }
    Conveyor1: Conveyor @192.168.10.11
    Conveyor2: Conveyor @192.168.10.12
    Filler1: Filler @192.168.10.13
    Conveyor1.running -> Filler1.start acyclic 100 sub false
    Conveyor1.level -> Filler1.level acyclic 100 eps 2
    Filler1.ready -> Conveyor2.start acyclic 100
    Filler1.speed = 1.5
";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1);
    let capture = file.map(|file| Capture::create(Path::new(&file), CaptureSettings::default())).transpose()?;
    let network = match &capture {
        Some(capture) => Network::new().with_capture(capture.clone()),
        None => Network::new(),
    };
    let plan = fixture::plan(PLAN);

    println!("Configurations");
    let generation = generate(&plan);
    let configurations: Vec<_> = generation.devices.into_iter().map(|one| Arc::new(one.configuration)).collect();
    for configuration in &configurations {
        println!(
            "  {:10} {} connections, {:.12}",
            configuration.device,
            configuration.n_connections(),
            configuration.fingerprint()
        );
    }

    println!("Virtual devices");
    let host = loopback::probe(configurations.len());
    let plant = VirtualPlant::start(&plan, PlantOptions::new(network.clone(), host))?;
    let target = |name: &_| plant.address(name).map(|at| Target { ip: at.ip, resolver_port: at.resolver_port });
    let targets: Targets = plant.names().filter_map(|name| Some((name.clone(), target(name)?))).collect();
    for (name, target) in targets.iter() {
        println!("  {name:10} {target}");
    }

    println!("Download");
    let node = RpcNode::client(network, None);
    let targets = Arc::new(targets);
    let quiet = Arc::new(|_: &_, _| {});
    let options = DownloadOptions::default();
    let reports =
        download(&node, configurations.clone(), targets.clone(), options, CancellationToken::new(), quiet).await;
    for report in &reports {
        let ended = match &report.outcome {
            Outcome::Equal => "equal already".to_owned(),
            Outcome::Downloaded => format!("loaded, {} changes, saved, read back", report.n_changes),
            Outcome::WouldChange => "differs".to_owned(),
            Outcome::Failed(failed) => format!("failed: {}", failed.why),
        };
        println!("  {:10} {ended}", report.device);
    }
    for configuration in &configurations {
        let differences = compare(&node, configuration, &targets).await.result?;
        println!("  {:10} {} differences", configuration.device, differences.len());
    }

    println!("Conveyor1 runs, level 40");
    let conveyor = plant.device("Conveyor1").ok_or("Conveyor1 does not run")?;
    for (item, value) in [("Main.running", Value::Bool(true)), ("Main.level", Value::Int(40))] {
        conveyor.set("Conveyor", item, &value).map_err(|code| format!("Conveyor1 refused {item}: {code}"))?;
    }
    show(&plant, "true").await?;
    println!("Conveyor1 is pulled off the network");
    plant.pull("Conveyor1").await?;
    show(&plant, "false").await?;
    println!("and plugged in again");
    plant.plug("Conveyor1")?;
    show(&plant, "true").await?;

    plant.shutdown().await;
    if let Some(capture) = capture {
        capture.finish()?;
    }
    Ok(())
}

/// Waits until the filler's start input shows this, then prints its inputs.
async fn show(plant: &VirtualPlant, start: &str) -> Result<(), Box<dyn Error>> {
    let filler = plant.device("Filler1").ok_or("Filler1 does not run")?;
    let read = |item: &str| filler.read("Filler", item).map_err(|code| format!("Filler1 refused {item}: {code}"));
    let begun = Instant::now();
    while read("Main.start")?.value.to_string() != start {
        if begun.elapsed() > Duration::from_secs(15) {
            return Err("the value did not arrive".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for item in ["Main.start", "Main.level", "Main.speed"] {
        let state = read(item)?;
        println!("  Filler1.{:6} {:6} {}", item.trim_start_matches("Main."), state.value.to_string(), state.quality);
    }
    Ok(())
}
