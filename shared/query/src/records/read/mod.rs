//! A question about records, read against a schema.

mod codes;
mod corrections;
mod environments;
mod ids;
mod level;
mod limits;
mod measure;
mod messages;
mod missing;
mod names;
mod nothing;
mod ordinals;
mod patterns;
mod peers;
mod routes;
mod rows;
mod samples;
mod services;
mod shown;
mod software;
mod span_names;
mod text;
mod unparsed;
mod values;

use std::ops::Range;

use jiff::Timestamp;
use model::{Comparison, Unit};

use super::{Ask, Condition, Measure, Role, Schema, Test, Text};
use crate::{
    PlanError, Question, Settings,
    wanted::{Length, Limit, Rank, Statistic, Use, Wanted},
};

/// Which kind of records a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Logs,
    Traces,
}

/// A question while it is read: what has been understood, and which words are left.
pub(crate) struct Reader<'a> {
    pub(crate) signal: Signal,
    pub(crate) question: Question<'a>,
    pub(crate) schema: &'a Schema,
    pub(crate) wanted: Wanted,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) texts: Vec<Text>,
    /// Fields that tell rows apart.
    pub(crate) by: Vec<usize>,
    /// The places of the words that say so.
    by_words: Vec<usize>,
    /// Limits that are held against the measure and not against a field.
    pub(crate) open_limits: Vec<Limit>,
    /// Fields that are to be shown with the records.
    pub(crate) shown: Vec<usize>,
    /// Words that were understood.
    spent: Vec<bool>,
}

impl<'a> Reader<'a> {
    /// Reads conditions, rows and limits; what they come to is [`Reader::ask`]'s.
    pub(crate) fn new(
        signal: Signal,
        question: Question<'a>,
        schema: &'a Schema,
        now: Timestamp,
    ) -> Self {
        let wanted = Wanted::read(&question, now);
        let spent = wanted.words.list.iter().map(|word| word.used == Use::Taken).collect();
        let mut reader = Self {
            signal,
            question,
            schema,
            wanted,
            conditions: Vec::new(),
            texts: Vec::new(),
            by: Vec::new(),
            by_words: Vec::new(),
            open_limits: Vec::new(),
            shown: Vec::new(),
            spent,
        };
        reader.read_shown();
        if signal == Signal::Traces {
            reader.read_status_message();
        }
        reader.read_quotations();
        if signal == Signal::Traces {
            reader.read_names_of_spans();
        }
        reader.read_patterns();
        reader.read_unparsed();
        reader.read_coded();
        reader.read_codes();
        reader.read_rows();
        reader.read_nothing_found();
        if signal == Signal::Traces {
            reader.read_unanswered();
            reader.read_peers();
        }
        reader.read_values();
        reader.read_environments();
        reader.read_other_names();
        reader.read_methods();
        reader.read_samples();
        reader.read_levels();
        reader.read_failed_requests();
        reader.read_corrections();
        if signal == Signal::Logs {
            reader.read_networks();
        }
        reader.read_ids();
        if signal == Signal::Logs {
            reader.read_pieces();
        }
        if signal == Signal::Traces {
            reader.read_counts();
        }
        reader.read_ordinals();
        reader.read_services();
        reader.read_software();
        if signal == Signal::Logs {
            reader.read_known_lines();
            reader.read_source_of_said();
        }
        reader.read_operations();
        reader.read_routes();
        reader.read_abbreviations();
        reader.read_limits();
        if signal == Signal::Logs {
            reader.read_missing();
        }
        reader
    }

