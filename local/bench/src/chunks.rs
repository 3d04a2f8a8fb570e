//! How long a chunk takes from a language model's server, through the copilot, to whoever reads the
//! stream over HTTP.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::{StreamExt as _, future::try_join_all};
use llm::ChatModel;
use llm_http::{Endpoint, HttpModel};
use local::serve::serve;
use reqwest::RequestBuilder;
use serde::Serialize;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    cloud::LocalCloud,
    copilot::Copilot,
    latency::{self, CONCURRENCIES},
    provider::{PACE, Provider, numbers},
    sizes::Sizes,
    stats::Summary,
};

const CLOUD_STREAMS: usize = 8;
const MODEL: &str = "openai:bench";

/// Chunks of so many streams at once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Forwarding {
    pub(crate) streams: usize,
    pub(crate) chunk: Summary,
}

/// Where a stream is to be had.
trait Source {
    async fn request(&self, http: &reqwest::Client) -> anyhow::Result<RequestBuilder>;
}

/// The copilot behind its HTTP server, with the provider as its only model.
struct Served {
    copilot: Copilot,
    url: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn new(copilot: Copilot) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/api/v1/messages/stream", listener.local_addr()?);
        let functions = Arc::clone(&copilot.functions);
        let server = tokio::spawn(serve(listener, functions, std::future::pending()));
        Ok(Self { copilot, url, server })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Source for Served {
    async fn request(&self, http: &reqwest::Client) -> anyhow::Result<RequestBuilder> {
        let mut speaker = self.copilot.speaker().await?;
        let request = http.post(&self.url).json(&speaker.question());
        Ok(request.header("authorization", &speaker.authorization))
    }
}

/// The provider itself, without a copilot in between.
impl Source for Provider {
    async fn request(&self, http: &reqwest::Client) -> anyhow::Result<RequestBuilder> {
        Ok(http.post(format!("{}/chat/completions", self.url)).json(&json!({ "stream": true })))
    }
}

pub(crate) async fn in_memory(sizes: &Sizes) -> anyhow::Result<Vec<Forwarding>> {
    let provider = Provider::start(sizes.chunks_per_stream).await?;
    let served = Served::new(Copilot::in_memory(model(&provider)?)?).await?;
    at_each_concurrency(&provider, &served, sizes).await
}

pub(crate) async fn in_cloud(cloud: &LocalCloud, sizes: &Sizes) -> anyhow::Result<Forwarding> {
    let provider = Provider::start(sizes.chunks_per_stream).await?;
    let served = Served::new(latency::in_cloud(cloud, model(&provider)?).await?).await?;
    forwarding(&provider, &served, CLOUD_STREAMS, sizes).await
}

/// One hop of HTTP, to hold the others against.
pub(crate) async fn direct(sizes: &Sizes) -> anyhow::Result<Vec<Forwarding>> {
    let provider = Provider::start(sizes.chunks_per_stream).await?;
    at_each_concurrency(&provider, &provider, sizes).await
}

fn model(provider: &Provider) -> anyhow::Result<Vec<Arc<dyn ChatModel>>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let endpoint = Endpoint::new(&provider.url, None)?;
    Ok(vec![Arc::new(HttpModel::new(http, endpoint, MODEL.parse()?))])
}

async fn at_each_concurrency(
    provider: &Provider,
    source: &impl Source,
    sizes: &Sizes,
) -> anyhow::Result<Vec<Forwarding>> {
    let mut figures = Vec::new();
    for streams in CONCURRENCIES {
        figures.push(forwarding(provider, source, streams, sizes).await?);
    }
    Ok(figures)
}

async fn forwarding(
    provider: &Provider,
    source: &impl Source,
    streams: usize,
    sizes: &Sizes,
) -> anyhow::Result<Forwarding> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let rounds = sizes.chunks.div_ceil(streams * sizes.chunks_per_stream);
    let mut taken = Vec::new();
    for _ in 0..rounds {
        let mut requests = Vec::new();
        for _ in 0..streams {
            requests.push(source.request(&http).await?);
        }
        // Speakers do not begin in step: they are spread over the time between two chunks.
        let offset = PACE / u32::try_from(streams)?;
        let reading = requests
            .into_iter()
            .zip(0_u32..)
            .map(|(request, index)| tokio::spawn(read(request, offset * index)));
        for read in try_join_all(reading).await? {
            let read = read?;
            ensure!(read.len() == sizes.chunks_per_stream, "{} chunks arrived", read.len());
            taken.extend(provider.taken(&read));
        }
    }
    Ok(Forwarding { streams, chunk: Summary::of(taken) })
}

/// Reads a stream to its end: which chunk was there when.
async fn read(request: RequestBuilder, offset: Duration) -> anyhow::Result<Vec<(u64, Instant)>> {
    tokio::time::sleep(offset).await;
    let response = request.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status}: {}", response.text().await?);
    let mut body = response.bytes_stream();
    let (mut read, mut pending) = (Vec::new(), String::new());
    while let Some(bytes) = body.next().await {
        let now = Instant::now();
        pending.push_str(std::str::from_utf8(&bytes?)?);
        read.extend(numbers(&mut pending).into_iter().map(|number| (number, now)));
    }
    Ok(read)
}
