//! Work that goes on beside the screen: each job has a title, tells how far it is, can be cancelled, and ends with a result.
//!
//! [`Jobs`] owns the one runtime of the program. A job runs on it, either as a future or, when it computes or waits for the
//! disk, on a thread of its own. Whoever started it asks [`Job::take`] every frame; the panel of jobs shows
//! [`Jobs::list`]. Nothing here ever waits for a job, and one that panics fails like any other.

use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Runtime};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use super::wake::Wake;
use super::{Failure, runtime};
use crate::model::{Phrase, Say};
use crate::say;

/// Jobs kept in the list after their end; the oldest go first.
const MOST_ENDED: usize = 100;
/// How long [`Jobs`] waits for jobs to put things in order when the program ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// All jobs of the program, and the runtime they run on. Dropping it cancels them, and gives them five seconds to put their
/// things in order.
pub struct Jobs {
    /// `None` only while dropping.
    runtime: Option<Runtime>,
    handle: Handle,
    shared: Arc<Shared>,
}

struct Shared {
    wake: Wake,
    held: Mutex<Held>,
    /// Rung whenever a job ends.
    ended: Condvar,
}

#[derive(Default)]
struct Held {
    last_id: u64,
    jobs: VecDeque<Entry>,
}

struct Entry {
    /// In no list: it goes on as long as something is open, and tells how it stands by itself.
    is_quiet: bool,
    view: JobView,
    begun: Instant,
    cancel: CancellationToken,
}

/// Number of a job; no two jobs of a program have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// It is under way.
    Running,
    /// It has done what it should.
    Done,
    /// It could not.
    Failed(Failure),
    /// It was cancelled, and ended without its result.
    Cancelled,
}

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// Its number.
    pub id: JobId,
    /// What it does.
    pub title: String,
    /// How far it is, 0 to 1; `None` when it cannot tell.
    pub progress: Option<f32>,
    /// What it is at just now; may be empty.
    pub text: Phrase,
    /// How it stands.
    pub state: JobState,
    /// Since its beginning, or from its beginning to its end.
    pub elapsed: Duration,
}

/// What a running job tells and is told.
#[derive(Clone)]
pub struct JobHandle {
    id: JobId,
    shared: Arc<Shared>,
    cancel: CancellationToken,
}

/// A job for whoever started it. Dropping this lets it go on, and forgets its result.
#[derive(Debug)]
pub struct Job<T> {
    id: JobId,
    cancel: CancellationToken,
    result: Arc<Mutex<Slot<T>>>,
}

#[derive(Debug)]
enum Slot<T> {
    Waiting,
    Ended(Result<T, Failure>),
    Taken,
}

