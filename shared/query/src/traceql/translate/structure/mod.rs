//! How sets of spans stand to one another: "B somewhere below A", "A that directly calls B", "A and
//! B under the same parent", "traces that touch both A and B".

mod markers;

use std::ops::Range;

use self::markers::{
    ANYTHING, BOTH, CONJUNCTIONS, FURTHER_VERBS, JOINTS, Kind, MARKERS, Marker, RELATIVES,
    TRACE_WORDS, TRAILING,
};
use super::{
    conditions::{Condition, Reader},
    ground::Ground,
    limits::is_of_trace,
    words::{find, longest},
};
use crate::traceql::ast::{Comparison, SpansetOperator};

/// More parts than this no question has, and the query would be nested too deeply.
const MAX_CUTS: usize = 8;

/// The sets of spans that a question is about, as they will stand in the query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parts {
    /// Places among the reader's conditions.
    One(Vec<usize>),
    Two {
        left: Box<Parts>,
        operator: SpansetOperator,
        right: Box<Parts>,
    },
}

impl Parts {
    fn two(left: Self, operator: SpansetOperator, right: Self) -> Self {
        Self::Two { left: Box::new(left), operator, right: Box::new(right) }
    }

    /// The first is above the second in the trace, or the other way round.
    fn set(first: Self, operator: SpansetOperator, second: Self, swaps: bool) -> Self {
        if swaps { Self::two(second, operator, first) } else { Self::two(first, operator, second) }
    }
}

struct Cut {
    /// The words of the marker: what comes before and after them is set apart.
    words: Range<usize>,
    operator: SpansetOperator,
    swaps: bool,
}

impl Reader<'_, '_> {
    /// Sets the question's parts against one another. Conditions are in the order of their words.
    pub(super) fn read_parts(&self, is_metric: bool) -> Parts {
        let mut cuts: Vec<Cut> = Vec::new();
        for at in 0..self.words.len() {
            let from = cuts.last().map_or(0, |cut| cut.words.end);
            if cuts.len() < MAX_CUTS
                && at >= from
                && let Some(cut) = self.cut_at(at, from)
            {
                cuts.push(cut);
            }
        }
        let parts = if cuts.is_empty() { self.trailing_parts() } else { Some(self.fold(&cuts)) };
        let all = || Parts::One(self.within(0..self.words.len()));
        let parts = parts.filter(|parts| self.is_about_spans(parts)).unwrap_or_else(all);
        match parts {
            Parts::One(all) if !is_metric => self.conjunction(all),
            parts => parts,
        }
    }

    /// Whether each part demands something of its spans: what is demanded of the whole trace holds
    /// of any span.
    fn is_about_spans(&self, parts: &Parts) -> bool {
        match parts {
            Parts::One(conditions) => {
                let of_trace = |at: &usize| is_of_trace(&self.conditions[*at].subject);
                conditions.is_empty() || !conditions.iter().all(of_trace)
            }
            Parts::Two { left, right, .. } => {
                self.is_about_spans(left) && self.is_about_spans(right)
            }
        }
    }

    /// The conditions that begin within the words.
    fn within(&self, words: Range<usize>) -> Vec<usize> {
        (0..self.conditions.len())
            .filter(|at| words.contains(&self.conditions[*at].words.start))
            .collect()
    }

    fn any_in(&self, words: &Range<usize>) -> bool {
        self.conditions.iter().any(|condition| words.contains(&condition.words.start))
    }

    /// From the left to the right: each part is set against all before it.
    fn fold(&self, cuts: &[Cut]) -> Parts {
        let first = cuts.first().map_or(0, |cut| cut.words.start);
        let mut parts = Parts::One(self.within(0..first));
        for (index, cut) in cuts.iter().enumerate() {
            let end = cuts.get(index + 1).map_or(self.words.len(), |next| next.words.start);
            let mut after = cut.words.end..end;
            if let (true, Parts::One(head)) = (cut.swaps, &mut parts)
                && let Some(back) = self.turns_back(cut, &after)
            {
                head.extend(self.within(back..end));
                after.end = back;
            }
            let mut second = self.within(after);
            if let (false, Parts::One(first)) = (cut.swaps, &mut parts) {
                second.splice(0..0, self.carried(cut, first));
            }
            parts = match (cut.operator, parts) {
                (SpansetOperator::Sibling, Parts::One(first)) => self.siblings(first, second),
                (operator, parts) => Parts::set(parts, operator, Parts::One(second), cut.swaps),
            };
        }
        parts
    }

