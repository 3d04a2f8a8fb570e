//! One turn's events on their way out: at once to whoever is reading in this process, and in
//! batches to the event log, from which any reader can resume.
//!
//! Neither a slow reader nor a slow log holds up the turn. Readers that fall too far behind are cut
//! off from the live events and go on from the log ([`crate::follow`]).

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use model::{StreamId, TenantId};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::store::{EventLog, LoggedEvent};

/// How long an event may wait for others before it is written.
const BATCH_INTERVAL: Duration = Duration::from_millis(250);
/// How much may wait.
const BATCH_BYTES: usize = 32 * 1024;
/// Between attempts while the log does not take a batch; the batch grows meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How far a live reader may fall behind.
const LIVE_EVENTS: usize = 256;

/// Sends a turn's events out, numbered from 1.
pub struct Publisher {
    next_id: u64,
    live: broadcast::Sender<Arc<LoggedEvent>>,
    /// Unbounded, because a turn's events are bounded by the limits on an answer, and because
    /// waiting for the log would make the reader wait too.
    to_log: mpsc::UnboundedSender<LoggedEvent>,
    writer: JoinHandle<Vec<LoggedEvent>>,
}

/// Where the events of a turn are kept.
#[derive(Clone)]
pub struct Destination {
    pub log: Arc<dyn EventLog>,
    pub tenant: TenantId,
    pub stream: StreamId,
    pub expires_at: Timestamp,
}

impl Publisher {
    pub fn new(destination: Destination) -> Self {
        let (live, _) = broadcast::channel(LIVE_EVENTS);
        let (to_log, events) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write(destination, events));
        Self { next_id: 1, live, to_log, writer }
    }

    /// The events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<LoggedEvent>> {
        self.live.subscribe()
    }

    /// Sends an event out. Never waits.
    pub fn publish(&mut self, name: String, data: String) {
        let event = self.number(name, data, false);
        // Without a reader, or with a writer that panicked, the turn goes on: its end is written
        // with the messages.
        let _ = self.live.send(Arc::new(event.clone()));
        let _ = self.to_log.send(event);
    }

    fn number(&mut self, name: String, data: String, terminal: bool) -> LoggedEvent {
        let id = self.next_id;
        self.next_id += 1;
        LoggedEvent { id, name, data, terminal }
    }

    /// Ends the stream with its terminal event, and gives back what the log does not have yet, that
    /// event included: it is to be written together with the messages, so that a stream says that
    /// it is complete only when the answer is stored. [`Ending::announce`] then tells the readers.
    pub async fn end(mut self, name: String, data: String) -> Ending {
        let terminal = self.number(name, data, true);
        drop(self.to_log);
        let mut unwritten = self.writer.await.unwrap_or_default();
        unwritten.push(terminal.clone());
        Ending { live: self.live, terminal, unwritten }
    }
}

/// A stream whose terminal event has not been announced.
pub struct Ending {
    live: broadcast::Sender<Arc<LoggedEvent>>,
    terminal: LoggedEvent,
    pub unwritten: Vec<LoggedEvent>,
}

impl Ending {
    pub fn announce(self) {
        let _ = self.live.send(Arc::new(self.terminal));
    }

    /// The stream ends with another terminal event under the same id, because the first could not
    /// be made true.
    pub fn replace(&mut self, name: String, data: String) {
        self.terminal = LoggedEvent { id: self.terminal.id, name, data, terminal: true };
        if let Some(last) = self.unwritten.last_mut() {
            last.clone_from(&self.terminal);
        }
    }
}

/// Writes batches until the turn ends; returns what is left unwritten.
async fn write(
    destination: Destination,
    mut events: mpsc::UnboundedReceiver<LoggedEvent>,
) -> Vec<LoggedEvent> {
    let Destination { log, tenant, stream, expires_at } = destination;
    let mut batch: Vec<LoggedEvent> = Vec::new();
    let mut batch_bytes = 0;
    let mut due = Instant::now();
    let mut failed = false;
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { return batch };
                if batch.is_empty() {
                    due = Instant::now() + BATCH_INTERVAL;
                }
                batch_bytes += event.data.len();
                batch.push(event);
            }
            () = sleep_until(due), if !batch.is_empty() => {}
        }
        let full = batch_bytes >= BATCH_BYTES && !failed;
        if batch.is_empty() || !full && Instant::now() < due {
            continue;
        }
        let written = log.append(&tenant, stream, &batch, expires_at).await;
        failed = written.is_err();
        match written {
            Ok(()) => {
                batch.clear();
                batch_bytes = 0;
            }
            Err(error) => {
                tracing::warn!(error = %error, "events could not be written yet");
                due = Instant::now() + RETRY_INTERVAL;
            }
        }
    }
}
