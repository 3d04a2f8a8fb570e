//! `bench turn`: every figure of a chat turn, as one JSON object.

use std::{collections::BTreeMap, path::Path, time::Instant};

use jiff::Timestamp;
use local::progress::Progress;
use serde::Serialize;

use crate::{
    aim::Aim,
    calls::{self, Calls},
    chunks::{self, Forwarding},
    cloud::LocalCloud,
    copilot::Copilot,
    endurance::{self, CpuPerTurn, Memory},
    latency::{self, Added, CONCURRENCIES, OverHttp},
    machine::Machine,
    peers,
    sizes::Sizes,
    stats::{Summary, rounded},
};

/// What the figures are and are not, for whoever has only them.
const METHOD: &[(&str, &str)] = &[
    (
        "added",
        "wall time of POST /api/v1/messages, buffered, called in process as Lambda calls a function \
         (local::serve::Functions: routing, kit::Service with identity, rate limit, log line and metrics, \
         the turn, the response as bytes), minus the time in which a module's operation was under way. \
         Without a model the composer answers and no history is read; with_model has one that answers at \
         once, and as much history as a turn reads. Closed loop; a tenant, a key and sessions of at most 32 \
         turns per speaker. A Lambda instance has one request at a time: 8 and 32 are for the \
         local process, whose cores they share",
    ),
    (
        "over_http",
        "the same turns through the local process's HTTP server, seen by a client in this process",
    ),
    ("in_memory", "testkit's store and operations, which answer at once"),
    (
        "local_cloud",
        "ministack on loopback, through the same adapters as AWS, with the same operations",
    ),
    (
        "aws_calls",
        "requests counted on the wire by a proxy before the local cloud, retries included, with default \
         rate limits; each answer is held back 20 ms, so that only calls made one behind the other are \
         counted as depth",
    ),
    (
        "chunk_forwarding",
        "from a provider's server handing a chunk to its socket to a client having read it: through \
         llm-http, the turn and SSE over HTTP, all on loopback, 50 chunks a second and stream",
    ),
    (
        "cpu_per_turn",
        "user and system time of this process for turns in memory, one after the other, asking and \
         reading included",
    ),
    (
        "memory",
        "resident memory of this process in memory; every other turn streamed; sessions of 10 turns, \
         then deleted",
    ),
    (
        "peers",
        "with the same client at the same concurrency: a bare axum server that answers with 8 KiB; single \
         DynamoDB requests to the local cloud without SDK; chunks read from the provider directly",
    ),
];

const MAX_IN_MEMORY_P50_MS: f64 = 1.0;
const MAX_CLOUD_P50_MS: f64 = 5.0;
const MAX_CHUNK_P99_MS: f64 = 5.0;
const MAX_DEPTH: f64 = 3.0;
const MAX_GROWTH_PERCENT: f64 = 5.0;

