//! Trains what `nlp` has learned: where entities stand (`tags.bin`) and what is wanted
//! (`intents.bin`), from the labelled utterances in `shared/nlp/data/train`. The same data and seed
//! give the same bytes.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

mod augment;
mod calibration;
mod chain;
mod data;
mod dialogues;
mod random;
mod references;
mod report;
mod svm;

use std::{ops::Range, path::PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use model::{EntityKind, Intent};
use nlp::training::{self, tags};

use crate::data::{Author, Utterance};

const INTENTS_FILE: &str = "intents.bin";
const TAGS_FILE: &str = "tags.bin";

const FOLDS: usize = 5;
/// Of the support vector machines; they stop earlier when nothing changes.
const PASSES: usize = 60;

/// Trains the models of `nlp` from the labelled utterances, and says how good they are on authors
/// whose words they have not seen.
#[derive(Parser)]
struct Options {
    /// Where `train/` and `test/` are, and where the models go.
    #[arg(long, default_value = "shared/nlp/data")]
    data: PathBuf,
    /// Rows of the intents' table, as a power of two.
    #[arg(long, default_value_t = 16)]
    intent_bits: u32,
    #[arg(long, default_value_t = 18)]
    tag_bits: u32,
    #[arg(long, default_value_t = 4.0)]
    cost: f32,
    #[arg(long, default_value_t = 3.0)]
    margin: f32,
    #[arg(long, default_value_t = 12)]
    passes: usize,
    /// Copies of each utterance with other names.
    #[arg(long, default_value_t = 2)]
    copies: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Train the models of references instead, from `dialogues/`.
    #[arg(long)]
    references: bool,
    #[arg(long, default_value_t = 3.0)]
    reference_cost: f32,
    #[arg(long, default_value_t = 3.0)]
    task_cost: f32,
    #[arg(long, default_value_t = 3.0)]
    kept_cost: f32,
    #[arg(long, default_value_t = 3.0)]
    turn_margin: f32,
    /// Measure the models of references on these dialogues, too.
    #[arg(long)]
    measure: Vec<PathBuf>,
    /// Only say how good they are; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show every utterance of the test split that is misread.
    #[arg(long)]
    show_failures: bool,
}

/// An utterance made ready.
struct Example {
    author: usize,
    utterance: Utterance,
    sentence: chain::Sentence,
    tokens: Vec<Range<usize>>,
    intent: usize,
}

impl Example {
    fn is_tagged(&self) -> bool {
        self.utterance.entities.is_some()
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.references { references(&options) } else { utterances(&options) }
}

/// Where entities stand and what is wanted, from the utterances.
fn utterances(options: &Options) -> Result<()> {
    let mut authors = data::authors(&options.data.join("train"))?;
    for path in dialogue_files(options)? {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let utterances = dialogues::openings(&path)?;
        authors.push(Author { name: name.unwrap_or_default(), utterances });
    }
    let train = examples(&authors, options.tag_bits)?;
    // Turns from the middle of conversations teach where names stand in few words; what they want is
    // for the models of references to say.
    let turns = examples(&data::authors(&options.data.join("fragments"))?, options.tag_bits)?;
    let mut more = renamed(&train, options)?;
    more.extend(renamed(&turns, options)?);
    more.extend(turns);
    println!("{} utterances by {} authors", train.len(), authors.len());

    let unseen_tags = unseen_tags(&train, &more, options);
    let rows: Vec<svm::Row> =
        train.iter().zip(&unseen_tags).map(|(e, tags)| row(e, tags, options)).collect();
    let unseen_scores = unseen_scores(&train, &rows, options);
    let labelled: Vec<(Vec<f32>, usize)> =
        unseen_scores.iter().zip(&train).map(|(scores, e)| (scores.clone(), e.intent)).collect();
    let stretch = calibration::stretch(&labelled);
    println!("scores are stretched by {stretch:.2}");
    for (index, author) in authors.iter().enumerate() {
        let own = (0..train.len()).filter(|&at| train[at].author == index);
        let read =
            own.map(|at| (&train[at], unseen_scores[at].as_slice(), unseen_tags[at].as_slice()));
        report::print(&author.name, read, false);
    }

    let tagger = chain(&train, &more, options, |_| true);
    let mut model = intents(&train, &rows, options, |_| true);
    model.stretch(stretch);
    if !options.dry_run {
        write(
            options,
            TAGS_FILE,
            training::encoded(options.tag_bits, &[0.0; tags::COUNT], &tagger.rows),
        )?;
        write(
            options,
            INTENTS_FILE,
            training::encoded(options.intent_bits, &model.biases, &model.weights),
        )?;
    }
    for author in data::authors(&options.data.join("test"))? {
        let test = examples(std::slice::from_ref(&author), options.tag_bits)?;
        let read: Vec<(Vec<f32>, Vec<usize>)> = test
            .iter()
            .map(|e| {
                let tags = tagger.best(&e.sentence.features, |_, _| 0.0);
                (model.scores(&row(e, &tags, options)), tags)
            })
            .collect();
        let read = test
            .iter()
            .zip(&read)
            .map(|(e, (scores, tags))| (e, scores.as_slice(), tags.as_slice()));
        report::print(&author.name, read, options.show_failures);
    }
    Ok(())
}

/// What chains that have not seen an utterance's author read in it; authors are held out a few at a
/// time.
fn unseen_tags(train: &[Example], more: &[Example], options: &Options) -> Vec<Vec<usize>> {
    let mut unseen = vec![vec![]; train.len()];
    for fold in 0..FOLDS {
        let tagger = chain(train, more, options, |e| e.author % FOLDS != fold);
        for (e, tags) in train.iter().zip(&mut unseen).filter(|(e, _)| e.author % FOLDS == fold) {
            *tags = tagger.best(&e.sentence.features, |_, _| 0.0);
        }
    }
    unseen
}

/// The same for intents.
fn unseen_scores(train: &[Example], rows: &[svm::Row], options: &Options) -> Vec<Vec<f32>> {
    let mut unseen = vec![vec![]; train.len()];
    for fold in 0..FOLDS {
        let model = intents(train, rows, options, |e| e.author % FOLDS != fold);
        let own = train.iter().zip(rows).zip(&mut unseen);
        for ((_, row), scores) in own.filter(|((e, _), _)| e.author % FOLDS == fold) {
            *scores = model.scores(row);
        }
    }
    unseen
}

fn row(e: &Example, tags: &[usize], options: &Options) -> svm::Row {
    training::intent_features(&e.utterance.text, tags).weighted(options.intent_bits)
}

fn write(options: &Options, name: &str, bytes: Vec<u8>) -> Result<()> {
    let path = options.data.join(name);
    std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
}

fn chain(
    train: &[Example],
    more: &[Example],
    options: &Options,
    keep: impl Fn(&Example) -> bool,
) -> chain::Model {
    let kept = train.iter().chain(more).filter(|e| e.is_tagged() && keep(e));
    let sentences: Vec<&chain::Sentence> = kept.map(|e| &e.sentence).collect();
    chain::train(&sentences, options.tag_bits, options.passes, options.margin, options.seed)
}

/// The models of references. They are trained on readings by the models that are built in, so build
/// again after a change of those.
fn references(options: &Options) -> Result<()> {
    references::train(
        &dialogue_files(options)?,
        &options.data.join("test-dialogues.jsonl"),
        options,
    )
}

fn dialogue_files(options: &Options) -> Result<Vec<PathBuf>> {
    let folder = options.data.join("dialogues");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn intents(
    train: &[Example],
    rows: &[svm::Row],
    options: &Options,
    keep: impl Fn(&Example) -> bool,
) -> svm::Weights {
    let kept = || train.iter().zip(rows).filter(|(e, _)| keep(e));
    let rows: Vec<&svm::Row> = kept().map(|(_, row)| row).collect();
    let classes: Vec<usize> = kept().map(|(e, _)| e.intent).collect();
    let how = svm::Options {
        bits: options.intent_bits,
        cost: options.cost,
        passes: PASSES,
        seed: options.seed,
    };
    svm::train(&rows, &classes, Intent::ALL.len(), &how)
}

/// Words that any service may be called.
fn plain_names(options: &Options) -> Result<String> {
    let path = options.data.join("plain-names.txt");
    std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

/// Copies of the examples with other names.
fn renamed(train: &[Example], options: &Options) -> Result<Vec<Example>> {
    let plain = plain_names(options)?;
    let names = augment::Names::new(train.iter().map(|e| &e.utterance), &plain);
    let mut random = random::Random::new(options.seed);
    let mut copies = Vec::new();
    for e in train {
        for _ in 0..options.copies {
            if let Some(copy) = names.renamed(&e.utterance, &mut random) {
                copies.push(example(e.author, &copy, options.tag_bits)?);
            }
        }
    }
    Ok(copies)
}

fn examples(authors: &[Author], bits: u32) -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    for (index, author) in authors.iter().enumerate() {
        for utterance in &author.utterances {
            let example = example(index, utterance, bits);
            examples.push(example.with_context(|| format!("utterance {}", utterance.id))?);
        }
    }
    Ok(examples)
}

fn example(author: usize, utterance: &Utterance, bits: u32) -> Result<Example> {
    let intent = Intent::from_name(&utterance.intent).context("its intent is unknown")? as usize;
    let training::Tokens { features, spans } = training::tag_features(&utterance.text, bits);
    let gold = training::gold_tags(&spans, &labelled(utterance, false)?);
    let optional = training::gold_tags(&spans, &labelled(utterance, true)?);
    let free = optional.iter().map(|&tag| tag != tags::OUTSIDE).collect();
    let sentence = chain::Sentence { features, gold, free };
    Ok(Example { author, utterance: utterance.clone(), sentence, tokens: spans, intent })
}

/// Where the labelled entities stand, in bytes; each is looked for behind the one before.
fn labelled(utterance: &Utterance, optional: bool) -> Result<Vec<(EntityKind, Range<usize>)>> {
    let mut at = 0;
    let mut found = Vec::new();
    for label in utterance.entities.iter().flatten() {
        let place = utterance.text[at..].find(&label.text);
        let start = at + place.with_context(|| format!("`{}` is not in the text", label.text))?;
        at = start + label.text.len();
        if label.optional == optional {
            let kind = EntityKind::from_name(&label.kind);
            found.push((kind.with_context(|| format!("`{}` is no kind", label.kind))?, start..at));
        }
    }
    Ok(found)
}
