//! How far scores must be stretched for their softmax to be calibrated.

/// The factor that makes the right classes likeliest, found by golden-section search.
pub(crate) fn stretch(scores: &[(Vec<f32>, usize)]) -> f32 {
    let loss = |factor: f32| -> f64 {
        scores
            .iter()
            .map(|(scores, right)| {
                let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let total: f32 =
                    scores.iter().map(|score| ((score - largest) * factor).exp()).sum();
                f64::from(total.ln() - (scores[*right] - largest) * factor)
            })
            .sum()
    };
    const RATIO: f32 = 0.618_034;
    let (mut low, mut high) = (0.1_f32, 50.0_f32);
    for _ in 0..60 {
        let (a, b) = (high - RATIO * (high - low), low + RATIO * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_right_three_times_in_four_say_so() {
        let scores: Vec<(Vec<f32>, usize)> =
            (0..40).map(|n| (vec![1.0, 0.0], usize::from(n % 4 == 0))).collect();
        let share = 1.0 / (1.0 + (-stretch(&scores)).exp());
        assert!((share - 0.75).abs() < 0.01, "{share}");
    }
}
