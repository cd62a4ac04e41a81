//! The one runtime that everything on line runs on, and the wish to stop.

use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::say;

/// A runtime for jobs on the network.
///
/// # Errors
/// The system gives no threads.
pub fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(
            say!("cannot begin work on the network"),
            error,
            say!("close other programs; the system has no threads to give"),
        )
    })
}

/// A token that Ctrl-C (and, on Unix, SIGTERM) cancels, so that jobs end in order. Must be called inside a runtime.
///
/// A second Ctrl-C does not wait for that any longer: it ends the process with exit code 130.
pub fn interrupted() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        cancel.cancel();
        asked_to_stop().await;
        std::process::exit(130);
    });
    token
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without the one signal there is still the other.
        return ctrl_c().await;
    };
    tokio::select! {
        () = ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    ctrl_c().await;
}

async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Nobody will ever ask.
        std::future::pending::<()>().await;
    }
}