impl Jobs {
    /// No job yet. `wake` is called from any thread when there is something to show; it must return at once.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let handle = runtime.handle().clone();
        let wake = Wake::new(wake, handle.clone());
        let shared = Shared { wake, held: Mutex::default(), ended: Condvar::new() };
        Ok(Self { runtime: Some(runtime), handle, shared: Arc::new(shared) })
    }

    /// What wakes the screen.
    pub fn wake(&self) -> &Wake {
        &self.shared.wake
    }

    /// The runtime that everything runs on.
    pub fn runtime(&self) -> &Handle {
        &self.handle
    }

    /// Begins a job that waits more than it computes. It should end soon when its token is cancelled.
    pub fn start<T, F>(&self, title: impl Into<String>, work: impl FnOnce(JobHandle) -> F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        self.start_async(title.into(), false, work)
    }

    /// Begins what goes on as long as something is open. It stands in no list, but the end of the program waits for it too.
    pub(super) fn start_quiet<T, F>(&self, title: impl Into<String>, work: impl FnOnce(JobHandle) -> F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        self.start_async(title.into(), true, work)
    }

    fn start_async<T, F>(&self, title: String, is_quiet: bool, work: impl FnOnce(JobHandle) -> F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (handle, job) = self.enter(title, is_quiet);
        let running = self.runtime().spawn(work(handle.clone()));
        self.watch(running, handle, &job);
        job
    }

    /// Begins a job that computes or waits for the disk, on a thread that it may block.
    pub fn start_blocking<T: Send + 'static>(
        &self,
        title: impl Into<String>,
        work: impl FnOnce(JobHandle) -> Result<T, Failure> + Send + 'static,
    ) -> Job<T> {
        let (handle, job) = self.enter(title.into(), false);
        let for_work = handle.clone();
        let running = self.runtime().spawn_blocking(move || work(for_work));
        self.watch(running, handle, &job);
        job
    }

    /// All jobs that run and the latest that ended, newest first.
    pub fn list(&self) -> Vec<JobView> {
        let view = |entry: &Entry| match entry.view.state {
            JobState::Running => JobView { elapsed: entry.begun.elapsed(), ..entry.view.clone() },
            _ => entry.view.clone(),
        };
        self.shared.lock().jobs.iter().rev().filter(|entry| !entry.is_quiet).map(view).collect()
    }

    /// How many jobs run.
    pub fn n_running(&self) -> usize {
        self.shared.lock().jobs.iter().filter(|entry| entry.is_running() && !entry.is_quiet).count()
    }

    /// Asks a job to end. Nothing happens when it has ended or never was.
    pub fn cancel(&self, id: JobId) {
        if let Some(entry) = self.shared.lock().jobs.iter().find(|entry| entry.view.id == id) {
            entry.cancel.cancel();
        }
    }

    /// Takes the jobs that have ended off the list.
    pub fn clear(&self) {
        self.shared.lock().jobs.retain(Entry::is_running);
    }

    fn enter<T>(&self, title: String, is_quiet: bool) -> (JobHandle, Job<T>) {
        let cancel = CancellationToken::new();
        let mut held = self.shared.lock();
        held.last_id += 1;
        let id = JobId(held.last_id);
        let view = JobView {
            id,
            title,
            progress: None,
            text: Phrase::nothing(),
            state: JobState::Running,
            elapsed: Duration::ZERO,
        };
        held.jobs.push_back(Entry { is_quiet, view, begun: Instant::now(), cancel: cancel.clone() });
        drop(held);
        self.shared.wake.soon();
        let handle = JobHandle { id, shared: Arc::clone(&self.shared), cancel: cancel.clone() };
        (handle, Job { id, cancel, result: Arc::new(Mutex::new(Slot::Waiting)) })
    }

    /// Has the end of a job noted, whatever its end is.
    fn watch<T: Send + 'static>(&self, running: JoinHandle<Result<T, Failure>>, handle: JobHandle, job: &Job<T>) {
        let slot = Arc::clone(&job.result);
        self.runtime().spawn(async move {
            let result = running.await.unwrap_or_else(|error| Err(handle.broken(error)));
            handle.end(result.as_ref().err());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Slot::Ended(result);
            handle.shared.wake.now();
        });
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for entry in &self.shared.lock().jobs {
            entry.cancel.cancel();
        }
        let runs = |held: &mut Held| held.jobs.iter().any(Entry::is_running);
        // Jobs that heed the wish end now; the others are left to the end of the process.
        drop(self.shared.ended.wait_timeout_while(self.shared.lock(), FAREWELL, runs));
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Held> {
        // Every change of the list is whole in itself.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_running(&self) -> bool {
        self.view.state == JobState::Running
    }
}

impl JobHandle {
    /// So much of it is done. Can be called as often as wanted; the screen is woken at its own pace.
    pub fn progress(&self, done: usize, total: usize) {
        let fraction = if total == 0 { 1.0 } else { (done as f32 / total as f32).clamp(0.0, 1.0) };
        self.change(|view| view.progress = Some(fraction));
    }

    /// What it is at now.
    pub fn say(&self, text: impl Say) {
        let text = text.say();
        self.change(|view| view.text = text);
    }

