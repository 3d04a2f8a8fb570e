//! What a value is held against: "more than 80 %", "under 20 GiB", "at least three", "twice".

use model::{Comparison, Unit};

use super::{
    unit::{self, Said},
    words::{Use, Words},
};

/// A limit as it was said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    pub(crate) comparison: Comparison,
    pub(crate) value: f64,
    /// `None` for a bare number.
    pub(crate) said: Option<Said>,
    /// It is so many times something else: "more than twice", "14.4 times".
    pub(crate) times: bool,
    /// The place of the number.
    pub(crate) at: usize,
}

impl Limit {
    /// All there is: "at its limit".
    pub(super) fn whole() -> Self {
        let said = unit::said("%").map(whole);
        Self { comparison: Comparison::AtLeast, value: 1.0, said, times: false, at: 0 }
    }

    pub(crate) fn unit(&self) -> Option<Unit> {
        self.said.map(|said| said.unit)
    }

    /// The value in the base unit of what it was said in.
    pub(crate) fn in_base(&self) -> f64 {
        let value = self.value * self.said.map_or(1.0, |said| said.factor);
        // What multiplication leaves of 80 × 0.01.
        (value * 1e9).round() / 1e9
    }
}

/// Comparatives that are followed by "than".
const MORE: &[&str] = &[
    "more", "greater", "higher", "larger", "bigger", "longer", "older", "slower", "hotter",
    "busier", "fuller", "later", "worse", "heavier", "warmer", "staler",
];
const LESS: &[&str] = &[
    "less", "fewer", "lower", "smaller", "shorter", "younger", "faster", "cooler", "quicker",
    "colder", "newer", "sooner", "better", "closer", "nearer",
];
const TELLING: &[&str] = &[
    "longer", "older", "slower", "hotter", "busier", "fuller", "heavier", "warmer", "staler",
    "cooler", "colder", "faster", "shorter", "bigger", "larger",
];
const ABOVE: &[&str] = &[
    "over", "above", "exceed", "exceeds", "exceeding", "exceeded", "beyond", ">", "surpass",
    "surpasses", "topping", "past", "outside",
];
const BELOW: &[&str] = &["under", "below", "beneath", "within", "<", "inside"];

/// Every limit of a question, in order.
pub(super) fn read(words: &mut Words) -> Vec<Limit> {
    let mut limits = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some((least, most, end)) = between(words, at) {
            words.mark(at..end, Use::Taken);
            limits.extend([least, most]);
            at = end;
            continue;
        }
        match one(words, at) {
            Some((limit, end)) => {
                // "hotter", "older" and "fuller" also say what is compared.
                let telling = words.is(at, TELLING);
                words.mark(at..end, Use::Taken);
                if telling {
                    words.mark(at..at + 1, Use::Form);
                }
                limits.push(limit);
                at = end;
            }
            None => at += 1,
        }
    }
    limits
}

/// "between 1 and 3 seconds".
fn between(words: &Words, at: usize) -> Option<(Limit, Limit, usize)> {
    if !words.is(at, &["between"]) || words.is_taken(at) || words.is_taken(at + 1) {
        return None;
    }
    let number = |at: usize| words.list.get(at).and_then(|word| word.number);
    let first = number(at + 1)?;
    let and = if words.is(at + 2, &["and"]) { at + 2 } else { at + 3 };
    let second = number(and + 1).filter(|_| words.is(and, &["and"]) && !words.is_taken(and + 1))?;
    let said = unit::said(words.at(and + 2));
    let own = unit::said(words.at(at + 2)).or(said);
    let end = and + 2 + usize::from(said.is_some());
    let limit = |comparison, value, said, at| Limit { comparison, value, said, times: false, at };
    Some((
        limit(Comparison::AtLeast, first, own, at + 1),
        limit(Comparison::AtMost, second, said, and + 1),
        end,
    ))
}

