//! `plantweave simulate`: all devices as virtual devices, until stopped.

use std::path::PathBuf;
use std::time::Duration;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, SimulateOptions, Simulation, SimulationEnd};
use crate::device::Fault;
use crate::model::Name;

/// Run all devices of a project as virtual devices on this computer, until Ctrl-C.
///
/// They speak the same protocols as real ones, on loopback addresses, and move their values with the behaviour scripts of their
/// components. Other commands find them with `--simulated`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Folder in which devices keep what is saved in them, also over the end of the simulation.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Capture everything that devices send and receive to a file that Wireshark opens.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Time between two steps of a behaviour script, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    cycle: u64,
    /// Have a device misbehave: refuse-connections, lie-at-read-back, stall or die-after-N (calls). Can be given more than once.
    #[arg(long, value_name = "DEVICE=KIND", value_parser = fault)]
    fault: Vec<(Name, Fault)>,
    /// TCP port of the devices' object resolvers [default: 135, or another that is free].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    resolver_port: Option<u16>,
    /// Let all devices share 127.0.0.1, each with a port of its own, as on systems that have no other loopback address.
    #[arg(long, conflicts_with = "resolver_port")]
    share_address: bool,
    /// Also write where the devices stand to this file, for `--targets`.
    #[arg(long, value_name = "FILE")]
    announce: Option<PathBuf>,
    /// End after so many seconds.
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Print where the devices stand as JSON.
    #[arg(long)]
    json: bool,
}

/// How often devices are asked whether they have something to say.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let options = SimulateOptions {
        state: args.state,
        capture: args.pcap.clone(),
        cycle: Duration::from_millis(args.cycle),
        faults: args.fault,
        resolver_port: args.resolver_port,
        share_address: args.share_address,
        announce: args.announce,
    };
    app::runtime()?.block_on(async {
        // Listened for from the beginning, so that it also ends what is only being started.
        let stop = app::interrupted();
        let mut simulation = Simulation::start(&args.project, &plan, &options)?;
        let told = if args.json { console.json(simulation.announcement()) } else { print(&simulation, console) };
        if told.is_ok() {
            let end = async {
                match args.seconds {
                    Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::pin!(end);
            loop {
                for (device, text) in simulation.diagnostics() {
                    console.note(format!("{device}: {text}"));
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = &mut end => break,
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
        let SimulationEnd { statistics, capture } = simulation.end().await?;
        told?;
        if !args.json {
            console.line(format!(
                "ended: {} calls served, {} values sent, {} received",
                statistics.calls_served, statistics.values_sent, statistics.values_received
            ))?;
        }
        if let (Some(file), Some(summary)) = (&args.pcap, capture) {
            console.note(format!("{}: {} frames", file.display(), summary.frames));
        }
        Ok(Exit::Fine)
    })
}

fn print(simulation: &Simulation, console: &mut Console) -> Result<(), Stop> {
    let devices = &simulation.announcement().devices;
    let rows = devices.iter().map(|one| [one.device.to_string(), one.ip.to_string(), one.resolver_port.to_string()]);
    console.table(&["device", "address", "resolver port"], rows)?;
    console.line(format!("\nannounced in {}", simulation.announced_in().display()))?;
    console.line("running; Ctrl-C ends it")
}

fn fault(text: &str) -> Result<(Name, Fault), String> {
    let (device, kind) = text.rsplit_once('=').ok_or("write it as DEVICE=KIND")?;
    let fault = Fault::parse(kind).ok_or_else(|| format!("`{kind}` is none of {}", Fault::FORMS))?;
    Ok((device.into(), fault))
}
