//! Which rows a question wants to see: the things that it tells apart, how many of them, and the
//! first or the last by value.

use std::ops::Range;

use super::words::{Use, Words};

/// How many rows a ranking has when the question does not say.
const USUAL_ROWS: u32 = 5;
const MAX_ROWS: u32 = 50;

/// The first or the last rows by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) highest: bool,
    pub(crate) count: u32,
    /// The question says how many.
    pub(crate) said: bool,
}

/// Words that may name what rows are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) words: Range<usize>,
    /// The words say so themselves ("by", "per", "for each"); otherwise it is the noun of "which …".
    pub(crate) said: bool,
    /// What may also be said of who does something: "claimed by pod requests".
    pub(crate) doubtful: bool,
    /// "per", "for each": every one by itself, even where others are ranked.
    pub(crate) each: bool,
}

const LEADS: &[&str] = &["by", "per", "each", "every", "across", "individual"];
const ENDS: &[&str] = &[
    "in", "on", "for", "of", "over", "during", "since", "from", "between", "last", "past", "with",
    "where", "that", "which", "the", "at", "today", "yesterday", "right", "now", "is", "are",
    "has", "have", "had", "please", "to", "did", "was", "were", "do", "does", "be", "been",
    "whose", "it", "using", "use", "uses", "going", "compared", "within", "under", "above",
    "below", "than", "as", "we", "they", "when", "if", "so", "only", "not", "most", "least",
    "will", "can", "ahead", "into", "spend", "spends", "get", "gets", "take", "takes", "when",
    "there", "runs", "run", "running",
];
/// How many words a name of rows has at most: "consumer group", "http status code".
const MAX_WORDS: usize = 3;
/// Nouns behind "per" that make a rate, not rows.
const NOT_ROWS: &[&str] = &[
    "second", "minute", "hour", "day", "s", "sec", "min", "cent", "time", "month", "week", "of",
    "default", "far", "average", "chance", "other", "much", "how", "what", "side",
];

/// Words of more and less, with what they say of the value.
const HIGHEST: &[&str] = &[
    "most", "highest", "slowest", "busiest", "biggest", "largest", "heaviest", "longest",
    "hungriest", "worst", "greatest", "top", "hottest", "noisiest", "chattiest", "oldest",
    "fullest", "greediest", "loudest", "costliest", "laggiest", "deepest", "thirstiest", "warmest",
    "biggest", "flakiest", "furthest", "farthest", "hardest", "maximum",
];
const LOWEST: &[&str] = &[
    "least", "lowest", "fastest", "smallest", "fewest", "quietest", "emptiest", "shortest",
    "bottom", "coldest", "quickest", "newest", "idlest", "minimum", "coolest", "youngest",
    "weakest", "cheapest",
];

