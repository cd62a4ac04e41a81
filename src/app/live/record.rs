//! Changes of values written to a CSV file, as a job.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::app::job::{Job, JobHandle, Jobs};
use crate::app::{Failure, Record, WatchedItem};
use crate::online::monitor::Update;
use crate::say;

/// Rows that may wait for the disk; what comes beyond is counted as lost.
pub(super) const MOST_WAITING: usize = 20_000;
/// Rows written between two looks at the wish to end.
const ROWS_AT_ONCE: usize = 1000;

/// A row to write.
pub(super) type Row = (Arc<WatchedItem>, Update);

/// A running record. Dropping it lets it go on; it ends with the session, or by [`stop`](Self::stop).
#[derive(Debug)]
pub struct Recording {
    /// The job that writes.
    pub job: Job<RecordReport>,
    /// The file.
    pub file: PathBuf,
    counts: Arc<Counts>,
}

/// What a record came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordReport {
    /// The file.
    pub file: PathBuf,
    /// Rows written.
    pub n_rows: u64,
    /// Changes that came faster than the disk took them.
    pub n_lost: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) rows: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Recording {
    /// Rows written so far.
    pub fn n_rows(&self) -> u64 {
        self.counts.rows.load(Ordering::Relaxed)
    }

    /// Ends it; the job's result says what it came to.
    pub fn stop(&self) {
        self.job.cancel();
    }
}

/// Begins to write what comes to a new file, replacing one that is there.
pub(super) fn begin(jobs: &Jobs, file: &Path) -> (Recording, mpsc::Sender<Row>, Arc<Counts>) {
    let (rows, waiting) = mpsc::channel(MOST_WAITING);
    let counts = Arc::new(Counts::default());
    let (for_job, path) = (Arc::clone(&counts), file.to_owned());
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let runtime = jobs.runtime().clone();
    let job =
        jobs.start_blocking(format!("Record to {name}"), move |job| write(&job, &runtime, path, waiting, &for_job));
    (Recording { job, file: file.to_owned(), counts: Arc::clone(&counts) }, rows, counts)
}

fn write(
    job: &JobHandle,
    runtime: &Handle,
    file: PathBuf,
    mut waiting: mpsc::Receiver<Row>,
    counts: &Counts,
) -> Result<RecordReport, Failure> {
    let mut record = Record::create(&file)?;
    let cancelled = job.cancelled();
    let mut rows = Vec::new();
    loop {
        let n = runtime.block_on(async {
            tokio::select! {
                biased;
                n = waiting.recv_many(&mut rows, ROWS_AT_ONCE) => n,
                () = cancelled.cancelled() => 0,
            }
        });
        if n == 0 {
            break;
        }
        for (item, update) in rows.drain(..) {
            record.write(&item, &update)?;
            counts.rows.fetch_add(1, Ordering::Relaxed);
        }
        job.say(say!("{n} rows", n = counts.rows.load(Ordering::Relaxed)));
        if cancelled.is_cancelled() {
            break;
        }
    }
    record.finish()?;
    let (n_rows, n_lost) = (counts.rows.load(Ordering::Relaxed), counts.lost.load(Ordering::Relaxed));
    Ok(RecordReport { file, n_rows, n_lost })
}
