//! Tables of phrases, compiled so that the ones that begin at a token are found at once.
//!
//! Knows nothing of what the phrases stand for.

use std::collections::HashMap;

use crate::text::{Kind, Token, singular};

/// Phrases of words. A word matches in singular and plural; `fail*` matches every word that begins
/// so; a hyphen, underscore, stop or slash in the text may stand between two words of a phrase.
#[derive(Debug)]
pub(crate) struct Phrases<T> {
    by_first_word: HashMap<&'static str, Vec<Phrase<T>>>,
    by_first_prefix: HashMap<u8, Vec<Phrase<T>>>,
}

#[derive(Debug)]
struct Phrase<T> {
    words: Vec<&'static str>,
    value: T,
}

impl<T: Copy> Phrases<T> {
    pub(crate) fn new(table: &[(T, &'static str)]) -> Self {
        let mut phrases = Self { by_first_word: HashMap::new(), by_first_prefix: HashMap::new() };
        for &(value, texts) in table {
            for text in texts.split(", ") {
                let words: Vec<_> = text.split(' ').collect();
                let first = words[0];
                let slot = match first.strip_suffix('*') {
                    Some(prefix) => {
                        let byte = prefix.as_bytes().first().copied().unwrap_or_default();
                        phrases.by_first_prefix.entry(byte).or_default()
                    }
                    None => phrases.by_first_word.entry(singular(first)).or_default(),
                };
                slot.push(Phrase { words, value });
            }
        }
        let lists = phrases.by_first_word.values_mut().chain(phrases.by_first_prefix.values_mut());
        for list in lists {
            list.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.len()));
        }
        phrases
    }

    /// Every phrase that begins at `start`, with the index of the token behind it.
    pub(crate) fn all_at(
        &self,
        tokens: &[Token],
        start: usize,
    ) -> impl Iterator<Item = (T, usize)> {
        let first = tokens.get(start).map_or("", Token::word);
        let exact = self.by_first_word.get(singular(first)).into_iter().flatten();
        let byte = first.as_bytes().first().copied().unwrap_or_default();
        let prefixed = self.by_first_prefix.get(&byte).into_iter().flatten();
        exact
            .chain(prefixed)
            .filter_map(move |phrase| Some((phrase.value, phrase.end(tokens, start)?)))
    }

    /// The longest phrase that begins at `start`; of two equally long ones the first in the table.
    pub(crate) fn longest_at(&self, tokens: &[Token], start: usize) -> Option<(T, usize)> {
        self.all_at(tokens, start).reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

impl<T> Phrase<T> {
    fn end(&self, tokens: &[Token], start: usize) -> Option<usize> {
        let mut at = start;
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 && tokens.get(at).is_some_and(joins) {
                at += 1;
            }
            if !matches_word(word, tokens.get(at)?.word()) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }
}

fn joins(token: &Token) -> bool {
    token.kind == Kind::Sign && matches!(token.raw.as_str(), "-" | "_" | "." | "/")
}

fn matches_word(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => word.starts_with(prefix),
        None => singular(pattern) == singular(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn the_longest_phrase_wins_and_separators_do_not_matter() {
        let phrases = Phrases::new(&[
            ("rate", "error rate, fail* rate"),
            ("error", "error"),
            ("fail", "fail*"),
        ]);
        for (text, expected) in [
            ("error rate", Some(("rate", 2))),
            ("error_rates now", Some(("rate", 3))),
            ("errors", Some(("error", 1))),
            ("failure rate", Some(("rate", 2))),
            ("failing", Some(("fail", 1))),
            ("rate", None),
        ] {
            assert_eq!(phrases.longest_at(&tokenise(text), 0), expected, "{text}");
        }
    }
}
