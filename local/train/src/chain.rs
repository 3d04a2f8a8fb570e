//! A linear chain by the averaged structured perceptron (Collins, EMNLP 2002) with a margin: what is
//! wrong is decoded with a bonus, so that the right sequence must win clearly.

use nlp::training::{Chain, tags};

use crate::random::Random;

pub struct Sentence {
    /// The features of each token, as rows.
    pub features: Vec<Vec<u32>>,
    pub gold: Vec<usize>,
    /// Tokens whose label does not count.
    pub free: Vec<bool>,
}

pub struct Model {
    pub bits: u32,
    /// Row by row, one weight a label.
    pub rows: Vec<f32>,
    /// `from * labels + to`; the last row is the start.
    pub steps: Vec<f32>,
}

impl Model {
    fn zero(bits: u32) -> Self {
        Self { bits, rows: vec![0.0; tags::COUNT << bits], steps: vec![0.0; (tags::COUNT + 1) * tags::COUNT] }
    }

    pub fn best(&self, features: &[Vec<u32>], bonus: impl Fn(usize, usize) -> f32) -> Vec<usize> {
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
        let mut steps = self.steps.clone();
        for from in 0..=count {
            for to in 0..count {
                if !tags::may_follow((from < count).then_some(from), to) {
                    steps[from * count + to] = f32::NEG_INFINITY;
                }
            }
        }
        let (steps, starts) = steps.split_at(count * count);
        Chain { labels: count, places: &places, steps, starts }.best()
    }
}

pub fn train(sentences: &[Sentence], bits: u32, passes: usize, margin: f32, seed: u64) -> Model {
    let count = tags::COUNT;
    let mut model = Model::zero(bits);
    let mut sums = Model::zero(bits);
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let mut time = 1.0_f32;
    for _ in 0..passes {
        random.shuffle(&mut order);
        for &index in &order {
            let Sentence { features, gold, free } = &sentences[index];
            let guess = model.best(features, |at, label| {
                if free[at] || label == gold[at] { 0.0 } else { margin }
            });
            // Where the label does not count, the guess is right, unless it begins something that
            // goes on behind.
            let goal: Vec<usize> = (0..gold.len()).map(|at| if free[at] { guess[at] } else { gold[at] }).collect();
            time += 1.0;
            if goal == guess {
                continue;
            }
            let mut change = |row: usize, by: f32, is_step: bool| {
                let (weights, sums) = if is_step { (&mut model.steps, &mut sums.steps) } else { (&mut model.rows, &mut sums.rows) };
                weights[row] += by;
                sums[row] += by * time;
            };
            for at in 0..goal.len() {
                if goal[at] != guess[at] {
                    for &row in &features[at] {
                        change(row as usize * count + goal[at], 1.0, false);
                        change(row as usize * count + guess[at], -1.0, false);
                    }
                }
                let from = |path: &[usize]| if at == 0 { count } else { path[at - 1] };
                change(from(&goal) * count + goal[at], 1.0, true);
                change(from(&guess) * count + guess[at], -1.0, true);
            }
        }
    }
    for (weight, sum) in model.rows.iter_mut().zip(&sums.rows) {
        *weight -= sum / time;
    }
    for (weight, sum) in model.steps.iter_mut().zip(&sums.steps) {
        *weight -= sum / time;
    }
    model
}
