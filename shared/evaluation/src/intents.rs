//! Scores of intents.

use std::collections::BTreeMap;

use model::Intent;

use crate::report::{Tally, share};

const BINS: usize = 10;

/// One intent as labelled and as found.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) gold: Intent,
    pub(crate) is_also_ok: bool,
    pub(crate) got: Intent,
    /// 0 to 1.
    pub(crate) confidence: f32,
}

impl Judged {
    pub(crate) fn new(gold: Intent, also_ok: &[Intent], got: Intent, confidence: f32) -> Self {
        Self { gold, is_also_ok: also_ok.contains(&got), got, confidence }
    }

    fn is_right(&self) -> bool {
        self.got == self.gold
    }

    /// By a judge who accepts the other intents too.
    pub(crate) fn is_accepted(&self) -> bool {
        self.is_right() || self.is_also_ok
    }

    fn is_in_scope(&self) -> bool {
        self.gold != Intent::OutOfScope
    }
}

fn of(
    judged: &[Judged],
    those: impl Fn(&Judged) -> bool,
    good: impl Fn(&Judged) -> bool,
) -> Option<f64> {
    let n = judged.iter().filter(|one| those(one)).count();
    share(judged.iter().filter(|one| those(one) && good(one)).count(), n)
}

/// The share of what is in scope whose intent is the labelled one.
pub(crate) fn accuracy(judged: &[Judged]) -> Option<f64> {
    of(judged, Judged::is_in_scope, Judged::is_right)
}

pub(crate) fn accuracy_also_ok(judged: &[Judged]) -> Option<f64> {
    of(judged, Judged::is_in_scope, Judged::is_accepted)
}

/// The share of what is out of scope that is seen to be.
pub(crate) fn out_of_scope_recall(judged: &[Judged]) -> Option<f64> {
    of(judged, |one| !one.is_in_scope(), Judged::is_right)
}

/// The share of what is in scope that is sent away.
pub(crate) fn false_out_of_scope(judged: &[Judged]) -> Option<f64> {
    of(judged, Judged::is_in_scope, |one| one.got == Intent::OutOfScope && !one.is_also_ok)
}

/// The mean F1 of the intents that are labelled or found, `out_of_scope` among them.
pub(crate) fn macro_f1(judged: &[Judged]) -> Option<f64> {
    let mut tallies: BTreeMap<Intent, Tally> = BTreeMap::new();
    for one in judged {
        if one.is_right() {
            tallies.entry(one.gold).or_default().hits += 1;
        } else {
            tallies.entry(one.gold).or_default().missed += 1;
            tallies.entry(one.got).or_default().spurious += 1;
        }
    }
    let sum: f64 = tallies.values().filter_map(Tally::f1).sum();
    (!tallies.is_empty()).then(|| sum / tallies.len() as f64)
}

/// The expected calibration error: how far the confidence of ten bins is from the share that is
/// right in them, weighted by their sizes (Naeini et al., 2015).
pub(crate) fn calibration_error(judged: &[Judged]) -> Option<f64> {
    let mut bins = [(0_usize, 0_usize, 0.0_f64); BINS];
    for one in judged {
        let confidence = f64::from(one.confidence).clamp(0.0, 1.0);
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += 1;
        bin.1 += usize::from(one.is_right());
        bin.2 += confidence;
    }
    let gaps: f64 = bins.iter().map(|(_, right, sum)| (*right as f64 - sum).abs()).sum();
    (!judged.is_empty()).then(|| gaps / judged.len() as f64)
}

#[cfg(test)]
mod tests {
    use Intent::{CheckHealth, Compare, Explain, OutOfScope, QueryLogs, SmallTalk};

    use super::*;

    fn judged(rows: &[(Intent, &[Intent], Intent, f32)]) -> Vec<Judged> {
        rows.iter().map(|(gold, also, got, sure)| Judged::new(*gold, also, *got, *sure)).collect()
    }

    fn assert_close(got: Option<f64>, expected: f64) {
        assert!(got.is_some_and(|got| (got - expected).abs() < 1e-6), "{got:?} {expected}");
    }

    #[test]
    fn accuracy_is_of_what_is_in_scope() {
        let judged = judged(&[
            (Compare, &[], Compare, 1.0),
            (Compare, &[Explain], Explain, 1.0),
            (Explain, &[], OutOfScope, 1.0),
            (SmallTalk, &[OutOfScope], OutOfScope, 1.0),
            (OutOfScope, &[], OutOfScope, 1.0),
            (OutOfScope, &[Explain], Explain, 1.0),
        ]);
        assert_close(accuracy(&judged), 1.0 / 4.0);
        assert_close(accuracy_also_ok(&judged), 3.0 / 4.0);
        assert_close(out_of_scope_recall(&judged), 1.0 / 2.0);
        assert_close(false_out_of_scope(&judged), 1.0 / 4.0);
    }

    #[test]
    fn macro_f1_counts_every_intent_alike() {
        let judged = judged(&[
            // Compare: 2 hits, 1 missed, 0 spurious: 4/5.
            (Compare, &[], Compare, 1.0),
            (Compare, &[], Compare, 1.0),
            (Compare, &[QueryLogs], QueryLogs, 1.0),
            // CheckHealth: 1 hit: 1. QueryLogs: only spurious: 0.
            (CheckHealth, &[], CheckHealth, 1.0),
        ]);
        assert_close(macro_f1(&judged), (0.8 + 1.0 + 0.0) / 3.0);
    }

    #[test]
    fn calibration_is_right_when_confidence_is_the_share_that_is_right() {
        let sure = |right: &[bool], confidence| {
            let rows: Vec<_> = right
                .iter()
                .map(|right| (Compare, &[][..], if *right { Compare } else { Explain }, confidence))
                .collect();
            judged(&rows)
        };
        assert_close(calibration_error(&sure(&[true, false], 0.5)), 0.0);
        assert_close(calibration_error(&sure(&[true, true], 1.0)), 0.0);
        assert_close(calibration_error(&sure(&[false, false], 1.0)), 1.0);
        // Bins of 0.25 and 0.85: (|1 − 0.25| + |1 − 3 × 0.85|) / 4.
        let two = [sure(&[true], 0.25), sure(&[true, false, false], 0.85)].concat();
        assert_close(calibration_error(&two), (0.75 + 1.55) / 4.0);
    }

    #[test]
    fn nothing_has_no_score() {
        for score in [accuracy, out_of_scope_recall, macro_f1, calibration_error] {
            assert_eq!(score(&[]), None);
        }
    }
}
