//! Dialogs of the system for files and folders, on a thread of their own so that the window stays alive.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use crate::ui::desktop::Purpose;

/// The system's dialog ends sooner than anybody can press a button only where there is none.
const TOO_SOON: Duration = Duration::from_millis(250);

/// Variable of the environment that, when set to `window`, lets files always be chosen inside the window.
const CHOICE_VARIABLE: &str = "PLANTWEAVE_FILE_DIALOG";

/// Whether the user wants files to be chosen inside the window.
pub fn chooses_inside() -> bool {
    std::env::var_os(CHOICE_VARIABLE).is_some_and(|choice| choice == "window")
}

/// At most one dialog of the system.
pub struct Picker {
    asked: Option<Asked>,
    /// The system is never asked.
    inside: bool,
}

struct Asked {
    purpose: Purpose,
    since: Instant,
    answer: Receiver<Option<Vec<PathBuf>>>,
}

impl Picker {
    /// Asks the system, or leaves it to a dialog inside the window.
    pub fn new(inside: bool) -> Self {
        Self { asked: None, inside }
    }

    /// Opens the dialog, beginning in a folder with a name proposed. One that is open already stays.
    pub fn open(&mut self, purpose: Purpose, folder: PathBuf, proposed: String) {
        if self.asked.is_some() {
            return;
        }
        let (answer, receiver) = channel();
        let asked = purpose.clone();
        if !self.inside {
            // The thread is let go: it ends when the user has closed the dialog.
            std::thread::spawn(move || answer.send(ask(&asked, &folder, &proposed)));
        }
        self.asked = Some(Asked { purpose, since: Instant::now(), answer: receiver });
    }

    /// What was chosen since; without a dialog of the system, the purpose comes back without paths.
    pub fn poll(&mut self, ctx: &egui::Context) -> Option<(Purpose, Option<Vec<PathBuf>>)> {
        let asked = self.asked.as_ref()?;
        let answer = match asked.answer.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => {
                ctx.request_repaint_after(Duration::from_millis(50));
                return None;
            }
            Err(TryRecvError::Disconnected) => None,
        };
        let asked = self.asked.take()?;
        match answer {
            Some(paths) => Some((asked.purpose, Some(paths))),
            None if self.inside || asked.since.elapsed() < TOO_SOON => Some((asked.purpose, None)),
            None => None,
        }
    }
}

/// Waits for the answer; `None` when the user has chosen nothing, or when there is no such dialog.
fn ask(purpose: &Purpose, folder: &std::path::Path, proposed: &str) -> Option<Vec<PathBuf>> {
    let mut dialog = rfd::FileDialog::new().set_title(purpose.title()).set_directory(folder);
    if !purpose.endings().is_empty() {
        dialog = dialog.add_filter(purpose.title(), purpose.endings());
    }
    if purpose.is_folder() {
        return dialog.pick_folder().map(|path| vec![path]);
    }
    if purpose.is_save() {
        return dialog.set_file_name(proposed).save_file().map(|path| vec![path]);
    }
    if *purpose == Purpose::Import { dialog.pick_files() } else { dialog.pick_file().map(|path| vec![path]) }
}