    /// "failures *from* A *down to* B" are failures of B: what stands before "from".
    fn carried(&self, cut: &Cut, first: &mut Vec<usize>) -> Vec<usize> {
        let leads_on = matches!(self.lower(cut.words.start), "down" | "to" | "into" | "through");
        let from =
            (0..cut.words.start).find(|at| self.lower(*at) == "from" && self.is_free(*at..at + 1));
        let Some(from) = from.filter(|_| leads_on) else { return Vec::new() };
        let (before, after): (Vec<usize>, Vec<usize>) =
            first.iter().partition(|at| self.conditions[**at].words.start < from);
        if after.is_empty() {
            return Vec::new();
        }
        *first = after;
        before
    }

    /// "A and B are siblings and B failed": what comes after belongs to whom it names.
    fn siblings(&self, first: Vec<usize>, second: Vec<usize>) -> Parts {
        let two =
            |left, right| Parts::two(Parts::One(left), SpansetOperator::Sibling, Parts::One(right));
        if first.is_empty() {
            // "siblings of a failed A span in B"
            let Some((_, later)) = self.differing(&second) else { return two(second, first) };
            let (left, right) = second.into_iter().partition(|at| *at < later);
            return two(left, right);
        }
        let Some((_, later)) = self.differing(&first) else { return two(first, second) };
        let (mut left, mut right): (Vec<usize>, Vec<usize>) =
            first.into_iter().partition(|at| *at < later);
        let names_left = second
            .iter()
            .any(|at| left.iter().any(|own| same(&self.conditions[*own], &self.conditions[*at])));
        if names_left { &mut left } else { &mut right }.extend(second);
        two(left, right)
    }

    fn cut_at(&self, at: usize, from: usize) -> Option<Cut> {
        // Of two that take as many words, the one that stands first in the table.
        let mut best: Option<(usize, &Marker)> = None;
        for marker in MARKERS {
            let taken = longest(&self.words, at, marker.patterns)
                .filter(|taken| self.stands(at, *taken, from, marker));
            if let Some(taken) = taken.filter(|taken| best.is_none_or(|(other, _)| *taken > other))
            {
                best = Some((taken, marker));
            }
        }
        let (taken, marker) = best?;
        let operator = if self.is_negated(at) || self.before(at, 1) == "no" {
            opposite(marker.operator)
        } else {
            marker.operator
        };
        let words = match self.joint_before(at, from, marker) {
            Some(joint) => joint..joint + 1,
            None => at..at + taken,
        };
        Some(Cut { words, operator, swaps: marker.swaps })
    }

    /// Whether a marker sets two parts against each other where it stands.
    fn stands(&self, at: usize, taken: usize, from: usize, marker: &Marker) -> bool {
        const NEAR: usize = 4;
        if !self.is_free(at..at + taken) || self.is_measured(&(at..at + taken)) {
            return false;
        }
        let before = from..at;
        let anything =
            self.any_in(&before) || before.clone().any(|at| self.fits(at, ANYTHING).is_some());
        match marker.kind {
            Kind::Plain => {
                let begins = marker.operator == SpansetOperator::Sibling && before.len() < 3;
                self.any_in(&(at + taken..self.words.len()))
                    && (self.any_in(&before) || marker.swaps && anything || begins)
            }
            Kind::Preposition => {
                anything && self.any_in(&(at + taken..self.words.len().min(at + taken + NEAR)))
            }
            Kind::Verb => self.differs_around(at, taken, from),
        }
    }

