//! Names as words: how identifiers of different styles are split, compared and found again.
//!
//! Everything here is plain string work; it knows no metric, label or service.

/// How alike two names must be for one to be offered in place of the other.
const NEAR_ENOUGH: f64 = 0.72;

/// Words that a service's name may carry or lack without being another service.
const SERVICE_SUFFIXES: [&str; 4] = ["service", "svc", "services", "server"];

/// The lower-case words of an identifier: `http_requestDuration-ms` → `http request duration ms`,
/// `OOMKilled` → `oom killed`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    let mut capitals = 0;
    for (at, character) in name.char_indices() {
        let ends_capitals = capitals >= 2 && character.is_uppercase() && begins_word(&name[at..]);
        let starts_word = character.is_uppercase() && previous_lower || ends_capitals;
        capitals = if character.is_uppercase() { capitals + 1 } else { 0 };
        if (!character.is_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        previous_lower = character.is_lowercase() || character.is_numeric();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a capital is followed by two small letters; the `s` of `CPUs` begins nothing.
fn begins_word(text: &str) -> bool {
    text.chars().skip(1).take(2).filter(|character| character.is_lowercase()).count() == 2
}

/// The word without a plural ending, so that `requests` and `request` are one.
pub(crate) fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') && !stem.ends_with('u') => stem,
        _ => word,
    }
}

/// Whether two words mean the same, apart from number.
pub(crate) fn same_word(left: &str, right: &str) -> bool {
    singular(left) == singular(right)
}

/// The form in which names of services, environments and routes are compared: `PaymentService`,
/// `payments-svc` and `payment` are the same.
pub(crate) fn key(name: &str) -> String {
    let mut words = words(name);
    while words.len() > 1
        && words.last().is_some_and(|last| SERVICE_SUFFIXES.contains(&last.as_str()))
    {
        words.pop();
    }
    if let Some(last) = words.last_mut() {
        *last = singular(last).to_owned();
    }
    words.join("-")
}

/// At most `limit` candidates that come near `name`, the nearest first.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
    limit: usize,
) -> Vec<String> {
    let asked_key = key(name);
    let asked_words = words(name);
    let mut scored: Vec<(f64, &str)> = candidates
        .map(|candidate| (likeness(&asked_key, &asked_words, candidate), candidate))
        .filter(|(score, _)| *score >= NEAR_ENOUGH)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(limit).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// 0 to 1: spelling, or the share of the asked words that the candidate has.
fn likeness(asked_key: &str, asked_words: &[String], candidate: &str) -> f64 {
    let spelling = strsim::jaro_winkler(asked_key, &key(candidate));
    let candidate_words = words(candidate);
    let shared = asked_words
        .iter()
        .filter(|word| candidate_words.iter().any(|other| same_word(word, other)))
        .count();
    let overlap = if asked_words.is_empty() {
        0.0
    } else {
        shared as f64 / asked_words.len() as f64
            - 0.01 * candidate_words.len().saturating_sub(shared) as f64
    };
    spelling.max(overlap)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn enumerate(items: &[String], conjunction: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {conjunction} {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_into_words() {
        for (name, expected) in [
            ("http_requests_total", "http requests total"),
            ("node_memory_MemAvailable_bytes", "node memory mem available bytes"),
            ("OrderService", "order service"),
            ("OOMKilled", "oom killed"),
            ("CPUs IPv4", "cpus ipv4"),
            ("api-gateway", "api gateway"),
            ("/api/v1/orders", "api v1 orders"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_compare_without_style() {
        for same in ["payment", "Payment", "payments", "payment-service", "PaymentService"] {
            assert_eq!(key(same), "payment", "{same}");
        }
        assert_eq!(key("service"), "service");
        assert_eq!(key("access"), "access");
        assert_ne!(key("api-gateway"), key("api"));
    }

    #[test]
    fn the_nearest_comes_first_and_strangers_do_not_come() {
        let known = ["payment", "checkout", "auth", "api-gateway"];
        let near = |name| nearest(name, known.into_iter(), 3);
        assert_eq!(near("paymnet"), ["payment"]);
        assert_eq!(near("chekout"), ["checkout"]);
        assert_eq!(near("api"), ["api-gateway"]);
        assert_eq!(near("zzz"), Vec::<String>::new());
    }
}