/// The ranking, and the place of the word that says so.
pub(super) fn rank(words: &mut Words) -> Option<(Rank, usize)> {
    let superlative = |at: &usize| {
        let least_of_a_limit =
            words.is(at.wrapping_sub(1), &["at"]) && words.is(*at, &["least", "most"]);
        !words.is_taken(*at)
            && !least_of_a_limit
            && (words.is(*at, HIGHEST) || words.is(*at, LOWEST))
    };
    let number_at = |at: usize| words.list.get(at).is_some_and(|word| word.number.is_some());
    let numbered = |at: &usize| {
        // "ten worst"
        let before = *at > 0 && number_at(at - 1) && !words.is_taken(at - 1);
        words.is(*at, &["top", "bottom"]) && number_at(at + 1)
            || superlative(at) && before && !words.is(*at, &["most", "least"])
    };
    let at = (0..words.len()).find(numbered).or_else(|| (0..words.len()).find(superlative))?;
    if words.is(at, &["worst", "highest", "lowest", "best"])
        && words.is(at + 1, &["value", "point", "case", "reading"])
    {
        return None;
    }
    let highest = words.is(at, HIGHEST);
    let counted = |index: usize| {
        let word = words.list.get(index)?;
        let number = word.number.filter(|number| {
            *number >= 1.0 && *number <= f64::from(2 * MAX_ROWS) && number.fract() == 0.0
        })?;
        (word.used != Use::Taken).then_some((number as u32, index))
    };
    let before = at.checked_sub(1);
    let count = counted(at + 1).or_else(|| before.and_then(counted)).or_else(|| {
        // "which three pods use the most", "the 5 pods with the highest", "Ten pods by most"
        (0..at).rev().take(10).find_map(counted)
    });
    let count = count.or_else(|| {
        // "ten topics into which producers write the most"
        let first = (0..at.min(3)).find(|first| words.list[*first].number.is_some())?;
        words.at(first + 1).ends_with('s').then(|| counted(first)).flatten()
    });
    let asks_which = words.has(&["which", "what", "who", "where", "whose"]);
    if count.is_none()
        && matches!(
            words.at(at),
            "maximum"
                | "minimum"
                | "longest"
                | "shortest"
                | "oldest"
                | "newest"
                | "highest"
                | "lowest"
        )
        && !asks_which
    {
        // The statistic of one thing, not a choice among several.
        return None;
    }
    if count.is_none()
        && matches!(words.at(at), "top" | "bottom")
        && words.list.get(at + 1).is_none_or(|word| word.key.len() <= 2)
    {
        return None;
    }
    let count_at = count.map(|(_, at)| at);
    let said = count_at.is_some();
    let count = count.map_or_else(|| usual_count(words, at), |(count, _)| count);
    words.mark(at..at + 1, Use::Form);
    if let Some(count_at) = count_at {
        words.mark(count_at..count_at + 1, Use::Taken);
    }
    if words.is(at, &["bottom", "top"]) {
        // "the slowest …, top four": the other word says what is highest.
        let low = (0..words.len()).any(|other| {
            words.is(other, LOWEST) && !words.is(other, &["least", "bottom", "minimum"])
        });
        return Some((
            Rank { highest: words.is(at, &["top"]) && !low, count: count.clamp(1, MAX_ROWS), said },
            at,
        ));
    }
    Some((Rank { highest, count: count.clamp(1, MAX_ROWS), said }, at))
}

/// One where the question is in the singular: "which pod uses the most".
fn usual_count(words: &Words, at: usize) -> u32 {
    let which = words.find(&["which", "what"]).map(|(index, _)| index + 1);
    // "what is the busiest route": the noun stands behind the ranking.
    let asked = which.filter(|which| *which < at).map(|which| noun_at(words, which));
    let before = asked.filter(|noun| !noun.is_empty() && !noun.contains(&at));
    let noun = before.unwrap_or_else(|| noun_at(words, at + 1));
    let plural = |word: &str| word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    let single = !noun.is_empty() && !noun.into_iter().any(|index| plural(words.at(index)));
    if single { 1 } else { USUAL_ROWS }
}

