//! The best sequence of labels under scores for each place and for each pair of neighbours
//! (Viterbi's algorithm).

/// Scores of a first-order chain. Labels are numbers from 0.
pub struct Chain<'a> {
    pub labels: usize,
    /// One score a label, place after place.
    pub places: &'a [f32],
    /// The score of label `to` behind `from`, at `from * labels + to`; negative infinity forbids it.
    pub steps: &'a [f32],
    /// The same for the first place.
    pub starts: &'a [f32],
}

impl Chain<'_> {
    /// The labels with the highest sum; of several the first in the order of labels.
    pub fn best(&self) -> Vec<usize> {
        let count = self.places.len() / self.labels.max(1);
        if count == 0 {
            return Vec::new();
        }
        let mut scores: Vec<f32> =
            self.starts.iter().zip(self.places).map(|(start, place)| start + place).collect();
        let mut back = vec![0_u16; count * self.labels];
        for at in 1..count {
            let mut next = vec![f32::NEG_INFINITY; self.labels];
            for (from, &score) in scores.iter().enumerate() {
                if score == f32::NEG_INFINITY {
                    continue;
                }
                let steps = &self.steps[from * self.labels..][..self.labels];
                for (to, (next, step)) in next.iter_mut().zip(steps).enumerate() {
                    if score + step > *next {
                        *next = score + step;
                        back[at * self.labels + to] = from as u16;
                    }
                }
            }
            let places = &self.places[at * self.labels..][..self.labels];
            next.iter_mut().zip(places).for_each(|(next, place)| *next += place);
            scores = next;
        }
        let best = |best: usize, next: usize| if scores[next] > scores[best] { next } else { best };
        let mut label = (0..self.labels).reduce(best).unwrap_or_default();
        let mut path = vec![label; count];
        for at in (1..count).rev() {
            label = usize::from(back[at * self.labels + label]);
            path[at - 1] = label;
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_path_is_that_of_trying_all() {
        const LABELS: usize = 3;
        let mut seed = 7_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from((seed >> 20) as u16) / 100.0
        };
        for _ in 0..50 {
            let places: Vec<f32> = (0..4 * LABELS).map(|_| random()).collect();
            let steps: Vec<f32> = (0..LABELS * LABELS).map(|_| random()).collect();
            let starts: Vec<f32> = (0..LABELS).map(|_| random()).collect();
            let chain = Chain { labels: LABELS, places: &places, steps: &steps, starts: &starts };
            let score = |path: &[usize]| {
                let mut sum = starts[path[0]];
                for (at, &label) in path.iter().enumerate() {
                    sum += places[at * LABELS + label];
                    if at > 0 {
                        sum += steps[path[at - 1] * LABELS + label];
                    }
                }
                sum
            };
            let all = (0..81).map(|n| score(&[n / 27, n / 9 % 3, n / 3 % 3, n % 3]));
            let most = all.fold(f32::NEG_INFINITY, f32::max);
            assert!((score(&chain.best()) - most).abs() < 1e-3);
        }
    }
}
