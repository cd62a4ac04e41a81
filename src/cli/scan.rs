//! `plantweave scan` and `plantweave topology`: the stations of a network, and the cables between them.

use serde_json::json;

use super::console::Console;
use super::way::Way;
use super::{Exit, Stop};
use crate::app::{self, ScanNews, ScanOutcome, ScanRequest, ScannedStation};
use crate::topology;

/// Find the stations of a network: names, addresses, who made them. Changes nothing.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    way: Way,
    /// Steps of 10 ms over which stations spread their answers: 1 for a small network, 128 for a large one.
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..=6400))]
    factor: u16,
    /// Only DCP: no SNMP, no records, no LLDP.
    #[arg(long)]
    quick: bool,
    /// Community of SNMP agents.
    #[arg(long, default_value = "public")]
    community: String,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

/// Find the cables of a network, by what its stations tell of their neighbours. Changes nothing.
#[derive(clap::Args)]
pub(super) struct TopologyArgs {
    #[command(flatten)]
    way: Way,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = TopologyFormat::Text)]
    format: TopologyFormat,
    /// Community of SNMP agents.
    #[arg(long, default_value = "public")]
    community: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum TopologyFormat {
    /// A line a cable.
    Text,
    /// Nodes and cables.
    Json,
    /// For Graphviz.
    Dot,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let mut request = ScanRequest::of(args.way.choose()?);
    request.delay_factor = args.factor;
    request.all_sources = !args.quick;
    request.snmp.community = args.community;
    let outcome = scan(&request)?;
    if args.json {
        console.json(&json!({ "stations": outcome.stations, "conflicts": outcome.conflicts }))?;
    } else {
        let rows = outcome.stations.iter().map(row);
        console.table(&["MAC address", "name", "IP address", "mask", "router", "type", "ids", "told by"], rows)?;
        for station in outcome.stations.iter().filter(|station| station.identification.is_some()) {
            let location = station.location.as_ref().map(|location| format!(", at {location}")).unwrap_or_default();
            let what = station.identification.as_deref().unwrap_or_default();
            console.line(format!(
                "{}: {what}{location}",
                if station.name.is_empty() { &station.mac } else { &station.name }
            ))?;
        }
        for conflict in &outcome.conflicts {
            console.line(format!("warning: {conflict}"))?;
        }
        if outcome.malformed > 0 {
            console.line(format!("{} answers could not be read", outcome.malformed))?;
        }
        if outcome.left_out > 0 {
            console.line(format!("{} stations more than are kept", outcome.left_out))?;
        }
        console.line(format!("{} stations", outcome.stations.len()))?;
    }
    Ok(if outcome.conflicts.is_empty() { Exit::Fine } else { Exit::Findings })
}

pub(super) fn run_topology(args: TopologyArgs, console: &mut Console) -> Result<Exit, Stop> {
    let mut request = ScanRequest::of(args.way.choose()?);
    request.snmp.community = args.community;
    let outcome = scan(&request)?;
    match args.format {
        TopologyFormat::Text => console.line(topology::text(&outcome.topology).trim_end())?,
        TopologyFormat::Json => console.json(&topology::json(&outcome.topology))?,
        TopologyFormat::Dot => console.line(topology::dot(&outcome.topology).trim_end())?,
    }
    Ok(Exit::Fine)
}

/// Scans, and tells on standard error how far it is.
fn scan(request: &ScanRequest) -> Result<ScanOutcome, Stop> {
    let runtime = app::runtime()?;
    let mut found = 0;
    let told = |news| match news {
        ScanNews::Station(station) => {
            found += 1;
            eprintln!("{found}: {} {}", station.mac, station.name);
        }
        ScanNews::Asking { stations } => eprintln!("asking {stations} stations for more, and listening to neighbours"),
    };
    Ok(runtime.block_on(app::scan_network(request, told))?)
}

fn row(station: &ScannedStation) -> [String; 8] {
    let address = |address: Option<std::net::Ipv4Addr>| address.map_or_else(|| "–".to_owned(), |ip| ip.to_string());
    [
        station.mac.clone(),
        if station.name.is_empty() { "–".to_owned() } else { station.name.clone() },
        address(station.ip),
        address(station.mask),
        address(station.router),
        station.station_type.clone(),
        station.ids.clone().unwrap_or_default(),
        station.sources.join(", "),
    ]
}
