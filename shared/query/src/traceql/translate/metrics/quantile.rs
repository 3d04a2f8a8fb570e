//! Quantiles as people say them: `p95`, "99th percentile", "the median", "50th and 90th".

use std::ops::Range;

use crate::traceql::translate::{conditions::Reader, words::fits};

impl Reader<'_, '_> {
    /// The quantiles that are asked for, with their words, in order.
    pub(super) fn quantiles(&self) -> Vec<(Range<usize>, f64)> {
        let mut found: Vec<(Range<usize>, f64)> = Vec::new();
        for at in 0..self.words.len() {
            if !self.taken[at] && !self.words[at].quoted {
                found.extend(self.quantile_at(at));
            }
        }
        // "50th, 95th and 99th percentile": the ordinals before share the word.
        let Some(mut at) = found.first().map(|(words, _)| words.start) else { return found };
        while at > 0 {
            at -= 1;
            let word = self.lower(at);
            if matches!(word, "and" | "&") {
                continue;
            }
            let ordinal =
                ["th", "st", "nd", "rd"].iter().find_map(|ending| word.strip_suffix(ending));
            match ordinal.and_then(quantile) {
                Some(value) => found.insert(0, (at..at + 1, value)),
                None => break,
            }
        }
        found
    }

    fn quantile_at(&self, at: usize) -> Option<(Range<usize>, f64)> {
        let word = self.lower(at);
        let one = |value| (at..at + 1, value);
        if matches!(word, "median" | "medians") {
            return Some(one(0.5));
        }
        // A plot may be called "p9".
        let percent = word.strip_prefix('p').filter(|digits| digits.len() > 1);
        if let Some(value) = percent.and_then(quantile) {
            return self.ground.hits(&self.words[at..=at]).is_empty().then_some(one(value));
        }
        if let Some(taken) = fits(&self.words, at + 1, "percentile|percentiles|pct|pctl") {
            let ordinal = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            return Some((at..at + 1 + taken, quantile(ordinal)?));
        }
        if word.starts_with("percentile") {
            return Some((at..at + 2, quantile(self.lower(at + 1))?));
        }
        // `q0.95`
        let share: f64 =
            word.strip_prefix("q0.").and_then(|digits| format!("0.{digits}").parse().ok())?;
        (0.0..1.0).contains(&share).then_some(one(share))
    }
}

/// `95` → 0.95, `99.9` → 0.999, `999` → 0.999.
fn quantile(digits: &str) -> Option<f64> {
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = digits.parse().ok().filter(|_| plain)?;
    let percent = if value > 100.0 && value < 1_000.0 { value / 10.0 } else { value };
    (percent > 0.0 && percent < 100.0).then(|| (percent * 1e4).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn digits_are_per_cent() {
        for (digits, expected) in [
            ("95", Some(0.95)),
            ("99.9", Some(0.999)),
            ("999", Some(0.999)),
            ("0", None),
            ("100", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(quantile(digits), expected, "{digits}");
        }
    }
}