    /// Whether the demands close to both sides are on one attribute, and differ: "A from B".
    fn differs_around(&self, at: usize, taken: usize, from: usize) -> bool {
        const NEAR: usize = 3;
        let turned = |at: &usize| {
            matches!(
                self.lower(*at),
                "made"
                    | "from"
                    | "to"
                    | "by"
                    | "that"
                    | "which"
                    | "in"
                    | "on"
                    | "of"
                    | "with"
                    | "and"
                    | "or"
            ) || self.words[*at].breaks
        };
        let begin = at + taken;
        let reach = (begin..self.words.len().min(begin + NEAR + 1))
            .find(|at| turned(at) && *at > begin || turned(at) && !self.taken[*at]);
        let after = self.within(begin..reach.unwrap_or(begin + NEAR + 1));
        self.within(from..at).iter().any(|before| {
            after.iter().any(|after| differ(&self.conditions[*before], &self.conditions[*after]))
        })
    }

    /// "whose consumer, further down the trace, failed": the second part begins at "whose".
    fn joint_before(&self, at: usize, from: usize, marker: &Marker) -> Option<usize> {
        const NEAR: usize = 4;
        let pauses = self.words.get(at).is_some_and(|word| word.breaks);
        if marker.swaps || marker.operator != SpansetOperator::Descendant || !pauses {
            return None;
        }
        let mut near = (at.saturating_sub(NEAR).max(from)..at).rev();
        near.find(|joint| self.lower(*joint) == "whose" && self.any_in(&(joint + 1..at)))
    }

    /// Where the words go back from the part named last to the one before it: "calls below A *that
    /// took 2 s*", "spans that descend from a B span *and were denied*".
    fn turns_back(&self, cut: &Cut, after: &Range<usize>) -> Option<usize> {
        let first = *self.within(after.clone()).first()?;
        let named = &self.conditions[first].words;
        let article = named.start > 0
            && matches!(self.before(named.start, 1), "a" | "an" | "any" | "some" | "every");
        let noun =
            self.words.get(named.end).is_some_and(|next| !next.breaks && Ground::is_deed(next));
        let bare = !article && !noun;
        let relative = (1..=3)
            .any(|back| matches!(self.before(cut.words.start, back), "that" | "which" | "who"))
            || matches!(self.lower(cut.words.start), "that" | "which" | "who");
        (named.end..after.end).find(|at| {
            let turns = bare
                && (self.fits(*at, RELATIVES).is_some()
                    || self.measured_at(*at)
                    || self.words[*at].breaks);
            turns || relative && self.fits(*at, FURTHER_VERBS).is_some()
        })
    }

    /// Whether a limit on spans begins there.
    fn measured_at(&self, at: usize) -> bool {
        self.conditions.iter().any(|condition| {
            condition.words.start == at && condition.comparison != Comparison::Equal
        })
    }

    /// A marker behind both parts: "checkout spans with a failed redis call underneath".
    fn trailing_parts(&self) -> Option<Parts> {
        let sibling = MARKERS.iter().filter(|marker| marker.operator == SpansetOperator::Sibling);
        let (at, marker) = sibling.chain(TRAILING).find_map(|marker| {
            let at = (0..self.words.len()).find(|at| {
                let taken = self.fits(*at, marker.patterns);
                taken.is_some_and(|taken| {
                    self.is_free(*at..at + taken) && !self.any_in(&(at + taken..self.words.len()))
                })
            })?;
            Some((at, marker))
        })?;
        let joint = self.joint(&(0..at))?;
        let (first, second) =
            (Parts::One(self.within(0..joint)), Parts::One(self.within(joint..self.words.len())));
        let none = (joint..joint + 2).any(|at| matches!(self.lower(at), "no" | "without"));
        Some(match (none, marker.operator) {
            // Spans that are above none of the others.
            (true, SpansetOperator::Child) => Parts::two(second, SpansetOperator::NotParent, first),
            (true, SpansetOperator::Descendant) => {
                Parts::two(second, SpansetOperator::NotAncestor, first)
            }
            (_, operator) => Parts::set(first, operator, second, marker.swaps),
        })
    }

