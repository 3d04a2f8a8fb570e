//! The models of references: trained, and measured by whole turns on authors that were held out.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use evaluation::{Data, Failure, data, evaluate};
use model::Intent;
use nlp::training::{self, Stand, Trial, tags};

use crate::{
    Options, PASSES, chain,
    chain::Sentence,
    dialogues::{self, Lessons, Rows, Turn},
    report, svm, write,
};

const TURNS_FILE: &str = "turns.bin";
const STANDS_FILE: &str = "stands.bin";
const TASKS_FILE: &str = "tasks.bin";
const KEPT_FILE: &str = "kept.bin";
const BITS: u32 = 15;
const TURN_BITS: u32 = 17;
const TURN_PASSES: usize = 10;

/// One author's dialogues made ready.
struct Author<'a> {
    path: &'a Path,
    turns: Vec<Turn>,
    sentences: Vec<Sentence>,
}

/// They are trained on readings by the models that are built in, so build again after a change of
/// those.
pub(crate) fn train(paths: &[PathBuf], test: &Path, options: &Options) -> Result<()> {
    let authors: Vec<Author<'_>> = paths.iter().map(|path| author(path)).collect::<Result<_>>()?;
    // Each author's turns are read by a chain that has not seen them, as in use.
    let mut chains = Vec::new();
    let mut lessons = Vec::new();
    for (held_out, author) in authors.iter().enumerate() {
        let chain = turn_chain(&authors, Some(held_out), options);
        try_models(Models { turns: chain.clone(), ..Models::empty() })?;
        lessons.push(dialogues::lessons(&author.turns, BITS));
        chains.push(chain);
    }
    let (mut right, mut turns) = (0.0, 0);
    for (held_out, author) in authors.iter().enumerate() {
        let others = lessons.iter().enumerate().filter(|(at, _)| *at != held_out);
        let models = models(chains[held_out].clone(), others.map(|(_, lessons)| lessons), options);
        print_shares(&models, &lessons[held_out]);
        try_models(models)?;
        let (share, count) = measure(author.path, options)?;
        right += share * count as f64;
        turns += count;
    }
    println!("held out  {turns:4} turns  {:.3} right", right / turns.max(1) as f64);
    let models = models(turn_chain(&authors, None, options), lessons.iter(), options);
    if !options.dry_run {
        write(options, TURNS_FILE, models.turns.clone())?;
        write(options, STANDS_FILE, models.stands.clone())?;
        write(options, TASKS_FILE, models.tasks.clone())?;
        write(options, KEPT_FILE, models.kept.clone())?;
    }
    try_models(models)?;
    std::iter::once(test)
        .chain(options.measure.iter().map(PathBuf::as_path))
        .try_for_each(|path| measure(path, options).map(drop))
}

fn author(path: &Path) -> Result<Author<'_>> {
    let turns = dialogues::turns(path)?;
    let sentences = turns.iter().map(|turn| dialogues::sentence(turn, TURN_BITS)).collect();
    Ok(Author { path, turns, sentences })
}

/// The chain of turns, from all authors but one.
fn turn_chain(authors: &[Author<'_>], held_out: Option<usize>, options: &Options) -> Vec<u8> {
    let others = authors.iter().enumerate().filter(|(at, _)| Some(*at) != held_out);
    let sentences: Vec<&Sentence> = others.flat_map(|(_, author)| &author.sentences).collect();
    let model = chain::train(&sentences, TURN_BITS, TURN_PASSES, options.turn_margin, options.seed);
    training::encoded(TURN_BITS, &[0.0; tags::COUNT], &pruned(model.rows))
}

/// Without the weights that hardly count: half of the bytes.
fn pruned(mut weights: Vec<f32>) -> Vec<f32> {
    const LEAST: f32 = 1.5 / 127.0;
    let largest = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    weights.iter_mut().filter(|weight| weight.abs() < LEAST * largest).for_each(|w| *w = 0.0);
    weights
}

/// The bytes of all models.
struct Models {
    turns: Vec<u8>,
    stands: Vec<u8>,
    tasks: Vec<u8>,
    kept: Vec<u8>,
}

impl Models {
    /// Models that know nothing.
    fn empty() -> Self {
        let of = |count: usize| training::encoded(0, &vec![0.0; count], &vec![0.0; count]);
        Self {
            turns: of(tags::COUNT),
            stands: of(Stand::ALL.len()),
            tasks: of(Intent::ALL.len()),
            kept: of(2),
        }
    }
}

fn models<'a>(
    turns: Vec<u8>,
    lessons: impl Iterator<Item = &'a Lessons> + Clone,
    options: &Options,
) -> Models {
    let model = |rows: &dyn Fn(&'a Lessons) -> &'a Rows, count: usize, cost: f32| {
        let rows: Vec<&Rows> = lessons.clone().map(rows).collect();
        let classes: Vec<usize> = rows.iter().flat_map(|rows| rows.classes.clone()).collect();
        let rows: Vec<&svm::Row> = rows.iter().flat_map(|rows| &rows.rows).collect();
        let how = svm::Options { bits: BITS, cost, passes: PASSES, seed: options.seed };
        let model = svm::train(&rows, &classes, count, &how);
        training::encoded(BITS, &model.biases, &pruned(model.weights))
    };
    Models {
        turns,
        stands: model(&|lessons| &lessons.stands, Stand::ALL.len(), options.reference_cost),
        tasks: model(&|lessons| &lessons.tasks, Intent::ALL.len(), options.task_cost),
        kept: model(&|lessons| &lessons.kept, 2, options.kept_cost),
    }
}

fn try_models(models: Models) -> Result<()> {
    let are_models = training::try_models(Trial {
        turns: models.turns.leak(),
        stands: models.stands.leak(),
        tasks: models.tasks.leak(),
        kept: models.kept.leak(),
    });
    ensure!(are_models, "what was trained is no model");
    Ok(())
}

/// The share of a file's turns that are read right with the models on trial, and how many turns there are.
fn measure(path: &Path, options: &Options) -> Result<(f64, usize)> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let data = Data { dialogues: data::dialogues(&name, &text)?, ..Data::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let evaluation = runtime.block_on(evaluate(&data, None));
    let report = evaluation.report.dialogues.context("no dialogues")?;
    let share = report.turn_accuracy.unwrap_or_default();
    println!("{name:>14}  {:4} turns  {share:.3} right", report.turns);
    if let Some(latency) = evaluation.report.latency_ms {
        println!("  {latency:?}");
    }
    if options.show_failures {
        evaluation.failures.iter().for_each(show);
    }
    Ok((share, report.turns))
}

/// How many single decisions are right, each behind right ones.
fn print_shares(models: &Models, lessons: &Lessons) {
    let share = |bytes: &[u8], rows: &Rows| {
        let Some(model) = training::Linear::new(bytes.to_vec().leak()) else { return 0.0 };
        let is_right =
            |(row, class): &(&svm::Row, &usize)| report::best(&model.scores(row)) == **class;
        let right = rows.rows.iter().zip(&rows.classes).filter(is_right).count();
        right as f64 / rows.rows.len().max(1) as f64
    };
    println!(
        "  stands {:.3}  tasks {:.3}  kept {:.3}",
        share(&models.stands, &lessons.stands),
        share(&models.tasks, &lessons.tasks),
        share(&models.kept, &lessons.kept),
    );
}

fn show(failure: &Failure) {
    println!("  {}: {}", failure.place, failure.text);
    for reason in &failure.reasons {
        println!("      {}: {} not {}", reason.about, reason.got, reason.expected);
    }
}