    /// Cancelled when somebody wants the job to end.
    pub fn cancelled(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// An error when somebody wants the job to end, for work that looks now and then.
    ///
    /// # Errors
    /// It was cancelled.
    pub fn check(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() { Err(cancelled(&self.title())) } else { Ok(()) }
    }

    fn change(&self, change: impl FnOnce(&mut JobView)) {
        let mut held = self.shared.lock();
        let Some(entry) = held.jobs.iter_mut().rev().find(|entry| entry.view.id == self.id) else { return };
        change(&mut entry.view);
        drop(held);
        self.shared.wake.soon();
    }

    fn title(&self) -> String {
        let held = self.shared.lock();
        held.jobs
            .iter()
            .find(|entry| entry.view.id == self.id)
            .map(|entry| entry.view.title.clone())
            .unwrap_or_default()
    }

    fn broken(&self, error: JoinError) -> Failure {
        match error.try_into_panic() {
            Ok(panic) => Failure::new(
                say!("{title}: this broke off", title = self.title()),
                say!("a mistake in Plantweave: {error}", error = panic_text(&*panic)),
                say!("save your work, and report it with what you did last; the rest of the program goes on"),
            ),
            Err(_) => cancelled(&self.title()),
        }
    }

    fn end(&self, failure: Option<&Failure>) {
        let mut held = self.shared.lock();
        if let Some(entry) = held.jobs.iter_mut().find(|entry| entry.view.id == self.id) {
            entry.view.elapsed = entry.begun.elapsed();
            entry.view.state = match failure {
                None => JobState::Done,
                Some(_) if self.cancel.is_cancelled() => JobState::Cancelled,
                Some(failure) => JobState::Failed(failure.clone()),
            };
            if failure.is_none() && entry.view.progress.is_some() {
                entry.view.progress = Some(1.0);
            }
        }
        let n_ended = held.jobs.iter().filter(|entry| !entry.is_running()).count();
        for _ in MOST_ENDED..n_ended {
            if let Some(oldest) = held.jobs.iter().position(|entry| !entry.is_running()) {
                held.jobs.remove(oldest);
            }
        }
        self.shared.ended.notify_all();
    }
}

impl<T> Job<T> {
    /// Its number in the list.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The result, once and as soon as there is one.
    pub fn take(&self) -> Option<Result<T, Failure>> {
        let mut slot = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *slot, Slot::Taken) {
            Slot::Ended(result) => Some(result),
            Slot::Waiting => {
                *slot = Slot::Waiting;
                None
            }
            Slot::Taken => None,
        }
    }

    /// Whether it has ended, its result taken or not.
    pub fn has_ended(&self) -> bool {
        !matches!(*self.result.lock().unwrap_or_else(PoisonError::into_inner), Slot::Waiting)
    }

    /// Asks it to end.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

fn cancelled(title: &str) -> Failure {
    Failure::new(say!("{title}: not finished", title), say!("it was cancelled"), say!("start it again when it suits"))
}

/// What a panic had to say.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it gave no reason")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Jobs, and a receiver that hears of every waking.
    fn jobs() -> (Jobs, mpsc::Receiver<()>) {
        let (woken, wakings) = mpsc::channel();
        // Nobody listens any more at the end of a test.
        (Jobs::new(Arc::new(move || _ = woken.send(()))).unwrap(), wakings)
    }

    /// As a screen does it: look, and when there is nothing, wait until woken.
    fn until<T>(wakings: &mpsc::Receiver<()>, mut look: impl FnMut() -> Option<T>) -> T {
        loop {
            if let Some(found) = look() {
                return found;
            }
            wakings.recv_timeout(Duration::from_secs(10)).expect("woken when there is something to see");
        }
    }

