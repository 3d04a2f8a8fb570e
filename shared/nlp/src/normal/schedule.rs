//! Times that come again and again, as cron expressions of five fields (Sunday is 0).

use std::ops::Range;

use crate::{
    numbers,
    scan::Scan,
    time::{WEEKDAYS, WEEKDAYS_SHORT},
};

/// The cron expression, or `None` for a time that comes once.
pub(super) fn cron(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    let words: Vec<&str> = tokens.clone().map(|at| scan.word(at)).collect();
    let says = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if !recurs(&words) {
        return None;
    }
    if let Some(interval) = interval(&words) {
        return Some(interval);
    }
    let (hour, minute) = clock(&words).unwrap_or_else(|| {
        let hour = match () {
            () if says(&["noon", "midday", "lunchtime"]) => 12,
            () if says(&["morning", "mornings"]) => 9,
            () if says(&["evening", "evenings"]) => 18,
            () if says(&["afternoon", "afternoons"]) => 15,
            () => 0,
        };
        (hour, 0)
    });
    if says(&["hourly"]) || pair(&words, "every", "hour") || pair(&words, "each", "hour") {
        return Some("0 * * * *".to_owned());
    }
    let month_day = month_day(&words);
    let day_of_week = days(&words);
    let (day, month) = match () {
        () if says(&["month", "monthly", "months"]) => (month_day.unwrap_or(1).to_string(), "*"),
        () if says(&["quarter", "quarterly"]) => (month_day.unwrap_or(1).to_string(), "1,4,7,10"),
        () if says(&["year", "yearly", "annually"]) => (month_day.unwrap_or(1).to_string(), "1"),
        () => ("*".to_owned(), "*"),
    };
    let week = match day_of_week {
        Some(days) => days,
        None if says(&["weekly", "week"]) => "1".to_owned(),
        None => "*".to_owned(),
    };
    Some(format!("{minute} {hour} {day} {month} {week}"))
}

/// The cron expression of a turn that changes one: "make it 4am" changes the time of day, "only on
/// weekdays" the days. `None` where it says neither.
pub(crate) fn changed(scan: &Scan, tokens: Range<usize>, before: &str) -> Option<String> {
    let words: Vec<&str> = tokens.map(|at| scan.word(at)).collect();
    let fields: Vec<&str> = before.split(' ').collect();
    let [minute, hour, day, month, week] = fields[..] else { return None };
    if let Some(interval) = interval(&words) {
        return Some(interval);
    }
    let is_daily =
        words.contains(&"daily") || pair(&words, "every", "day") || pair(&words, "each", "day");
    let (minute, hour, is_new_time) = match clock(&words) {
        Some((new_hour, new_minute)) => (new_minute.to_string(), new_hour.to_string(), true),
        None => (minute.to_owned(), hour.to_owned(), false),
    };
    let (day, month, week, are_new_days) = match days(&words) {
        Some(days) => ("*", "*", days, true),
        None if is_daily => ("*", "*", "*".to_owned(), true),
        None => (day, month, week.to_owned(), false),
    };
    (is_new_time || are_new_days).then(|| format!("{minute} {hour} {day} {month} {week}"))
}

fn recurs(words: &[&str]) -> bool {
    const MARKS: &[&str] = &[
        "every", "each", "daily", "nightly", "hourly", "weekly", "monthly", "quarterly", "yearly",
        "annually", "weekdays", "weekends", "weeknights", "weekday", "mornings", "evenings",
        "nights", "biweekly", "fortnightly",
    ];
    words.iter().any(|word| MARKS.contains(word))
        || words.iter().any(|word| {
            word.ends_with('s') && weekday(word).is_some() && word.len() > 4 && is_plural_day(word)
        })
}

fn is_plural_day(word: &str) -> bool {
    WEEKDAYS.iter().any(|(name, _)| word.strip_suffix('s') == Some(name))
}

fn pair(words: &[&str], first: &str, second: &str) -> bool {
    words.windows(2).any(|pair| pair == [first, second])
}

