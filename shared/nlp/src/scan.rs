//! The state of one reading: the tokens, which of them have a meaning already, and what was found.

use std::ops::Range;

use model::{Entity, EntityKind, EntityValue};

use crate::{Problem, text::Token};

pub(crate) struct Scan<'a> {
    pub(crate) source: &'a str,
    pub(crate) tokens: Vec<Token>,
    /// Which tokens belong to an entity.
    pub(crate) taken: Vec<bool>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(source: &'a str, tokens: Vec<Token>) -> Self {
        let taken = vec![false; tokens.len()];
        Self { source, tokens, taken, entities: Vec::new(), problems: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The word at an index; empty behind the end.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", Token::word)
    }

    /// The word before an index; empty at the start.
    pub(crate) fn word_before(&self, index: usize) -> &str {
        index.checked_sub(1).map_or("", |before| self.word(before))
    }

    /// The same, where tokens that already have a meaning read as empty.
    pub(crate) fn free_word(&self, index: usize) -> &str {
        if self.is_free(index) { self.word(index) } else { "" }
    }

    pub(crate) fn is_free(&self, index: usize) -> bool {
        self.taken.get(index) == Some(&false)
    }

    pub(crate) fn all_free(&self, range: Range<usize>) -> bool {
        range.into_iter().all(|index| self.is_free(index))
    }

    pub(crate) fn is_glued(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.glued)
    }

    /// Whether one of the phrases, parted by commas, begins at a token.
    pub(crate) fn begins(&self, at: usize, phrases: &str) -> bool {
        phrases.split(", ").any(|phrase| {
            phrase.split(' ').enumerate().all(|(offset, word)| self.word(at + offset) == word)
        })
    }

    /// The bytes that a range of tokens covers.
    pub(crate) fn span(&self, tokens: Range<usize>) -> Range<usize> {
        match (self.tokens.get(tokens.start), tokens.end.checked_sub(1)) {
            (Some(first), Some(last)) => first.span.start..self.tokens[last].span.end,
            _ => 0..0,
        }
    }

    /// Where a span of bytes ends among the tokens.
    pub(crate) fn token_after(&self, byte: usize, from: usize) -> usize {
        (from..self.len()).find(|&at| self.tokens[at].span.start >= byte).unwrap_or(self.len())
    }

    pub(crate) fn slice(&self, tokens: Range<usize>) -> &'a str {
        &self.source[self.span(tokens)]
    }

    /// Takes the tokens for an entity.
    pub(crate) fn take(
        &mut self,
        kind: EntityKind,
        value: EntityValue,
        tokens: Range<usize>,
        confidence: f32,
    ) {
        self.mark(tokens.clone());
        self.note(kind, value, tokens, confidence);
    }

    /// Adds an entity without taking its tokens.
    pub(crate) fn note(
        &mut self,
        kind: EntityKind,
        value: EntityValue,
        tokens: Range<usize>,
        confidence: f32,
    ) {
        let span = self.span(tokens);
        let text = self.source[span.clone()].to_owned();
        self.entities.push(Entity { kind, value, text, span, confidence });
    }

    pub(crate) fn take_text(
        &mut self,
        kind: EntityKind,
        value: impl Into<String>,
        tokens: Range<usize>,
        confidence: f32,
    ) {
        self.take(kind, EntityValue::Text(value.into()), tokens, confidence);
    }

    pub(crate) fn mark(&mut self, tokens: Range<usize>) {
        for index in tokens {
            self.taken[index] = true;
        }
    }

    pub(crate) fn has(&self, kind: EntityKind) -> bool {
        self.entities.iter().any(|entity| entity.kind == kind)
    }
}
