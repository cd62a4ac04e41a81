//! `plantweave monitor`: live values, as they change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::access::{self, AccessArgs};
use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, Failure, LdevRecord, WatchedItem};
use crate::online::monitor::{Event, LdevStatus, LinkState, Monitor, MonitorOptions, Update};
use crate::wire::cba::HResult;

/// Watch values as they change, with quality and time, until Ctrl-C.
///
/// On a terminal a table shows the latest of every item; elsewhere there is a line for every change. Nothing is polled: the devices
/// deliver what has changed. A device that is lost is told by name of the code, and connected again as soon as it is back.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Items to watch, by name with * and ?; can be given more than once [default: all].
    #[arg(long, value_name = "GLOB")]
    item: Vec<String>,
    /// How often devices look for changes, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    interval: u16,
    /// Also record every change to a file: time, item, value, quality, reason, skipped.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// End after so many seconds.
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Print a line of JSON for every change.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// The table is drawn this often at most.
const FRAME: Duration = Duration::from_millis(200);

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let items = app::watched_items(&plan, &args.item)?;
    let record = args.csv.as_deref().map(app::Record::create).transpose()?;
    let live = console.is_terminal() && !args.json;
    let until = args.seconds.map(Duration::from_secs);
    app::runtime()?.block_on(async {
        let stop = app::interrupted();
        let access = args.access.open(&args.project, &plan)?;
        let options = MonitorOptions { interval_ms: args.interval, ..MonitorOptions::default() };
        let watches = items.iter().map(|item| item.watch.clone()).collect();
        let mut monitor = Monitor::start(&access.node, &access.targets, watches, &options).map_err(|error| {
            Failure::new(
                "cannot watch values",
                &error,
                "check this computer's network; devices must be able to call it",
            )
        })?;
        let mut screen = Screen {
            items: &items,
            console,
            json: args.json,
            live,
            record,
            latest: BTreeMap::new(),
            ldevs: BTreeMap::new(),
        };
        let end = Instant::now() + until.unwrap_or(Duration::from_secs(u64::from(u32::MAX)));
        let mut drawn: Option<Instant> = None;
        let mut changed = false;
        let result = loop {
            let due = drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
            tokio::select! {
                () = stop.cancelled() => break Ok(()),
                () = sleep_until(end), if until.is_some() => break Ok(()),
                event = monitor.next() => {
                    if let Err(stop) = screen.take(event) {
                        break Err(stop);
                    }
                    changed = true;
                }
                () = sleep_until(due), if live && changed => {
                    if let Err(stop) = screen.draw() {
                        break Err(stop);
                    }
                    drawn = Some(Instant::now());
                    changed = false;
                }
            }
        };
        monitor.stop().await;
        let ended = result.and_then(|()| screen.end());
        access::close(access, console).await?;
        ended
    })
}

/// What is shown, and where.
struct Screen<'a> {
    items: &'a [WatchedItem],
    console: &'a mut Console,
    json: bool,
    live: bool,
    record: Option<app::Record>,
    latest: BTreeMap<usize, Update>,
    ldevs: BTreeMap<(String, String), LdevStatus>,
}

impl Screen<'_> {
    fn take(&mut self, event: Event) -> Result<(), Stop> {
        match event {
            Event::Value(update) => {
                let Some(item) = self.items.get(update.index) else { return Ok(()) };
                // That it is not connected yet is nothing to tell.
                let is_told = update.value.is_some() || update.reason.is_failure();
                if is_told {
                    if let Some(record) = &mut self.record {
                        record.write(item, &update)?;
                    }
                    if self.json {
                        self.console.json_line(&item.record(&update))?;
                    } else if !self.live {
                        let [time, name, value, quality, reason] = cells(item, &update);
                        let line = format!("{time}  {name}  {value}  {quality}  {reason}");
                        self.console.line(line.trim_end())?;
                    }
                }
                self.latest.insert(update.index, update);
            }
            Event::Ldev(status) => {
                let record = LdevRecord::new(&status);
                if self.json {
                    self.console.json_line(&record)?;
                } else if !self.live && status.link != LinkState::Connecting {
                    self.console.line(format!("{} {}: {}", record.device, record.ldev, condition(&record)))?;
                }
                self.ldevs.insert((record.device, record.ldev), status);
            }
        }
        Ok(())
    }

    /// Draws the table over what stands on the terminal.
    fn draw(&mut self) -> Result<(), Stop> {
        let text = self.console.fitted(self.text(), "items; name fewer with --item to see them all");
        self.console.print(&format!("\x1b[H\x1b[J{text}"))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for status in self.ldevs.values() {
            let record = LdevRecord::new(status);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{} {}: {}", record.device, record.ldev, condition(&record));
        }
        text.push('\n');
        let rows = self.items.iter().enumerate().map(|(index, item)| match self.latest.get(&index) {
            Some(update) => {
                let [time, name, value, quality, reason] = cells(item, update);
                [name, value, item.unit.clone(), quality, time, reason]
            }
            None => [item.name.clone(), String::new(), item.unit.clone(), String::new(), String::new(), String::new()],
        });
        text.push_str(&self.console.table_text(&["item", "value", "unit", "quality", "time", "reason"], rows));
        text
    }

    /// The last word: complete records, and a complaint if no device ever answered.
    fn end(mut self) -> Result<Exit, Stop> {
        if let Some(record) = self.record.take() {
            record.finish()?;
        }
        if self.live {
            self.draw()?;
        }
        let failed = self.ldevs.values().find_map(|status| match &status.link {
            LinkState::Failed { why, .. } => Some((&status.device, why)),
            _ => None,
        });
        match failed {
            Some((device, why)) if self.latest.values().all(|update| update.value.is_none()) => {
                let remedy = "check that the devices run and where they are; `--simulated` finds virtual ones";
                Err(Failure::new("no value was seen", format!("{device}: {why}"), remedy).into())
            }
            _ => Ok(Exit::Fine),
        }
    }
}

/// Time, name, value, quality and, unless all is well, the reason.
fn cells(item: &WatchedItem, update: &Update) -> [String; 5] {
    let reason = if update.reason == HResult::S_OK { String::new() } else { app::code_name(update.reason) };
    [
        app::time_text(update.time),
        item.name.clone(),
        item.text(update.value.as_ref()),
        update.quality.to_string(),
        reason,
    ]
}

fn condition(record: &LdevRecord) -> String {
    let mut text = record.link.to_owned();
    for (what, value) in [("", &record.error), ("state ", &record.state), ("group error ", &record.group_error)] {
        if let Some(value) = value {
            let _ = write!(text, ", {what}{value}");
        }
    }
    text
}