fn one(words: &Words, at: usize) -> Option<(Limit, usize)> {
    if words.is_taken(at) {
        return None;
    }
    let (comparison, mut number_at) = comparison_at(words, at)?;
    for _ in 0..2 {
        if words
            .is(number_at, &["the", "a", "an", "of", "about", "around", "roughly", "than", "by"])
        {
            number_at += 1;
        }
    }
    // "three quarters", "two thirds"
    let parts = match words.at(number_at + 1) {
        "quarters" | "quarter" => Some(4.0),
        "thirds" => Some(3.0),
        "fifths" => Some(5.0),
        "tenths" => Some(10.0),
        "eighths" => Some(8.0),
        _ => None,
    };
    if let (Some(parts), Some(count)) = (parts, words.list.get(number_at).and_then(|it| it.number))
    {
        let value = count / parts;
        let limit = Limit {
            comparison,
            value,
            said: unit::said("%").map(whole),
            times: false,
            at: number_at,
        };
        return Some((limit, number_at + 2));
    }
    if let Some((part, end)) = part_of_number(words, number_at) {
        let said = unit::said("%").map(whole);
        return Some((Limit { comparison, value: part, said, times: false, at: number_at }, end));
    }
    // "more than half the speed", "over a quarter", "less than twice"
    let fraction = match words.at(number_at) {
        "half" => Some((0.5, true)),
        "third" => Some((1.0 / 3.0, true)),
        "quarter" => Some((0.25, true)),
        "fifth" => Some((0.2, true)),
        "tenth" => Some((0.1, true)),
        "twice" | "double" => Some((2.0, true)),
        "triple" => Some((3.0, true)),
        "zero" | "nothing" | "none" => Some((0.0, false)),
        _ => None,
    };
    if words.is_taken(number_at) {
        return None;
    }
    if let Some((seconds, end)) = part_of_time(words, number_at) {
        let said = unit::said("s");
        return Some((
            Limit { comparison, value: seconds, said, times: false, at: number_at },
            end,
        ));
    }
    let article = number_at > 0 && words.is(number_at - 1, &["a", "an"]);
    if article
        && !words.is_taken(number_at)
        && !words.is(number_at + 1, &["of"])
        && let Some(said) = unit::said(words.at(number_at)).filter(|said| {
            let whole = words.at(number_at).len() > 2;
            said.unit == Unit::Seconds || said.unit == Unit::Bytes && whole
        })
    {
        // "older than an hour", "bigger than a gigabyte"
        let limit = Limit { comparison, value: 1.0, said: Some(said), times: false, at: number_at };
        return Some((limit, number_at + 1));
    }
    let word = words.list.get(number_at)?;
    // "under one parent", "within one trace"
    let article = word.lower == "one"
        && matches!(words.at(at), "under" | "within" | "inside" | "past" | "beneath")
        && unit::said(words.at(number_at + 1)).is_none();
    if word.used == Use::Taken || article {
        return None;
    }
    let (value, mut times) = match fraction {
        Some(found) => found,
        None => (word.number?, false),
    };
    let mut end = number_at + 1;
    let full = words.is(end, &["full", "empty", "used", "of", "the"])
        && words.has(&["full", "capacity", "limit", "empty", "used"]);
    // "a quarter of their periods", "a fifth of all calls"
    let full = full
        || (words.is(end, &["of"])
            && words.is(end + 1, &["their", "its", "all", "the", "them", "our"]));
    if fraction.is_some() && full && value < 1.0 && value > 0.0 {
        let said = unit::said("%").map(whole);
        return Some((Limit { comparison, value, said, times: false, at: number_at }, end));
    }
    let mut value = value;
    if words.is(end, &["million", "thousand", "hundred", "billion"]) {
        value *= match words.at(end) {
            "hundred" => 1e2,
            "thousand" => 1e3,
            "million" => 1e6,
            _ => 1e9,
        };
        end += 1;
    }
    let closer = words.is(at, &["closer", "nearer"]);
    let near = unit::said(words.at(end)).is_some_and(|said| said.unit == Unit::Ratio)
        && (closer
            || (words.is(at, &["within"]) && words.is(end + 1, &["of"]))
            || (comparison == Comparison::Below
                && words.is(end + 1, &["away", "short", "below", "from", "off", "under"])));
    if let (true, Some(said)) = (near, unit::said(words.at(end))) {
        // "within five percent of the limit" is over 95 % of it.
        let value = 1.0 / said.factor - value;
        let limit = Limit {
            comparison: Comparison::Above,
            value,
            said: Some(said),
            times: false,
            at: number_at,
        };
        return Some((limit, end + 1));
    }
    let mut said = unit::said(words.at(end)).filter(|_| fraction.is_none());
    if said.is_none() && words.are(end, &["per", "cent"]) {
        said = unit::said("%");
        end += 1;
    }
    if said.is_some() {
        end += 1;
    } else if words.is(end, &["times", "x", "fold"]) {
        times = true;
        end += 1;
    }
    if words.is(end, &["or", "and"])
        && words.is(
            end + 1,
            &[
                "more", "less", "fewer", "above", "below", "up", "higher", "worse", "over",
                "greater", "longer", "upwards", "beyond", "slower", "lower",
            ],
        )
    {
        end += 2;
    }
    Some((Limit { comparison, value, said, times, at: number_at }, end))
}

/// "9 of 10 workers", "two out of three": the part, and where it ends.
fn part_of_number(words: &Words, at: usize) -> Option<(f64, usize)> {
    let number = |at: usize| words.list.get(at).and_then(|word| word.number);
    let out = usize::from(words.is(at + 1, &["out"]));
    let whole_at = at + 2 + out;
    let linked = words.is(whole_at - 1, &["of"]) || (out == 0 && words.is(at + 1, &["in"]));
    let (part, all) = (number(at)?, number(whole_at)?);
    // "more than 3 in 10 minutes" is a number of events.
    let timed = unit::said(words.at(whole_at + 1)).is_some();
    (linked && !timed && part < all && all <= 1_000.0).then(|| (part / all, whole_at + 1))
}