/// "every 15 minutes", "every 6 hours", "every half hour".
fn interval(words: &[&str]) -> Option<String> {
    let every = words.iter().position(|word| matches!(*word, "every" | "each"))?;
    let mut count = None;
    let mut unit = "";
    for &word in &words[every + 1..] {
        if let Some((number, letters)) = numbers::split(word) {
            count.get_or_insert(number as u32);
            if !letters.is_empty() {
                unit = letters;
                break;
            }
        } else if let Some(number) = numbers::spelled(word) {
            count.get_or_insert(number);
        } else if matches!(word, "half") {
            return Some("*/30 * * * *".to_owned());
        } else if matches!(word, "quarter") && words.contains(&"hour") {
            return Some("*/15 * * * *".to_owned());
        } else if word == "other" {
            count = Some(2);
        } else {
            unit = word;
            break;
        }
    }
    let count = count?;
    Some(match unit {
        "m" | "min" | "mins" | "minute" | "minutes" if count < 60 => format!("*/{count} * * * *"),
        "h" | "hr" | "hrs" | "hour" | "hours" => format!("0 */{count} * * *"),
        "d" | "day" | "days" => format!("0 0 */{count} * *"),
        _ => return None,
    })
}

/// The time of day: "9", "17:00", "2am", "8.15 pm", "midnight".
fn clock(words: &[&str]) -> Option<(u32, u32)> {
    for (at, &word) in words.iter().enumerate() {
        match word {
            "midnight" => return Some((0, 0)),
            "noon" | "midday" => return Some((12, 0)),
            _ => {}
        }
        let digits =
            word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(word.len());
        let (digits, letters) = word.split_at(digits);
        let half = if letters.is_empty() {
            words.get(at + 1).copied().unwrap_or_default()
        } else {
            letters
        };
        if digits.is_empty()
            || matches!(
                half,
                "st" | "nd"
                    | "rd"
                    | "th"
                    | "minutes"
                    | "hours"
                    | "minute"
                    | "min"
                    | "days"
                    | "weeks"
            )
        {
            continue;
        }
        let mut parts = digits.split([':', '.']);
        let hour: u32 = parts.next()?.parse().ok()?;
        let minute: u32 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
        let hour = match half {
            "pm" | "p" if hour < 12 => hour + 12,
            "am" | "a" if hour == 12 => 0,
            _ => hour,
        };
        if hour < 24 && minute < 60 {
            return Some((hour, minute));
        }
    }
    None
}

fn month_day(words: &[&str]) -> Option<u32> {
    const ORDINALS: &[&str] = &["first", "second", "third", "fourth", "fifth"];
    words.iter().find_map(|word| {
        if let Some(index) = ORDINALS.iter().position(|ordinal| ordinal == word) {
            return Some(index as u32 + 1);
        }
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
        let ordinal = ["st", "nd", "rd", "th"].contains(&&word[digits.len()..]);
        digits.parse().ok().filter(|day| ordinal && (1..=31).contains(day))
    })
}

fn weekday(word: &str) -> Option<u32> {
    let find = |word: &str| WEEKDAYS.iter().chain(WEEKDAYS_SHORT).find(|(name, _)| *name == word);
    let (_, day) = find(word).or_else(|| find(word.strip_suffix('s')?))?;
    Some(day.to_sunday_zero_offset().unsigned_abs().into())
}

/// The fifth field.
fn days(words: &[&str]) -> Option<String> {
    if words.iter().any(|word| {
        matches!(
            *word,
            "weekday" | "weekdays" | "workday" | "workdays" | "weeknights" | "weeknight"
        )
    }) || pair(words, "working", "day")
        || pair(words, "business", "day")
        || pair(words, "week", "day")
    {
        return Some("1-5".to_owned());
    }
    if words.iter().any(|word| matches!(*word, "weekend" | "weekends")) {
        return Some("0,6".to_owned());
    }
    let days: Vec<u32> = words.iter().filter_map(|word| weekday(word)).collect();
    match days.as_slice() {
        [] => None,
        [from, to]
            if words
                .iter()
                .any(|word| matches!(*word, "to" | "-" | "through" | "till" | "until")) =>
        {
            Some(format!("{from}-{to}"))
        }
        several => {
            let mut several = several.to_vec();
            several.sort_unstable();
            Some(several.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
        }
    }
}
