//! Open, edit, undo, redo and save at 10,000 instances and 100,000 links. The column of allocations of `edit` shows the bytes
//! that a step keeps: what it allocates less what it frees.
//!
//! Budgets: open under 1 s and 500 MB; an edit, undo or redo under 1 ms; a step that changes one thing keeps under 10 KB.
//! Renaming an instance changes a score of links at once and keeps the more.

use std::sync::{Arc, LazyLock};

use divan::Bencher;
use plantweave::check::{Checker, LibraryFacts};
use plantweave::diff::diff;
use plantweave::edit::{Document, Edit};
use plantweave::export::{Format, Options, export};
use plantweave::generate::generate;
use plantweave::model::{Component, ComponentSource, Plan, PortRef, fixture};
use plantweave::project::{Files, read, write};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

static PLAN: LazyLock<Plan> = LazyLock::new(|| fixture::large(10_000, 100_000));
static FILES: LazyLock<Files> = LazyLock::new(|| write(&PLAN));

fn main() {
    divan::main();
}

fn reader(source: Arc<ComponentSource>, _profile: Option<&str>) -> Result<Component, String> {
    let text = std::str::from_utf8(&source.xml).map_err(|error| error.to_string())?;
    let component = fixture::component(text).map_err(|error| error.to_string())?;
    Ok(Component { source, ..component })
}

/// The link in the middle, plugged into the output of another link of the same type.
fn replug() -> Edit {
    let fed_by = |nth: usize| PLAN.links().iter().nth(nth).expect("the plan has 100,000 links");
    let kind = |port: &PortRef| PLAN.port(port).map(|port| port.value_type.clone());
    let (key, link) = fed_by(50_000);
    let mut others = PLAN.links().values().skip(60_000).map(|other| &other.provider);
    let provider = others.find(|other| **other != link.provider && kind(other) == kind(&link.provider));
    let provider = provider.expect("there are three types").clone();
    Edit::Replug { key: key.clone(), provider, consumer: key.consumer.clone() }
}

fn edited() -> Document {
    let mut document = Document::new(PLAN.clone());
    document.apply(&rename()).expect("the instance is there");
    document
}

fn rename() -> Edit {
    Edit::RenameInstance { from: "Pump5001".into(), to: "Pump 5001".into() }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn open_10k_instances_100k_links(bencher: Bencher) {
    let files = &*FILES;
    bencher.bench(|| read(divan::black_box(files), &reader).expect("the plan opens"));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn save_10k_instances_100k_links(bencher: Bencher) {
    let plan = &*PLAN;
    bencher.bench(|| write(divan::black_box(plan)));
}

#[divan::bench(sample_count = 20, sample_size = 10)]
fn edit_replug_at_10k_100k(bencher: Bencher) {
    let edit = replug();
    bencher.with_inputs(|| Document::new(PLAN.clone())).bench_values(|mut document| {
        document.apply(&edit).expect("the ports fit");
        document
    });
}

#[divan::bench(sample_count = 20, sample_size = 10)]
fn edit_rename_instance_at_10k_100k(bencher: Bencher) {
    let edit = rename();
    bencher.with_inputs(|| Document::new(PLAN.clone())).bench_values(|mut document| {
        document.apply(&edit).expect("the instance is there");
        document
    });
}

#[divan::bench(sample_count = 20, sample_size = 10)]
fn undo_at_10k_100k(bencher: Bencher) {
    bencher.with_inputs(edited).bench_values(|mut document| {
        document.undo();
        document
    });
}

#[divan::bench(sample_count = 20, sample_size = 10)]
fn redo_at_10k_100k(bencher: Bencher) {
    let undone = || {
        let mut document = edited();
        document.undo();
        document
    };
    bencher.with_inputs(undone).bench_values(|mut document| {
        document.redo();
        document
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn check_all_of_10k_100k(bencher: Bencher) {
    let plan = &*PLAN;
    bencher.bench(|| Checker::new(divan::black_box(plan).clone(), LibraryFacts::default()));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn check_after_replug_at_10k_100k(bencher: Bencher) {
    check_after(bencher, &replug());
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn check_after_rename_at_10k_100k(bencher: Bencher) {
    check_after(bencher, &rename());
}

/// The check after an edit, turn by turn with the check after its undo, which is not measured.
fn check_after(bencher: Bencher, edit: &Edit) {
    let mut document = Document::new(PLAN.clone());
    let mut checker = Checker::new(PLAN.clone(), LibraryFacts::default());
    let applied = document.apply(edit).expect("the edit fits");
    let edited = document.plan().clone();
    let checker = std::cell::RefCell::new(&mut checker);
    bencher
        .with_inputs(|| {
            let mut checker = checker.borrow_mut();
            checker.update(&PLAN, &applied.touched);
        })
        .bench_local_values(|()| checker.borrow_mut().update(&edited, &applied.touched));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn generate_all_of_10k_100k(bencher: Bencher) {
    let plan = &*PLAN;
    bencher.bench(|| generate(divan::black_box(plan)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn diff_of_plans_read_apart_at_10k_100k(bencher: Bencher) {
    let mut document = edited();
    document.apply(&replug()).expect("the ports fit");
    let (old, new) = (read(&FILES, &reader), read(&write(document.plan()), &reader));
    let (old, new) = (old.expect("the plan opens"), new.expect("the plan opens"));
    bencher.bench(|| diff(divan::black_box(&old), divan::black_box(&new)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn export_tags_of_10k_instances(bencher: Bencher) {
    let plan = &*PLAN;
    bencher.bench(|| export(divan::black_box(plan), Format::Kepware, &Options::default()).expect("not too many tags"));
}