/// What the rows are told apart by, in the order it is said.
pub(super) fn rows(words: &Words, rank_at: Option<usize>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let sorted = sorted(words);
    let mut at = sorted.as_ref().map_or(0, |(_, behind)| *behind);
    rows.extend(sorted.map(|(row, _)| row));
    while at < words.len() {
        let lead =
            words.is(at, LEADS) || words.are(at, &["for", "all"]) || words.are(at, &["of", "all"]);
        if !lead || words.is_taken(at) {
            at += 1;
            continue;
        }
        let by = words.is(at, &["by"]);
        // "across the whole site" is one site.
        let whole = words.is(at, &["across"]);
        let doubtful =
            by && at > 0 && is_participle(words, at - 1) && !words.is(at + 1, &["each", "every"]);
        // "as seen by the client" tells no rows apart.
        let actor = doubtful && words.is(at - 1, &["seen", "reported"]);
        let each = !by;
        at += if words.is(at, &["for", "of"]) { 2 } else { 1 };
        loop {
            if words.is(at, &["kind", "kinds", "type", "types", "sort"])
                && words.is(at + 1, &["of"])
            {
                at += 2;
            }
            while words.is(
                at,
                &["the", "each", "every", "all", "of", "its", "their", "a", "different", "single"],
            ) {
                at += 1;
            }
            let range = noun_at(words, at);
            let singular = !range.is_empty() && !words.at(range.end - 1).ends_with('s');
            let rate = words.is(at, NOT_ROWS) || (whole && singular);
            // "sorted by most", "by at least"
            let ranked = by
                && (words.is(at, HIGHEST)
                    || words.is(at, LOWEST)
                    || words.list.get(at).is_some_and(|it| it.number.is_some()));
            let end = if rate { at + 1 } else { range.end };
            if !range.is_empty() && !rate && !ranked && !actor {
                push(&mut rows, Row { words: range, said: true, doubtful, each });
            }
            at = end.max(at);
            let another = words.is(at, &["and", "&", "then"])
                && !rate
                && end > 0
                && !words
                    .list
                    .get(at.wrapping_sub(1))
                    .is_some_and(|word| word.ends_clause && !words.is(at, &["and"]));
            if !another {
                break;
            }
            let article = usize::from(words.is(at + 1, &["the", "its", "their"]));
            let next = noun_at(words, at + 1 + article);
            // "by route and show me …" is no second dimension.
            if next.is_empty()
                || words.is(at + 1, &["show", "give", "over", "in", "compare", "then"])
            {
                break;
            }
            at += 1;
        }
    }
    for at in words.places(&["why"]).iter() {
        push(&mut rows, Row { words: at..at + 1, said: true, doubtful: true, each: false });
    }
    attached(words, &mut rows);
    which(words, rank_at, &mut rows);
    rows
}

/// "rank the exchanges by the share that …": the rows, and the place behind "by", where it is said
/// what they are ranked by.
fn sorted(words: &Words) -> Option<(Row, usize)> {
    let at = words.places(&["rank", "sort", "order"]).iter().next().filter(|at| *at < 3)?;
    let articles = (at + 1..).take_while(|at| words.is(*at, &["the", "our", "all", "of"])).count();
    let range = noun_at(words, at + 1 + articles);
    let by = range.end;
    let row = Row { words: range, said: true, doubtful: false, each: false };
    // "order rate" is a rate of orders.
    let verb = articles > 0 || !words.is(at, &["order"]);
    (verb && !row.words.is_empty() && words.is(by, &["by"])).then_some((row, by + 1))
}

/// "with the git revision attached", "labelled with the version": what is shown beside each row.
fn attached(words: &Words, rows: &mut Vec<Row>) {
    const BEHIND: &[&str] = &[
        "attached", "added", "shown", "it", "they", "that", "each", "alongside", "beside", "next",
    ];
    for at in words.places(&["with", "showing"]).iter() {
        if !words.is(at + 1, &["the", "its", "their"]) {
            continue;
        }
        let mut range = noun_at(words, at + 2);
        let said = |place: usize| words.is(place, BEHIND);
        range.end = range.clone().find(|place| said(*place)).unwrap_or(range.end);
        let ended = range.end == words.len()
            || said(range.end)
            || range.end > range.start && words.list[range.end - 1].ends_clause;
        let ranked = words.is(range.start, HIGHEST) || words.is(range.start, LOWEST);
        if !range.is_empty() && ended && !ranked {
            push(rows, Row { words: range, said: true, doubtful: true, each: false });
        }
    }
}

