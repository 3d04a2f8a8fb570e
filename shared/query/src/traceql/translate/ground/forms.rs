//! How names and values are said: the words that they come down to, singular and joined, and the
//! shorter and longer forms of a value.

use crate::{catalog::stem, text, traceql::translate::synonyms::aliases};

/// How sure it is that a value is meant, by the form in which it is said: as it is written,
pub(in crate::traceql::translate) const EXACT: f64 = 3.0;
/// by its last part ("AdService" for `oteldemo.AdService`),
const LAST_PART: f64 = 2.5;
/// with other separators, or in the plural,
pub(in crate::traceql::translate) const WHOLE: f64 = 2.0;
/// by another name of the same thing,
const ALIAS: f64 = 1.9;
/// without an ending that says what it is ("payment" for `payment-service`),
pub(super) const BARE: f64 = 1.8;
/// by its stem ("declined" for `decline`),
pub(super) const SAME_STEM: f64 = 1.75;
/// by several of its words, but not all,
const WORDS: f64 = 1.72;
/// by the one part of a path ("refunds" for `/refunds`),
pub(in crate::traceql::translate) const OF_PATH: f64 = 1.71;
/// the least of those that say all that there is to say,
pub(in crate::traceql::translate) const SURE: f64 = 1.7;
/// and by one of its words.
const WORD: f64 = 1.0;

/// The words of a value of which parts are known.
const MOST_PARTS: usize = 6;
/// What the last word of a name says that is no part of it.
const ENDINGS: &[&str] = &["exception", "error", "service", "svc", "server", "api", "app"];

/// How a value may be said, each with how sure it then is.
pub(super) fn forms(value: &str, is_inflected: bool) -> Vec<(String, f64)> {
    let lower = value.to_lowercase();
    let path = value.starts_with('/');
    let mut forms = vec![(joined(value), if path { OF_PATH } else { WHOLE })];
    forms.extend(aliases(&lower).map(|alias| (alias.to_owned(), ALIAS)));
    // "cosmos" for `cosmosdb`
    let short = ["db", "mq", "sql"].iter().find_map(|ending| lower.strip_suffix(ending));
    forms.extend(short.filter(|short| short.len() > 3).map(|short| (short.to_owned(), BARE)));
    if is_inflected && lower.chars().all(char::is_alphabetic) {
        forms.push((stem(&lower), SAME_STEM));
    }
    if !path && !value.contains(' ') {
        forms_of_parts(value, &mut forms);
    }
    forms.push((lower, EXACT));
    forms
}

fn forms_of_parts(value: &str, forms: &mut Vec<(String, f64)>) {
    let parts = text::words(value);
    if parts.len() < 2 {
        return;
    }
    let last = value.rsplit_once('.').map(|(_, last)| last);
    if let Some(last) = last.filter(|last| last.starts_with(char::is_alphabetic)) {
        forms.push((last.to_lowercase(), LAST_PART));
        forms.push((joined(last), ALIAS));
    }
    let bare = match parts.as_slice() {
        [bare @ .., last] if ENDINGS.contains(&last.as_str()) => bare,
        all => all,
    };
    if bare.len() < parts.len() {
        forms.push((joined(&bare.join(" ")), BARE));
    }
    // "integrity violations" for `DataIntegrityViolationException`; numbers say nothing.
    let worded = bare.iter().all(|part| part.chars().all(char::is_alphabetic));
    let end = if worded { bare.len().min(MOST_PARTS) } else { 0 };
    for from in 0..end {
        for to in from + 2..=end {
            forms.push((joined(&bare[from..to].join(" ")), WORDS));
        }
    }
    forms.extend(bare.iter().filter(|part| part.len() > 3).map(|part| (one(part), WORD)));
}

/// Forms that a word may be derived from: "inference" from `infer`.
pub(super) fn derived(word: &str, stem: &str) -> Vec<String> {
    let endings = ["ence", "ance", "ation", "ment", "al"];
    let shorter = endings.iter().filter_map(|ending| word.strip_suffix(ending));
    shorter.filter(|rest| rest.len() > 3).chain([stem]).map(str::to_owned).collect()
}

/// The letters and digits of a name, lower case and in the singular.
pub(super) fn joined(name: &str) -> String {
    let mut parts = text::words(name);
    if let Some(last) = parts.last_mut() {
        *last = one(last);
    }
    parts.concat()
}

/// The word in the singular.
pub(in crate::traceql::translate) fn one(word: &str) -> String {
    for (ending, instead) in
        [("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("zes", "ze")]
    {
        if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() > 1) {
            return format!("{rest}{instead}");
        }
    }
    text::singular(word).to_owned()
}

/// The stems of a name's words; "data center" and `datacenter` are one.
pub(super) fn name_stems(name: &str) -> Vec<String> {
    let center = stem("center");
    let mut stems: Vec<String> = Vec::new();
    for next in text::words(name).iter().map(|word| stem(word)) {
        match stems.last_mut() {
            Some(last) if *last == stem("data") && next == center => *last = stem("datacenter"),
            _ => stems.push(next),
        }
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_many_forms() {
        for (value, said, least) in [
            ("payment-service", "payment", BARE),
            ("oteldemo.AdService", "adservice", LAST_PART),
            ("SocketTimeoutException", "sockettimeout", BARE),
            ("DataIntegrityViolationException", "integrityviolation", WORDS),
            ("postgresql", "postgres", ALIAS),
            ("cosmosdb", "cosmos", BARE),
            ("decline", "declin", SAME_STEM),
            ("/refunds", "refund", OF_PATH),
            ("product-catalog", "catalog", WORD),
        ] {
            let found = forms(value, true).into_iter().filter(|(form, _)| form == said);
            let best = found.map(|(_, strength)| strength).fold(0.0, f64::max);
            assert!(best >= least, "{value} as {said}: {best}");
        }
        assert!(forms("SELECT id FROM orders", true).iter().all(|(form, _)| form != "fromorder"));
    }
}
