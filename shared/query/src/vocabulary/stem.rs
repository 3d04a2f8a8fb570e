//! The stem that words of one meaning share: `throttled` and `throttling`, `failures` and `failed`.
//!
//! Stems are compared, never shown. What matters is that the forms which questions, metric names
//! and help texts use of one word come out alike; that they are no words is of no matter.

/// Forms that no rule leads to each other.
const IRREGULAR: &[(&str, &str)] = &[
    ("sent", "send"),
    ("lost", "lose"),
    ("loss", "lose"),
    ("losses", "lose"),
    ("won", "win"),
    ("wins", "win"),
    ("took", "take"),
    ("taken", "take"),
    ("taking", "take"),
    ("ran", "run"),
    ("wrote", "write"),
    ("written", "write"),
    ("writing", "write"),
    ("thrown", "throw"),
    ("threw", "throw"),
    ("held", "hold"),
    ("built", "build"),
    ("spent", "spend"),
    ("kept", "keep"),
    ("fell", "fall"),
    ("fallen", "fall"),
    ("grew", "grow"),
    ("grown", "grow"),
    ("growth", "grow"),
    ("came", "come"),
    ("went", "go"),
    ("gone", "go"),
    ("made", "make"),
    ("bought", "buy"),
    ("sold", "sell"),
    ("paid", "pay"),
    ("drawn", "draw"),
    ("broken", "break"),
    ("broke", "break"),
    ("stuck", "stick"),
    ("got", "get"),
    ("given", "give"),
    ("gave", "give"),
    ("indices", "index"),
    ("indexes", "index"),
    ("statuses", "status"),
    ("vertices", "vertex"),
    ("readiness", "ready"),
    ("depth", "deep"),
    ("length", "long"),
    ("busier", "busy"),
    ("busiest", "busy"),
    ("slower", "slow"),
    ("slowest", "slow"),
    ("faster", "fast"),
    ("fastest", "fast"),
    ("successfully", "successful"),
    ("hotter", "hot"),
    ("hottest", "hot"),
    ("coldest", "cold"),
    ("fullest", "full"),
    ("deepest", "deep"),
    ("hungriest", "hungry"),
    ("sale", "sell"),
    ("sales", "sell"),
    ("expiry", "expire"),
    ("expires", "expire"),
    ("centre", "center"),
    ("centres", "center"),
    ("logon", "login"),
    ("logins", "login"),
    ("denial", "deny"),
    ("denials", "deny"),
    ("embed", "embedding"),
    ("embeds", "embedding"),
    ("embedded", "embedding"),
];

const VOWELS: &str = "aeiouy";

/// The stem of a lower-case word.
pub(crate) fn stem(word: &str) -> String {
    let regular = IRREGULAR.iter().find(|(form, _)| *form == word);
    let word = regular.map_or(word, |(_, regular)| regular);
    if !word.is_ascii() || word.len() < 3 || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut stem = singular(word);
    stem = without_british_spelling(stem);
    stem = without_suffix(&stem);
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with("ll") {
        stem.pop();
    }
    // `allocate`, `allocated` and `allocation` meet at `alloc`.
    match stem.strip_suffix("at") {
        Some(shorter) if shorter.len() >= 4 => shorter.to_owned(),
        _ => stem,
    }
}

/// Words written as one, with the stem of the last: how `crash loop back offs` and
/// `CrashLoopBackOff` are compared.
pub(crate) fn run_together(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [before @ .., last] => before.concat() + &stem(last),
    }
}

fn singular(word: &str) -> String {
    for (ending, instead) in
        [("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("zes", "z")]
    {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.len() >= 2
        {
            return format!("{rest}{instead}");
        }
    }
    match word.strip_suffix('s') {
        Some(rest) if rest.len() >= 2 && !rest.ends_with(['s', 'u', 'i']) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// `authorise` and `authorize` are one word.
fn without_british_spelling(word: String) -> String {
    for (british, american) in [
        ("isation", "ization"),
        ("ising", "izing"),
        ("ised", "ized"),
        ("ise", "ize"),
        ("yse", "yze"),
        ("ysed", "yzed"),
        ("our", "or"),
    ] {
        if let Some(rest) = word.strip_suffix(british)
            && rest.len() >= 4
        {
            return format!("{rest}{american}");
        }
    }
    word
}

fn without_suffix(word: &str) -> String {
    // A worker is no "working set".
    if word.ends_with("eed") || word == "worker" {
        return word.to_owned();
    }
    // What must be left of a word for the ending to be one.
    for (suffix, least, instead) in [
        ("ability", 4, ""),
        ("ization", 3, "iz"),
        ("ied", 2, "y"),
        ("ions", 4, ""),
        ("ion", 4, ""),
        ("ing", 3, ""),
        ("able", 4, ""),
        ("ment", 4, ""),
        ("ure", 4, ""),
        ("age", 4, ""),
        ("ness", 4, ""),
        ("ed", 3, ""),
        ("er", 4, ""),
        ("al", 5, ""),
    ] {
        let Some(rest) = word.strip_suffix(suffix) else { continue };
        if rest.len() < least || !rest.contains(|letter| VOWELS.contains(letter)) {
            continue;
        }
        return if instead.is_empty() { single_end(rest) } else { format!("{rest}{instead}") };
    }
    word.to_owned()
}

/// `dropp` is what an ending leaves of `drop`.
fn single_end(rest: &str) -> String {
    let bytes = rest.as_bytes();
    let doubled = matches!(bytes, [.., a, b] if a == b && !matches!(b, b's' | b'e' | b'z'));
    if doubled { rest[..rest.len() - 1].to_owned() } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_meet() {
        for forms in [
            &["throttled", "throttling", "throttle"][..],
            &["failure", "failures", "failed", "failing", "fails"],
            &["connections", "connected", "connection", "connect"],
            &["authorisation", "authorization", "authorise", "authorized"],
            &["utilization", "utilisation", "utilized"],
            &["allocated", "allocation", "allocatable", "allocate"],
            &["queue", "queued", "queuing", "queues"],
            &["flavour", "flavours", "flavor"],
            &["dropped", "drops", "dropping"],
            &["retries", "retried", "retry"],
            &["queries", "query"],
            &["available", "availability"],
            &["reservations", "reserve", "reserved"],
            &["rejected", "rejection", "rejects"],
            &["caches", "cached", "cache"],
            &["cancelled", "canceled", "cancelling"],
            &["sent", "send", "sending"],
            &["deployments", "deployed", "deploy"],
            &["evictions", "evicted"],
            &["percentage", "percent"],
            &["produce", "producer", "produced"],
            &["watches", "watch"],
            &["written", "writes", "write"],
            &["killed", "kill", "kills"],
        ] {
            let stems: Vec<String> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|other| *other == stems[0]), "{forms:?}: {stems:?}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (one, other) in [
            ("duration", "during"),
            ("status", "state"),
            ("order", "ordinal"),
            ("process", "procedure"),
            ("string", "str"),
            ("feed", "fe"),
            ("speed", "spe"),
            ("bus", "bu"),
            ("p95", "p9"),
        ] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }
}
