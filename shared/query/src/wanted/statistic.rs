//! Which number of a distribution or of a period is asked for.

use super::words::{Use, Words};

/// A statistic as it was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Statistic {
    Quantile(f64),
    Mean,
    Maximum,
    Minimum,
    Total,
}

const MEAN: &[&str] = &["average", "avg", "mean", "averaged", "averages"];
const MAXIMUM: &[&str] = &["peak", "peaked", "maximum", "max", "highest", "longest", "worst-case"];
const MINIMUM: &[&str] = &["minimum", "min", "lowest", "trough", "shortest"];
const TOTAL: &[&str] = &["total", "sum", "altogether", "combined", "aggregate"];

/// The statistic of a question. Words of limits ("the maximum number of connections") are left to
/// names: they are read as statistics only where nothing was found that has them.
pub(super) fn read(words: &mut Words) -> Option<Statistic> {
    for at in 0..words.len() {
        if let Some((quantile, range)) = quantile_at(words, at) {
            words.mark(range, Use::Taken);
            return Some(Statistic::Quantile(quantile));
        }
    }
    if let Some((quantile, range)) = extreme_part(words) {
        words.mark(range, Use::Taken);
        return Some(Statistic::Quantile(quantile));
    }
    if let Some(quantile) = share_that_stays_under(words) {
        return Some(Statistic::Quantile(quantile));
    }
    let worst = |at: &usize| {
        words.is(*at, &["worst", "highest", "largest"])
            && words.is(at + 1, &["value", "point", "case", "reading"])
    };
    if let Some(at) = (0..words.len()).find(worst) {
        words.mark(at..at + 2, Use::Taken);
        return Some(Statistic::Maximum);
    }
    for phrase in [
        ["at", "its", "worst"],
        ["at", "their", "worst"],
        ["at", "its", "peak"],
        ["at", "its", "highest"],
        ["at", "the", "worst"],
    ] {
        if let Some(at) = (0..words.len()).find(|at| words.are(*at, &phrase)) {
            words.mark(at..at + 3, Use::Taken);
            return Some(Statistic::Maximum);
        }
    }
    for (names, statistic) in [
        (MEAN, Statistic::Mean),
        (MAXIMUM, Statistic::Maximum),
        (MINIMUM, Statistic::Minimum),
        (TOTAL, Statistic::Total),
    ] {
        // "5-min" is a length.
        let counted = |at: usize| at > 0 && words.list[at - 1].number.is_some();
        let free = |at: &usize| {
            let length = words.is(*at, &["min"]) && counted(*at);
            !words.is_taken(*at) && words.is(*at, names) && !length
        };
        if let Some(at) = (0..words.len()).find(free) {
            words.mark(at..at + 1, Use::Form);
            return Some(statistic);
        }
    }
    None
}

/// Every quantile of a question, in order.
pub(super) fn quantiles(words: &Words) -> Vec<f64> {
    (0..words.len()).filter_map(|at| quantile_at(words, at)).map(|(quantile, _)| quantile).collect()
}

fn quantile_at(words: &Words, at: usize) -> Option<(f64, std::ops::Range<usize>)> {
    const NAMES: &[&str] = &["percentile", "percentiles", "quantile", "pctl", "percentil", "pct"];
    let word = words.at(at);
    if word == "median" {
        return Some((0.5, at..at + 1));
    }
    if let Some(digits) = word.strip_prefix('p').map(|digits| digits.trim_end_matches('s'))
        && digits.len() >= 2
        && let Ok(percent) = digits.parse::<f64>()
    {
        // `p999` is short for `p99.9`.
        let percent =
            if digits.len() == 3 && digits.starts_with("99") { percent / 10.0 } else { percent };
        return quantile(percent).map(|quantile| (quantile, at..at + 1));
    }
    if NAMES.contains(&word) {
        let by_number = words.list.get(at + 1).and_then(|word| word.number);
        if let Some(number) = by_number {
            let found = if number < 1.0 { Some(number) } else { quantile(number) };
            return found.map(|found| (found, at..at + 2));
        }
    }
    let ordinal = ["th", "st", "nd", "rd"].iter().find_map(|ending| word.strip_suffix(ending));
    let number = match ordinal {
        Some(digits) => digits.parse::<f64>().ok()?,
        None => words.list.get(at)?.number?,
    };
    let mut end = at + 1;
    if words.is(end, &["%", "percent"]) {
        end += 1;
    }
    if words.is(end, NAMES) {
        let found = if number < 1.0 { Some(number) } else { quantile(number) };
        return found.map(|found| (found, at..end + 1));
    }
    None
}

