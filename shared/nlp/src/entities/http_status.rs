//! `503`, `5xx`, `HTTP 500`.

use model::EntityKind;

use crate::{lexicon::lists, scan::Scan};

/// Codes that servers really send; another number needs "status" or "HTTP" beside it.
const USUAL: &str = "200 201 202 204 301 302 304 307 308 400 401 403 404 405 408 409 410 413 415 422 429 499 500 \
     501 502 503 504";
const BEFORE: &[&str] = &["http", "status", "code", "codes", "statuses", "returning", "returned"];
const AFTER: &[&str] =
    &["error", "errors", "response", "responses", "status", "code", "codes", "returned"];
/// "the last 500 requests", "top 200".
const COUNTING: &[&str] = &["last", "past", "top", "first", "over", "above", "than", "latest"];

pub(crate) fn recognise(scan: &mut Scan) {
    for index in 0..scan.len() {
        if !scan.is_free(index) {
            continue;
        }
        let word = scan.word(index);
        // "non-2xx" is everything else.
        let negated = (index.saturating_sub(2)..index).any(|at| scan.word(at) == "non");
        if negated || names_a_rate(scan, index) {
            continue;
        }
        if let Some(class) = class(word) {
            scan.take_text(EntityKind::HttpStatus, class, index..index + 1, 1.0);
            continue;
        }
        let plural = word.ends_with('s');
        let code = word.strip_suffix('s').unwrap_or(word).to_owned();
        let in_range = code.len() == 3
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && ("100".."600").contains(&code.as_str());
        if !in_range {
            continue;
        }
        let before = scan.word_before(index);
        let after = scan.word(index + 1);
        let named = BEFORE.contains(&before) || AFTER.contains(&after);
        let counted = COUNTING.contains(&before) || matches!(after, "ms" | "%" | "mb" | "gb" | "s");
        if named || (lists(USUAL, code.as_str()) && (plural || !counted)) {
            scan.take_text(EntityKind::HttpStatus, code, index..index + 1, 0.95);
        }
    }
}

/// "5xx rate" and "share of 5xx" name a metric.
fn names_a_rate(scan: &Scan, index: usize) -> bool {
    const RATES: &[&str] = &["rate", "ratio", "percentage", "share", "percent", "fraction", "%"];
    let before =
        index >= 2 && scan.word(index - 1) == "of" && RATES.contains(&scan.word(index - 2));
    RATES.contains(&scan.word(index + 1)) || before
}

/// `5xx`, `4XXs`.
fn class(word: &str) -> Option<String> {
    let digit = word.strip_suffix('s').unwrap_or(word).strip_suffix("xx")?;
    matches!(digit, "1" | "2" | "3" | "4" | "5").then(|| format!("{digit}xx"))
}
