//! A linear chain by the averaged structured perceptron (Collins, EMNLP 2002) with a margin: what is
//! wrong is decoded with a bonus, so that the right sequence must win clearly.

use nlp::training::{Chain, tags};

use crate::random::Random;

pub(crate) struct Sentence {
    /// The features of each token, as rows.
    pub(crate) features: Vec<Vec<u32>>,
    pub(crate) gold: Vec<usize>,
    /// Tokens whose label does not count.
    pub(crate) free: Vec<bool>,
}

pub(crate) struct Model {
    pub(crate) bits: u32,
    /// Row by row, one weight a label; the steps between labels are rows like the others.
    pub(crate) rows: Vec<f32>,
}

impl Model {
    fn zero(bits: u32) -> Self {
        Self { bits, rows: vec![0.0; tags::COUNT << bits] }
    }

    pub(crate) fn best(
        &self,
        features: &[Vec<u32>],
        bonus: impl Fn(usize, usize) -> f32,
    ) -> Vec<usize> {
        let count = tags::COUNT;
        let mut places = vec![0.0_f32; features.len() * count];
        for (at, rows) in features.iter().enumerate() {
            let scores = &mut places[at * count..][..count];
            for &row in rows {
                let weights = &self.rows[row as usize * count..][..count];
                scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += weight);
            }
            for (label, score) in scores.iter_mut().enumerate() {
                *score += bonus(at, label);
            }
        }
        let row = |from: Option<usize>| {
            let start = step_row(from, self.bits) * count;
            let weights = self.rows[start..start + count].iter().enumerate();
            weights
                .map(
                    |(to, weight)| {
                        if tags::may_follow(from, to) { *weight } else { f32::NEG_INFINITY }
                    },
                )
                .collect::<Vec<f32>>()
        };
        let steps: Vec<f32> = (0..count).flat_map(|from| row(Some(from))).collect();
        let starts = row(None);
        Chain { labels: count, places: &places, steps: &steps, starts: &starts }.best()
    }
}

fn step_row(from: Option<usize>, bits: u32) -> usize {
    (tags::step_feature(from) >> (32 - bits)) as usize
}

pub(crate) fn train(
    sentences: &[&Sentence],
    bits: u32,
    passes: usize,
    margin: f32,
    seed: u64,
) -> Model {
    let count = tags::COUNT;
    let mut model = Model::zero(bits);
    let mut sums = Model::zero(bits);
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let mut time = 1.0_f32;
    for _ in 0..passes {
        random.shuffle(&mut order);
        for &index in &order {
            let Sentence { features, gold, free } = sentences[index];
            let guess =
                model.best(
                    features,
                    |at, label| {
                        if free[at] || label == gold[at] { 0.0 } else { margin }
                    },
                );
            // Where the label does not count, the guess is right, unless it begins something that
            // goes on behind.
            let goal: Vec<usize> =
                (0..gold.len()).map(|at| if free[at] { guess[at] } else { gold[at] }).collect();
            time += 1.0;
            if goal == guess {
                continue;
            }
            let mut change = |place: usize, by: f32| {
                model.rows[place] += by;
                sums.rows[place] += by * time;
            };
            for at in 0..goal.len() {
                if goal[at] != guess[at] {
                    for &row in &features[at] {
                        change(row as usize * count + goal[at], 1.0);
                        change(row as usize * count + guess[at], -1.0);
                    }
                }
                let from = |path: &[usize]| step_row(at.checked_sub(1).map(|at| path[at]), bits);
                change(from(&goal) * count + goal[at], 1.0);
                change(from(&guess) * count + guess[at], -1.0);
            }
        }
    }
    for (weight, sum) in model.rows.iter_mut().zip(&sums.rows) {
        *weight -= sum / time;
    }
    model
}