/// "half a second", "a quarter of a second", "one and a half seconds", "a second and a half": the
/// seconds, and where it ends.
fn part_of_time(words: &Words, at: usize) -> Option<(f64, usize)> {
    let unit_at = |at: usize| unit::said(words.at(at)).filter(|said| said.unit == Unit::Seconds);
    let share = match words.at(at) {
        "half" => Some(0.5),
        "quarter" => Some(0.25),
        _ => None,
    };
    if let Some(share) = share {
        let mut next = at + 1;
        while words.is(next, &["of", "a", "an"]) {
            next += 1;
        }
        return unit_at(next).map(|said| (share * said.factor, next + 1));
    }
    let half = |at: usize| words.are(at, &["and", "a", "half"]);
    if let Some(number) = words.list.get(at)?.number {
        if half(at + 1) {
            return unit_at(at + 4).map(|said| ((number + 0.5) * said.factor, at + 5));
        }
        let said = unit_at(at + 1)?;
        return half(at + 2).then(|| ((number + 0.5) * said.factor, at + 5));
    }
    let said = unit_at(at).filter(|_| half(at + 1))?;
    Some((1.5 * said.factor, at + 4))
}

/// Ratios that are said as fractions, and not in per cent.
fn whole(said: Said) -> Said {
    Said { factor: 1.0, ..said }
}

/// The comparison that begins at a word, and where its number is to be.
fn comparison_at(words: &Words, at: usize) -> Option<(Comparison, usize)> {
    let word = words.at(at);
    let denied = at > 0 && matches!(words.at(at - 1), "no" | "not" | "n't");
    if words.is(at + 1, &["than"]) {
        if MORE.contains(&word) {
            let comparison = if denied { Comparison::AtMost } else { Comparison::Above };
            return Some((comparison, at + 2));
        }
        if LESS.contains(&word) {
            let comparison = if denied { Comparison::AtLeast } else { Comparison::Below };
            return Some((comparison, at + 2));
        }
    }
    if words.are(at, &["at", "least"]) || words.are(at, &["a", "minimum", "of"]) {
        return Some((Comparison::AtLeast, at + 2));
    }
    if words.are(at, &["at", "most"]) || words.are(at, &["up", "to"]) {
        return Some((Comparison::AtMost, at + 2));
    }
    match word {
        ">=" | "=>" => return Some((Comparison::AtLeast, at + 1)),
        "<=" | "=<" => return Some((Comparison::AtMost, at + 1)),
        "=" | "==" | "equals" | "exactly" => return Some((Comparison::Equal, at + 1)),
        _ => {}
    }
    if ABOVE.contains(&word) {
        return Some((Comparison::Above, at + 1));
    }
    if BELOW.contains(&word) {
        return Some((Comparison::Below, at + 1));
    }
    // "80 % or more"
    let number = words.list.get(at)?.number?;
    let mut end = at + 1;
    if unit::said(words.at(end)).is_some() || words.is(end, &["times"]) {
        end += 1;
    }
    // "three attempts or more"
    if words.is(end + 1, &["or", "and"])
        && words.is(end + 2, &["more", "fewer", "less"])
        && words.at(end).ends_with('s')
    {
        end += 1;
    }
    if number >= 0.0 && words.is(end, &["or", "and"]) {
        return match words.at(end + 1) {
            "more" | "above" | "higher" | "greater" | "longer" | "up" | "over" | "upwards"
            | "beyond" | "slower" | "worse" => Some((Comparison::AtLeast, at)),
            "less" | "fewer" | "below" | "lower" => Some((Comparison::AtMost, at)),
            _ => None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_with_their_units() {
        for (text, expected) in [
            ("pods with more than 80 % memory", "> 0.8 ratio"),
            ("answered within 250ms", "< 0.25 seconds"),
            ("is there less than 20 GiB left", "< 21474836480 bytes"),
            ("restarted more than three times", "> 3 times"),
            ("error rate >= 0.5%", ">= 0.005 ratio"),
            ("more than 14.4 times too fast", "> 14.4 times"),
            ("at least 3 replicas", ">= 3 "),
            ("at less than half the speed", "< 0.5 times"),
            ("queues holding 1000 or more", ">= 1000 "),
            ("no more than 5 errors", "<= 5 "),
            ("over 2 million rows", "> 2000000 "),
            ("more than three quarters full", "> 0.75 ratio"),
            ("older than an hour", "> 3600 seconds"),
            ("slower than a week", "> 604800 seconds"),
            ("more than a quarter of their memory", "> 0.25 ratio"),
            ("more than 9 of 10 workers", "> 0.9 ratio"),
            ("fewer than two out of three nodes", "< 0.666666667 ratio"),
            ("more than 3 in 10 minutes", "> 3 "),
            ("closer than 20 % to the limit", "> 0.8 ratio"),
            ("less than 10 % away from its quota", "> 0.9 ratio"),
            ("less than 10 % left", "< 0.1 ratio"),
            ("over the network", ""),
            ("more errors than yesterday", ""),
        ] {
            let limits = read(&mut Words::read(text));
            let found = limits.first().map_or(String::new(), |limit| {
                let unit = limit.unit().map_or("", Unit::name);
                let unit = if limit.times { "times" } else { unit };
                format!("{} {} {unit}", limit.comparison.symbol(), limit.in_base())
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
