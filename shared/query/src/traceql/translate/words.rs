//! A question as words, and phrases found in it.

use crate::catalog::stem;

/// One word, number, name or quotation.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    /// Without quotation marks, punctuation around it and a possessive ending.
    pub(super) text: &'a str,
    /// Where it stands: a byte offset into the question.
    pub(super) start: usize,
    pub(super) lower: String,
    pub(super) stem: String,
    /// In quotation marks or backticks.
    pub(super) quoted: bool,
    /// `payment's`
    pub(super) possessive: bool,
    /// Punctuation stands before it.
    pub(super) breaks: bool,
}

const OPENING: &[char] = &['(', '[', '“', '‘', '«', '"', '\'', '`'];
const CLOSING: &[char] =
    &[')', ']', '”', '’', '»', '"', '\'', '`', '.', ',', ';', ':', '!', '?', '…'];
const QUOTES: &[(char, char)] =
    &[('"', '"'), ('“', '”'), ('`', '`'), ('\'', '\''), ('‘', '’'), ('«', '»')];
/// Signs that stand between two words or numbers, the longest first.
const SIGNS: &[&str] = &["->", "→", ">=", "<=", "!=", "==", "≥", "≤", ">", "<", "=", "—", "–"];

/// Splits a question into words.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut breaks = false;
    loop {
        rest = rest.trim_start();
        let start = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return words };
        if let Some((inside, after)) = quotation(rest) {
            words.push(word(inside, start + first.len_utf8(), true, breaks));
            breaks = false;
            rest = after;
            continue;
        }
        if OPENING.contains(&first) || CLOSING.contains(&first) {
            breaks |= !matches!(first, '"' | '\'' | '`');
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        let trimmed = chunk.trim_end_matches(CLOSING);
        push_chunk(&mut words, trimmed, start, breaks);
        breaks = chunk.len() > trimmed.len();
        rest = after;
    }
}

/// What stands between two quotation marks that belong together, and what comes after them.
fn quotation(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let (_, close) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let inside = &text[first.len_utf8()..];
    let end = inside.find(*close).filter(|end| *end > 0)?;
    Some((&inside[..end], &inside[end + close.len_utf8()..]))
}

/// A chunk without blanks: one word, or several with signs between: `status>=500`, `a->b`, `a,b`.
fn push_chunk<'a>(words: &mut Vec<Word<'a>>, chunk: &'a str, start: usize, mut breaks: bool) {
    let mut rest = chunk;
    let lead = chunk.split_once('-').filter(|(lead, _)| matches!(*lead, "per" | "by" | "non"));
    if let Some((lead, name)) = lead.filter(|(_, name)| !name.is_empty()) {
        // "per-route"
        words.push(word(lead, start, false, breaks));
        breaks = false;
        rest = name;
    }
    while !rest.is_empty() {
        let at = start + chunk.len() - rest.len();
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            words.push(word(&rest[..sign.len()], at, false, breaks));
            breaks = false;
            rest = &rest[sign.len()..];
            continue;
        }
        let sign = SIGNS.iter().filter_map(|sign| rest.find(sign)).min();
        let comma = list_comma(rest);
        let end = sign.unwrap_or(rest.len()).min(comma.unwrap_or(rest.len()));
        words.push(word(&rest[..end], at, false, breaks));
        breaks = comma == Some(end);
        rest = &rest[end + usize::from(breaks)..];
    }
}

