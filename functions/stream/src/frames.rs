//! Events as SSE frames, with a comment line while there are none.

use std::time::Duration;

use bytes::Bytes;
use contract::event::{HEARTBEAT, HEARTBEAT_INTERVAL_S, sse_frame};
use conversation::store::LoggedEvent;
use futures::Stream;
use tokio::time::{Instant, interval_at};
use tokio_stream::StreamExt;

pub(crate) fn frames(
    events: impl Stream<Item = LoggedEvent> + Send + 'static,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let silence = Duration::from_secs(HEARTBEAT_INTERVAL_S);
    events.timeout_repeating(interval_at(Instant::now() + silence, silence)).map(
        |next| match next {
            Ok(event) => Bytes::from(sse_frame(event.id, &event.name, &event.data)),
            Err(_) => Bytes::from_static(HEARTBEAT.as_bytes()),
        },
    )
}
