//! Which calls a turn makes to AWS, and how many of them one after the other. Counted on the wire, with the
//! rate limits that a function has when it is not configured otherwise.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use testkit::FrozenClock;

use crate::{
    cloud::LocalCloud,
    copilot::{Copilot, RateLimits, Speaker},
    proxy::{Call, Proxy},
    sizes::Sizes,
    stats::{depth, rounded},
};

/// Somebody who reads the answer before they ask again.
const BETWEEN_TURNS: SignedDuration = SignedDuration::from_secs(1);
/// What is remembered of a caller is forgotten, and another minute's requests are counted.
const A_WHILE: SignedDuration = SignedDuration::from_secs(61);
/// Too large for the table.
const LARGE_MESSAGE_BYTES: usize = 150_000;
const LARGE_SENTENCE: &str = "What is the error rate of payment? ";

/// The calls of `n` turns of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Calls {
    n: usize,
    calls_per_turn: f64,
    by_operation: BTreeMap<String, f64>,
    /// How many turns had so many calls one after the other.
    turns_by_depth: BTreeMap<usize, usize>,
    pub(crate) depth_max: usize,
}

/// A kind of turn.
#[derive(Debug, Clone, Copy)]
enum Kind {
    InASession,
    InANewSession,
    Streamed,
    WithALargeMessage,
}

/// By kind of turn.
pub(crate) async fn count(
    cloud: &LocalCloud,
    sizes: &Sizes,
) -> anyhow::Result<BTreeMap<&'static str, Calls>> {
    let proxy = Proxy::start(cloud.url()).await?;
    let mut counted = BTreeMap::new();
    for (name, kind) in [
        ("warm, in a session", Kind::InASession),
        ("warm, in a new session", Kind::InANewSession),
        ("warm, in a session, streamed", Kind::Streamed),
        ("warm, in a new session, message of 150 kB", Kind::WithALargeMessage),
    ] {
        counted.insert(name, warm(cloud, &proxy, sizes, kind).await?);
    }
    counted.insert("after a minute without requests", rested(cloud, &proxy, sizes).await?);
    counted.insert("first request of a process, in a session", first(cloud, &proxy, sizes).await?);
    Ok(counted)
}

/// A process that is in use, within one minute.
async fn warm(
    cloud: &LocalCloud,
    proxy: &Proxy,
    sizes: &Sizes,
    kind: Kind,
) -> anyhow::Result<Calls> {
    let clock = clock();
    let copilot = copilot(cloud, proxy, &clock).await?;
    let mut speaker = copilot.speaker().await?;
    // Opens the session; `chat` and `stream` remember callers each for themselves.
    speaker.ask().await?;
    turn(&mut speaker, kind).await?;
    proxy.take();
    let mut turns = Vec::new();
    for _ in 0..sizes.counted_turns {
        clock.advance(BETWEEN_TURNS);
        turn(&mut speaker, kind).await?;
        turns.push(proxy.take());
    }
    Ok(Calls::of(turns))
}

async fn turn(speaker: &mut Speaker, kind: Kind) -> anyhow::Result<()> {
    match kind {
        Kind::InASession => speaker.ask().await?,
        Kind::InANewSession => {
            speaker.leave_session();
            speaker.ask().await?
        }
        Kind::Streamed => speaker.ask_streaming().await?,
        // Of a new session: in one that has such messages, each turn after them reads them again.
        Kind::WithALargeMessage => {
            speaker.leave_session();
            speaker.say(&LARGE_SENTENCE.repeat(LARGE_MESSAGE_BYTES / LARGE_SENTENCE.len())).await?
        }
    };
    Ok(())
}

async fn rested(cloud: &LocalCloud, proxy: &Proxy, sizes: &Sizes) -> anyhow::Result<Calls> {
    let clock = clock();
    let copilot = copilot(cloud, proxy, &clock).await?;
    let mut speaker = copilot.speaker().await?;
    speaker.ask().await?;
    proxy.take();
    let mut turns = Vec::new();
    for _ in 0..sizes.first_turns {
        clock.advance(A_WHILE);
        speaker.ask().await?;
        turns.push(proxy.take());
    }
    Ok(Calls::of(turns))
}

async fn first(cloud: &LocalCloud, proxy: &Proxy, sizes: &Sizes) -> anyhow::Result<Calls> {
    let clock = clock();
    let mut speaker = copilot(cloud, proxy, &clock).await?.speaker().await?;
    speaker.ask().await?;
    proxy.take();
    let mut turns = Vec::new();
    for _ in 0..sizes.first_turns {
        clock.advance(BETWEEN_TURNS);
        speaker.turn_to(&copilot(cloud, proxy, &clock).await?);
        speaker.ask().await?;
        turns.push(proxy.take());
    }
    Ok(Calls::of(turns))
}

/// The beginning of this minute: requests are counted by the minute, and a run must not depend on
/// when in one it begins.
fn clock() -> FrozenClock {
    let second = Timestamp::now().as_second();
    FrozenClock::new(Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or_default())
}

async fn copilot(
    cloud: &LocalCloud,
    proxy: &Proxy,
    clock: &FrozenClock,
) -> anyhow::Result<Copilot> {
    let clock = Arc::new(clock.clone());
    Copilot::in_cloud(cloud, &proxy.url, RateLimits::Default, clock, Vec::new()).await
}

impl Calls {
    fn of(turns: Vec<Vec<Call>>) -> Self {
        let n = turns.len();
        let mut by_operation: BTreeMap<String, f64> = BTreeMap::new();
        let mut turns_by_depth: BTreeMap<usize, usize> = BTreeMap::new();
        for calls in turns {
            for call in &calls {
                *by_operation.entry(call.operation.clone()).or_default() += 1.0;
            }
            let depth = depth(calls.into_iter().map(|call| call.span).collect());
            *turns_by_depth.entry(depth).or_default() += 1;
        }
        by_operation.values_mut().for_each(|count| *count = rounded(*count / n.max(1) as f64));
        Self {
            n,
            calls_per_turn: rounded(by_operation.values().sum()),
            by_operation,
            depth_max: turns_by_depth.keys().max().copied().unwrap_or_default(),
            turns_by_depth,
        }
    }
}