    /// What is asked, with the measure decided.
    pub(crate) fn ask(mut self, settings: &Settings) -> Result<Ask, PlanError> {
        if self.signal == Signal::Logs && !self.wanted.has_window() {
            // Lines of the future cannot be asked for.
            self.wanted.periods.windows.extend(self.wanted.periods.ahead.take());
        }
        let mut window = self.wanted.window();
        let measure = self.measure(&mut window);
        if measure == Measure::Absent && !self.wanted.has_window() {
            // "not within a day"
            let limit = self
                .wanted
                .limits
                .iter()
                .find(|limit| limit.unit() == Some(Unit::Seconds))
                .cloned();
            if let Some(limit) = limit {
                window = Length::of(limit.in_base() as i64);
                self.conditions.retain(|condition| condition.at != limit.at);
            }
        }
        if self.signal == Signal::Logs && measure != Measure::Absent {
            self.read_texts(measure);
        }
        self.read_access_log();
        let threshold = self.threshold(measure);
        if window.seconds > settings.bounds.max_range_s {
            let max_s = settings.bounds.max_range_s;
            return Err(PlanError::RangeTooLong { range_s: window.seconds, max_s });
        }
        self.conditions.sort_by_key(|condition| {
            let field = &self.schema.fields[condition.field];
            (field.part, field.role != Some(Role::Service), condition.at)
        });
        // "the biggest payment per scheme" is a maximum and no ranking.
        let of_value = |rank: &Rank| {
            rank.said
                || !matches!(
                    measure,
                    Measure::Statistic(Statistic::Maximum | Statistic::Minimum, _)
                )
        };
        let rank = self.wanted.rank.filter(|rank| !self.by.is_empty() && of_value(rank));
        Ok(Ask {
            unparsed: self.is_unparsed(),
            conditions: self.conditions,
            texts: self.texts,
            by: self.by,
            measure,
            rank,
            threshold,
            window,
            ended: self.wanted.periods.ended,
            compared: self.wanted.periods.compared,
            shown: self.wanted.cues.shown,
            quantiles: self.wanted.quantiles,
            shown_fields: self.shown,
        })
    }

    fn threshold(&self, measure: Measure) -> Option<(Comparison, f64)> {
        let limit = self.open_limits.first()?;
        let share = measure == Measure::Share;
        let value = if share && limit.unit().is_none() && limit.value > 1.0 {
            limit.value / 100.0
        } else {
            limit.in_base()
        };
        Some((limit.comparison, value))
    }

    pub(crate) fn require(&mut self, field: usize, test: Test, negated: bool, words: Range<usize>) {
        let at = words.start;
        self.spend(words);
        let condition = Condition { field, test, negated, at };
        let same = |known: &Condition| {
            known.field == field && known.test == condition.test && known.negated == negated
        };
        if self.signal == Signal::Traces || !self.conditions.iter().any(same) {
            self.conditions.push(condition);
        }
    }

    pub(crate) fn spend(&mut self, words: Range<usize>) {
        for at in words {
            if let Some(spent) = self.spent.get_mut(at) {
                *spent = true;
            }
        }
    }

    pub(crate) fn is_spent(&self, at: usize) -> bool {
        self.spent.get(at).copied().unwrap_or(true)
    }

    pub(crate) fn word(&self, at: usize) -> &str {
        self.wanted.words.at(at)
    }

    pub(crate) fn len(&self) -> usize {
        self.wanted.words.len()
    }

    /// The first place of one of these phrases where no word is spent.
    pub(crate) fn find_open(&self, phrases: &[&str]) -> Option<Range<usize>> {
        (0..self.len()).find_map(|at| self.open_at(at, phrases))
    }

    /// The one of these phrases that begins here, where none of its words is spent.
    pub(crate) fn open_at(&self, at: usize, phrases: &[&str]) -> Option<Range<usize>> {
        let here = phrases.iter().filter_map(|phrase| self.wanted.words.phrase_at(at, phrase));
        here.into_iter().find(|words| words.clone().all(|at| !self.is_spent(at)))
    }

    /// Whether a word of the range, or one that is part of it, has this stem.
    pub(crate) fn says_stem(&self, range: &Range<usize>, wanted: &str) -> bool {
        range.clone().any(|at| {
            self.wanted.words.list.get(at).is_some_and(|word| {
                word.key == wanted
                    || word.stem == wanted
                    || word.parts.iter().any(|part| part == wanted)
            })
        })
    }

    /// The condition that a field already has.
    pub(crate) fn has_condition(&self, field: usize) -> bool {
        self.conditions.iter().any(|condition| condition.field == field)
    }
}
