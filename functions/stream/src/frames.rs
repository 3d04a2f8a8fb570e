//! Events as SSE frames, with a comment line while there are none.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use contract::event::{HEARTBEAT, HEARTBEAT_INTERVAL_S, sse_frame};
use conversation::store::LoggedEvent;
use futures::Stream;
use kit::metrics::{Metric, record};
use model::Clock;
use tokio::time::{Instant, interval_at};
use tokio_stream::StreamExt;

pub(crate) fn frames(
    events: impl Stream<Item = LoggedEvent> + Send + 'static,
    clock: Arc<dyn Clock>,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let mut sent = Sent { events: 0, clock };
    let silence = Duration::from_secs(HEARTBEAT_INTERVAL_S);
    events.timeout_repeating(interval_at(Instant::now() + silence, silence)).map(move |next| {
        match next {
            Ok(event) => {
                sent.count();
                Bytes::from(sse_frame(event.id, &event.name, &event.data))
            }
            Err(_) => Bytes::from_static(HEARTBEAT.as_bytes()),
        }
    })
}

/// Counts what one reader was sent, and says so when the reader is done or gone.
struct Sent {
    events: u32,
    clock: Arc<dyn Clock>,
}

impl Sent {
    fn count(&mut self) {
        self.events = self.events.saturating_add(1);
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        let sent = Metric::count("stream_chunks_sent_total", f64::from(self.events));
        record(self.clock.now(), &[("service", "stream")], &[sent]);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt, pin_mut, stream};

    use super::*;

    fn event(id: u64, data: &str) -> LoggedEvent {
        let (name, data) = ("content_delta".to_owned(), data.to_owned());
        LoggedEvent { id, name, data, terminal: false }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken_by_a_comment_every_fifteen_seconds() {
        let began = Instant::now();
        let silent = stream::iter([event(1, "{}")]).chain(stream::pending());
        let frames = frames(silent, Arc::new(model::SystemClock));
        pin_mut!(frames);
        let first = StreamExt::next(&mut frames).await.unwrap();
        assert_eq!(first, "id: 1\nevent: content_delta\ndata: {}\n\n");
        for beat in 1..=3 {
            let comment = StreamExt::next(&mut frames).await.unwrap();
            assert_eq!(comment, HEARTBEAT);
            assert_eq!(began.elapsed().as_secs(), beat * HEARTBEAT_INTERVAL_S);
        }
        assert!(StreamExt::next(&mut frames).now_or_never().is_none());
    }
}
