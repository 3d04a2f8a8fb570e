//! One linear support vector machine a class, by dual coordinate descent (Hsieh et al., "A dual
//! coordinate descent method for large-scale linear SVM", ICML 2008; squared hinge loss).

use crate::random::Random;

/// Weighted features of one example.
pub(crate) type Row = Vec<(u32, f32)>;

pub(crate) struct Options {
    pub(crate) bits: u32,
    pub(crate) cost: f32,
    pub(crate) passes: usize,
    pub(crate) seed: u64,
}

/// Weights, feature by feature, one a class, and the biases.
pub(crate) struct Weights {
    pub(crate) weights: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

impl Weights {
    pub(crate) fn scores(&self, row: &Row) -> Vec<f32> {
        let mut scores = self.biases.clone();
        for &(at, value) in row {
            let weights = &self.weights[at as usize * scores.len()..][..scores.len()];
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += weight * value);
        }
        scores
    }

    /// Multiplies every score.
    pub(crate) fn stretch(&mut self, factor: f32) {
        self.weights.iter_mut().chain(&mut self.biases).for_each(|weight| *weight *= factor);
    }
}

pub(crate) fn train(rows: &[&Row], classes: &[usize], count: usize, options: &Options) -> Weights {
    let mut all = vec![0.0_f32; count << options.bits];
    let mut biases = vec![0.0_f32; count];
    let norms: Vec<f32> = rows
        .iter()
        .map(|row| 1.0 + row.iter().map(|(_, value)| value * value).sum::<f32>())
        .collect();
    let diagonal = 0.5 / options.cost;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    for class in 0..count {
        let mut random = Random::new(options.seed);
        let mut weights = vec![0.0_f32; 1 << options.bits];
        let mut bias = 0.0_f32;
        let mut alphas = vec![0.0_f32; rows.len()];
        for _ in 0..options.passes {
            random.shuffle(&mut order);
            let mut largest = 0.0_f32;
            for &index in &order {
                let sign = if classes[index] == class { 1.0 } else { -1.0 };
                let row = rows[index];
                let score: f32 =
                    bias + row.iter().map(|&(at, value)| weights[at as usize] * value).sum::<f32>();
                let gradient = sign * score - 1.0 + diagonal * alphas[index];
                let projected = if alphas[index] == 0.0 { gradient.min(0.0) } else { gradient };
                largest = largest.max(projected.abs());
                if projected.abs() < 1e-6 {
                    continue;
                }
                let before = alphas[index];
                alphas[index] = (before - gradient / (norms[index] + diagonal)).max(0.0);
                let step = (alphas[index] - before) * sign;
                bias += step;
                for &(at, value) in row {
                    weights[at as usize] += step * value;
                }
            }
            if largest < 0.01 {
                break;
            }
        }
        biases[class] = bias;
        for (feature, weight) in weights.into_iter().enumerate() {
            all[feature * count + class] = weight;
        }
    }
    Weights { weights: all, biases }
}