/// The whole report.
#[derive(Serialize)]
struct Report {
    benchmark: &'static str,
    started_at: String,
    duration_s: f64,
    build: &'static str,
    turns: usize,
    machine: Machine,
    aims: Vec<Aim>,
    added: InBoth,
    over_http: Vec<OverHttp>,
    aws_calls: BTreeMap<&'static str, Calls>,
    chunk_forwarding: Chunks,
    cpu_per_turn: Cpu,
    memory: Memory,
    peers: Peers,
    method: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct InBoth {
    in_memory: Vec<Added>,
    in_memory_with_model: Vec<Added>,
    local_cloud: Vec<Added>,
    local_cloud_with_model: Vec<Added>,
    /// Whole turns, which begin with making the clients.
    first_of_a_process_on_local_cloud: Summary,
}

#[derive(Serialize)]
struct Chunks {
    in_memory: Vec<Forwarding>,
    local_cloud: Forwarding,
}

#[derive(Serialize)]
struct Cpu {
    buffered: CpuPerTurn,
    streamed: CpuPerTurn,
}

#[derive(Serialize)]
struct Peers {
    echo_over_http: Vec<OverHttp>,
    dynamodb_over_http: BTreeMap<&'static str, Vec<OverHttp>>,
    chunks_direct: Vec<Forwarding>,
}

/// Measures everything. `root` is the checkout.
pub(crate) async fn run(root: &Path, turns: usize) -> anyhow::Result<String> {
    let (began, started_at) = (Instant::now(), Timestamp::now().to_string());
    let (sizes, machine) = (Sizes::of(turns), Machine::before());
    let progress = Progress::new(0);

    // Before anything has filled the process's memory.
    progress.say(format!("{} turns in memory, watching memory and CPU", sizes.endurance_turns));
    let memory = endurance::memory(&sizes).await?;
    let cpu_per_turn = Cpu {
        buffered: endurance::cpu_per_turn(&sizes, false).await?,
        streamed: endurance::cpu_per_turn(&sizes, true).await?,
    };
    progress.say("latency in memory");
    let copilot = Copilot::in_memory(Vec::new())?;
    let in_memory = latency::added(&copilot, &CONCURRENCIES, sizes.turns, sizes.session).await?;
    let with_model = Copilot::in_memory(latency::instant_model()?)?;
    let in_memory_with_model =
        latency::added(&with_model, &[1], sizes.turns, sizes.session).await?;
    let over_http = latency::over_http(&copilot, &sizes).await?;
    let echo_over_http = peers::echo(&sizes).await?;
    progress.say("chunks of a streaming model");
    let chunks_in_memory = chunks::in_memory(&sizes).await?;
    let chunks_direct = chunks::direct(&sizes).await?;

    progress.say("starting the local cloud");
    let cloud = LocalCloud::start(root).await?;
    progress.say("latency on the local cloud");
    let (turns_there, session) = (sizes.cloud_turns, sizes.session);
    let copilot = latency::in_cloud(&cloud, Vec::new()).await?;
    let local_cloud = latency::added(&copilot, &CONCURRENCIES, turns_there, session).await?;
    let with_model = latency::in_cloud(&cloud, latency::instant_model()?).await?;
    let added = InBoth {
        in_memory,
        in_memory_with_model,
        local_cloud,
        local_cloud_with_model: latency::added(&with_model, &[1], turns_there, session).await?,
        first_of_a_process_on_local_cloud: latency::first(&cloud, &sizes).await?,
    };
    let dynamodb_over_http = peers::dynamodb(&cloud, &sizes).await?;
    let chunk_forwarding = Chunks {
        in_memory: chunks_in_memory,
        local_cloud: chunks::in_cloud(&cloud, &sizes).await?,
    };
    progress.say("calls to AWS");
    let aws_calls = calls::count(&cloud, &sizes).await?;
    cloud.stop().await;

    let report = Report {
        benchmark: "turn",
        started_at,
        duration_s: rounded(began.elapsed().as_secs_f64()),
        build: if cfg!(debug_assertions) { "debug" } else { "release" },
        turns,
        machine: machine.after(),
        aims: aims(&added, &aws_calls, &chunk_forwarding, &memory),
        added,
        over_http,
        aws_calls,
        chunk_forwarding,
        cpu_per_turn,
        memory,
        peers: Peers { echo_over_http, dynamodb_over_http, chunks_direct },
        method: METHOD.iter().copied().collect(),
    };
    progress.say("done");
    Ok(serde_json::to_string_pretty(&report)?)
}

fn aims(
    added: &InBoth,
    aws_calls: &BTreeMap<&'static str, Calls>,
    chunks: &Chunks,
    memory: &Memory,
) -> Vec<Aim> {
    let mut aims = Vec::new();
    let mut aim = |what: String, at_most: f64, measured: Option<f64>| {
        aims.push(Aim::new(what, at_most, measured));
    };
    for (place, figures, at_most) in [
        ("in memory", &added.in_memory, MAX_IN_MEMORY_P50_MS),
        ("in memory with a model", &added.in_memory_with_model, MAX_IN_MEMORY_P50_MS),
        ("local cloud", &added.local_cloud, MAX_CLOUD_P50_MS),
        ("local cloud with a model", &added.local_cloud_with_model, MAX_CLOUD_P50_MS),
    ] {
        if let Some(alone) = figures.first() {
            let what = format!("added p50, {place}, one at a time, ms");
            aim(what, at_most, Some(alone.added.p50_ms));
        }
    }
    for (kind, calls) in aws_calls {
        aim(format!("sequential AWS calls, {kind}"), MAX_DEPTH, Some(calls.depth_max as f64));
    }
    for forwarding in &chunks.in_memory {
        let what = format!("chunk forwarding p99, {} at once, ms", forwarding.streams);
        aim(what, MAX_CHUNK_P99_MS, Some(forwarding.chunk.p99_ms));
    }
    aim("growth of memory, %".to_owned(), MAX_GROWTH_PERCENT, memory.growth_percent);
    aims
}
