//! A plant of any size as a project folder, and what work on it costs.
//!
//! `cargo run --release --example large_plant FOLDER [INSTANCES LINKS]` writes a project, of 10,000 instances and 100,000 links when nothing
//! else is said, that every command opens. `cargo run --release --example large_plant FOLDER` with a project that is there already opens it
//! and tells the time on the clock, the CPU time and the peak memory of each job; `docs/PERFORMANCE.md` has the budgets.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::app::{open_project, save_project_files};
use plantweave::check::{Checker, LibraryFacts};
use plantweave::edit::{Document, Edit};
use plantweave::generate::generate;
use plantweave::model::{Plan, fixture};
use plantweave::{pcd, project};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, size) = match arguments.as_slice() {
        [folder] => (folder, (10_000, 100_000)),
        [folder, instances, links] => (folder, (instances.parse()?, links.parse()?)),
        _ => return Err("give a folder, and perhaps numbers of instances and links".into()),
    };
    let folder = Path::new(folder);
    if folder.join("plant.toml").exists() { measure(folder) } else { write(folder, size) }
}

fn write(folder: &Path, (n_instances, n_links): (usize, usize)) -> Result<(), Box<dyn Error>> {
    let plan = fixture::large(n_instances, n_links);
    let mut files = project::write(&plan);
    // The components of a fixture come from a few lines of text; a project holds descriptions.
    let descriptions: BTreeMap<String, String> =
        plan.components().values().map(|it| (it.source.file_name.clone(), pcd::write(it))).collect();
    for (path, bytes) in &mut files {
        if let Some(xml) = path.rsplit('/').next().and_then(|name| descriptions.get(name)) {
            *bytes = Arc::from(xml.as_bytes());
        }
    }
    let saved = save_project_files(folder, &files)?;
    println!("{} files in {}", saved.written, folder.display());
    Ok(())
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("{:40} {:>12} {:>12} {:>10}", "", "clock", "CPU", "peak");
    let plan = time("open", || open_project(folder))?;
    println!("{:40} {} instances, {} links", "", plan.instances().len(), plan.links().len());
    let checker = time("check all", || Checker::new(plan.clone(), LibraryFacts::default()));
    println!("{:40} {} findings", "", checker.findings().count());
    edits(&plan, checker)?;
    let generation = time("generate all", || generate(&plan));
    println!("{:40} {} configurations", "", generation.devices.len());
    let files = time("files of the project", || project::write(&plan));
    let saved = time("save when nothing changed", || save_project_files(folder, &files))?;
    println!("{:40} {} files written", "", saved.written);
    Ok(())
}

/// An edit of each kind that touches little or much: applied, checked, taken back, done again.
fn edits(plan: &Plan, mut checker: Checker) -> Result<(), Box<dyn Error>> {
    let (key, link) = plan.links().iter().nth(plan.links().len() / 2).ok_or("the plan has no links")?;
    let mut properties = Box::new((**link).clone());
    properties.qos.value_ms = 77;
    let instance = key.consumer.instance.clone();
    let to = format!("{instance} renamed").into();
    for (name, edit) in [
        ("set the interval of a link", Edit::SetLink { key: key.clone(), properties }),
        ("unlink", Edit::Unlink(key.clone())),
        ("rename an instance", Edit::RenameInstance { from: instance.clone(), to }),
        ("remove an instance", Edit::Remove(vec![instance.clone()])),
    ] {
        let mut document = Document::new(plan.clone());
        let applied = time(name, || document.apply(&edit))?;
        time("  check after it", || checker.update(document.plan(), &applied.touched));
        time("  undo", || document.undo());
        time("  redo", || document.redo());
        document.undo();
        checker.update(document.plan(), &applied.touched);
    }
    Ok(())
}

/// Does a job and tells what it cost.
fn time<T>(name: &str, job: impl FnOnce() -> T) -> T {
    let (cpu_before, begun) = (cpu_time(), Instant::now());
    let done = job();
    let (elapsed, cpu) = (begun.elapsed(), cpu_time().saturating_sub(cpu_before));
    println!("{name:40} {:>9.3} ms {:>9.3} ms {:>7} MB", millis(elapsed), millis(cpu), peak_megabytes());
    done
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Time that this thread was on a processor; 0 where the system does not tell in this way.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

/// The most memory this process had so far; 0 where the system does not tell in this way.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1000
}
