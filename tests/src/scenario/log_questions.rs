//! Questions about logs, asked in words, whose answers are held against the lines themselves: what
//! is expected is counted from the lines that the shop makes, and not by a query.

use std::{collections::BTreeMap, sync::Arc};

use chat_edge::{Ports, Stores};
use contract::message::Query;
use jiff::SignedDuration;
use llm::{Chain, Limits};
use model::{Clock, Role};
use serde_json::{Value, json};
use shop::LogLine;
use testkit::{FrozenClock, MemoryStore};

use crate::{
    services,
    support::{
        app::{App, config, operations},
        client::Client,
        shared,
        shop_logs::{ShopLogs, fields},
    },
};

const MINUTES: i64 = 40;

/// A line with its fields, which everything here goes by.
struct Line<'a> {
    service: &'a str,
    instance: String,
    time_ns: i128,
    text: &'a str,
    fields: BTreeMap<String, String>,
}

impl<'a> Line<'a> {
    fn new(line: &'a LogLine) -> Self {
        let LogLine { service, time_ns, text, .. } = line;
        Self { service, instance: line.instance(), time_ns: *time_ns, text, fields: fields(line) }
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    fn get(&self, name: &str) -> &str {
        match name {
            "service" => self.service,
            "instance" => &self.instance,
            _ => self.fields.get(name).map_or("", String::as_str),
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name).parse().ok()
    }
}

type Wanted = fn(&Line<'_>) -> bool;

/// What is expected of the lines that are wanted, of so many minutes.
enum Expected {
    Count,
    /// Counts by fields; of so many, the highest.
    By(&'static [&'static str], Option<usize>),
    /// How many a second.
    Rate,
    /// A number of a field.
    Field(&'static str, fn(&mut [f64]) -> f64),
    /// The same by another field.
    FieldBy(&'static str, &'static str, fn(&mut [f64]) -> f64),
    /// Which part they are of the lines of a service.
    ShareOf(&'static str),
    Bytes,
    /// The lines themselves: how many, and the newest first.
    Lines,
}

struct Case {
    question: String,
    /// From so many minutes before the end to so many before it.
    minutes: (i64, i64),
    wanted: Wanted,
    expected: Expected,
}

fn quantile(values: &mut [f64], rank: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = rank * (values.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    values[low] + (values[high] - values[low]) * (place - place.floor())
}

fn mean(values: &mut [f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn highest(values: &mut [f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

fn is_level(line: &Line<'_>, service: &str, level: &str) -> bool {
    line.service == service && line.is("level", level)
}

fn status(line: &Line<'_>, from: f64, below: f64) -> bool {
    line.number("status").is_some_and(|status| (from..below).contains(&status))
}

#[rustfmt::skip]
fn cases(logs: &ShopLogs) -> Vec<Case> {
    use Expected::{Bytes, By, Count, Field, FieldBy, Lines, Rate, ShareOf};
    let clock = |back: i64| (logs.end - SignedDuration::from_mins(back)).strftime("%H:%M").to_string();
    let last = |minutes: i64, question: &str, wanted: Wanted, expected: Expected| Case {
        question: question.to_owned(), minutes: (minutes, 0), wanted, expected,
    };
    let between = |(from, to): (i64, i64), question: &str, wanted: Wanted, expected: Expected| Case {
        question: question.replace("{from}", &clock(from)).replace("{to}", &clock(to)),
        minutes: (from, to), wanted, expected,
    };
    vec![
        // Counts.
        last(10, "How many log lines did payment write in the last 10 minutes?", |it| it.service == "payment", Count),
        last(30, "how many error logs does checkout have in the last 30 minutes", |it| is_level(it, "checkout", "error"), Count),
        last(20, "count the warnings in the auth logs over the past 20 minutes", |it| is_level(it, "auth", "warn"), Count),
        last(30, "How many 5xx responses are in the payment logs of the last 30 minutes?", |it| it.service == "payment" && status(it, 500.0, 600.0), Count),
        last(10, "how many POST requests did checkout log in the last 10 minutes", |it| it.service == "checkout" && it.is("method", "POST"), Count),
        last(10, "how many requests took longer than 200 ms according to the payment logs in the last 10 minutes", |it| it.service == "payment" && it.number("duration_ms").is_some_and(|ms| ms > 200.0), Count),
        last(30, "number of log entries of frontend with status 404 in the last 30 minutes", |it| it.service == "frontend" && it.is("status", "404"), Count),
        last(30, "how many log lines with status 401 are there in auth for the last half hour", |it| it.service == "auth" && it.is("status", "401"), Count),
        last(15, "how many error lines are in the logs in total in the last 15 minutes?", |it| it.is("level", "error"), Count),
        last(10, "how many lines did payment-0 log in the last 10 minutes", |it| it.instance == "payment-0", Count),
        // Text.
        last(15, "How many lines in the logs of orders mention \"order not found\" in the last 15 minutes?", |it| it.service == "orders" && it.text.contains("order not found"), Count),
        last(30, "how often does \"connection reset by card provider\" appear in the payment logs in the last 30 minutes?", |it| it.service == "payment" && it.text.contains("connection reset by card provider"), Count),
        last(30, "How many log lines with \"timeout\" are there in the last 30 minutes?", |it| it.text.contains("timeout"), Count),
        last(20, "count api-gateway log lines containing \"rate limit exceeded\" in the last 20 minutes", |it| it.service == "api-gateway" && it.text.contains("rate limit exceeded"), Count),
        // Two services.
        last(10, "how many log lines did payment and checkout write in the last 10 minutes", |it| it.service == "payment" || it.service == "checkout", Count),
        last(30, "count error logs of payment and orders in the last 30 minutes", |it| is_level(it, "payment", "error") || is_level(it, "orders", "error"), Count),
        last(20, "how many error logs do frontend and auth have in the last 20 minutes?", |it| is_level(it, "frontend", "error") || is_level(it, "auth", "error"), Count),
        // By a field.
        last(10, "How many log lines per service in the last 10 minutes?", |_| true, By(&["service"], None)),
        last(30, "error logs by service in the last 30 minutes", |it| it.is("level", "error"), By(&["service"], None)),
        last(20, "Count payment log lines by level in the last 20 minutes", |it| it.service == "payment", By(&["level"], None)),
        last(10, "count the log lines of api-gateway by status in the last 10 minutes", |it| it.service == "api-gateway", By(&["status"], None)),
        last(30, "how many error lines per route in the orders logs over the last 30 minutes?", |it| is_level(it, "orders", "error"), By(&["route"], None)),
        last(10, "number of payment log lines by instance in the last 10 minutes", |it| it.service == "payment", By(&["instance"], None)),
        last(20, "checkout log lines by method and status in the last 20 minutes", |it| it.service == "checkout", By(&["method", "status"], None)),
        // The top.
        last(30, "Which service logged the most errors in the last 30 minutes?", |it| it.is("level", "error"), By(&["service"], Some(1))),
        last(30, "top 3 routes by number of warnings in the auth logs in the last 30 minutes", |it| is_level(it, "auth", "warn"), By(&["route"], Some(3))),
        last(10, "which 2 services write the most log lines in the last 10 minutes", |_| true, By(&["service"], Some(2))),
        // Rates.
        last(10, "rate of error logs in payment over the last 10 minutes", |it| is_level(it, "payment", "error"), Rate),
        last(5, "how many log lines per second does frontend write, over the last 5 minutes?", |it| it.service == "frontend", Rate),
        // Numbers in lines.
        last(10, "average duration_ms in the checkout logs in the last 10 minutes", |it| it.service == "checkout", Field("duration_ms", mean)),
        last(10, "p95 of duration_ms in the payment logs over the last 10 minutes", |it| it.service == "payment", Field("duration_ms", |values| quantile(values, 0.95))),
        last(10, "maximum duration_ms in the orders logs in the last 10 minutes", |it| it.service == "orders", Field("duration_ms", highest)),
        last(15, "max duration_ms per route in the checkout logs over the last 15 minutes", |it| it.service == "checkout", FieldBy("duration_ms", "route", highest)),
        // Parts of the whole, and sizes.
        last(20, "what share of the payment log lines are errors in the last 20 minutes?", |it| is_level(it, "payment", "error"), ShareOf("payment")),
        last(10, "how many bytes of logs did frontend write in the last 10 minutes", |it| it.service == "frontend", Bytes),
        // Lines.
        last(30, "show me the error logs of payment in the last 30 minutes", |it| is_level(it, "payment", "error"), Lines),
        last(10, "show logs of auth containing \"invalid credentials\" in the last 10 minutes", |it| it.service == "auth" && it.text.contains("invalid credentials"), Lines),
        last(30, "show frontend logs with status 503 in the last 30 minutes", |it| it.service == "frontend" && it.is("status", "503"), Lines),
        last(15, "logs of payment and orders with level error in the last 15 minutes", |it| is_level(it, "payment", "error") || is_level(it, "orders", "error"), Lines),
        last(10, "show the api-gateway logs where the duration is over 300 ms in the last 10 minutes", |it| it.service == "api-gateway" && it.number("duration_ms").is_some_and(|ms| ms > 300.0), Lines),
        last(30, "error logs of payment without \"card provider\" in the last 30 minutes", |it| is_level(it, "payment", "error") && !it.text.contains("card provider"), Lines),
        last(20, "all error lines in the logs of the last 20 minutes", |it| it.is("level", "error"), Lines),
        // A time range.
        between((30, 15), "How many errors did payment log between {from} and {to}?", |it| is_level(it, "payment", "error"), Count),
        between((25, 5), "show the error logs of checkout from {from} to {to}", |it| is_level(it, "checkout", "error"), Lines),
        between((20, 10), "count auth log lines by level between {from} and {to}", |it| it.service == "auth", By(&["level"], None)),
        between((12, 0), "how many warnings are in the orders logs since {from}?", |it| is_level(it, "orders", "warn"), Count),
    ]
}

impl Case {
    /// What the answer's queries should have come back with.
    fn check(&self, logs: &ShopLogs, queries: &[Query]) -> Result<(), String> {
        let end_ns = logs.end.as_nanosecond();
        let at = |minutes: i64| end_ns - i128::from(minutes) * 60_000_000_000;
        let period = at(self.minutes.0)..at(self.minutes.1);
        let within = |line: &&LogLine| period.contains(&line.time_ns);
        let lines: Vec<Line<'_>> = logs.lines.iter().filter(within).map(Line::new).collect();
        let wanted: Vec<&Line<'_>> = lines.iter().filter(|line| (self.wanted)(line)).collect();
        let seconds = ((self.minutes.0 - self.minutes.1) * 60) as f64;
        let count = wanted.len() as f64;
        let single = |value: f64| BTreeMap::from([(String::new(), value)]);
        let expected = match &self.expected {
            Expected::Lines => return newest(&wanted, queries),
            Expected::Count => single(count),
            Expected::Rate => single(count / seconds),
            Expected::Bytes => single(wanted.iter().map(|line| line.text.len() as f64).sum()),
            Expected::ShareOf(service) => {
                single(count / lines.iter().filter(|line| line.service == *service).count() as f64)
            }
            Expected::Field(field, of) => single(of(&mut numbers(&wanted, field))),
            Expected::FieldBy(field, by, of) => grouped(&wanted, &[by])
                .into_iter()
                .map(|(key, lines)| (key, of(&mut numbers(&lines, field))))
                .collect(),
            Expected::By(fields, _) => grouped(&wanted, fields)
                .into_iter()
                .map(|(key, lines)| (key, lines.len() as f64))
                .collect(),
        };
        let found = rows(&queries[0], self.by())?;
        let top = match self.expected {
            Expected::By(_, top) => top,
            _ => None,
        };
        match top {
            Some(top) => same_top(&expected, &found, top),
            None => same(&expected, &found),
        }
    }

    fn by(&self) -> &'static [&'static str] {
        match self.expected {
            Expected::By(fields, _) => fields,
            Expected::FieldBy(_, "route", _) => &["route"],
            _ => &[],
        }
    }
}

fn numbers(lines: &[&Line<'_>], field: &str) -> Vec<f64> {
    lines.iter().filter_map(|line| line.number(field)).collect()
}

fn grouped<'a, 'l>(lines: &[&'a Line<'l>], fields: &[&str]) -> BTreeMap<String, Vec<&'a Line<'l>>> {
    let mut groups: BTreeMap<String, Vec<&Line<'_>>> = BTreeMap::new();
    for line in lines {
        let key: Vec<&str> = fields.iter().map(|field| line.get(field)).collect();
        groups.entry(key.join(" ")).or_default().push(line);
    }
    groups
}

/// The series of a result by the values of labels; nothing is nought.
fn rows(query: &Query, by: &[&str]) -> Result<BTreeMap<String, f64>, String> {
    let series = query.result["series"].as_array().ok_or("no numbers came back")?;
    if series.is_empty() && by.is_empty() {
        return Ok(BTreeMap::from([(String::new(), 0.0)]));
    }
    let mut rows = BTreeMap::new();
    for one in series {
        // What a line does not have is no label of its row.
        let label = |label: &&str| one["labels"][label].as_str().unwrap_or_default();
        let key = by.iter().map(label).collect::<Vec<_>>().join(" ");
        let value = one["points"][0][1].as_f64().ok_or("a point without a value")?;
        if rows.insert(key, value).is_some() {
            return Err(format!("more rows than by {by:?}: {}", one["labels"]));
        }
    }
    Ok(rows)
}

fn alike(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(1.0)
}

fn same(expected: &BTreeMap<String, f64>, found: &BTreeMap<String, f64>) -> Result<(), String> {
    let alike = expected.len() == found.len()
        && expected.iter().all(|(key, value)| found.get(key).is_some_and(|it| alike(*value, *it)));
    if alike { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

/// Of equals either may be among the highest.
fn same_top(
    expected: &BTreeMap<String, f64>,
    found: &BTreeMap<String, f64>,
    top: usize,
) -> Result<(), String> {
    let sorted = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(|a, b| b.total_cmp(a));
        values.truncate(top);
        values
    };
    let values = sorted(expected.values().copied().collect());
    let own =
        found.iter().all(|(key, value)| expected.get(key).is_some_and(|it| alike(*it, *value)));
    let same = found.len() == values.len() && sorted(found.values().copied().collect()) == values;
    if own && same { Ok(()) } else { Err(format!("of {expected:?} found {found:?}")) }
}

/// The lines that came back are the newest of those expected, and the count is that of all.
fn newest(wanted: &[&Line<'_>], queries: &[Query]) -> Result<(), String> {
    let found = queries[0].result["lines"].as_array().ok_or("no lines came back")?;
    let mut expected: Vec<i128> = wanted.iter().map(|line| line.time_ns).collect();
    expected.sort_by(|a, b| b.cmp(a));
    expected.truncate(100);
    let time = |line: &Value| -> Option<i128> {
        Some(line["time"].as_str()?.parse::<jiff::Timestamp>().ok()?.as_nanosecond())
    };
    let found: Vec<Option<i128>> = found.iter().map(time).collect();
    if !found.iter().copied().eq(expected.iter().copied().map(Some)) {
        return Err(format!("expected {} lines, found {} others", expected.len(), found.len()));
    }
    // Only a conversation counts them besides.
    let Some(count) = queries.get(1) else { return Ok(()) };
    let series = count.result["series"].as_array();
    let points =
        series.into_iter().flatten().filter_map(|series| series["points"].as_array()).flatten();
    let total: f64 = points.filter_map(|point| point[1].as_f64()).sum();
    if alike(total, wanted.len() as f64) {
        Ok(())
    } else {
        Err(format!("{total} are counted of {}", wanted.len()))
    }
}

/// A copilot for which it is the moment at which the lines end.
async fn client(logs: &ShopLogs) -> Client {
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::new(logs.end));
    let environment = [("LOKI_URL", services::loki().await)].into_iter().collect();
    let ports = Ports {
        stores: Stores::of(Arc::new(MemoryStore::new(Arc::clone(&clock)))),
        operations: operations(&environment),
        models: Chain::new(Vec::new(), Limits::default()),
        clock,
    };
    App::start(config(&[]), ports).await.client(&logs.tenant, Role::Admin).await
}

/// Of the questions so many are taken for ones about metrics in a conversation. Asked as questions
/// about logs they are answered right all the same.
const TAKEN_FOR_METRICS: usize = 9;

/// The queries of an answer; and whether the conversation saw that it is about logs.
async fn answered(client: &Client, question: &str) -> (Vec<Query>, bool) {
    let answer = client.ask(None, question).await;
    let queries = answer.reply.details.map(|details| details.queries).unwrap_or_default();
    if queries.first().is_some_and(|first| first.language == "logql") {
        return (queries, true);
    }
    let body = json!({ "natural_language": question });
    let (status, answer) = client.post("/api/v1/queries/logs", &body).await;
    assert_eq!(status, 200, "{question}: {answer}");
    let data = &answer["data"];
    let result = match answer["result_type"].as_str() {
        Some("lines") => json!({ "lines": data }),
        _ => json!({ "series": data }),
    };
    let mut query = answer.clone();
    query["result"] = result;
    (vec![serde_json::from_value(query).unwrap()], false)
}

#[tokio::test]
async fn answers_about_logs_are_those_of_the_lines() {
    let logs = shared(ShopLogs::push("questions", MINUTES)).await;
    let client = client(&logs).await;
    let cases = cases(&logs);
    let (mut wrong, mut elsewhere) = (Vec::new(), Vec::new());
    for case in &cases {
        let (queries, seen) = answered(&client, &case.question).await;
        if let Err(reason) = case.check(&logs, &queries) {
            wrong.push(format!("{}\n    {}\n    {reason}", case.question, queries[0].query));
        } else if !seen {
            elsewhere.push(case.question.as_str());
        }
    }
    let right = cases.len() - wrong.len();
    assert!(wrong.is_empty(), "{right} of {}\n{}", cases.len(), wrong.join("\n"));
    assert!(elsewhere.len() <= TAKEN_FOR_METRICS, "{elsewhere:#?}");
    assert!(right - elsewhere.len() >= 30, "{right}");
}
