//! Lines: from Loki's streams to one list.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::Timestamp;
use module::{LogLine, LogLines, ModuleError};
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, SeqAccess, Visitor},
};

use super::LinesQuery;
use crate::http::malformed;

/// Longer lines are dumps; the beginning says what they are.
const MAX_LINE_CHARS: usize = 4_096;
const MAX_FIELDS: usize = 64;
const MAX_FIELD_CHARS: usize = 512;

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Streams {
    Streams(Vec<Stream>),
}

#[derive(Deserialize)]
pub(super) struct Stream {
    #[serde(default)]
    stream: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<Entry>,
}

/// `["unix nanoseconds", "line"]`, with what goes with the line as third.
struct Entry {
    time_ns: String,
    line: String,
    beside: Beside,
}

#[derive(Default, Deserialize)]
struct Beside {
    #[serde(default, rename = "structuredMetadata")]
    recorded: BTreeMap<String, String>,
    #[serde(default)]
    parsed: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;

        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of a time, a line and perhaps labels")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Entry, A::Error> {
                let time_ns =
                    array.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let line =
                    array.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
                let beside = array.next_element::<Option<Beside>>()?.flatten().unwrap_or_default();
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Entry { time_ns, line, beside })
            }
        }

        deserializer.deserialize_seq(EntryVisitor)
    }
}

/// One list in the order that was asked for. Loki's answer has each stream's lines apart.
pub(super) fn convert(
    module: &str,
    streams: Streams,
    wanted: &LinesQuery<'_>,
    mut warnings: Vec<String>,
) -> Result<LogLines, ModuleError> {
    let Streams::Streams(streams) = streams;
    let mut lines = Vec::new();
    for Stream { stream, values } in streams {
        for Entry { time_ns, line, beside } in values {
            let time = time_ns
                .parse()
                .ok()
                .and_then(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).ok())
                .ok_or_else(|| malformed(module, "a line's time is not a number of nanoseconds"))?;
            let Beside { recorded, mut parsed } = beside;
            parsed.extend(recorded);
            let fields = parsed
                .into_iter()
                .filter(|(name, _)| !stream.contains_key(name))
                .take(MAX_FIELDS)
                .map(|(name, value)| (name, cut(&value, MAX_FIELD_CHARS)))
                .collect();
            let line = cut(&line, MAX_LINE_CHARS);
            lines.push(LogLine { time, line, labels: stream.clone(), fields });
        }
    }
    if wanted.oldest_first {
        lines.sort_by_key(|line| line.time);
    } else {
        lines.sort_by_key(|line| std::cmp::Reverse(line.time));
    }
    if lines.len() >= wanted.limit {
        lines.truncate(wanted.limit);
        let which = if wanted.oldest_first { "oldest" } else { "newest" };
        warnings.push(format!("only the {which} {} lines are shown", lines.len()));
    }
    Ok(LogLines { lines, warnings })
}

/// Somebody else's text: not endless, and free of what moves a cursor.
fn cut(text: &str, max_chars: usize) -> String {
    let is_clean = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let clean = if text.chars().all(is_clean) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_clean(*c)).collect())
    };
    match clean.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wanted(limit: usize, oldest_first: bool) -> LinesQuery<'static> {
        LinesQuery { query: "", start: "", end: "", limit, oldest_first }
    }

    fn converted(result: Value, wanted: &LinesQuery<'_>) -> Result<LogLines, ModuleError> {
        let data = json!({"resultType": "streams", "result": result, "stats": {"summary": {}}});
        convert("Loki", serde_json::from_value(data).unwrap(), wanted, Vec::new())
    }

    #[test]
    fn streams_become_one_list_in_order() {
        let answer = json!([
            {"stream": {"service": "a"}, "values": [
                ["1700000000000000003", "c"], ["1700000000000000001", "a"]
            ]},
            {"stream": {"service": "b"}, "values": [["1700000000000000002", "b", {}]]}
        ]);
        for (oldest_first, expected) in [(false, ["c", "b", "a"]), (true, ["a", "b", "c"])] {
            let found = converted(answer.clone(), &wanted(10, oldest_first)).unwrap();
            let lines: Vec<&str> = found.lines.iter().map(|line| line.line.as_str()).collect();
            assert_eq!(lines, expected);
            assert!(found.warnings.is_empty());
            let b = &found.lines[1];
            assert_eq!(b.labels["service"], "b");
            assert_eq!(b.time.to_string(), "2023-11-14T22:13:20.000000002Z");
        }
        let found = converted(answer, &wanted(3, false)).unwrap();
        assert_eq!(found.warnings, ["only the newest 3 lines are shown"]);
    }

    #[test]
    fn what_was_parsed_and_recorded_is_told_apart_from_labels() {
        let answer = json!([{"stream": {"service": "a"}, "values": [["1", "x", {
            "structuredMetadata": {"detected_level": "error"},
            "parsed": {"status": "500", "service": "a"}
        }]]}]);
        let found = converted(answer, &wanted(10, false)).unwrap();
        let fields = BTreeMap::from(
            [("detected_level", "error"), ("status", "500")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        assert_eq!(found.lines[0].fields, fields);
    }

    #[test]
    fn long_and_dangerous_text_is_cut() {
        let line = format!("\u{1b}[31mé\t{}", "x".repeat(10_000));
        let answer = json!([{"stream": {}, "values": [["1", line]]}]);
        let found = converted(answer, &wanted(10, false)).unwrap();
        let line = &found.lines[0].line;
        assert!(line.starts_with("[31mé\tx") && line.ends_with("x…"), "{line}");
        assert_eq!(line.chars().count(), MAX_LINE_CHARS + 1);
    }

    #[test]
    fn another_form_is_an_error() {
        let answer = json!([{"stream": {}, "values": [["soon", "x"]]}]);
        assert!(converted(answer, &wanted(1, false)).is_err());
        for data in [
            json!({"resultType": "matrix", "result": []}),
            json!({"resultType": "streams", "result": [{"values": [["1"]]}]}),
            json!({"resultType": "streams", "result": [{"values": [["1", 2]]}]}),
        ] {
            assert!(serde_json::from_value::<Streams>(data).is_err());
        }
    }
}
