//! What lines look like: how they are written, and which fields a parser finds in them, from some
//! lines of each stream. Fields are named as LogQL's own parsers name them.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use query::{LogCatalog, Samples};
use serde_json::Value;

/// More fields than these are not listed.
const MAX_FIELDS: usize = 100;
/// So many values of a field are told apart.
const MAX_DISTINCT: usize = 64;
/// With more values than this, a field's values are an example of what there is and not all of it.
const MAX_LISTED: usize = 20;
/// So many are listed then.
const EXAMPLES: usize = 10;
const MAX_VALUE_CHARS: usize = 120;

/// Lines of web servers, which people ask about most of those that are written for people.
const PATTERNS: [&str; 2] = [
    r#"<ip> - <user> [<ts>] "<method> <path> <protocol>" <status> <bytes> "<referer>" "<agent>""#,
    r#"<ip> - <user> [<ts>] "<method> <path> <protocol>" <status> <bytes>"#,
];

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Format {
    Json,
    Logfmt,
    Pattern(&'static str),
    Unstructured,
}

impl Format {
    /// As `query`'s catalog calls it.
    fn name(self) -> String {
        match self {
            Self::Json => "json".to_owned(),
            Self::Logfmt => "logfmt".to_owned(),
            Self::Pattern(pattern) => format!("pattern {pattern}"),
            Self::Unstructured => "unstructured".to_owned(),
        }
    }
}

type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// What was seen in the lines of one set of streams.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    formats: BTreeMap<Format, usize>,
    fields: BTreeMap<String, Seen>,
}

/// The values that a field had.
#[derive(Debug, Clone, Default)]
struct Seen {
    values: BTreeMap<String, usize>,
    times: usize,
    /// It had values that were not kept: too many, or too long.
    more: bool,
}

impl Sample {
    /// Reads a line, and what was recorded beside it.
    pub(super) fn add(&mut self, line: &str, recorded: &BTreeMap<String, String>) {
        let format = self.add_fields(line, recorded);
        *self.formats.entry(format).or_default() += 1;
    }

    /// Reads a line that was looked for, so that it tells nothing of how most are written.
    pub(super) fn add_fields(&mut self, line: &str, recorded: &BTreeMap<String, String>) -> Format {
        let (format, fields) = read(line);
        let beside = recorded.iter().map(|(name, value)| (Cow::from(name), Cow::from(value)));
        for (name, value) in fields.into_iter().chain(beside) {
            self.see(&name, &value);
        }
        format
    }

    /// Adds what another sample saw.
    pub(super) fn merge(&mut self, other: &Self) {
        for (format, count) in &other.formats {
            *self.formats.entry(*format).or_default() += count;
        }
        for (name, seen) in &other.fields {
            if self.fields.len() < MAX_FIELDS || self.fields.contains_key(name) {
                let own = self.fields.entry(name.clone()).or_default();
                seen.values.iter().for_each(|(value, count)| own.see(value, *count));
                own.more |= seen.more;
            }
        }
    }

    fn see(&mut self, name: &str, value: &str) {
        if self.fields.len() < MAX_FIELDS || self.fields.contains_key(name) {
            self.fields.entry(name.to_owned()).or_default().see(value, 1);
        }
    }

    /// What the sample says of its streams, but for the labels, whose names are not repeated among
    /// the fields: where both have one, LogQL means the label.
    pub(super) fn describe(&self, labels: &BTreeMap<String, Vec<String>>) -> LogCatalog {
        let format = self.formats.iter().max_by_key(|(_, count)| **count);
        // Loki guesses a level of its own for every line; where the lines tell one, it is theirs.
        let has_level = ["level", "lvl", "severity", "log_level", "loglevel", "sev"]
            .iter()
            .any(|name| self.fields.contains_key(*name) || labels.contains_key(*name));
        let fields = self
            .fields
            .iter()
            .filter(|(name, _)| !labels.contains_key(*name))
            .filter(|(name, _)| !(has_level && *name == "detected_level"))
            .map(|(name, seen)| (name.clone(), seen.samples()))
            .collect();
        LogCatalog {
            labels: BTreeMap::new(),
            line_format: format.map_or_else(String::new, |(format, _)| format.name()),
            fields,
        }
    }
}

impl Seen {
    fn see(&mut self, value: &str, times: usize) {
        self.times += times;
        if let Some(count) = self.values.get_mut(value) {
            *count += times;
        } else if self.values.len() >= MAX_DISTINCT || value.chars().count() > MAX_VALUE_CHARS {
            self.more = true;
        } else {
            self.values.insert(value.to_owned(), times);
        }
    }

