//! How values are put together: `p95`, `median`, `average`, `top 5`.

use std::{ops::Range, sync::LazyLock};

use model::EntityKind;

use crate::{lexicon::lists, numbers, phrases::Phrases, scan::Scan};

static PLAIN: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    Phrases::new(&[
        ("avg", "average, avg, mean, typical, on average, averaged"),
        ("max", "max, maximum, peak, highest, worst case, peaked"),
        ("min", "min, minimum, lowest"),
        ("sum", "sum, summed, in total, combined"),
    ])
});

/// The extreme of a ranking, and whether it is counted from the top.
const RANKS: &[(&str, bool)] = &[
    ("top", true),
    ("highest", true),
    ("worst", true),
    ("biggest", true),
    ("largest", true),
    ("most", true),
    ("slowest", true),
    ("busiest", true),
    ("heaviest", true),
    ("hungriest", true),
    ("greediest", true),
    ("bottom", false),
    ("lowest", false),
    ("least", false),
    ("fastest", false),
    ("smallest", false),
    ("quietest", false),
    ("best", false),
    ("fewest", false),
    ("quickest", false),
];
/// What a ranking is of.
const RANKED: &str = "service services svc svcs app apps endpoint endpoints route routes microservice microservices \
     component components one ones who consumers offenders version versions pods pod instances \
     replicas path paths api apis";
const ASKING: &[&str] = &["which", "what", "who", "whos", "whats", "whichever"];
/// A ranking longer than this is not worth reading.
const MAX_RANKED: u32 = 100;

/// Percentiles in the text, in order: `("p95", tokens)`.
pub(crate) fn percentiles(scan: &Scan) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        index = match percentile_at(scan, index) {
            Some((rank, end)) if scan.all_free(index..end) => {
                found.push((rank, index..end));
                end
            }
            _ => index + 1,
        };
    }
    found
}

pub(crate) fn percentile_at(scan: &Scan, index: usize) -> Option<(String, usize)> {
    let word = scan.word(index);
    if word == "median" {
        return Some(("p50".to_owned(), index + 1));
    }
    if matches!(word, "percentile" | "quantile") {
        return Some((rank_name(scan.word(index + 1))?, index + 2));
    }
    if let Some(rank) = word.strip_prefix('p') {
        return Some((rank_name(rank.strip_suffix('s').unwrap_or(rank))?, index + 1));
    }
    let digits =
        ["th", "st", "nd", "rd"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let mut unit = index + 1;
    while scan.word(unit) == "-"
        || (digits == word && matches!(scan.word(unit), "th" | "st" | "nd"))
    {
        unit += 1;
    }
    let ordinal = digits != word;
    let named = match scan.word(unit) {
        "percentile" | "percentiles" | "pctl" | "pctile" | "ptile" | "quantile" | "perc" => true,
        "pct" | "percent" | "%" => ordinal,
        _ => false,
    };
    named.then(|| Some((rank_name(digits)?, unit + 1)))?
}

/// `95` → `p95`, `999` → `p99.9`, `0.95` → `p95`.
fn rank_name(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    match digits {
        "999" => return Some("p99.9".to_owned()),
        "9999" => return Some("p99.99".to_owned()),
        "0.5" => return Some("p50".to_owned()),
        "0.9" => return Some("p90".to_owned()),
        "0.95" => return Some("p95".to_owned()),
        "0.99" => return Some("p99".to_owned()),
        _ => {}
    }
    let rank: f64 = digits.parse().ok()?;
    (1.0..100.0).contains(&rank).then(|| format!("p{digits}"))
}

/// Averages, extremes and rankings; percentiles are the metric recogniser's.
pub(crate) fn recognise(scan: &mut Scan) {
    let mut index = 0;
    while index < scan.len() {
        index = ranking_at(scan, index).or_else(|| plain_at(scan, index)).unwrap_or(index + 1);
    }
}

fn plain_at(scan: &mut Scan, index: usize) -> Option<usize> {
    let (value, end) = PLAIN.longest_at(&scan.tokens, index)?;
    // "what does it mean", "I mean staging".
    let verb = scan.word(index) == "mean"
        && (matches!(scan.word_before(index), "i" | "you")
            || (0..index).any(|at| matches!(scan.word(at), "does" | "do")));
    if verb || !scan.all_free(index..end) {
        return None;
    }
    scan.take_text(EntityKind::Aggregation, value, index..end, 0.9);
    Some(end)
}

/// `top 5`, `the 3 busiest`, `which service has the highest …`, `slowest endpoint`.
fn ranking_at(scan: &mut Scan, index: usize) -> Option<usize> {
    let &(word, from_top) = RANKS.iter().find(|(rank, _)| *rank == scan.word(index))?;
    let function = if from_top { "topk" } else { "bottomk" };
    let taken_by_metric = !scan.is_free(index);
    let name = |scan: &mut Scan, count: u32, tokens: Range<usize>| {
        let end = tokens.end;
        let value = model::EntityValue::Text(format!("{function}({count})"));
        // "slowest" also says which metric is meant, so its token may be taken already.
        scan.note(EntityKind::Aggregation, value, tokens.clone(), 0.85);
        scan.mark(tokens);
        Some(end)
    };
    let count_after = numbers::whole(scan.word(index + 1)).filter(|_| scan.is_free(index + 1));
    if let Some(count) = count_after.filter(|count| (1..=MAX_RANKED).contains(count)) {
        let is_ranking = word != "most" && word != "least" && scan.word(index + 2) != "%";
        if !is_ranking {
            return None;
        }
        // "top 3 slowest" is one ranking.
        let again = RANKS.iter().any(|(rank, _)| *rank == scan.word(index + 2));
        return name(scan, count, index..index + 2).map(|end| end + usize::from(again));
    }
    let count_before = index
        .checked_sub(1)
        .filter(|&before| scan.is_free(before))
        .and_then(|before| numbers::whole(scan.word(before)))
        .filter(|count| (1..=MAX_RANKED).contains(count));
    if let Some(count) = count_before.filter(|_| lists(RANKED, scan.word(index + 1))) {
        return name(scan, count, index - 1..index + 1);
    }
    let asks = (0..index).any(|at| {
        ASKING.contains(&scan.word(at))
            && (lists(RANKED, scan.word(at + 1))
                || scan.word(at).starts_with("who")
                || at + 6 > index)
    });
    let ranks_things = lists(RANKED, scan.word(index + 1)) && word != "best" && word != "most";
    let is_question = asks
        && (0..scan.len()).any(|at| lists(RANKED, scan.word(at)))
        && !matches!(word, "top" | "bottom")
        && !(word == "worst" && scan.word(index + 1) == "case");
    if is_question || (ranks_things && (taken_by_metric || word != "top")) {
        return name(scan, 1, index..index + 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn percentiles_are_read_however_they_are_written() {
        for (text, expected) in [
            ("p95", "p95"),
            ("P99.9 please", "p99.9"),
            ("p999", "p99.9"),
            ("the 95th percentile", "p95"),
            ("99th pct", "p99"),
            ("50 percentile", "p50"),
            ("percentile 90", "p90"),
            ("0.95 quantile", "p95"),
            ("median", "p50"),
            ("p95 and p99", "p95 p99"),
            ("95 percent", ""),
            ("p0 incident", ""),
            ("p100", ""),
            ("pets", ""),
        ] {
            let scan = Scan::new(text, tokenise(text));
            let ranks: Vec<_> = percentiles(&scan).into_iter().map(|(rank, _)| rank).collect();
            assert_eq!(ranks.join(" "), expected, "{text}");
        }
    }
}
