//! From a question on a catalog to one PromQL expression: every candidate is built the way its kind
//! and the question's form allow, and the one that explains the question best is taken.

mod both;
mod derived;
mod difference;
mod distribution;
mod draft;
mod finish;
mod level;
mod measured;
mod moment;
mod other;
mod pair;
mod part;
mod plain;
mod share;

use std::cmp::Ordering;

pub(crate) use self::finish::Built;
use self::{draft::Draft, finish::finish};
use super::ground::{Candidate, Ground};
use crate::wanted::{Form, Wanted};
use crate::{Catalog, metric::usual};

/// Less of a question explained than this, and nothing is known that answers it.
const LEAST_COVERAGE: f32 = 0.2;

/// What the catalog has for a question.
pub(crate) struct Answers<'a> {
    ground: Ground<'a>,
    /// The best first.
    drafts: Vec<(f32, Draft)>,
}

impl<'a> Answers<'a> {
    pub(crate) fn find(wanted: &'a Wanted, catalog: &'a Catalog) -> Self {
        let ground = Ground::new(wanted, catalog);
        let mut drafts: Vec<(f32, Draft)> = Vec::new();
        for candidate in &ground.candidates {
            let prunes = !matches!(wanted.form, Form::Share | Form::Burn | Form::Difference);
            if prunes && !ground.may_win(&candidate.explains) {
                continue;
            }
            for draft in drafts_of(&ground, candidate) {
                if ground.full_coverage(&draft.explains) < LEAST_COVERAGE {
                    continue;
                }
                let draft = liken(&ground, draft);
                let score = draft.score(&ground);
                ground.scored(score);
                drafts.push((score, draft));
            }
        }
        drafts.sort_by(|(one, a), (other, b)| {
            let by_name = || a.metrics.cmp(&b.metrics);
            other.partial_cmp(one).unwrap_or(Ordering::Equal).then_with(by_name)
        });
        Self { ground, drafts }
    }

    /// The expressions that answer, the best first; none when nothing comes near.
    pub(crate) fn built(&self) -> impl Iterator<Item = Built> {
        self.drafts.iter().map(|(_, draft)| finish(&self.ground, draft))
    }

    /// The metrics that come nearest, where none answers.
    pub(crate) fn nearest(&self) -> Vec<String> {
        const MOST: usize = 3;
        let candidates = self.ground.candidates.iter().take(MOST);
        candidates.map(|candidate| candidate.family.name.clone()).collect()
    }
}

/// Prefers the metric that people mean by words such as "traffic" and "memory".
fn liken(ground: &Ground<'_>, mut draft: Draft) -> Draft {
    const MOST: f32 = 0.1;
    let place = draft.metrics.first().and_then(|series| ground.catalog.place_of(series));
    let likeness = |key: &&'static str| {
        let places = usual(key, ground.catalog).iter();
        places
            .filter(|(at, _)| Some(*at) == place)
            .map(|(_, likeness)| *likeness)
            .fold(0.0, f32::max)
    };
    // Where a metric is named after what is asked for, another one is not what is usually meant.
    let strange =
        (0..draft.explains.len()).any(|at| draft.explains[at] < 0.9 && ground.names_thing(at));
    if !strange {
        draft.likeness = MOST * ground.keys.iter().map(likeness).fold(0.0, f32::max);
    }
    draft
}

fn drafts_of(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let mut found = match ground.wanted.form {
        Form::Burn => other::burn(ground, candidate).into_iter().collect(),
        Form::Absent => other::absent(ground, candidate).into_iter().collect(),
        Form::Share => {
            let mut shares = share::drafts(ground, candidate);
            shares.extend(plain::drafts(ground, candidate));
            shares
        }
        Form::Difference => {
            let mut differences = difference::drafts(ground, candidate);
            differences.extend(
                plain::drafts(ground, candidate)
                    .into_iter()
                    .map(|draft| draft.fitting(plain::POOR)),
            );
            differences
        }
        Form::Forecast => {
            let mut forecasts = plain::drafts(ground, candidate);
            forecasts.extend(part::outgrown(ground, candidate));
            forecasts
        }
        _ => plain::drafts(ground, candidate),
    };
    found.extend(both::drafts(ground, candidate));
    if matches!(ground.wanted.form, Form::Usual | Form::Change | Form::Growth) {
        if ground.wanted.words.has(&["rate", "rates"]) && ground.wanted.cues.per_s.is_none() {
            // "fill rate" is a share, where "request rate" is none.
            found.extend(part::of_rate(ground, candidate));
            found.extend(share::of_rate(ground, candidate));
        }
        found.extend(derived::mean(ground, candidate));
        found.extend(derived::per(ground, candidate));
        found.extend(derived::compared(ground, candidate));
        found.extend(derived::used(ground, candidate));
        found.extend(derived::left(ground, candidate));
        found.extend(other::failures(ground, candidate));
        found.extend(other::things(ground, candidate));
    }
    found
}
