//! Prints how long understanding takes: `cargo run --release -p nlp --example latency`.

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use nlp::{Focus, Moment, Vocabulary, resolve, understand};

const ROUNDS: usize = 20;

fn main() {
    let utterances: Vec<&str> = include_str!("../tests/data/utterances.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let moment = Moment { now: Timestamp::now(), zone: &TimeZone::UTC };
    for names in [10, 3000] {
        let started = Instant::now();
        let vocabulary = vocabulary(names);
        println!("{names} services: vocabulary built in {:?}", started.elapsed());
        let started = Instant::now();
        understand("warm up", &vocabulary, &moment);
        println!("  first utterance {:?}", started.elapsed());
        let focus = Focus {
            intent: Some(model::Intent::QueryMetrics),
            entities: understand("cpu of payment in the last hour", &vocabulary, &moment)
                .understanding
                .entities,
            ..Focus::default()
        };
        let mut times: Vec<Duration> = Vec::new();
        for text in std::iter::repeat_n(&utterances, ROUNDS).flatten() {
            let started = Instant::now();
            let reading = understand(text, &vocabulary, &moment);
            std::hint::black_box(resolve(reading, text, &focus, &moment));
            times.push(started.elapsed());
        }
        report("  utterances", times);
        for (what, text) in [
            ("  10,000 unknown words' characters", "qwertzx asdfghx ".repeat(625)),
            ("  10,000 characters of times", "between 9 and 10 ".repeat(600)),
            ("  10,000 characters of metrics", "p95 latency of payment ".repeat(450)),
        ] {
            let times = (0..10)
                .map(|_| {
                    let started = Instant::now();
                    std::hint::black_box(understand(&text, &vocabulary, &moment));
                    started.elapsed()
                })
                .collect();
            report(what, times);
        }
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what}: p50 {:?}, p99 {:?}, max {:?}", at(50), at(99), at(100));
}

fn vocabulary(names: usize) -> Vocabulary {
    let known = ["payment", "checkout", "auth", "api-gateway", "orders", "frontend"];
    let others = (0..).map(|number| {
        let stems = ["ledger", "catalogue", "shipping", "profile", "pricing", "fraud", "mailer"];
        format!("{}-{}-{number}", stems[number % stems.len()], stems[number / 7 % stems.len()])
    });
    let services = known.iter().map(|name| (*name).to_owned()).chain(others).take(names);
    Vocabulary::new(services, ["1.4.2", "2.0.0"], ["production", "staging"])
}
