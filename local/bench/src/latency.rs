//! What the copilot adds to a turn besides the model and the modules, and what the store has in it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use async_trait::async_trait;
use http::StatusCode;
use local::serve::serve;
use model::SystemClock;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    cloud::LocalCloud,
    copilot::{Copilot, RateLimits, Speaker, Turn},
    load::{Load, run},
    sizes::Sizes,
    stats::{Summary, rounded},
};

pub(crate) const CONCURRENCIES: [usize; 3] = [1, 8, 32];

/// Buffered turns, so many at once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Added {
    pub(crate) concurrency: usize,
    pub(crate) turns_per_s: f64,
    /// From the request to the response, without the time in which an operation was under way.
    pub(crate) added: Summary,
    /// The part of it in which the store was waited for.
    of_it_store: Summary,
    /// By call; `begin` and `load` are under way side by side.
    of_it_store_calls: BTreeMap<&'static str, Summary>,
    /// The rest: our own work, and waiting for a core.
    of_it_own: Summary,
}

/// Requests over loopback HTTP, so many at once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OverHttp {
    pub(crate) concurrency: usize,
    pub(crate) requests_per_s: f64,
    pub(crate) wall: Summary,
}

#[async_trait]
impl Load for Speaker {
    type Sample = Turn;

    async fn once(&mut self) -> anyhow::Result<Turn> {
        self.ask().await
    }
}

/// At each concurrency, about `turns` turns by as many speakers as are there at once.
pub(crate) async fn added(
    copilot: &Copilot,
    turns: usize,
    warm_up_turns: usize,
) -> anyhow::Result<Vec<Added>> {
    let mut figures = Vec::new();
    for concurrency in CONCURRENCIES {
        let mut speakers = Vec::new();
        for _ in 0..concurrency {
            speakers.push(copilot.speaker().await?);
        }
        let warm = run(speakers, warm_up_turns).await?;
        let run = run(warm.loads, turns.div_ceil(concurrency)).await?;
        figures.push(Added {
            concurrency,
            turns_per_s: rounded(run.samples.len() as f64 / run.wall.as_secs_f64()),
            added: Summary::of(run.samples.iter().map(Turn::added)),
            of_it_store: Summary::of(run.samples.iter().map(|turn| turn.elsewhere.store)),
            of_it_store_calls: by_call(&run.samples),
            of_it_own: Summary::of(run.samples.iter().map(Turn::own)),
        });
    }
    Ok(figures)
}

fn by_call(turns: &[Turn]) -> BTreeMap<&'static str, Summary> {
    let mut calls: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
    for (name, duration) in turns.iter().flat_map(|turn| &turn.elsewhere.store_calls) {
        calls.entry(name).or_default().push(*duration);
    }
    calls.into_iter().map(|(name, durations)| (name, Summary::of(durations))).collect()
}

/// A turn of a process that has just begun: clients are made, nothing is connected or remembered.
pub(crate) async fn first(cloud: &LocalCloud, sizes: &Sizes) -> anyhow::Result<Summary> {
    let mut walls = Vec::new();
    for _ in 0..sizes.first_turns {
        let earlier = in_cloud(cloud).await?;
        let mut speaker = earlier.speaker().await?;
        speaker.ask().await?;
        let began = Instant::now();
        speaker.turn_to(&in_cloud(cloud).await?);
        speaker.ask().await?;
        walls.push(began.elapsed());
    }
    Ok(Summary::of(walls))
}

pub(crate) async fn in_cloud(cloud: &LocalCloud) -> anyhow::Result<Copilot> {
    Copilot::in_cloud(cloud, cloud.url(), RateLimits::Off, Arc::new(SystemClock), Vec::new()).await
}

/// Asks over HTTP, as clients do.
struct HttpSpeaker {
    speaker: Speaker,
    http: reqwest::Client,
    url: String,
}

#[async_trait]
impl Load for HttpSpeaker {
    type Sample = Duration;

    async fn once(&mut self) -> anyhow::Result<Self::Sample> {
        let body = self.speaker.question();
        let began = Instant::now();
        let request = self.http.post(&self.url).json(&body);
        let answer = request.header("authorization", &self.speaker.authorization).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        let wall = began.elapsed();
        ensure!(status == StatusCode::CREATED, "{status}: {}", String::from_utf8_lossy(&body));
        self.speaker.remember(&body)?;
        Ok(wall)
    }
}

/// The same turns through the local process's HTTP server.
pub(crate) async fn over_http(copilot: &Copilot, sizes: &Sizes) -> anyhow::Result<Vec<OverHttp>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/api/v1/messages", listener.local_addr()?);
    let server =
        tokio::spawn(serve(listener, Arc::clone(&copilot.functions), std::future::pending()));
    let mut figures = Vec::new();
    for concurrency in CONCURRENCIES {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut speakers = Vec::new();
        for _ in 0..concurrency {
            let speaker = copilot.speaker().await?;
            speakers.push(HttpSpeaker { speaker, http: http.clone(), url: url.clone() });
        }
        figures.push(over_http_by(speakers, sizes.turns, sizes.warm_up_turns).await?);
    }
    server.abort();
    Ok(figures)
}

/// Requests by these, after a few that are not measured.
pub(crate) async fn over_http_by<L: Load<Sample = Duration>>(
    loads: Vec<L>,
    requests: usize,
    warm_up: usize,
) -> anyhow::Result<OverHttp> {
    let concurrency = loads.len();
    let warm = run(loads, warm_up).await?;
    let run = run(warm.loads, requests.div_ceil(concurrency)).await?;
    Ok(OverHttp {
        concurrency,
        requests_per_s: rounded(run.samples.len() as f64 / run.wall.as_secs_f64()),
        wall: Summary::of(run.samples),
    })
}
