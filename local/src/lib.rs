//! The copilot on one machine: every function in one process, the programs around it, and what
//! deploys the template.

pub mod demo;
pub mod deploy;
pub mod dev;
pub mod keys;
pub mod progress;
pub mod serve;
pub mod services;

/// Done when the process is asked to stop.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers the signals end the process, and with it, by their leashes, the others.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
