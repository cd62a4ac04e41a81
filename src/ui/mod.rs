//! The desktop app: views over a [`Workspace`](crate::app::Workspace), and what lets people change it.
//!
//! A view is a function over what it may read ([`action::Scope`]) and its own small state; it pushes [`action::Action`]s. The
//! [`desktop`] acts on them between frames, first in, first out, so views of one frame never disagree. Everything that takes time is a
//! job; the screen never waits. Whatever is decided (what fits, what is found, what a row says) is decided in `app` and below; here
//! are pixels, keys and words.
//!
//! egui and eframe are named in this part only, and nothing of it is named by `cli`. Start reading at [`desktop`], then
//! [`views::link_editor`].

pub mod action;
mod component_icon;
pub mod desktop;
mod dialogs;
mod icon;
pub mod lang;
mod pane;
mod shell;
pub mod theme;
mod views;

use std::path::PathBuf;
use std::process::ExitCode;

use desktop::{Desktop, Start};

/// Opens the window and runs until it is closed.
///
/// Ends with exit code 2 where the system has no screen to show it on.
pub fn run(project: Option<PathBuf>) -> ExitCode {
    let start = Start::of_user(project);
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Plantweave")
        .with_app_id("plantweave")
        .with_min_inner_size([640.0, 420.0])
        .with_inner_size([1400.0, 880.0]);
    if let Some(size) = start.settings.window {
        viewport = viewport.with_inner_size([size.width, size.height]).with_maximized(size.maximized);
    }
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let shown = eframe::run_native(
        "Plantweave",
        options,
        Box::new(|creation| Ok(Box::new(Desktop::new(&creation.egui_ctx, start)?))),
    );
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the window cannot be opened");
            eprintln!("  why: {error}");
            eprintln!(
                "  try: a screen (X11 or Wayland) with OpenGL is needed; every job has a command too: `plantweave --help`"
            );
            ExitCode::from(2)
        }
    }
}
