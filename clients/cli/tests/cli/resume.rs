//! Streams that are cut come back whole, each event once.

use std::sync::Arc;

use crate::{
    answers::{self, STREAM, TEXT},
    run::copilot,
    server::{End, Reply, Seen, Server},
};

/// What `?after=` says, which must be what `Last-Event-ID` says.
fn after(seen: &Seen) -> usize {
    assert_eq!(seen.path, format!("/api/v1/streams/{STREAM}"));
    let after = seen.query.strip_prefix("after=").expect(&seen.query);
    assert_eq!(seen.headers["last-event-id"], after);
    after.parse().unwrap()
}

#[tokio::test]
async fn a_cut_after_any_event_is_mended() {
    let count = answers::frames().len();
    for cut in 0..count {
        for (end, torn) in [(End::Break, false), (End::Close, false), (End::Break, true)] {
            let server = Server::start(move |seen, before| {
                let frames = answers::frames();
                match before {
                    0 => {
                        let mut first = frames[..cut].to_vec();
                        if torn {
                            // Half of the next event arrives, cut within its data.
                            first.push(frames[cut][..frames[cut].len() / 2].to_owned());
                        }
                        Reply::Events(first, end.clone())
                    }
                    _ if seen.method == "POST" => Reply::Events(frames, End::Close),
                    _ => Reply::Events(frames[after(seen)..].to_vec(), End::Close),
                }
            })
            .await;
            let ran = copilot(&server.url, &["ask", "x"]).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "cut {cut}: {}", ran.stderr);
            assert!(ran.stderr.contains("picking the answer up again"), "{}", ran.stderr);
            let seen = server.seen();
            assert_eq!(seen.len(), 2, "cut {cut}");
            if cut == 0 {
                let key = |index: usize| seen[index].headers["idempotency-key"].clone();
                assert_eq!(key(0), key(1), "the same question, not a second one");
            } else {
                assert_eq!(after(&seen[1]), cut);
            }
        }
    }
}

#[tokio::test]
async fn a_cut_after_every_event_is_mended() {
    let server = Server::start(|seen, before| {
        let from = if before == 0 { 0 } else { after(seen) };
        Reply::Events(vec![answers::frames()[from].clone()], End::Break)
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "{}", ran.stderr);
    assert_eq!(server.seen().len(), answers::frames().len());
}

#[tokio::test]
async fn events_that_come_twice_are_shown_once() {
    let server = Server::start(|_, before| {
        let frames = answers::frames();
        let end = [3, 6, frames.len()][before.min(2)];
        Reply::Events(frames[..end].to_vec(), End::Break)
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "{}", ran.stderr);
}

#[tokio::test]
async fn a_stream_that_stays_silent_is_given_up() {
    let server = Server::start(|_, before| {
        let frames = if before == 0 { answers::frames()[..5].to_vec() } else { Vec::new() };
        Reply::Events(frames, End::Break)
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(ran.stdout, "The error rate of **pay\n");
    assert!(ran.stderr.contains("error: the connection was lost"), "{}", ran.stderr);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_stream_that_is_no_longer_kept_says_where_the_answer_is() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Events(answers::frames()[..5].to_vec(), End::Break),
        _ => Reply::Json(410, answers::error("STREAM_EXPIRED", "no longer kept")),
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("copilot sessions show"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_turn_that_is_still_running_is_waited_for() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Events(Vec::new(), End::Break),
        1 => Reply::Json(409, answers::error("IDEMPOTENCY_IN_PROGRESS", "still running")),
        _ => Reply::Events(answers::frames(), End::Close),
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "{}", ran.stderr);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn streams_come_from_their_own_address() {
    let stream = Server::start(|_, before| {
        let frames = answers::frames();
        match before {
            0 => Reply::Events(frames[..2].to_vec(), End::Break),
            _ => Reply::Events(frames[2..].to_vec(), End::Close),
        }
    })
    .await;
    let api =
        Arc::new(Server::start(|_, _| Reply::Json(404, answers::error("NOT_FOUND", ""))).await);
    let ran = copilot(&api.url, &["ask", "--stream-url", &stream.url, "x"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "{}", ran.stderr);
    assert_eq!((api.seen().len(), stream.seen().len()), (0, 2));
}
