//! How long a question takes from its words to PromQL, on a catalog of 3,000 metrics.
//!
//! `cargo run --release -p query --example translate_speed [rounds [words of the questions]]`

// What it measures goes to whoever runs it.
#![allow(clippy::print_stdout)]

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use nlp::{Moment, Vocabulary, understand};
use query::{Catalog, Catalogs, Language, Metadata, Question, Settings, translate};

const METRICS: usize = 3_000;
const USUAL_ROUNDS: usize = 20;

const SYSTEMS: &[&str] = &[
    "http_server",
    "http_client",
    "grpc",
    "kafka",
    "rabbitmq",
    "postgres",
    "redis",
    "jvm",
    "node",
    "container",
    "kube_pod",
    "istio",
    "envoy",
    "payment",
    "checkout",
    "inventory",
    "billing",
    "shipping",
    "search",
    "cache",
    "auth",
    "email",
    "scheduler",
    "storage",
    "billing_export",
];
const THINGS: &[&str] = &[
    "requests",
    "request_duration",
    "errors",
    "connections",
    "queue",
    "memory",
    "cpu",
    "messages",
    "retries",
    "jobs",
    "sessions",
    "lookups",
    "evictions",
    "disk",
    "network",
    "transactions",
    "locks",
    "threads",
    "tasks",
    "uploads",
    "logins",
    "orders",
    "refunds",
    "snapshots",
];
/// The end of a name, its type, and how it is described.
const KINDS: &[(&str, &str, &str)] = &[
    ("total", "counter", "Total number of"),
    ("failed_total", "counter", "Failures of"),
    ("active", "gauge", "Currently active"),
    ("max", "gauge", "The limit of"),
    ("seconds", "histogram", "Time spent on"),
    ("bytes", "gauge", "Size in bytes of"),
];
const QUESTIONS: &[&str] = &[
    "How many requests per second does checkout serve, by route?",
    "p95 latency of the payment service over the last 10 minutes",
    "what share of kafka messages failed in the last hour, per topic",
    "Which pods use more than 80% of their memory limit?",
    "top 5 services by failed logins today",
    "redis cache hit ratio compared with the same time last week",
    "will the disk of any node be full within 4 hours, going by the last 6 hours?",
    "error rate of billing in production",
    "queues that hold more than 1000 messages but have no active connections",
    "average request duration of search for GET, by version",
    "difference between active and maximum postgres connections per database",
    "how long ago did the last snapshot finish for each job in eu-west-1",
    "are there no inventory metrics any more",
    "error budget burn of auth for a 99.9% objective over 1h and 5m",
    "number of threads running right now on service-17",
    "show me the slowest routes of shipping at the 99th percentile in staging, only POST requests, and leave out health checks",
];

fn catalog() -> Catalog {
    let names = |kind: &str, count: usize| -> Vec<String> {
        (0..count).map(|at| format!("{kind}-{at}")).collect()
    };
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let (mut metadata, mut labels) = (BTreeMap::new(), BTreeMap::new());
    let all = (0..).flat_map(|round: usize| {
        SYSTEMS.iter().flat_map(move |system| {
            THINGS
                .iter()
                .flat_map(move |thing| KINDS.iter().map(move |kind| (round, system, thing, kind)))
        })
    });
    for (at, (round, system, thing, (end, kind, help))) in all.take(METRICS).enumerate() {
        let number = if round == 0 { String::new() } else { format!("_{round}") };
        let name = format!("{system}{number}_{thing}_{end}");
        let help = format!("{help} {} of {}.", thing.replace('_', " "), system.replace('_', " "));
        let of_kind = Metadata { kind: (*kind).to_owned(), help, unit: String::new() };
        metadata.insert(name.clone(), vec![of_kind]);
        let mut own = BTreeMap::from([
            ("service".to_owned(), [list(SYSTEMS), names("service", 40)].concat()),
            ("instance".to_owned(), names("10.0.0.1:90", 20)),
            ("env".to_owned(), list(&["production", "staging", "canary"])),
            ("region".to_owned(), list(&["eu-west-1", "us-east-1", "ap-south-1"])),
        ]);
        let further: &[(&str, &[&str])] = match at % 4 {
            0 => &[
                ("route", &["/orders", "/orders/{id}", "/health"]),
                ("method", &["GET", "POST"]),
                ("status", &["200", "404", "503"]),
            ],
            1 => &[("topic", &["orders", "payments", "refunds"]), ("result", &["ok", "failed"])],
            2 => &[
                ("pod", &["checkout-6d5f9c7b8-x2x4v", "billing-0"]),
                ("namespace", &["shop", "data"]),
            ],
            _ => &[("database", &["orders", "users"]), ("state", &["active", "idle"])],
        };
        own.extend(further.iter().map(|(name, values)| ((*name).to_owned(), list(values))));
        if *kind == "histogram" {
            for ending in ["_sum", "_count"] {
                labels.insert(format!("{name}{ending}"), own.clone());
            }
            own.insert("le".to_owned(), list(&["0.1", "0.5", "1", "+Inf"]));
            labels.insert(format!("{name}_bucket"), own);
        } else {
            labels.insert(name, own);
        }
    }
    Catalog::new(metadata, labels)
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(USUAL_ROUNDS);
    let metrics = catalog();
    let services = metrics.services();
    let vocabulary = Vocabulary::new(services, Vec::<String>::new(), metrics.environments());
    let catalogs = Catalogs { metrics, ..Catalogs::default() };
    let settings = Settings::default();
    let now = Timestamp::constant(1_763_571_600, 0);
    let moment = Moment { now, zone: &TimeZone::UTC };
    let (mut understood, mut translated, mut both) = (Vec::new(), Vec::new(), Vec::new());
    // The best of all rounds is what a quiet machine takes.
    let mut best: BTreeMap<&str, Duration> = BTreeMap::new();
    let only = std::env::args().nth(2).unwrap_or_default();
    for round in 0..=rounds {
        for text in QUESTIONS.iter().filter(|text| text.contains(&only)) {
            let began = Instant::now();
            let understanding = understand(text, &vocabulary, &moment).to_act_on();
            let read = began.elapsed();
            let question = Question { text, understanding: &understanding };
            let answer = translate(Language::PromQl, &question, &catalogs, &settings, now);
            let all = began.elapsed();
            // The first round pays for tables that are built once.
            if round > 0 {
                understood.push(read);
                translated.push(all - read);
                let known = best.entry(text).or_insert(all);
                *known = all.min(*known);
                both.push(all);
            } else {
                let query = answer.map_or_else(|error| error.to_string(), |answer| answer.query);
                println!("{text}\n    {query}");
            }
        }
    }
    for (text, time) in best {
        println!("{:.3} ms at best: {text}", time.as_secs_f64() * 1e3);
    }
    for (name, times) in
        [("understanding", understood), ("translation", translated), ("both", both)]
    {
        report(name, times);
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100).max(1);
        times.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!("{name}: p50 {:.3} ms, p99 {:.3} ms", at(50), at(99));
}