    /// The last word in the range that joins two parts which both demand something.
    fn joint(&self, words: &Range<usize>) -> Option<usize> {
        words.clone().rev().find(|at| {
            let joins = self.fits(*at, JOINTS).is_some() || self.lower(*at) == "without";
            joins
                && self.is_free(*at..at + 1)
                && self.any_in(&(words.start..*at))
                && self.any_in(&(at + 1..words.end))
        })
    }

    /// "traces that touch both A and B": demands that no span can meet at once.
    fn conjunction(&self, all: Vec<usize>) -> Parts {
        let both = find(&self.words, 0, BOTH).map(|(at, _)| at);
        if both.is_none() && find(&self.words, 0, TRACE_WORDS).is_none() {
            return Parts::One(all);
        }
        let Some((first, later)) = self.differing(&all) else { return Parts::One(all) };
        let between = self.conditions[first].words.end..=self.conditions[later].words.start;
        let joint = between
            .rev()
            .find(|at| self.fits(*at, CONJUNCTIONS).is_some() || self.words[*at].breaks);
        let Some(joint) = joint else { return Parts::One(all) };
        // "errors in both A and B": what is said outside of the pair holds of both.
        let last = self.conditions[later].words.end;
        let shared = |at: &usize| {
            let start = self.conditions[*at].words.start;
            let alone =
                !all.iter().any(|other| differ(&self.conditions[*at], &self.conditions[*other]));
            both.is_some_and(|both| start < both || start >= last) && alone
        };
        let before = |at: &usize| self.conditions[*at].words.start < joint;
        let left = all.iter().copied().filter(|at| before(at) || shared(at)).collect();
        let right = all.iter().copied().filter(|at| !before(at) || shared(at)).collect();
        match self.conjunction(right) {
            // A chain reads from the left.
            Parts::Two { left: middle, operator: SpansetOperator::And, right }
                if !matches!(*middle, Parts::Two { .. }) =>
            {
                Parts::two(
                    Parts::two(Parts::One(left), SpansetOperator::And, *middle),
                    SpansetOperator::And,
                    *right,
                )
            }
            right => Parts::two(Parts::One(left), SpansetOperator::And, right),
        }
    }

    /// The first two that no span can meet at once, unless "or" stands between them.
    fn differing(&self, among: &[usize]) -> Option<(usize, usize)> {
        among.iter().enumerate().find_map(|(index, first)| {
            let later = among[index + 1..].iter().find(|later| {
                let (first, later) = (&self.conditions[*first], &self.conditions[**later]);
                differ(first, later) && !self.says_or(first, later)
            })?;
            Some((*first, *later))
        })
    }

    /// Whether "or" stands between two demands.
    pub(super) fn says_or(&self, first: &Condition, second: &Condition) -> bool {
        const FAR: usize = 4;
        let (from, to) = (first.words.end.min(second.words.start), second.words.start);
        to - from <= FAR
            && (from..to).any(|at| self.lower(at) == "or" && !self.taken[at])
            && !(from..to).any(|at| self.lower(at) == "and")
    }
}

/// Whether two demands are on one attribute, and no span can meet both.
pub(super) fn differ(first: &Condition, second: &Condition) -> bool {
    first.subject == second.subject
        && first.comparison == Comparison::Equal
        && second.comparison == Comparison::Equal
        && first.value != second.value
}

/// Whether two demands are one.
pub(super) fn same(first: &Condition, second: &Condition) -> bool {
    first.subject == second.subject
        && first.comparison == second.comparison
        && first.value == second.value
}

fn opposite(operator: SpansetOperator) -> SpansetOperator {
    match operator {
        SpansetOperator::Child => SpansetOperator::NotChild,
        SpansetOperator::Parent => SpansetOperator::NotParent,
        SpansetOperator::Descendant => SpansetOperator::NotDescendant,
        SpansetOperator::Ancestor => SpansetOperator::NotAncestor,
        SpansetOperator::Sibling => SpansetOperator::NotSibling,
        other => other,
    }
}
