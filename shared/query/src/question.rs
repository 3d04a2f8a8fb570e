//! A question for a query: its words, and what they were understood to mean.

use std::ops::Range;

use model::Understanding;

/// A question, as it was said and as it was understood.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub text: &'a str,
    pub understanding: &'a Understanding,
}

impl<'a> Question<'a> {
    /// Where something stands in quotation marks or backticks, in order.
    pub(crate) fn quoted(&self) -> Vec<Range<usize>> {
        const PAIRS: &[(char, char)] =
            &[('"', '"'), ('“', '”'), ('`', '`'), ('\'', '\''), ('‘', '’'), ('«', '»')];
        let mut found = Vec::new();
        let mut rest = self.text;
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let pair = PAIRS.iter().find(|(open, _)| *open == first);
            // An apostrophe inside a word opens nothing.
            if let Some((open, close)) = pair.filter(|_| !before.is_alphanumeric()) {
                let inside = &rest[open.len_utf8()..];
                if let Some(end) = inside.find(*close).filter(|end| *end > 0) {
                    let start = self.text.len() - inside.len();
                    found.push(start..start + end);
                    rest = &inside[end + close.len_utf8()..];
                    before = ' ';
                    continue;
                }
            }
            before = first;
            rest = &rest[first.len_utf8()..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use model::Intent;

    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(Question<'_>) -> T) -> T {
        let understanding =
            Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
        read(Question { text, understanding: &understanding })
    }

    #[test]
    fn quoted_words_are_found_and_apostrophes_are_not() {
        for (text, expected) in [
            ("lines with \"connection refused\" in payment", "connection refused"),
            ("what's up with 'card declined' and “timeout”", "card declined|timeout"),
            ("payment's logs don't say", ""),
        ] {
            assert_eq!(
                with(text, |question| question
                    .quoted()
                    .into_iter()
                    .map(|range| &question.text[range])
                    .collect::<Vec<_>>()
                    .join("|")),
                expected,
                "{text}"
            );
        }
    }
}
