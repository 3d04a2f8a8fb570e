//! What the words of a question want to know: the number, its rows, its period and what it is held
//! against. Which metric it is about is for [`crate::metric`] to find among the words that are left.

mod form;
mod limit;
mod period;
mod rows;
mod statistic;
mod unit;
mod words;

use jiff::Timestamp;
use model::Unit;

pub(crate) use self::{
    form::{CHANGING, Cues, Form, OWN_LIMITS},
    limit::Limit,
    period::{Length, Periods},
    rows::{Rank, Row},
    statistic::Statistic,
    unit::Said,
    words::{Phrases, Use, Word, Words},
};
use crate::Question;

/// A question, read.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) words: Words,
    pub(crate) form: Form,
    pub(crate) statistic: Option<Statistic>,
    /// Where several are asked for, all of them.
    pub(crate) quantiles: Vec<f64>,
    pub(crate) periods: Periods,
    pub(crate) limits: Vec<Limit>,
    pub(crate) rank: Option<Rank>,
    /// The word that says it.
    pub(crate) rank_at: Option<usize>,
    pub(crate) rows: Vec<Row>,
    pub(crate) cues: Cues,
    /// 0.999, where an objective is said.
    pub(crate) objective: Option<f64>,
}

impl Wanted {
    pub(crate) fn read(question: &Question<'_>, now: Timestamp) -> Self {
        let mut words = Words::read(question.text);
        let periods = period::read(&mut words, question, Some(now));
        let objective = objective(&mut words);
        let quantiles = statistic::quantiles(&words);
        let statistic = statistic::read(&mut words);
        let mut limits = limit::read(&mut words);
        let cues = form::cues(&mut words);
        if limits.is_empty() && form::is_at_limit(&words, &cues) {
            limits.push(Limit::whole());
        }
        let form = form::form(&words, &cues, &periods, &limits);
        let rank = rows::rank(&mut words);
        let rows = rows::rows(&words, rank.map(|(_, at)| at));
        let rank_at = rank.map(|(_, at)| at);
        let rank = rank.map(|(rank, _)| rank);
        // "the worst backlog per queue in the last six hours" is the highest of each.
        let peak = rank.filter(|rank| {
            let one = !rank.said && rank.count == 1 && !periods.windows.is_empty();
            one && statistic.is_none() && rows.iter().any(|row| row.each)
        });
        let statistic =
            statistic.or(
                peak.map(|rank| if rank.highest { Statistic::Maximum } else { Statistic::Minimum })
            );
        let rank = rank.filter(|_| peak.is_none());
        Self {
            words,
            form,
            statistic,
            quantiles,
            periods,
            limits,
            rank,
            rank_at,
            rows,
            cues,
            objective,
        }
    }

    /// How a rate or a value is windowed when the question does not say.
    pub(crate) fn window(&self) -> Length {
        let usual_s = if self.form == Form::Forecast { USUAL_TREND_S } else { USUAL_WINDOW_S };
        self.periods.windows.first().cloned().unwrap_or_else(|| Length::of(usual_s))
    }

    pub(crate) fn has_window(&self) -> bool {
        !self.periods.windows.is_empty()
    }

    /// Whether it is asked for nothing having happened: "no bookings for 15 minutes".
    pub(crate) fn lacks_events(&self) -> bool {
        self.cues.existence == Some(false) && form::lacks_events(&self.words)
    }

    /// Whether a comparison with an earlier time is to be a quotient.
    pub(crate) fn compares_as_ratio(&self) -> bool {
        form::is_relative(&self.words)
    }
}

/// Long enough for a rate at the usual scrape intervals, short enough to be the present.
const USUAL_WINDOW_S: i64 = 300;

/// A trend of less than this is noise.
const USUAL_TREND_S: i64 = 3_600;

/// The objective of an SLO: 0.999 for "a 99.9 % availability target".
fn objective(words: &mut Words) -> Option<f64> {
    let speaks_of_one = words
        .has(&["slo", "slos", "target", "objective", "budget", "goal", "burn", "burning", "sla"]);
    if !speaks_of_one {
        return None;
    }
    let at = (0..words.len()).find(|at| {
        let percent = words.is(at + 1, &["%", "percent"]);
        words.list[*at].number.is_some_and(|number| number > 50.0 && number < 100.0) && percent
    })?;
    let percent = words.list[at].number?;
    words.mark(at..at + 2, Use::Taken);
    Some((percent * 1e6).round() / 1e8)
}

/// The unit that a word is, and how much of the base unit one of it is.
pub(crate) fn unit_of(word: &str) -> Option<(Unit, f64)> {
    unit::said(word).map(|said| (said.unit, said.factor))
}