    #[test]
    fn both_kinds_tell_and_end_with_their_results() {
        let (jobs, wakings) = jobs();
        let (go, gone) = tokio::sync::oneshot::channel();
        let waits = jobs.start("Waits", |job| async move {
            job.progress(1, 4);
            job.say("half asleep");
            gone.await.map_err(|error| Failure::new("x", error.to_string(), "y"))
        });
        let view = until(&wakings, || jobs.list().pop().filter(|view| !view.text.is_empty()));
        assert_eq!(
            (view.title.as_str(), view.progress, view.text.to_string().as_str()),
            ("Waits", Some(0.25), "half asleep")
        );
        assert_eq!((view.state, jobs.n_running(), waits.has_ended()), (JobState::Running, 1, false));
        assert!(waits.take().is_none());
        go.send(7).unwrap();
        assert_eq!(until(&wakings, || waits.take()), Ok(7));
        assert!(waits.take().is_none() && waits.has_ended());
        assert_eq!((jobs.list()[0].state.clone(), jobs.list()[0].progress), (JobState::Done, Some(1.0)));

        let failure = Failure::new("a", "b", "c");
        let wrong = failure.clone();
        let computes: Job<()> = jobs.start_blocking("Computes", move |_| Err(wrong));
        assert_eq!(until(&wakings, || computes.take()), Err(failure.clone()));
        let titles: Vec<_> = jobs.list().into_iter().map(|view| (view.title, view.state)).collect();
        assert_eq!(titles, [("Computes".into(), JobState::Failed(failure)), ("Waits".into(), JobState::Done)]);
        jobs.clear();
        assert_eq!(jobs.list(), []);
    }

    #[test]
    fn a_panic_is_a_failure_of_its_job_only() {
        let (jobs, wakings) = jobs();
        let computes: Job<()> = jobs.start_blocking("Computes", |_| panic!("seven is not {}", 8));
        let waits: Job<()> = jobs.start("Waits", |_| async { panic!("no more") });
        for (job, why) in [(&computes, "seven is not 8"), (&waits, "no more")] {
            let failure = until(&wakings, || job.take()).unwrap_err();
            assert_eq!(failure.why, format!("a mistake in Plantweave: {why}"));
        }
        assert!(jobs.list().iter().all(|view| matches!(view.state, JobState::Failed(_))));
        let next = jobs.start("Next", |_| async { Ok(1) });
        assert_eq!(until(&wakings, || next.take()), Ok(1));
    }

    #[test]
    fn a_cancel_reaches_the_job_from_both_sides() {
        let (jobs, wakings) = jobs();
        let begin = |title: &str| -> Job<()> {
            jobs.start(title, |job| async move {
                job.cancelled().cancelled().await;
                job.check()
            })
        };
        let (by_owner, by_panel, stays) = (begin("A"), begin("B"), begin("C"));
        by_owner.cancel();
        jobs.cancel(by_panel.id());
        assert_eq!(until(&wakings, || by_owner.take()).unwrap_err().what, "A: not finished");
        assert!(until(&wakings, || by_panel.take()).is_err());
        let states: Vec<_> = jobs.list().into_iter().map(|view| view.state).collect();
        assert_eq!(states, [JobState::Running, JobState::Cancelled, JobState::Cancelled]);
        assert!(!stays.has_ended());
        // The end of the program reaches the last one.
        drop(jobs);
        assert!(stays.cancel.is_cancelled());
    }

    #[test]
    fn the_end_of_the_program_lets_jobs_put_their_things_in_order() {
        let (jobs, _wakings) = jobs();
        let (ordered, order) = mpsc::channel();
        let _job: Job<()> = jobs.start("Holds something", |job| async move {
            job.cancelled().cancelled().await;
            tokio::task::yield_now().await;
            ordered.send("in order").unwrap();
            job.check()
        });
        drop(jobs);
        assert_eq!(order.try_recv(), Ok("in order"));
    }

    #[test]
    fn the_list_of_what_has_ended_is_bounded() {
        let (jobs, wakings) = jobs();
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let runs = jobs.start("Runs", |_| async move {
            let _ = gone.await;
            Ok(())
        });
        for number in 0..MOST_ENDED + 20 {
            let job = jobs.start_blocking(number.to_string(), move |_| Ok(number));
            assert_eq!(until(&wakings, || job.take()), Ok(number));
        }
        let list = jobs.list();
        assert_eq!(list.len(), MOST_ENDED + 1);
        assert_eq!((list[0].title.as_str(), list[MOST_ENDED].title.as_str()), ("119", "Runs"));
        go.send(()).unwrap();
        assert_eq!(until(&wakings, || runs.take()), Ok(()));
    }
}