    /// All values where they are few, examples where they are many, and a word for their kind where
    /// examples would say nothing: times, ids, texts that are all different.
    fn samples(&self) -> Samples {
        let all = |test: fn(&str) -> bool| {
            !self.values.is_empty() && self.values.keys().all(|value| test(value))
        };
        if all(|value| value.parse::<Timestamp>().is_ok()) {
            return Samples::Kind("time".to_owned());
        }
        let few = !self.more && self.values.len() <= MAX_LISTED;
        let repeat = self.times > self.values.len() * 2;
        let measures = all(|value| value.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
        if few && (repeat || self.values.len() <= EXAMPLES) {
            return Samples::Values(self.most_frequent(MAX_LISTED));
        }
        if measures && all(|value| value.len() <= 16) {
            return Samples::Values(self.most_frequent(EXAMPLES));
        }
        if repeat && !self.more {
            return Samples::Values(self.most_frequent(MAX_LISTED));
        }
        Samples::Kind("string".to_owned())
    }

    fn most_frequent(&self, count: usize) -> Vec<String> {
        let mut values: Vec<(&String, &usize)> = self.values.iter().collect();
        values.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        values.into_iter().take(count).map(|(value, _)| value.clone()).collect()
    }
}

/// How a line is written, and its fields.
fn read(line: &str) -> (Format, Fields<'_>) {
    let line = line.trim();
    if line.starts_with('{')
        && let Ok(object @ Value::Object(_)) = serde_json::from_str(line)
    {
        let mut fields = Vec::new();
        flatten(&object, "", &mut fields);
        return (Format::Json, fields);
    }
    if let Some(fields) = logfmt(line) {
        return (Format::Logfmt, fields);
    }
    for pattern in PATTERNS {
        if let Some(fields) = captures(pattern, line) {
            return (Format::Pattern(pattern), fields);
        }
    }
    (Format::Unstructured, Vec::new())
}

/// As LogQL's `json` does: nested names are joined by `_`, arrays are left out.
fn flatten(value: &Value, name: &str, fields: &mut Fields<'_>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = label_name(key, name.is_empty());
                let name = if name.is_empty() { key } else { format!("{name}_{key}") };
                flatten(member, &name, fields);
            }
        }
        Value::String(text) => fields.push((name.to_owned().into(), text.clone().into())),
        Value::Number(_) | Value::Bool(_) => {
            fields.push((name.to_owned().into(), value.to_string().into()));
        }
        Value::Array(_) | Value::Null => {}
    }
}

/// A name as labels may have one.
fn label_name(key: &str, is_first: bool) -> String {
    let mut name: String = key
        .trim()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    if is_first && name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

/// The pairs of a logfmt line. Words without `=` are allowed, but most of the line is pairs.
fn logfmt(line: &str) -> Option<Fields<'_>> {
    let mut fields = Vec::new();
    let mut words = 0;
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            words += 1;
            rest = after.trim_start();
            continue;
        };
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                (Cow::Borrowed(&after[..end]), &after[end..])
            }
        };
        if key.is_empty() || key.contains('"') {
            return None;
        }
        fields.push((label_name(key, true).into(), value));
        rest = after.trim_start();
    }
    (fields.len() >= 2 && fields.len() >= words).then_some(fields)
}

