//! The shop's lines, known here and in Loki.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::TenantId;
use serde_json::{Value, json};
use shop::{DeploymentLog, Generator, LogLine, log_lines};

use crate::services;

/// The lines of the shop in the minutes before `end`, which Loki has as well.
pub(crate) struct ShopLogs {
    pub(crate) tenant: TenantId,
    pub(crate) end: Timestamp,
    pub(crate) lines: Vec<LogLine>,
}

impl ShopLogs {
    /// Gives a tenant of that name the lines of the last so many minutes.
    pub(crate) async fn push(tenant: &str, minutes: i64) -> Self {
        // A whole number of the windows that lines are made in, a little while ago.
        let end_s = Timestamp::now().as_second() / 60 * 60 - 60;
        // All of it on one day, so that a time of day says which moment is meant.
        let of_day_s = end_s % 86_400;
        let end_s = if of_day_s < minutes * 60 { end_s - of_day_s } else { end_s };
        let end = Timestamp::from_second(end_s).unwrap();
        let log = DeploymentLog::seeded(end);
        let tenant: TenantId = format!("{tenant}-{}", std::process::id()).parse().unwrap();
        let mut lines = Vec::new();
        for back in (1..=minutes).rev() {
            let from_ms = (end_s - back * 60) * 1_000;
            let some = log_lines(&Generator::default(), &log, from_ms, from_ms + 60_000);
            send(&tenant, &some).await;
            lines.extend(some);
        }
        Self { tenant, end, lines }
    }
}

async fn send(tenant: &TenantId, lines: &[LogLine]) {
    let mut streams: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in lines {
        let value = json!([line.time_ns.to_string(), line.text]);
        streams.entry(line.instance()).or_default().push(value);
    }
    let streams: Vec<Value> = streams
        .into_iter()
        .map(|(instance, values)| {
            let service = instance.rsplit_once('-').unwrap().0;
            json!({"stream": {"service": service, "instance": instance}, "values": values})
        })
        .collect();
    let answer = reqwest::Client::new()
        .post(format!("{}/loki/api/v1/push", services::loki().await))
        .header("X-Scope-OrgID", tenant.as_str())
        .json(&json!({ "streams": streams }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

/// A line in whichever way its service writes, read without any of our code that reads lines.
pub(crate) fn fields(line: &LogLine) -> BTreeMap<String, String> {
    if let Ok(Value::Object(object)) = serde_json::from_str(&line.text) {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return object.into_iter().map(|(name, value)| (name, text(value))).collect();
    }
    // The shop's logfmt has quotation marks around a value with blanks, and none within.
    let mut fields = BTreeMap::new();
    let mut rest = line.text.as_str();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap(),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        fields.insert(name.trim().to_owned(), value.to_owned());
        rest = next.trim_start();
    }
    fields
}
