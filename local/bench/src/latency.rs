//! What the copilot adds to a turn besides the model and the modules, and what the store has in it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use async_trait::async_trait;
use http::StatusCode;
use llm::ChatModel;
use local::serve::serve;
use model::SystemClock;
use serde::Serialize;
use testkit::{Reply, ScriptedModel};
use tokio::net::TcpListener;

use crate::{
    cloud::LocalCloud,
    copilot::{Copilot, RateLimits, Speaker, Turn},
    load::{Load, Rounds, run},
    sizes::Sizes,
    stats::Summary,
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

    fn begin_anew(&mut self) {
        self.leave_session();
    }
}

/// A model that says the same at once: turns with it read the history and write its usage.
pub(crate) fn instant_model() -> anyhow::Result<Vec<Arc<dyn ChatModel>>> {
    let says = || Reply::text(&["The error rate ", "is 2 %."]);
    Ok(vec![Arc::new(ScriptedModel::always("openai:instant".parse()?, says))])
}

/// At each concurrency, about `turns` turns by as many speakers as are there at once.
pub(crate) async fn added(
    copilot: &Copilot,
    concurrencies: &[usize],
    turns: usize,
    session: Rounds,
) -> anyhow::Result<Vec<Added>> {
    let mut figures = Vec::new();
    for &concurrency in concurrencies {
        let mut speakers = Vec::new();
        for _ in 0..concurrency {
            speakers.push(copilot.speaker().await?);
        }
        let run = run(speakers, turns, session).await?;
        figures.push(Added {
            concurrency,
            turns_per_s: run.per_s(),
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
        let mut speaker = in_cloud(cloud, Vec::new()).await?.speaker().await?;
        speaker.ask().await?;
        let began = Instant::now();
        speaker.turn_to(&in_cloud(cloud, Vec::new()).await?);
        speaker.ask().await?;
        walls.push(began.elapsed());
    }
    Ok(Summary::of(walls))
}

pub(crate) async fn in_cloud(
    cloud: &LocalCloud,
    models: Vec<Arc<dyn ChatModel>>,
) -> anyhow::Result<Copilot> {
    Copilot::in_cloud(cloud, cloud.url(), RateLimits::Off, Arc::new(SystemClock), models).await
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

    fn begin_anew(&mut self) {
        self.speaker.leave_session();
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
        figures.push(over_http_by(speakers, sizes.turns, sizes.session).await?);
    }
    server.abort();
    Ok(figures)
}

/// Requests by these.
pub(crate) async fn over_http_by<L: Load<Sample = Duration>>(
    loads: Vec<L>,
    requests: usize,
    rounds: Rounds,
) -> anyhow::Result<OverHttp> {
    let concurrency = loads.len();
    let run = run(loads, requests, rounds).await?;
    Ok(OverHttp { concurrency, requests_per_s: run.per_s(), wall: Summary::of(run.samples) })
}
