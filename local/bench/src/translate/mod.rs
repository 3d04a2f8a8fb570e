//! `bench translate`: how long a question takes from its words to a query, and what the models that
//! read it weigh, as one JSON object.

mod exam;
mod models;
mod tenant;

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use local::progress::Progress;
use nlp::{Moment, understand};
use query::{Question, Settings, WithoutService, translate};
use serde::Serialize;

pub(crate) use self::models::cold;
use self::{
    exam::{Exam, Tenant},
    models::Models,
};
use crate::{
    aim::Aim,
    machine::Machine,
    stats::{Summary, rounded},
};

/// What the figures are and are not, for whoever has only them.
const METHOD: &[(&str, &str)] = &[
    (
        "languages",
        "nlp::understand and query::translate in process, one question after the other on one thread; the \
         first round, which builds the tables that are built once, is not measured",
    ),
    ("promql", "questions of a generated catalog with 3,000 families of metrics"),
    (
        "logql, traceql",
        "the questions of the test split, each with its own catalog, filled up to what the adapter reads of \
         one: 20 labels and 100 fields; 500 attributes",
    ),
    ("every_time", "each question in each round, with whatever else the machine does"),
    (
        "best_of_each",
        "for each question the shortest of all rounds: what it takes on a machine that does nothing else",
    ),
    (
        "models",
        "files of shared/nlp/data, which the binary includes; the first and second readings of processes \
         that were just started, from a binary that the page cache has",
    ),
];

const MAX_BOTH_P50_MS: f64 = 1.0;
const MAX_PROCESSES: usize = 20;

/// The whole report.
#[derive(Serialize)]
struct Report {
    benchmark: &'static str,
    started_at: String,
    duration_s: f64,
    build: &'static str,
    rounds: usize,
    machine: Machine,
    aims: Vec<Aim>,
    languages: BTreeMap<&'static str, Figures>,
    models: Models,
    method: BTreeMap<&'static str, &'static str>,
}

/// Of one language.
#[derive(Serialize)]
struct Figures {
    questions: usize,
    /// So many of them get a query; the others are refused, which takes its time too.
    answered: usize,
    every_time: Steps<Summary>,
    best_of_each: Steps<Summary>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Steps<T> {
    understanding: T,
    translation: T,
    both: T,
}

impl Steps<Duration> {
    fn least(self, other: Self) -> Self {
        Self {
            understanding: self.understanding.min(other.understanding),
            translation: self.translation.min(other.translation),
            both: self.both.min(other.both),
        }
    }
}

impl Steps<Summary> {
    fn of(all: &[Steps<Duration>]) -> Self {
        Self {
            understanding: Summary::of(all.iter().map(|steps| steps.understanding)),
            translation: Summary::of(all.iter().map(|steps| steps.translation)),
            both: Summary::of(all.iter().map(|steps| steps.both)),
        }
    }
}

/// Measures everything. `root` is the checkout.
pub(crate) fn run(root: &Path, rounds: usize) -> anyhow::Result<String> {
    let (began, started_at) = (Instant::now(), Timestamp::now());
    let (machine, progress) = (Machine::before(), Progress::new(0));
    let mut languages = BTreeMap::new();
    for exam in exam::all()? {
        let name = exam.language.name();
        progress.say(format!("{rounds} rounds of {} questions for {name}", exam.questions.len()));
        languages.insert(name, figures(&exam, rounds, started_at)?);
    }
    progress.say("new processes");
    let models = models::measure(root, rounds.min(MAX_PROCESSES))?;
    let report = Report {
        benchmark: "translate",
        started_at: started_at.to_string(),
        duration_s: rounded(began.elapsed().as_secs_f64()),
        build: if cfg!(debug_assertions) { "debug" } else { "release" },
        rounds,
        machine: machine.after(),
        aims: languages.iter().map(|(name, figures)| aim(name, figures)).collect(),
        languages,
        models,
        method: METHOD.iter().copied().collect(),
    };
    progress.say("done");
    Ok(serde_json::to_string_pretty(&report)?)
}

fn aim(language: &str, figures: &Figures) -> Aim {
    let measured = figures.every_time.both.p50_ms;
    Aim::new(format!("words to {language}, p50, ms"), MAX_BOTH_P50_MS, Some(measured))
}

fn figures(exam: &Exam, rounds: usize, now: Timestamp) -> anyhow::Result<Figures> {
    let mut asked = Vec::with_capacity(exam.questions.len());
    for (tenant, text) in &exam.questions {
        let tenant =
            exam.tenants.get(tenant).with_context(|| format!("{tenant} has no catalog"))?;
        asked.push((tenant, text));
    }
    // One question after the other, as people ask, rather than one of them over and over.
    let round = || asked.iter().map(|(tenant, text)| once(exam, tenant, text, now));
    let answered = round().filter(|(_, is_answered)| *is_answered).count();
    let (mut every_time, mut best_of_each) = (Vec::new(), Vec::<Steps<Duration>>::new());
    for _ in 0..rounds {
        let times: Vec<_> = round().map(|(steps, _)| steps).collect();
        best_of_each = match best_of_each.as_slice() {
            [] => times.clone(),
            best => best.iter().zip(&times).map(|(best, time)| best.least(*time)).collect(),
        };
        every_time.extend(times);
    }
    Ok(Figures {
        questions: exam.questions.len(),
        answered,
        every_time: Steps::of(&every_time),
        best_of_each: Steps::of(&best_of_each),
    })
}

/// How long one question takes, and whether there is a query for it.
fn once(exam: &Exam, tenant: &Tenant, text: &str, now: Timestamp) -> (Steps<Duration>, bool) {
    let moment = Moment { now, zone: &TimeZone::UTC };
    let began = Instant::now();
    let reading = understand(text, &tenant.vocabulary, &moment);
    let understanding = reading.to_act_on();
    let understood = began.elapsed();
    let without_service =
        if reading.every_service { WithoutService::All } else { WithoutService::Ask };
    let settings = Settings { without_service, ..Settings::default() };
    let question = Question { text, understanding: &understanding };
    let answer = translate(exam.language, &question, &tenant.catalogs, &settings, now);
    let both = began.elapsed();
    (Steps { understanding: understood, translation: both - understood, both }, answer.is_ok())
}