/// 0.95 for 95; rounded, so that 99.9 is written 0.999.
fn quantile(percent: f64) -> Option<f64> {
    (percent > 0.0 && percent < 100.0).then(|| (percent * 1e3).round() / 1e5)
}

/// "the slowest 1 %" begins at the 99th percentile; "how long … half of the calls" asks for the
/// median.
fn extreme_part(words: &Words) -> Option<(f64, std::ops::Range<usize>)> {
    const HIGHEST: &[&str] = &["slowest", "longest", "worst", "largest", "biggest", "unluckiest"];
    const LOWEST: &[&str] = &["fastest", "quickest", "shortest", "best", "smallest", "luckiest"];
    for at in 0..words.len() {
        let highest = words.is(at, HIGHEST);
        if !highest && !words.is(at, LOWEST) {
            continue;
        }
        let percent = words.is(at + 2, &["%", "percent"]) || words.are(at + 2, &["per", "cent"]);
        let number = words.list.get(at + 1).and_then(|word| word.number).filter(|_| percent);
        if let Some(part) =
            number.and_then(|part| quantile(if highest { 100.0 - part } else { part }))
        {
            return Some((part, at..at + 3));
        }
    }
    let at = words.places(&["half of", "half the"]).iter().next()?;
    let compares = at > 0 && words.is(at - 1, &["than", "over", "under", "below", "above", "to"]);
    (!compares && words.has(&["how long", "how many seconds", "how quickly", "how fast"]))
        .then_some((0.5, at..at + 2))
}

/// "How many seconds do 90 % of calls stay under?", "the time in which 95 % of jobs finish".
fn share_that_stays_under(words: &mut Words) -> Option<f64> {
    let at = (0..words.len()).find(|at| {
        let counted = words.list[*at].number.is_some() && !words.is_taken(*at);
        let percent = words.is(at + 1, &["%", "percent"]) && words.is(at + 2, &["of"]);
        counted && (percent || out_of(words, *at).is_some())
    })?;
    let asks = &[
        "seconds", "milliseconds", "ms", "long", "time", "latency", "duration", "fast", "minutes",
        "what",
    ];
    let asks_for_time = (0..at).any(|before| words.is(before, asks))
        || words.has(&[
            "how many seconds", "how many milliseconds", "how many ms", "how many minutes",
            "how many hours", "how many days", "how long", "what time", "which time",
        ]);
    let open_end = (at + 3..words.len()).any(|after| {
        let stays = words.is(
            after,
            &[
                "under", "below", "within", "in", "beneath", "finish", "complete", "faster",
                "served", "done",
            ],
        );
        let number = words.list.get(after + 1).is_some_and(|word| word.number.is_some());
        stays && !number
    });
    if !asks_for_time || !open_end {
        return None;
    }
    let (share, end) = out_of(words, at).unwrap_or((words.list[at].number?, at + 3));
    words.mark(at..end, Use::Taken);
    quantile(share)
}

/// "nine out of ten": 90, and where it ends.
fn out_of(words: &Words, at: usize) -> Option<(f64, usize)> {
    let mut whole = at + 1;
    while words.is(whole, &["out", "of", "in"]) {
        whole += 1;
    }
    let (part, all) = (words.list.get(at)?.number?, words.list.get(whole)?.number?);
    (whole > at + 1 && part < all).then_some((100.0 * part / all, whole + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_read() {
        for (text, expected) in [
            ("p95 of checkout", Some(Statistic::Quantile(0.95))),
            ("99th percentile latency", Some(Statistic::Quantile(0.99))),
            ("99.9 percentile", Some(Statistic::Quantile(0.999))),
            ("the 0.9 quantile", Some(Statistic::Quantile(0.9))),
            ("p999", Some(Statistic::Quantile(0.999))),
            ("median response time", Some(Statistic::Quantile(0.5))),
            ("How many seconds do 90 % of calls stay under?", Some(Statistic::Quantile(0.9))),
            ("95 % of pushes arrive within how many seconds?", Some(Statistic::Quantile(0.95))),
            (
                "nine out of ten parcels arrive within how many hours?",
                Some(Statistic::Quantile(0.9)),
            ),
            ("what share of calls stays under 100 ms", None),
            ("how long on average", Some(Statistic::Mean)),
            ("peak memory", Some(Statistic::Maximum)),
            ("pods per node", None),
        ] {
            assert_eq!(read(&mut Words::read(text)), expected, "{text}");
        }
    }
}
