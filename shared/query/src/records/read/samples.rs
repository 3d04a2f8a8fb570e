//! What lines are known to say, where a question says it or most of it.

use super::{Reader, Signal};
use crate::{
    records::Role,
    wanted::{Use, Words},
};

impl Reader<'_> {
    /// What lines are known to say, where a question says two words of it or more in a row.
    pub(super) fn read_samples(&mut self) {
        if self.signal == Signal::Traces {
            return;
        }
        let Some((text, places)) = self.best_sample() else { return };
        let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else { return };
        let words = *first..*last + 1;
        let negated = self.is_text_left_out(&words);
        self.hold_text(&text, negated, *first..*first + 1);
        for at in places {
            self.spend(at..at + 1);
        }
    }

    /// The sample of which the question says most, with the places of the words.
    fn best_sample(&self) -> Option<(String, Vec<usize>)> {
        let prose = self
            .schema
            .fields
            .iter()
            .filter(|field| matches!(field.role, Some(Role::Message | Role::Error)));
        let samples = prose.flat_map(|field| &field.values).filter(|value| value.contains(' '));
        samples.filter_map(|sample| self.said_part(sample)).max_by_key(|(_, places)| places.len())
    }

    /// Where the question says what a sample of lines does.
    pub(super) fn sampled_places(&self) -> Vec<usize> {
        match self.signal {
            Signal::Logs => self.best_sample().map(|(_, places)| places).unwrap_or_default(),
            Signal::Traces => Vec::new(),
        }
    }

    /// The longest run of a sample's words that the question has, with the places of its words.
    fn said_part(&self, sample: &str) -> Option<(String, Vec<usize>)> {
        /// The words of the run stand this near to one another in the question.
        const WITHIN: usize = 6;
        let words = Words::read(sample);
        let open_places = |at: usize| {
            let key = &words.list[at].key;
            (0..self.len()).filter(move |other| {
                let said = &self.wanted.words.list[*other];
                !self.is_spent(*other) && said.key == *key && said.number.is_none()
            })
        };
        let mut best: Option<(usize, usize, Vec<usize>)> = None;
        let starts =
            (0..words.len()).flat_map(|start| open_places(start).map(move |at| (start, at)));
        for (start, first) in starts {
            // The same word may be said more than once; the one nearby is meant.
            let near = |end: usize| open_places(end).min_by_key(|at| at.abs_diff(first));
            let mut places = Vec::new();
            for end in start..words.len() {
                let grammar = words.list[end].used == Use::Grammar;
                match near(end) {
                    Some(at) if !grammar => places.push(at),
                    _ if grammar && end > start => {}
                    _ => break,
                }
                let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else {
                    break;
                };
                let known = best.as_ref().map_or(1, |(_, _, known)| known.len());
                if last - first < WITHIN && places.len() > known && !grammar {
                    best = Some((start, end, places.clone()));
                }
            }
        }
        // Of a sample of several clauses one may be meant.
        let clauses = words.list.iter().rev().skip(1).any(|word| word.ends_clause);
        if let Some(places) =
            all_but_one(&words, open_places).filter(|_| best.is_none() || !clauses)
        {
            return Some((sample.to_owned(), places));
        }
        let (start, mut end, places) = best?;
        // What was read as one name, or as grammar, goes on.
        while words.list.get(end + 1).is_some_and(|next| {
            next.used == Use::Grammar
                && self.wanted.words.list.iter().any(|said| said.lower == next.lower)
        }) {
            end += 1;
        }
        let text = sample.get(words.list[start].span.start..words.list[end].span.end)?;
        Some((text.to_owned(), places))
    }
}

/// The places of all words of a sample but one, where they are said near to one another: "SAML
/// rejections" for "SAML response rejected".
fn all_but_one<I: Iterator<Item = usize>>(
    sample: &Words,
    open_places: impl Fn(usize) -> I,
) -> Option<Vec<usize>> {
    const WITHIN: usize = 4;
    let telling: Vec<usize> =
        (0..sample.len()).filter(|at| sample.list[*at].used != Use::Grammar).collect();
    let mut places: Vec<usize> = telling.iter().filter_map(|at| open_places(*at).next()).collect();
    places.sort_unstable();
    places.dedup();
    let near = places.last()? - places.first()? < WITHIN;
    (near && places.len() >= 2 && places.len() + 1 == telling.len()).then_some(places)
}
