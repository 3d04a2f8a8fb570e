//! Trains what `nlp` has learned: where entities stand (`tags.bin`) and what is wanted
//! (`intents.bin`), from the labelled utterances in `shared/nlp/data/train`. The same data and seed
//! give the same bytes.

mod augment;
mod calibration;
mod chain;
mod data;
mod dialogues;
mod random;
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
const STANDS_FILE: &str = "stands.bin";
const KEPT_FILE: &str = "kept.bin";

const FOLDS: usize = 5;

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
    #[arg(long, default_value_t = 1.0)]
    reference_cost: f32,
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
    if options.references {
        return references(&options);
    }
    let authors = data::authors(&options.data.join("train"))?;
    let train = examples(&authors, options.tag_bits)?;
    // Turns from the middle of conversations teach where names stand in few words; what they want is
    // for the models of references to say.
    let turns = examples(&data::authors(&options.data.join("fragments"))?, options.tag_bits)?;
    let mut more = renamed(&train, &options)?;
    more.extend(renamed(&turns, &options)?);
    more.extend(turns);
    println!("{} utterances by {} authors", train.len(), authors.len());

    // Each author's utterances are read by models that have not seen that author; authors are held
    // out a few at a time.
    let mut unseen_tags: Vec<Vec<usize>> = vec![vec![]; train.len()];
    for fold in 0..FOLDS {
        let others: Vec<&chain::Sentence> = train.iter().chain(&more).filter(|e| e.author % FOLDS != fold && e.is_tagged()).map(|e| &e.sentence).collect();
        let tagger = chain::train(&others, options.tag_bits, options.passes, options.margin, options.seed);
        for (example, tags) in train.iter().zip(&mut unseen_tags).filter(|(e, _)| e.author % FOLDS == fold) {
            *tags = tagger.best(&example.sentence.features, |_, _| 0.0);
        }
    }
    let rows: Vec<svm::Row> = train
        .iter()
        .zip(&unseen_tags)
        .map(|(e, tags)| training::intent_features(&e.utterance.text, tags).weighted(options.intent_bits))
        .collect();
    let mut unseen_scores: Vec<(Vec<f32>, usize)> = vec![(vec![], 0); train.len()];
    for fold in 0..FOLDS {
        let model = intents(&train, &rows, &options, |e| e.author % FOLDS != fold);
        for ((example, row), scores) in train.iter().zip(&rows).zip(&mut unseen_scores).filter(|((e, _), _)| e.author % FOLDS == fold) {
            *scores = (model.scores(row), example.intent);
        }
    }
    let stretch = calibration::stretch(&unseen_scores);
    println!("scores are stretched by {stretch:.2}");
    for (index, author) in authors.iter().enumerate() {
        let of = |at: &usize| train[*at].author == index;
        let ids: Vec<usize> = (0..train.len()).filter(of).collect();
        report::print(&author.name, ids.iter().map(|&at| (&train[at], unseen_scores[at].0.as_slice(), unseen_tags[at].as_slice())), false);
    }

    let all: Vec<&chain::Sentence> = train.iter().chain(&more).filter(|e| e.is_tagged()).map(|e| &e.sentence).collect();
    let tagger = chain::train(&all, options.tag_bits, options.passes, options.margin, options.seed);
    let mut model = intents(&train, &rows, &options, |_| true);
    model.stretch(stretch);
    if !options.dry_run {
        let write = |name: &str, bytes: Vec<u8>| {
            let path = options.data.join(name);
            std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
        };
        write(TAGS_FILE, training::encoded(options.tag_bits, &vec![0.0; tags::COUNT], &tagger.rows))?;
        write(INTENTS_FILE, training::encoded(options.intent_bits, &model.biases, &model.weights))?;
    }
    for author in data::authors(&options.data.join("test"))? {
        let name = author.name.clone();
        let test = examples(&[author], options.tag_bits)?;
        let read: Vec<(Vec<f32>, Vec<usize>)> = test
            .iter()
            .map(|e| {
                let tags = tagger.best(&e.sentence.features, |_, _| 0.0);
                let row = training::intent_features(&e.utterance.text, &tags).weighted(options.intent_bits);
                (model.scores(&row), tags)
            })
            .collect();
        report::print(&name, test.iter().zip(&read).map(|(e, (s, t))| (e, s.as_slice(), t.as_slice())), options.show_failures);
    }
    Ok(())
}

/// The models of references. They are trained on readings by the models of a build before, so train
/// twice after a change of those.
fn references(options: &Options) -> Result<()> {
    const BITS: u32 = 15;
    let how = svm::Options { bits: BITS, cost: options.reference_cost, passes: 60, seed: options.seed };
    let mut folder: Vec<PathBuf> = std::fs::read_dir(options.data.join("dialogues"))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    folder.sort();
    let lessons: Vec<dialogues::Lessons> = folder.iter().map(|path| dialogues::lessons(path, BITS)).collect::<Result<_>>()?;
    let test = dialogues::lessons(&options.data.join("test-dialogues.jsonl"), BITS)?;
    for (name, file, pick, count) in [
        ("stands", STANDS_FILE, (|lessons| &lessons.stands) as fn(&dialogues::Lessons) -> &dialogues::Rows, training::Stand::ALL.len()),
        ("kept", KEPT_FILE, |lessons| &lessons.kept, 2),
    ] {
        let rows: Vec<&svm::Row> = lessons.iter().flat_map(|lessons| &pick(lessons).rows).collect();
        let classes: Vec<usize> = lessons.iter().flat_map(|lessons| pick(lessons).classes.clone()).collect();
        let model = svm::train(&rows, &classes, count, &how);
        let test = pick(&test);
        let best = |row: &svm::Row| { let s = model.scores(row); (0..s.len()).fold(0, |best, at| if s[at] > s[best] { at } else { best }) };
        let right = test.rows.iter().zip(&test.classes).filter(|(row, class)| best(row) == **class).count();
        println!("{name}: {} lessons; {:.3} of {} in the test split", rows.len(), right as f64 / test.rows.len().max(1) as f64, test.rows.len());
        if !options.dry_run {
            std::fs::write(options.data.join(file), training::encoded(BITS, &model.biases, &model.weights))?;
        }
    }
    Ok(())
}

fn intents(train: &[Example], rows: &[svm::Row], options: &Options, keep: impl Fn(&Example) -> bool) -> svm::Weights {
    let kept = || train.iter().zip(rows).filter(|(e, _)| keep(e));
    let rows: Vec<&svm::Row> = kept().map(|(_, row)| row).collect();
    let classes: Vec<usize> = kept().map(|(e, _)| e.intent).collect();
    let how = svm::Options { bits: options.intent_bits, cost: options.cost, passes: 60, seed: options.seed };
    svm::train(&rows, &classes, Intent::ALL.len(), &how)
}

/// Copies of the examples with other names.
fn renamed(train: &[Example], options: &Options) -> Result<Vec<Example>> {
    let path = options.data.join("plain-names.txt");
    let plain = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
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