/// The noun of "which routes", of "top 5 pods", and the one that the question begins with.
fn which(words: &Words, rank_at: Option<usize>, rows: &mut Vec<Row>) {
    let mut starts: Vec<usize> = Vec::new();
    for at in 0..words.len() {
        if words.is(at, &["which", "what", "whose"]) {
            starts.push(at + 1);
        }
        if Some(at) == rank_at || words.list[at].possessive {
            starts.push(at + 1);
        }
    }
    if let Some(at) = rank_at {
        // "the 5 pods with the highest …": the noun stands behind the number.
        let counted = (0..at).rev().take(6).find(|index| words.list[*index].number.is_some());
        starts.extend(counted.map(|index| index + 1));
    }
    let first = (0..words.len()).find(|at| words.list[*at].used == Use::Free);
    starts.extend(first.filter(|first| *first < 5));
    for start in starts {
        let mut start = start;
        while words.is(start, &["of", "the", "our", "five", "three", "ten", "two", "four"])
            || words.list.get(start).is_some_and(|word| word.number.is_some())
        {
            start += 1;
        }
        let range = noun_at(words, start);
        if !range.is_empty() {
            push(rows, Row { words: range, said: false, doubtful: false, each: false });
        }
    }
}

/// "used by", "drawn by": what follows does it.
fn is_participle(words: &Words, at: usize) -> bool {
    const NOT: &[&str] = &[
        "grouped", "sorted", "ordered", "ranked", "listed", "separated", "aggregated", "summed",
        "averaged",
    ];
    let word = words.at(at);
    (word.ends_with("ed")
        || matches!(
            word,
            "taken"
                | "drawn"
                | "held"
                | "sent"
                | "written"
                | "spent"
                | "thrown"
                | "made"
                | "seen"
                | "hit"
                | "driven"
                | "given"
                | "done"
        ))
        && !NOT.contains(&word)
}

fn push(rows: &mut Vec<Row>, row: Row) {
    if !rows
        .iter()
        .any(|known| known.words.start < row.words.end && row.words.start < known.words.end)
    {
        rows.push(row);
    }
}

/// Up to three words that may be a noun.
fn noun_at(words: &Words, at: usize) -> Range<usize> {
    let mut end = at;
    while end < words.len() && end - at < MAX_WORDS {
        let word = &words.list[end];
        // "each service getting": what it does is no part of its name.
        let does = end > at && word.lower.len() > 4 && word.lower.ends_with("ing");
        if does
            || word.used == Use::Taken
            || ENDS.contains(&word.lower.as_str())
            || LEADS.contains(&word.lower.as_str())
            || matches!(word.lower.as_str(), "and" | "or" | "&" | "more" | "less" | "over")
        {
            break;
        }
        end += 1;
        if word.ends_clause || word.possessive {
            break;
        }
    }
    at..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        let mut words = Words::read(text);
        let _ = super::super::statistic::read(&mut words);
        let rank = rank(&mut words);
        let rows = rows(&words, rank.map(|(_, at)| at));
        let said: Vec<String> = rows
            .iter()
            .filter(|row| row.said)
            .map(|row| {
                let words: Vec<&str> = row.words.clone().map(|index| words.at(index)).collect();
                words.join(" ")
            })
            .collect();
        let rank = rank.map_or(String::new(), |(rank, _)| {
            format!("{}{}", if rank.highest { "top" } else { "bottom" }, rank.count)
        });
        format!("{rank}|{}", said.join("+"))
    }

    #[test]
    fn rows_and_rankings_are_read() {
        for (text, expected) in [
            ("error rate by route", "|route"),
            ("p95 per consumer group over the last hour", "|consumer group"),
            ("requests per second by route and method in prod", "|route+method"),
            ("Give me the five slowest routes by 99th percentile", "top5|"),
            ("which pod uses the most memory", "top1|"),
            ("which pods use the most memory", "top5|"),
            ("top 3 queues", "top3|"),
            ("what is the busiest route", "top1|"),
            ("what's the slowest page", "top1|"),
            ("the 5 pods with the highest CPU", "top5|"),
            ("rank the exchanges by the share of bids that fail", "|exchanges"),
            ("sort all our pods by memory per node", "|pods+node"),
            ("order rate by region", "|region"),
            ("peak memory of checkout", "|"),
            ("at least 3 replicas", "|"),
            ("CPU cores used by each team, where the team is a label", "|team"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
