//! `plantweave demo`: the main job on the sample plant, start to end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::console::Console;
use super::{Exit, Stop, generate};
use crate::app::{self, DemoEvent, DemoOptions, DemoSummary, Failure, ImportReport, LiveRow, Summary};
use crate::check::{Finding, Severity};
use crate::library::RemarkPreview;
use crate::online::{DeviceReport, Outcome};

/// Show everything on a sample plant: import, check, generate, download to virtual devices, run, export.
///
/// Needs no hardware, no privilege and no network: every device runs on this computer, on a loopback address of its own, and
/// is configured and watched over the real protocol. The exit code is 0 only if every step held.
#[derive(clap::Args)]
pub(super) struct Args {
    /// New or empty folder to keep the results in: library, project, configurations, tag file.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Save the whole conversation as a capture that Wireshark opens.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// How long to watch the running line.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Let all devices share 127.0.0.1 on ports of their own, as on systems that have no other loopback address.
    #[arg(long)]
    share_address: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let options = DemoOptions {
        out: args.out,
        pcap: args.pcap,
        watch: Duration::from_secs(args.seconds),
        share_address: args.share_address,
    };
    let mut printed = Ok(());
    let summary = app::runtime()?.block_on(async {
        let stop = app::interrupted();
        let cancel = stop.clone();
        let mut screen = Screen::default();
        let mut tell = |event| {
            // Once nobody reads any more there is nothing to go on for.
            if printed.is_ok() {
                printed = screen.print(&event, console);
            }
            if printed.is_err() {
                cancel.cancel();
            }
        };
        app::demo(&options, &stop, &mut tell).await
    });
    printed?;
    let summary = summary?;
    print_summary(&summary, console)?;
    if !summary.is_fine() {
        let failure = Failure::new(
            "the demonstration did not hold everything it should",
            "see the lines marked with ✗ above",
            "please report this with the output, and with a capture (`--pcap FILE`)",
        );
        return Err(failure.into());
    }
    Ok(Exit::Fine)
}

/// What stands on the screen.
#[derive(Default)]
struct Screen {
    /// Steps begun.
    steps: usize,
    /// Lines of the table of live values that are to be taken back when the next one comes.
    passing_lines: usize,
}

impl Screen {
    fn print(&mut self, event: &DemoEvent, console: &mut Console) -> Result<(), Stop> {
        match event {
            DemoEvent::Step(step) => {
                self.steps += 1;
                console.line(format!("\n{}  {}", self.steps, step.title()))
            }
            DemoEvent::Imported(report) => imported(report, console),
            DemoEvent::Opened(summary) => opened(summary, console),
            DemoEvent::Checked(findings) => checked(findings, console),
            DemoEvent::Generated(report) => {
                generate::print_table(report, console)?;
                generate::print_problems(report, console)
            }
            DemoEvent::Started(devices) => {
                let rows = devices.iter().map(|(name, address)| {
                    [name.to_string(), address.ip.to_string(), address.resolver_port.to_string()]
                });
                console.table(&["device", "address", "resolver port"], rows)
            }
            DemoEvent::Compared { devices, differences: 0 } => {
                console.line(format!("✓ {devices} devices are those planned and hold what the plan says"))
            }
            DemoEvent::Compared { devices, differences } => console.line(format!(
                "  {devices} devices are asked who they are and what they hold: {differences} differences from the plan"
            )),
            DemoEvent::Downloaded(reports) => downloaded(reports, console),
            DemoEvent::Connected { items, devices } => {
                console.line(format!("  watching {items} values of {devices} devices by subscription"))
            }
            DemoEvent::Wrote { port, value } => console.line(format!("  wrote {port} = {value}")),
            DemoEvent::Values { rows, passing } => self.values(rows, *passing, console),
            DemoEvent::Came { what, after } => console.line(format!("✓ {what} ({} ms)", after.as_millis())),
            DemoEvent::Did(what) => console.line(format!("  {what}")),
            DemoEvent::Saved { what, path } => console.line(format!("  {what}: {}", path.display())),
            DemoEvent::Complaint(complaint) => console.line(format!("✗ {complaint}")),
        }
    }