/// A comma between two names, and not one within a number.
fn list_comma(text: &str) -> Option<usize> {
    text.match_indices(',').map(|(at, _)| at).find(|&at| {
        at > 0
            && !(text[..at].ends_with(|c: char| c.is_ascii_digit())
                && text[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn word(text: &str, start: usize, quoted: bool, breaks: bool) -> Word<'_> {
    let bare = if quoted {
        text
    } else {
        let bare = text.trim_end_matches(CLOSING);
        bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare)
    };
    let lower = bare.to_lowercase();
    Word {
        text: bare,
        start,
        stem: stem(&lower),
        lower,
        quoted,
        possessive: !quoted && bare.len() < text.len(),
        breaks,
    }
}

/// How many words from `at` on a pattern takes, if it fits. A pattern is words with blanks between;
/// `a|b` is either, and a word that ends in `?` may be missing. Hyphens count as blanks.
pub(super) fn fits(words: &[Word<'_>], at: usize, pattern: &str) -> Option<usize> {
    fits_parts(words, at, pattern).map(|end| end - at).filter(|taken| *taken > 0)
}

fn fits_parts(words: &[Word<'_>], at: usize, pattern: &str) -> Option<usize> {
    if pattern.is_empty() {
        return Some(at);
    }
    let (part, rest) = pattern.split_once(' ').unwrap_or((pattern, ""));
    let (options, optional) = match part.strip_suffix('?') {
        Some(options) => (options, true),
        None => (part, false),
    };
    let here = words.get(at).filter(|word| !word.quoted);
    let found = here.and_then(|word| {
        if options.split('|').any(|option| option == word.lower) {
            return fits_parts(words, at + 1, rest);
        }
        let hyphenated = word.lower.contains('-').then(|| hyphenated(&word.lower, pattern));
        hyphenated.flatten().and_then(|rest| fits_parts(words, at + 1, rest))
    });
    found.or_else(|| if optional { fits_parts(words, at, rest) } else { None })
}

/// What is left of a pattern behind one hyphenated word: "end-to-end".
fn hyphenated<'p>(word: &str, pattern: &'p str) -> Option<&'p str> {
    let mut rest = pattern;
    for piece in word.split('-') {
        let (part, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if !part.trim_end_matches('?').split('|').any(|option| option == piece) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// The first place at or after `from` where one of the patterns fits, with its length.
pub(super) fn find(words: &[Word<'_>], from: usize, patterns: &[&str]) -> Option<(usize, usize)> {
    (from..words.len()).find_map(|at| longest(words, at, patterns).map(|taken| (at, taken)))
}

/// The most words that one of the patterns takes at a place.
pub(super) fn longest(words: &[Word<'_>], at: usize, patterns: &[&str]) -> Option<usize> {
    patterns.iter().filter_map(|pattern| fits(words, at, pattern)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_split_into_words() {
        for (text, expected) in [
            ("payment's calls, over 1,500 ms?", "payment calls over 1,500 ms"),
            ("Frankfurt (fra1) → nyc3", "Frankfurt fra1 → nyc3"),
            ("status>=500 and tenant=acme", "status >= 500 and tenant = acme"),
            ("named \"GET /cart\" or `x y`", "named GET /cart or x y"),
            ("don't split a,b or /a/b.", "don't split a b or /a/b"),
            ("a --- 'open quote", "a --- open quote"),
        ] {
            let found: Vec<&str> = words(text).iter().map(|word| word.text).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
        let found = words("the order's pod, \"a b\"");
        assert!(found[1].possessive && found[3].breaks && found[3].quoted);
        assert_eq!(found[3].start, 18);
    }

    #[test]
    fn patterns_have_choices_and_options() {
        for (text, pattern, expected) in [
            ("no more than 5", "no|not more than", Some(3)),
            ("end-to-end", "end to end", Some(1)),
            ("below it", "somewhere? below|under it", Some(2)),
            ("somewhere under it", "somewhere? below|under it", Some(3)),
            ("under them", "below|under it", None),
            ("\"below\" it", "below it", None),
        ] {
            assert_eq!(fits(&words(text), 0, pattern), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_words(text in proptest::prelude::any::<String>()) {
            for word in words(&text) {
                let at = text.get(word.start..word.start + word.text.len());
                proptest::prop_assert_eq!(at, Some(word.text));
            }
        }
    }
}
