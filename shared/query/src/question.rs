//! What the words of a question say about the form of its answer, in any query language: what the
//! rows are told apart by, which words are quoted, how many rows are wanted.

use model::{Entity, EntityKind, Understanding};

/// A question, as it was said and as it was understood.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub text: &'a str,
    pub understanding: &'a Understanding,
}

/// Words that announce what rows are told apart by.
const LEADS: &[&str] = &[
    "broken down by", "broken out by", "break down by", "broken out per", "split by", "split out by", "split per", "grouped by", "group by",
    "sorted by", "breakdown by", "by each", "for each", "for every", "in each", "on each", "by", "per", "each", "every", "across",
];
/// What ends the name of a dimension.
const ENDS: &[&str] = &[
    "in", "on", "for", "of", "over", "during", "since", "from", "between", "last", "past", "with", "where", "that", "which",
    "the", "at", "today", "yesterday", "right", "now", "is", "are", "has", "have", "please", "to", "had", "did", "was", "were",
];
/// A dimension is at most this many words: "consumer group", "http status code".
const MAX_DIMENSION_WORDS: usize = 3;

impl<'a> Question<'a> {
    /// The words after "by", "per", "for each" and the like, lower case, in order: `["route"]`.
    pub fn dimensions(&self) -> Vec<String> {
        let lower = self.text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| c.is_whitespace() || matches!(c, '?' | ';' | '"' | '(' | ')'))
            .filter(|word| !word.is_empty())
            .collect();
        let mut found: Vec<String> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let lead = LEADS.iter().map(|lead| lead.split(' ').collect::<Vec<_>>()).find(|lead| words[at..].starts_with(lead));
            let Some(lead) = lead else {
                at += 1;
                continue;
            };
            at += lead.len();
            loop {
                let mut name: Vec<&str> = Vec::new();
                let mut more = false;
                while at < words.len() && name.len() < MAX_DIMENSION_WORDS {
                    let word = words[at];
                    let bare = word.trim_end_matches([',', '.', '!', ':']);
                    if ENDS.contains(&bare) || matches!(bare, "and" | "or" | "&") {
                        break;
                    }
                    name.push(bare);
                    at += 1;
                    if bare.len() < word.len() {
                        break;
                    }
                }
                if !name.is_empty() && !name[0].starts_with(|c: char| c.is_ascii_digit()) {
                    found.push(name.join(" "));
                    // "by route and method"
                    more = words.get(at).is_some_and(|word| matches!(*word, "and" | "&"));
                }
                if !more || at + 1 >= words.len() {
                    break;
                }
                at += 1;
            }
        }
        found
    }

    /// What stands in quotation marks or backticks, in order.
    pub fn quoted(&self) -> Vec<&'a str> {
        const PAIRS: &[(char, char)] = &[('"', '"'), ('“', '”'), ('`', '`'), ('\'', '\''), ('‘', '’'), ('«', '»')];
        let mut found = Vec::new();
        let mut rest = self.text;
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let pair = PAIRS.iter().find(|(open, _)| *open == first);
            // An apostrophe inside a word opens nothing.
            if let Some((open, close)) = pair.filter(|_| !before.is_alphanumeric()) {
                let inside = &rest[open.len_utf8()..];
                if let Some(end) = inside.find(*close).filter(|end| *end > 0) {
                    found.push(&inside[..end]);
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

    pub fn entities(&self, kind: EntityKind) -> impl Iterator<Item = &'a Entity> {
        self.understanding.entities.iter().filter(move |entity| entity.kind == kind)
    }

    /// `(true, 5)` for `topk(5)`, `(false, 3)` for `bottomk(3)`.
    pub fn ranking(&self) -> Option<(bool, u32)> {
        self.understanding.texts(EntityKind::Aggregation).find_map(|text| {
            let (order, count) = text.strip_suffix(')')?.split_once('(')?;
            let count = count.parse().ok()?;
            match order {
                "topk" => Some((true, count)),
                "bottomk" => Some((false, count)),
                _ => None,
            }
        })
    }

    /// 0.95 for `p95` or a metric such as `latency_p95`; a median is 0.5.
    pub fn quantile(&self) -> Option<f64> {
        let rank = |text: &str| {
            let digits = text.rsplit_once('p').map(|(_, digits)| digits)?;
            let percent: f64 = digits.parse().ok()?;
            (percent > 0.0 && percent < 100.0).then(|| (percent * 100.0).round() / 10_000.0)
        };
        let aggregations = self.understanding.texts(EntityKind::Aggregation);
        let metrics = self.understanding.texts(EntityKind::Metric);
        aggregations.chain(metrics).find_map(|text| match text {
            "median" => Some(0.5),
            text => rank(text.rsplit_once('_').map_or(text, |(_, last)| last)),
        })
    }
}

#[cfg(test)]
mod tests {
    use model::Intent;

    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(Question<'_>) -> T) -> T {
        let understanding = Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
        read(Question { text, understanding: &understanding })
    }

    #[test]
    fn dimensions_follow_their_leads() {
        for (text, expected) in [
            ("error rate by route", "route"),
            ("p95 per consumer group over the last hour", "consumer group"),
            ("requests broken down by route and method in prod", "route|method"),
            ("count errors for each pod, today", "pod"),
            ("how many lines since 9", ""),
        ] {
            assert_eq!(with(text, |question| question.dimensions().join("|")), expected, "{text}");
        }
    }

    #[test]
    fn quoted_words_are_found_and_apostrophes_are_not() {
        for (text, expected) in [
            ("lines with \"connection refused\" in payment", "connection refused"),
            ("what's up with 'card declined' and “timeout”", "card declined|timeout"),
            ("payment's logs don't say", ""),
        ] {
            assert_eq!(with(text, |question| question.quoted().join("|")), expected, "{text}");
        }
    }
}
