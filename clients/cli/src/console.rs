//! The terminal: answers go to stdout and nothing else does; notes, progress and errors go to
//! stderr. Knows what each of them can show.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::{
    cli::{Format, Global},
    error::Error,
    render::{clean, style::Paint},
};

const FALLBACK_WIDTH: usize = 80;
const MIN_WIDTH: usize = 20;
/// Longer lines are hard to read.
const MAX_WIDTH: usize = 100;
const FRAME_INTERVAL: Duration = Duration::from_millis(100);
const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    pretty: bool,
    /// For stdout.
    paint: Paint,
    /// For stderr.
    note_paint: Paint,
    animated: bool,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    text: String,
    frame: usize,
    ticker: Option<JoinHandle<()>>,
}

impl Console {
    pub(crate) fn new(global: &Global) -> Self {
        let plain = global.no_color
            || env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        let (stdout, stderr) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let pretty = match global.format {
            Format::Auto => stdout,
            Format::Pretty => true,
            Format::Markdown => false,
        };
        Self(Arc::new(Inner {
            pretty,
            paint: Paint::new(stdout && !plain),
            note_paint: Paint::new(stderr && !plain),
            animated: stderr && !plain,
            progress: Mutex::default(),
        }))
    }

    /// Whether answers are laid out for a terminal; otherwise they are printed as they are.
    pub(crate) fn is_pretty(&self) -> bool {
        self.0.pretty
    }

    pub(crate) fn paint(&self) -> Paint {
        self.0.paint
    }

    /// Columns for text.
    pub(crate) fn width(&self) -> usize {
        let columns = || env::var("COLUMNS").ok()?.parse().ok();
        terminal_size::terminal_size()
            .map(|(width, _)| usize::from(width.0))
            .or_else(columns)
            .unwrap_or(FALLBACK_WIDTH)
            .clamp(MIN_WIDTH, MAX_WIDTH)
    }

    /// Writes to stdout, at once.
    pub(crate) fn print(&self, text: &str) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        self.stop_progress();
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::Output)
    }

    /// Says something aside, on stderr.
    pub(crate) fn note(&self, text: &str) {
        self.stop_progress();
        self.say(&self.0.note_paint.dim(&clean(text)));
    }

    pub(crate) fn warn(&self, text: &str) {
        self.stop_progress();
        self.say(&format!("{} {}", self.0.note_paint.yellow("warning:"), clean(text)));
    }

    /// An error with its cause, what to do about it, and the request id.
    pub(crate) fn error(&self, error: &Error) {
        self.stop_progress();
        if error.is_silent() {
            return;
        }
        let paint = self.0.note_paint;
        self.say(&format!("{} {}", paint.red("error:"), clean(&error.to_string())));
        if let Some(cause) = root_cause(error) {
            self.say(&paint.dim(&format!("  because: {}", clean(&cause))));
        }
        if let Some(hint) = error.hint() {
            self.say(&format!("  {}", clean(&hint)));
        }
        if let Some(request_id) = error.request_id() {
            self.say(&paint.dim(&format!("  request id: {}", clean(request_id))));
        }
    }

    /// Nobody is left to be told when stderr is closed.
    fn say(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Shows what is going on until something else is printed; only on a terminal.
    pub(crate) fn progress(&self, text: &str) {
        if !self.0.animated {
            return;
        }
        let mut progress = self.locked();
        progress.text = clean(text).replace('\n', " ");
        self.draw(&mut progress);
        if progress.ticker.is_none() {
            let console = self.clone();
            progress.ticker = Some(tokio::spawn(async move {
                loop {
                    tokio::time::sleep(FRAME_INTERVAL).await;
                    let mut progress = console.locked();
                    if progress.ticker.is_none() {
                        return;
                    }
                    console.draw(&mut progress);
                }
            }));
        }
    }

    pub(crate) fn stop_progress(&self) {
        let mut progress = self.locked();
        if let Some(ticker) = progress.ticker.take() {
            ticker.abort();
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }

    fn draw(&self, progress: &mut Progress) {
        progress.frame = (progress.frame + 1) % FRAMES.len();
        // A line that wraps could not be erased.
        let text: String = progress.text.chars().take(self.width().saturating_sub(4)).collect();
        let line = self.0.note_paint.dim(&format!("{} {text}", FRAMES[progress.frame]));
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "\r\x1b[2K{line}").and_then(|()| stderr.flush());
    }

    fn locked(&self) -> MutexGuard<'_, Progress> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last of the chain: what lies between ("error sending request") says less than either end.
fn root_cause(error: &Error) -> Option<String> {
    let first = std::error::Error::source(error)?;
    let root = std::iter::successors(Some(first), |cause| cause.source()).last()?;
    Some(root.to_string())
}