    /// On a terminal each table takes the place of the one before; elsewhere only the last one is printed.
    fn values(&mut self, rows: &[LiveRow], passing: bool, console: &mut Console) -> Result<(), Stop> {
        if passing && !console.is_terminal() {
            return Ok(());
        }
        if self.passing_lines > 0 {
            // Up so many lines, then clear to the end of the screen.
            console.print(&format!("\x1b[{}A\x1b[J", self.passing_lines))?;
        }
        self.passing_lines = if passing { rows.len() + 1 } else { 0 };
        let rows = rows.iter().map(|row| {
            let value = if row.unit.is_empty() { row.value.clone() } else { format!("{} {}", row.value, row.unit) };
            [row.port.clone(), value, row.quality.clone(), row.time.map(clock).unwrap_or_default()]
        });
        console.table(&["port", "value", "quality", "time"], rows)
    }
}

fn imported(report: &ImportReport, console: &mut Console) -> Result<(), Stop> {
    let components = || report.files.iter().filter_map(|file| file.component.as_ref());
    let rows = components().map(|component| {
        [
            component.vendor.clone(),
            component.name.clone(),
            component.version.clone(),
            component.functions.to_string(),
            component.ports.to_string(),
            component.grade.clone(),
        ]
    });
    console.table(&["vendor", "component", "version", "functions", "ports", "grade"], rows)?;
    for component in components().filter(|component| !component.remarks.is_empty()) {
        console.line(format!("  {} {} is read tolerantly:", component.name, component.version))?;
        let mut by_rule: BTreeMap<&str, Vec<&RemarkPreview>> = BTreeMap::new();
        for remark in &component.remarks {
            by_rule.entry(remark.code).or_default().push(remark);
        }
        for (code, remarks) in by_rule {
            let Some(first) = remarks.first() else { continue };
            let line = first.line.map_or_else(String::new, |line| format!("line {line}: "));
            let times: u32 = remarks.iter().map(|remark| remark.count).sum();
            let more = if times > 1 { format!("; {times} such places") } else { String::new() };
            console.line(format!("    {code}  {line}{}{more}", first.message))?;
        }
    }
    Ok(())
}

fn opened(summary: &Summary, console: &mut Console) -> Result<(), Stop> {
    console.line(format!(
        "  {}: {} instances on {} charts in {} levels, {} links, {} constants, {} devices",
        summary.name,
        summary.instances,
        summary.charts,
        summary.chart_levels,
        summary.links,
        summary.constants,
        summary.devices.len()
    ))
}

/// Errors and warnings one by one; remarks of one kind are counted.
fn checked(findings: &[Finding], console: &mut Console) -> Result<(), Stop> {
    let mut remarks: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if finding.severity == Severity::Info {
            remarks.entry(finding.code).or_default().push(finding);
        } else {
            console.line(format!("  {finding}"))?;
        }
    }
    for of_a_kind in remarks.values() {
        let Some(first) = of_a_kind.first() else { continue };
        let more = match of_a_kind.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        console.line(format!("  {first}{more}"))?;
    }
    Ok(())
}

fn downloaded(reports: &[DeviceReport], console: &mut Console) -> Result<(), Stop> {
    let rows = reports.iter().map(|report| {
        let outcome = match &report.outcome {
            Outcome::Equal => "equal already",
            Outcome::Downloaded => "loaded, saved, read back",
            Outcome::WouldChange => "differs",
            Outcome::Failed(_) => "failed",
        };
        let stamp = report.pdev_stamp.map_or("–".to_owned(), |stamp| stamp.to_string());
        [report.device.to_string(), outcome.to_owned(), report.n_changes.to_string(), stamp]
    });
    console.table(&["device", "outcome", "changes", "PDev stamp"], rows)
}

/// Time of day of this computer, to the millisecond.
fn clock(time: SystemTime) -> String {
    let Ok(moment) = jiff::Timestamp::try_from(time) else { return String::new() };
    moment.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%H:%M:%S%.3f").to_string()
}

fn print_summary(summary: &DemoSummary, console: &mut Console) -> Result<(), Stop> {
    console.line("")?;
    for (number, (step, complaints)) in summary.steps.iter().enumerate() {
        let mark = if complaints.is_empty() { "✓" } else { "✗" };
        console.line(format!("{mark} {}  {}", number + 1, step.title()))?;
    }
    console.line(format!(
        "\n{} calls served and {} values sent by virtual devices, in {:.1} s",
        summary.calls_served,
        summary.values_sent,
        summary.took.as_secs_f64()
    ))?;
    if let Some(capture) = &summary.capture {
        console.line(format!("{} frames of {} connections captured", capture.frames, capture.connections))?;
    }
    Ok(())
}
