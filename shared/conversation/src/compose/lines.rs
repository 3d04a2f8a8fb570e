//! Lines of logs: how many there are, the newest of them, and their levels.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use model::Unit;
use module::{LogLine, LogLines};
use query::{Point, QueryResult};

use super::{
    ChartKind, ChartSeries, Fact, Visualization, markdown, moment, number,
    records::{LookedUp, Said},
};
use crate::wire::Yielded;

const MAX_SHOWN: usize = 10;
const MAX_POINTS: usize = 240;
const MAX_LINE_CHARS: usize = 240;
/// What fields and labels are called that say how bad a line is.
const LEVELS: [&str; 5] = ["level", "severity", "lvl", "loglevel", "detected_level"];
const SERVICES: [&str; 5] = ["service", "service_name", "app", "job", "container"];

pub(super) fn say(looked_up: &LookedUp<'_>, found: &LogLines) -> Said {
    let counted = numbers(looked_up.count).map(|count| count.value().unwrap_or(0.0));
    let fetched = found.lines.len();
    if found.lines.is_empty() && counted.unwrap_or(0.0) == 0.0 {
        return looked_up.nothing("There are **no log lines** like that.");
    }
    let count = counted.filter(|count| *count >= fetched as f64);
    let how_many = match count {
        Some(count) => number::show(count, Unit::Count, false, ""),
        None => format!("at least {fetched}"),
    };
    let noun = if count == Some(1.0) { "log line" } else { looked_up.records() };
    let sought = looked_up.sought();
    // "log lines where …"
    let which = sought.strip_prefix("lines").map_or(format!(": {sought}"), str::to_owned);
    let mut paragraphs = vec![format!("Found **{how_many}** {noun}{which}.")];
    let shown: Vec<String> =
        found.lines.iter().take(MAX_SHOWN).map(|line| told(line, looked_up.zone)).collect();
    let newest = match shown.len() {
        all if all == fetched && fetched < MAX_SHOWN => "Newest first".to_owned(),
        some => format!("The newest {some}"),
    };
    let zone = found.lines.first().map(|line| moment::zone(line.time, looked_up.zone));
    let zone = zone.unwrap_or_default();
    paragraphs
        .push(format!("{newest} ({zone}):\n\n{}", markdown::block("text", &shown.join("\n"))));
    paragraphs.extend(levels(&found.lines));
    let fact = |value| Fact {
        subject: looked_up.service.unwrap_or_default().to_owned(),
        metric: "log_lines".to_owned(),
        value,
        unit: Unit::Count,
    };
    Said {
        paragraphs,
        facts: count.map(fact).into_iter().collect(),
        visualization: numbers(looked_up.parts).and_then(|parts| drawn(looked_up, parts)),
        is_nothing: false,
    }
}

fn numbers(result: Option<&Result<Yielded, String>>) -> Option<&QueryResult> {
    result?.as_ref().ok()?.numbers()
}

/// `11:59:58.120 error payment {"msg":…}`.
fn told(line: &LogLine, zone: &TimeZone) -> String {
    let of = |names: &[&str]| {
        let named = |name: &&str| line.fields.get(*name).or_else(|| line.labels.get(*name));
        names.iter().find_map(named).map(|value| cut(value, 40)).filter(|value| !value.is_empty())
    };
    let parts = [
        Some(clock(line.time, zone)),
        of(&LEVELS),
        of(&SERVICES),
        Some(cut(line.line.trim_end(), MAX_LINE_CHARS)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S%.3f").to_string()
}

/// Somebody else's text in one line of bounded length.
fn cut(text: &str, max_chars: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut cut: String = text.chars().take(max_chars).map(plain).collect();
    if text.chars().nth(max_chars).is_some() {
        cut.push('…');
    }
    cut
}

/// How many of the lines that were read have which level, where they say so.
fn levels(lines: &[LogLine]) -> Option<String> {
    let mut levels: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        let named = |name: &&str| line.fields.get(*name).or_else(|| line.labels.get(*name));
        if let Some(level) = LEVELS.iter().find_map(named) {
            *levels.entry(cut(level, 40)).or_default() += 1;
        }
    }
    if levels.len() < 2 {
        return None;
    }
    let mut levels: Vec<(String, usize)> = levels.into_iter().collect();
    levels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let told: Vec<String> =
        levels.iter().map(|(level, count)| format!("{count} {}", markdown::name(level))).collect();
    Some(format!("Levels of the newest {}: {}.", lines.len(), told.join(", ")))
}

/// Lines in each part of the period; parts without any are nought.
fn drawn(looked_up: &LookedUp<'_>, parts: &QueryResult) -> Option<Visualization> {
    let known = &parts.series.first()?.points;
    let steps = known.windows(2).map(|pair| pair[1].time_s - pair[0].time_s);
    let step_s = steps.fold(f64::INFINITY, f64::min);
    if !step_s.is_finite() || step_s < 1.0 {
        return None;
    }
    let (first_s, end_s) = (known.first()?.time_s, looked_up.period.end.as_second() as f64);
    let start_s = looked_up.period.start.as_second() as f64;
    // Parts end at multiples of their length from one that is known.
    let before = ((first_s - start_s) / step_s).ceil() - 1.0;
    let behind = ((end_s - first_s) / step_s).floor();
    let mut points = Vec::new();
    let mut place = -before.max(0.0);
    while place <= behind && points.len() < MAX_POINTS {
        let time_s = first_s + place * step_s;
        let found = known.iter().find(|point| (point.time_s - time_s).abs() < 0.5);
        points.push(found.copied().unwrap_or_else(|| Point::new(time_s, 0.0)));
        place += 1.0;
    }
    Some(Visualization {
        kind: ChartKind::Line,
        title: format!("Log lines every {}", moment::length(step_s as i64)),
        unit: Unit::Count,
        series: vec![ChartSeries { name: looked_up.records().to_owned(), points }],
    })
}
