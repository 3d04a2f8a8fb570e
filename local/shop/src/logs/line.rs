//! One line for each request that is logged, and for each start of a process.

use std::{fmt::Write as _, ops::Range};

use jiff::Timestamp;
use serde_json::json;

use super::texts::error_text;
use crate::{
    Generator, Service,
    catalog::{LogFormat, Route},
    day::{Quality, latency_factor, latency_quantile_seconds},
    lifetime::Run,
    noise::{Stream, hash, unit},
    scrape_config::instance,
    trouble,
};

/// Of so many requests that succeed one is logged.
pub const SUCCESS_EVERY: u64 = 25;
const NS_PER_MS: i128 = 1_000_000;

/// A line and the stream that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub service: &'static str,
    pub replica: u32,
    /// Unix time in nanoseconds.
    pub time_ns: i128,
    pub text: String,
}

impl LogLine {
    /// The value of the label `instance`, the same as that of the replica's metrics.
    pub fn instance(&self) -> String {
        instance(self.service, self.replica)
    }
}

/// Adds the lines of one process in a part of a window, in no order.
pub(super) fn add_lines(
    lines: &mut Vec<LogLine>,
    generator: &Generator,
    service: &'static Service,
    replica: u32,
    run: &Run<'_>,
    period_ms: Range<i64>,
) {
    let mut add = |time_ns: i128, event: &Event<'_>| {
        let text = event.write(service.log_format, time_ns, run.version);
        lines.push(LogLine { service: service.name, replica, time_ns, text });
    };
    if period_ms.start == run.started_ms {
        add_start(&mut add, service, replica, run);
    }
    let counted = |at_ms| generator.counters(service, replica, run, at_ms);
    let (before, after) = (counted(period_ms.start), counted(period_ms.end));
    let latency = latency_factor(service, replica, Quality::of(run.version), period_ms.start);
    for (index, route) in service.routes.iter().enumerate() {
        for (column, status) in route.statuses().enumerate() {
            let (first, last) = (before[index].by_status[column], after[index].by_status[column]);
            let every = if column == 0 { SUCCESS_EVERY } else { 1 };
            for request in (first + 1..=last).filter(|request| request % every == 0) {
                let parts = [
                    replica.into(),
                    run.started_ms.cast_unsigned(),
                    index as u64,
                    status.into(),
                    request,
                ];
                let chance = unit(Stream::Duration, service.name, &parts);
                let seconds = latency_quantile_seconds(route.median_seconds * latency, chance);
                let trace = [Stream::TraceHigh, Stream::TraceLow]
                    .map(|stream| hash(stream, service.name, &parts));
                let event = Event::Request { service: service.name, route, status, seconds, trace };
                // Evenly over the period, which is how the counters grow.
                let length_ns = i128::from(period_ms.end - period_ms.start) * NS_PER_MS;
                let place = i128::from(2 * (request - first) - 1);
                let offset_ns = length_ns * place / i128::from(2 * (last - first));
                add(i128::from(period_ms.start) * NS_PER_MS + offset_ns, &event);
            }
        }
    }
}

fn add_start(
    add: &mut impl FnMut(i128, &Event<'_>),
    service: &'static Service,
    replica: u32,
    run: &Run<'_>,
) {
    let started_ns = i128::from(run.started_ms) * NS_PER_MS;
    let minute = run.started_ms.div_euclid(60_000);
    let leaks = trouble::memory_leak(service, replica).is_some_and(|leak| {
        let since = minute - i64::from(leak.first_minute);
        run.started_ms % 60_000 == 0 && since.rem_euclid(leak.every_minutes.into()) == 0
    });
    if leaks {
        add(started_ns, &Event::Killed { limit_bytes: service.memory_limit_bytes });
    }
    add(started_ns + NS_PER_MS, &Event::Started);
}

/// What a line is about.
enum Event<'a> {
    Request { service: &'a str, route: &'a Route, status: u16, seconds: f64, trace: [u64; 2] },
    Started,
    Killed { limit_bytes: u64 },
}

impl Event<'_> {
    fn write(&self, format: LogFormat, time_ns: i128, version: &str) -> String {
        let time = Timestamp::from_nanosecond(time_ns).unwrap_or_default();
        let mut line = Line::new(format);
        line.text("time", &format!("{time:.6}"));
        match self {
            Self::Request { service, route, status, seconds, trace: [high, low] } => {
                let (level, message) = match status {
                    500.. => ("error", "request failed"),
                    400.. => ("warn", "request refused"),
                    _ => ("info", "request served"),
                };
                line.text("level", level);
                line.text("msg", message);
                line.text("method", route.method);
                line.text("route", route.path);
                line.number("status", f64::from(*status));
                line.number("duration_ms", (seconds * 1e4).round() / 10.0);
                line.text("trace_id", &format!("{high:016x}{low:016x}"));
                line.text("version", version);
                if *status >= 400 {
                    line.text("error", error_text(service, *status));
                }
            }
            Self::Started => {
                line.text("level", "info");
                line.text("msg", "process started");
                line.text("version", version);
            }
            Self::Killed { limit_bytes } => {
                line.text("level", "error");
                line.text("msg", "previous process was killed");
                line.text("version", version);
                let limit = limit_bytes / (1024 * 1024);
                line.text("error", &format!("out of memory: memory limit of {limit} MiB reached"));
            }
        }
        line.finish()
    }
}

/// A line that grows field by field.
struct Line {
    format: LogFormat,
    text: String,
}

impl Line {
    fn new(format: LogFormat) -> Self {
        Self { format, text: String::with_capacity(256) }
    }

    fn text(&mut self, name: &str, value: &str) {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '=' | '\\');
        let quoted = self.format == LogFormat::Json || !value.chars().all(plain);
        // Strings of JSON are good strings of logfmt as well.
        self.field(name, &if quoted { json!(value).to_string() } else { value.to_owned() });
    }

    fn number(&mut self, name: &str, value: f64) {
        self.field(name, &value.to_string());
    }

    fn field(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = match (self.format, self.text.is_empty()) {
            (LogFormat::Json, true) => write!(self.text, "{{\"{name}\":{value}"),
            (LogFormat::Json, false) => write!(self.text, ",\"{name}\":{value}"),
            (LogFormat::Logfmt, true) => write!(self.text, "{name}={value}"),
            (LogFormat::Logfmt, false) => write!(self.text, " {name}={value}"),
        };
    }

    fn finish(mut self) -> String {
        if self.format == LogFormat::Json {
            self.text.push('}');
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn request(service: &'static str, status: u16) -> String {
        let service = catalog::service(service).unwrap();
        let event = Event::Request {
            service: service.name,
            route: &service.routes[0],
            status,
            seconds: 0.012_34,
            trace: [1, u64::MAX],
        };
        event.write(service.log_format, 1_772_625_600_000_000_001, "1.2.3")
    }

    #[test]
    fn lines_are_written_in_their_service_s_way() {
        assert_eq!(
            request("payment", 504),
            r#"{"time":"2026-03-04T12:00:00.000000Z","level":"error","msg":"request failed","method":"POST","route":"/charges","status":504,"duration_ms":12.3,"trace_id":"0000000000000001ffffffffffffffff","version":"1.2.3","error":"timeout waiting for card provider"}"#
        );
        assert_eq!(
            request("frontend", 200),
            r#"time=2026-03-04T12:00:00.000000Z level=info msg="request served" method=GET route=/ status=200 duration_ms=12.3 trace_id=0000000000000001ffffffffffffffff version=1.2.3"#
        );
    }
}