/// The text up to the closing quotation mark, and what follows it.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if value.len() == at => return Some((Cow::Borrowed(&text[..at]), &text[at + 1..])),
            '"' => return Some((Cow::Owned(value), &text[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

/// What the captures of a pattern take of a line: each up to the text that follows it.
fn captures<'a>(pattern: &'static str, line: &'a str) -> Option<Fields<'a>> {
    let mut fields = Fields::new();
    let mut rest = line;
    let mut pattern = pattern;
    while let Some(open) = pattern.find('<') {
        let (literal, after) = pattern.split_at(open);
        let (name, after) = after[1..].split_once('>')?;
        rest = rest.strip_prefix(literal)?;
        let next = &after[..after.find('<').unwrap_or(after.len())];
        let length = if next.is_empty() { rest.len() } else { rest.find(next)? };
        fields.push((name.into(), rest[..length].into()));
        rest = &rest[length..];
        pattern = after;
    }
    let status = fields.iter().find(|(name, _)| name == "status")?;
    let complete = rest == pattern && status.1.bytes().all(|byte| byte.is_ascii_digit());
    complete.then_some(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(line: &str, format: &str, fields: &[(&str, &str)]) {
        let (found, found_fields) = read(line);
        assert_eq!(found.name(), format, "{line}");
        let mut found: Vec<(&str, &str)> =
            found_fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        let mut fields = fields.to_vec();
        // The order of members in an object means nothing.
        found.sort_unstable();
        fields.sort_unstable();
        assert_eq!(found, fields, "{line}");
    }

    #[test]
    fn lines_are_read_as_loki_would() {
        check(
            r#"{"http":{"status":500,"user-agent":"x"},"2nd":true,"tags":["a"],"none":null}"#,
            "json",
            &[("_2nd", "true"), ("http_status", "500"), ("http_user_agent", "x")],
        );
        check(
            r#"level=info msg="card \"4242\" declined" took=12ms done err="#,
            "logfmt",
            &[("level", "info"), ("msg", r#"card "4242" declined"#), ("took", "12ms"), ("err", "")],
        );
        check(
            r#"10.0.0.7 - - [10/Oct/2025:13:55:36 +0000] "GET /cart HTTP/1.1" 200 2326 "-" "curl/8""#,
            &format!("pattern {}", PATTERNS[0]),
            &[
                ("ip", "10.0.0.7"),
                ("user", "-"),
                ("ts", "10/Oct/2025:13:55:36 +0000"),
                ("method", "GET"),
                ("path", "/cart"),
                ("protocol", "HTTP/1.1"),
                ("status", "200"),
                ("bytes", "2326"),
                ("referer", "-"),
                ("agent", "curl/8"),
            ],
        );
        for text in [
            "",
            "panic: it broke",
            "{not json",
            "[1,2]",
            "retry=1 is what it said in the end of it all",
            r#"a="open b=2"#,
            "= = =",
            r#"x - y [z] "a b c" status 1"#,
        ] {
            check(text, "unstructured", &[]);
        }
    }

    fn described(lines: &[String], labels: &[&str]) -> LogCatalog {
        let mut sample = Sample::default();
        let recorded = BTreeMap::from([("detected_level".to_owned(), "info".to_owned())]);
        lines.iter().for_each(|line| sample.add(line, &recorded));
        let labels = labels.iter().map(|label| ((*label).to_owned(), Vec::new())).collect();
        sample.describe(&labels)
    }

    #[test]
    fn values_are_listed_where_they_help() {
        let lines: Vec<String> = (0..60)
            .map(|i| {
                json!({
                    "ts": format!("2026-03-01T14:00:{:02}Z", i % 60),
                    "level": if i % 9 == 0 { "error" } else { "info" },
                    "service": "a",
                    "duration_ms": 12.5 + f64::from(i),
                    "trace_id": format!("{:032x}", 0xabcd_ef01_u64 * (i as u64 + 1)),
                    "route": format!("/r{}", i % 12),
                    "stack": "x".repeat(500),
                })
                .to_string()
            })
            .collect();
        let found = described(&lines, &["service"]);
        assert_eq!(found.line_format, "json");
        let fields = serde_json::to_value(&found.fields).unwrap();
        assert_eq!(fields["ts"], "time");
        assert_eq!(fields["level"], json!(["info", "error"]));
        assert_eq!(fields["trace_id"], "string");
        assert_eq!(fields["stack"], "string");
        assert_eq!(fields["route"].as_array().unwrap().len(), 12);
        assert_eq!(fields["duration_ms"].as_array().unwrap().len(), EXAMPLES);
        assert!(fields.get("service").is_none() && fields.get("detected_level").is_none());
    }

    #[test]
    fn the_format_of_most_lines_counts() {
        let lines = ["a=1 b=2", "a=2 b=3", "starting"].map(str::to_owned);
        let found = described(&lines, &[]);
        assert_eq!(found.line_format, "logfmt");
        assert_eq!(found.fields["detected_level"], Samples::Values(vec!["info".to_owned()]));
        assert_eq!(described(&[], &[]).line_format, "");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut sample = Sample::default();
        for i in 0..500 {
            sample.add(&format!("same=1 id={i} f{i}=x"), &BTreeMap::new());
        }
        let mut twice = sample.clone();
        twice.merge(&sample);
        for sample in [sample, twice] {
            assert_eq!(sample.fields.len(), MAX_FIELDS);
            assert!(sample.fields.values().all(|seen| seen.values.len() <= MAX_DISTINCT));
        }
    }
}
