use conversation::store::{LoggedEvent, StoreError};
use jiff::SignedDuration;
use model::{MessageId, SessionId, StreamId};

use crate::contract::{
    backend::{Backend, for_every_store, tenant},
    samples::{event, events, moment},
};

for_every_store!(
    a_stream_is_resumed_exactly_behind_any_event,
    appending_the_same_again_is_harmless,
    a_retried_append_may_hold_more,
    other_events_under_the_same_id_are_refused,
    events_are_forgotten_when_their_time_is_up,
    a_large_event_comes_back_whole,
    a_stream_larger_than_one_read_is_read_on,
    streams_do_not_mix,
);

fn new_stream() -> StreamId {
    StreamId { session: SessionId::new(moment(0)), reply: MessageId::new(moment(0)).reply() }
}

/// Everything behind `after`, read as a reader does.
async fn rest(on: &Backend, stream: StreamId, after: u64) -> Vec<LoggedEvent> {
    let mut found: Vec<LoggedEvent> = vec![];
    loop {
        let position = found.last().map_or(after, |event| event.id);
        let next = on.events.read(&on.tenant, stream, position).await.unwrap();
        if next.is_empty() {
            return found;
        }
        found.extend(next);
    }
}

async fn a_stream_is_resumed_exactly_behind_any_event(on: Backend) {
    let stream = new_stream();
    assert_eq!(on.events.read(&on.tenant, stream, 0).await.unwrap(), []);
    let mut all = events(1..=120);
    all[119].terminal = true;
    let mut rest_of = all.as_slice();
    // Chunks of uneven length, across the lengths at which numbers get a digit more.
    for size in [1, 2, 6, 1, 5, 80, 4, 1, 20] {
        let (chunk, behind) = rest_of.split_at(size);
        on.events.append(&on.tenant, stream, chunk, moment(60_000)).await.unwrap();
        rest_of = behind;
    }
    assert_eq!(rest_of, []);
    for after in 0..=120 {
        assert_eq!(rest(&on, stream, after).await, all[after as usize..], "after {after}");
    }
    assert_eq!(on.events.read(&on.tenant, stream, u64::MAX).await.unwrap(), []);
}

async fn appending_the_same_again_is_harmless(on: Backend) {
    let stream = new_stream();
    for _ in 0..3 {
        on.events.append(&on.tenant, stream, &events(1..=3), moment(60_000)).await.unwrap();
    }
    on.events.append(&on.tenant, stream, &[], moment(60_000)).await.unwrap();
    assert_eq!(rest(&on, stream, 0).await, events(1..=3));
}

/// As after an append whose answer was lost, when more events have gathered since.
async fn a_retried_append_may_hold_more(on: Backend) {
    let stream = new_stream();
    on.events.append(&on.tenant, stream, &events(1..=3), moment(60_000)).await.unwrap();
    on.events.append(&on.tenant, stream, &events(1..=5), moment(60_000)).await.unwrap();
    for after in 0..=5 {
        assert_eq!(rest(&on, stream, after).await, events(after + 1..=5), "after {after}");
    }
}

async fn other_events_under_the_same_id_are_refused(on: Backend) {
    let stream = new_stream();
    on.events.append(&on.tenant, stream, &events(1..=3), moment(60_000)).await.unwrap();
    let other = [event(3, "{}")];
    let error = on.events.append(&on.tenant, stream, &other, moment(60_000)).await.unwrap_err();
    assert!(matches!(error, StoreError::Contended), "{error:?}");
    assert_eq!(rest(&on, stream, 0).await, events(1..=3));
}

async fn events_are_forgotten_when_their_time_is_up(on: Backend) {
    let stream = new_stream();
    on.events.append(&on.tenant, stream, &events(1..=3), moment(60_000)).await.unwrap();
    on.events.append(&on.tenant, stream, &events(4..=5), moment(120_000)).await.unwrap();
    on.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(rest(&on, stream, 0).await, events(1..=5));
    on.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(rest(&on, stream, 0).await, events(4..=5));
    on.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(rest(&on, stream, 0).await, []);
}

async fn a_large_event_comes_back_whole(on: Backend) {
    let stream = new_stream();
    let large = event(2, &"Grüße \"".repeat(100_000));
    let all = [event(1, "{}"), large, event(3, "{}")];
    on.events.append(&on.tenant, stream, &all, moment(60_000)).await.unwrap();
    for after in 0..=3 {
        assert!(rest(&on, stream, after).await == all[after as usize..], "after {after}");
    }
}

async fn a_stream_larger_than_one_read_is_read_on(on: Backend) {
    let stream = new_stream();
    let all: Vec<LoggedEvent> = (1..=40).map(|id| event(id, &"x".repeat(60_000))).collect();
    for chunk in all.chunks(7) {
        on.events.append(&on.tenant, stream, chunk, moment(60_000)).await.unwrap();
    }
    assert!(rest(&on, stream, 0).await == all);
    assert!(rest(&on, stream, 33).await == all[33..]);
}

async fn streams_do_not_mix(on: Backend) {
    let first = new_stream();
    let same_session = StreamId { reply: MessageId::new(moment(0)).reply(), ..first };
    let other_session = StreamId { session: SessionId::new(moment(0)), ..first };
    let stranger = tenant();
    on.events.append(&on.tenant, first, &events(1..=3), moment(60_000)).await.unwrap();
    for other in [same_session, other_session] {
        assert_eq!(on.events.read(&on.tenant, other, 0).await.unwrap(), []);
    }
    assert_eq!(on.events.read(&stranger, first, 0).await.unwrap(), []);
    on.events.append(&stranger, first, &[event(3, "{}")], moment(60_000)).await.unwrap();
    assert_eq!(rest(&on, first, 0).await, events(1..=3));
}
