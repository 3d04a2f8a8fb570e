//! The metrics by name: which families there are, which series of them a replica has, and their
//! values. Live scrapes and back-filled history both take their lines from here, so that they carry
//! the same names and labels.

use std::fmt::Write as _;

use crate::{
    catalog::{BUCKETS_SECONDS, Service},
    generator::Sample,
};

/// A metric family.
#[derive(Debug)]
pub(crate) struct Family {
    /// As Prometheus knows it; a counter's ends in `_total`.
    pub name: &'static str,
    pub kind: &'static str,
    pub help: &'static str,
}

const REQUESTS: usize = 0;
const DURATION: usize = 1;
const CPU: usize = 2;
const MEMORY: usize = 3;
const MEMORY_LIMIT: usize = 4;
const STARTED: usize = 5;
const BUILD: usize = 6;

pub(crate) const FAMILIES: [Family; 7] = [
    Family {
        name: "http_requests_total",
        kind: "counter",
        help: "HTTP requests answered, by route, method and status code.",
    },
    Family {
        name: "http_request_duration_seconds",
        kind: "histogram",
        help: "Time from receiving an HTTP request to answering it, in seconds.",
    },
    Family {
        name: "process_cpu_usage_ratio",
        kind: "gauge",
        help: "Share of the CPU limit in use, 0 to 1.",
    },
    Family {
        name: "process_resident_memory_bytes",
        kind: "gauge",
        help: "Resident memory of the process, in bytes.",
    },
    Family {
        name: "process_memory_limit_bytes",
        kind: "gauge",
        help: "Memory at which the process is killed, in bytes.",
    },
    Family {
        name: "process_start_time_seconds",
        kind: "gauge",
        help: "When the process started, in seconds since the Unix epoch.",
    },
    Family {
        name: "build_info",
        kind: "gauge",
        help: "Always 1; the version that runs is a label.",
    },
];

/// One series of a replica.
#[derive(Debug)]
pub(crate) struct Series {
    /// Index into [`FAMILIES`].
    pub family: usize,
    /// Name and labels, with the brace left open for more labels.
    pub head: String,
}

/// A value that is written the same way everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Whole(u64),
    Thousandths(u64),
}

impl Value {
    pub(crate) fn write_to(self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Whole(value) => write!(text, "{value}"),
            Self::Thousandths(value) => write!(text, "{}.{:03}", value / 1_000, value % 1_000),
        };
    }
}

/// The series of a replica that runs a version, in the order of [`values`].
pub(crate) fn series(service: &Service, version: &str) -> Vec<Series> {
    let mut list = Vec::new();
    let mut add = |family: usize, suffix: &str, labels: String| {
        let head = format!("{}{suffix}{{{labels}", FAMILIES[family].name);
        list.push(Series { family, head });
    };
    let name = service.name;
    for route in service.routes {
        let common = format!(
            r#"service="{name}",route="{}",method="{}",version="{version}""#,
            route.path, route.method
        );
        for status in route.statuses() {
            add(REQUESTS, "", format!(r#"{common},status="{status}""#));
        }
        for bound in BUCKETS_SECONDS {
            add(DURATION, "_bucket", format!(r#"{common},le="{bound}""#));
        }
        add(DURATION, "_bucket", format!(r#"{common},le="+Inf""#));
        add(DURATION, "_sum", common.clone());
        add(DURATION, "_count", common);
    }
    for family in [CPU, MEMORY, MEMORY_LIMIT, STARTED] {
        add(family, "", format!(r#"service="{name}""#));
    }
    add(BUILD, "", format!(r#"service="{name}",version="{version}""#));
    list
}

/// The values of a sample, in the order of [`series`].
pub(crate) fn values(service: &Service, sample: &Sample) -> Vec<Value> {
    let mut list = Vec::new();
    for route in &sample.routes {
        list.extend(route.by_status.iter().copied().map(Value::Whole));
        list.extend(route.buckets.iter().copied().map(Value::Whole));
        list.push(Value::Thousandths(route.sum_ms));
        list.extend(route.buckets.last().copied().map(Value::Whole));
    }
    list.push(Value::Thousandths(sample.cpu_thousandths));
    list.push(Value::Whole(sample.memory_bytes));
    list.push(Value::Whole(service.memory_limit_bytes));
    list.push(Value::Thousandths(sample.started_ms.unsigned_abs()));
    list.push(Value::Whole(1));
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeploymentLog, Generator, SERVICES};

    #[test]
    fn every_series_has_a_value_and_a_head_of_its_own() {
        let now = "2026-03-04T12:34:56Z".parse().unwrap();
        let log = DeploymentLog::seeded(now);
        for service in SERVICES {
            let sample = Generator::default().sample(service, 0, &log, now);
            let list = series(service, &sample.version);
            assert_eq!(list.len(), values(service, &sample).len(), "{}", service.name);
            let mut heads: Vec<&str> = list.iter().map(|one| one.head.as_str()).collect();
            heads.sort_unstable();
            heads.dedup();
            assert_eq!(heads.len(), list.len(), "{}", service.name);
        }
    }

    #[test]
    fn thousandths_keep_their_zeros() {
        for (value, expected) in [(0, "0.000"), (7, "0.007"), (1_234, "1.234"), (60_050, "60.050")]
        {
            let mut text = String::new();
            Value::Thousandths(value).write_to(&mut text);
            assert_eq!(text, expected);
        }
    }
}
