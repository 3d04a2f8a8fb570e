//! Says what is going on while it goes on, with the time since the start.

use std::{io::Write as _, time::Instant};

/// Lines on standard error.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    started: Instant,
}

impl Progress {
    /// `earlier_s` is what the script that started this process took already.
    pub fn new(earlier_s: u64) -> Self {
        let now = Instant::now();
        Self { started: now.checked_sub(std::time::Duration::from_secs(earlier_s)).unwrap_or(now) }
    }

    pub fn say(&self, text: impl AsRef<str>) {
        let elapsed_s = self.started.elapsed().as_secs();
        let mut out = std::io::stderr().lock();
        // Nobody reading is no reason to stop.
        let _ = writeln!(out, "[{elapsed_s:>4}s] {}", text.as_ref());
    }
}
