//! `plantweave identify`, `set-name`, `set-ip`, `flash`, `reset`: one station looked at or changed.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::net::Ipv4Addr;

use super::console::Console;
use super::way::Way;
use super::{Exit, Stop};
use crate::app::{self, Failure, ScanRequest, StationAct, StationChange};
use crate::model::convert_station_name;

/// Tell what a station says of itself.
#[derive(clap::Args)]
pub(super) struct IdentifyArgs {
    /// Name of station or MAC address.
    station: String,
    #[command(flatten)]
    way: Way,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

/// Which station, and the consent.
#[derive(clap::Args)]
pub(super) struct Target {
    /// Name of station or MAC address.
    station: String,
    #[command(flatten)]
    way: Way,
    /// Do it without asking, for scripts.
    #[arg(long)]
    yes: bool,
}

/// Give a station its name.
#[derive(clap::Args)]
pub(super) struct SetNameArgs {
    #[command(flatten)]
    target: Target,
    /// New name of station; empty clears it. Capitals and other letters are turned into what stations take.
    name: String,
    /// Only until power-off.
    #[arg(long)]
    temporary: bool,
    /// Even if another station has the name.
    #[arg(long)]
    even_if_taken: bool,
}

/// Give a station its IP address.
#[derive(clap::Args)]
pub(super) struct SetIpArgs {
    #[command(flatten)]
    target: Target,
    /// Address; 0.0.0.0 clears it.
    ip: Ipv4Addr,
    /// Subnet mask.
    #[arg(default_value = "255.255.255.0")]
    mask: Ipv4Addr,
    /// Router; 0.0.0.0 for none.
    #[arg(default_value = "0.0.0.0")]
    router: Ipv4Addr,
    /// Only until power-off.
    #[arg(long)]
    temporary: bool,
}

/// Let a station flash.
#[derive(clap::Args)]
pub(super) struct FlashArgs {
    #[command(flatten)]
    target: Target,
}

/// Reset a station: name and address, or all it has stored.
#[derive(clap::Args)]
pub(super) struct ResetArgs {
    #[command(flatten)]
    target: Target,
    /// All stored data.
    #[arg(long)]
    all: bool,
}

pub(super) fn identify(args: IdentifyArgs, console: &mut Console) -> Result<Exit, Stop> {
    let request = ScanRequest::of(args.way.choose()?);
    let outcome = app::runtime()?.block_on(app::scan_network(&request, |_| {}))?;
    let wanted = args.station.to_lowercase();
    let found: Vec<_> =
        outcome.stations.iter().filter(|station| station.mac == wanted || station.name == wanted).collect();
    if found.is_empty() {
        let why = format!("none of {} stations answers to it", outcome.stations.len());
        return Err(Failure::new(format!("cannot find {}", args.station), why, "`scan` lists the stations").into());
    }
    if args.json {
        console.json(&found)?;
        return Ok(Exit::Fine);
    }
    for station in found {
        let line = |label: &str, text: String| format!("  {label:<15} {}", if text.is_empty() { "–" } else { &text });
        let address = |ip: Option<Ipv4Addr>| ip.map(|ip| ip.to_string()).unwrap_or_default();
        console.line(&station.mac)?;
        for (label, text) in [
            ("name", station.name.clone()),
            ("IP address", address(station.ip)),
            ("mask", address(station.mask)),
            ("router", address(station.router)),
            ("type", station.station_type.clone()),
            ("vendor:device", station.ids.clone().unwrap_or_default()),
            ("role", station.role.clone()),
            ("identification", station.identification.clone().unwrap_or_default()),
            ("location", station.location.clone().unwrap_or_default()),
            ("told by", station.sources.join(", ")),
        ] {
            console.line(line(label, text))?;
        }
    }
    Ok(Exit::Fine)
}

pub(super) fn set_name(args: SetNameArgs, console: &mut Console) -> Result<Exit, Stop> {
    let name = convert_station_name(&args.name).map_err(|error| {
        Failure::new(format!("{:?} cannot be a name of station", args.name), error, "use letters, digits, - and .")
    })?;
    let act = StationAct::SetName { name, permanent: !args.temporary, even_if_taken: args.even_if_taken };
    run(&args.target, &act, console)
}

pub(super) fn set_ip(args: SetIpArgs, console: &mut Console) -> Result<Exit, Stop> {
    let suite = if args.ip.is_unspecified() { [Ipv4Addr::UNSPECIFIED; 3] } else { [args.ip, args.mask, args.router] };
    run(&args.target, &StationAct::SetIp { suite, permanent: !args.temporary }, console)
}

pub(super) fn flash(args: FlashArgs, console: &mut Console) -> Result<Exit, Stop> {
    run(&args.target, &StationAct::Flash, console)
}

pub(super) fn reset(args: ResetArgs, console: &mut Console) -> Result<Exit, Stop> {
    run(&args.target, &StationAct::Reset { all: args.all }, console)
}

fn run(target: &Target, act: &StationAct, console: &mut Console) -> Result<Exit, Stop> {
    let way = target.way.choose()?;
    let done = app::runtime()?.block_on(app::act(&way, &target.station, act, |change| agree(change, target.yes)))?;
    console.line(if done { "done" } else { "nothing was changed" })?;
    Ok(if done { Exit::Fine } else { Exit::Findings })
}

/// Shows the change, and asks for consent unless it was given already.
fn agree(change: &StationChange, yes: bool) -> Result<bool, Failure> {
    let station = &change.station;
    let name = if station.name.is_empty() { String::new() } else { format!(" {}", station.name) };
    let before = if change.before.is_empty() { String::new() } else { format!("{} → ", change.before) };
    eprintln!("{}{name}: {before}{}", station.mac, change.after);
    if yes {
        return Ok(true);
    }
    let asked = |error: io::Error| Failure::new("cannot ask for consent", error, "add --yes to do it without asking");
    if !io::stdin().is_terminal() {
        let why = "it needs consent, and nobody is at the keyboard to give it";
        return Err(Failure::new("nothing was changed", why, "add --yes to do it without asking"));
    }
    eprint!("Do it? [y/N] ");
    io::stderr().flush().map_err(asked)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(asked)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
