//! `copilot status`: whether the copilot is there, ready, and accepts the key.

use contract::{
    health::{Check, Health, Ready},
    page::Page,
    routes::RouteId,
    session::Session,
};
use reqwest::{StatusCode, Url};
use serde::Serialize;

use crate::{
    cli::Status,
    client::Client,
    error::Error,
    render::{clean, pad},
    request::Request,
};

/// As wide as the names of the checks.
const NAME_COLUMNS: usize = 7;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    url: String,
    stream_url: String,
    ready: bool,
    /// Whether the key opens anything.
    authenticated: bool,
    api: Part,
    /// Where it is another function at another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    version: String,
    uptime_s: u64,
    ready: bool,
    checks: Vec<Check>,
}

pub(crate) async fn run(client: &Client, status: &Status) -> Result<(), Error> {
    let settings = client.settings();
    client.console().progress("asking how it is…");
    let api = part(client, &settings.url).await?;
    let stream = if settings.stream_url == settings.url {
        None
    } else {
        Some(part(client, &settings.stream_url).await?)
    };
    let access = access(client).await;
    let report = Report {
        url: settings.url.to_string(),
        stream_url: settings.stream_url.to_string(),
        ready: api.ready && stream.as_ref().is_none_or(|stream| stream.ready),
        authenticated: access.is_ok(),
        api,
        stream,
    };
    if status.json {
        super::print_json(client.console(), &report)?;
    } else {
        print(client, &report)?;
    }
    if !report.ready {
        return Err(Error::NotReady);
    }
    access
}

async fn part(client: &Client, base: &Url) -> Result<Part, Error> {
    let (_, health): (StatusCode, Health) = client.probe(base, RouteId::Health).await?;
    let (status, ready): (StatusCode, Ready) = client.probe(base, RouteId::Ready).await?;
    Ok(Part {
        version: health.version,
        uptime_s: health.uptime_s,
        ready: status.is_success(),
        checks: ready.checks,
    })
}

/// The cheapest request that needs a key.
async fn access(client: &Client) -> Result<(), Error> {
    let request = Request::new(RouteId::ListSessions).query("limit", 1);
    client.json::<Page<Session>>(&request).await.map(drop)
}

fn print(client: &Client, report: &Report) -> Result<(), Error> {
    let (console, paint) = (client.console(), client.console().paint());
    let parts = std::iter::once((&report.url, &report.api))
        .chain(report.stream.iter().map(|stream| (&report.stream_url, stream)));
    for (url, part) in parts {
        let state = if part.ready { paint.green("ready") } else { paint.red("not ready") };
        let about = format!("version {}, up {}", part.version, uptime(part.uptime_s));
        console.print(&format!("{state}  {url}  {}\n", paint.dim(&clean(&about))))?;
        for check in &part.checks {
            console.print(&check_line(client, check))?;
        }
    }
    let origin = client.settings().origins.api_key;
    let label = pad("key", NAME_COLUMNS);
    let key = match (report.authenticated, client.settings().api_key.is_some()) {
        (true, _) => format!(
            "{}  {label}  {}",
            paint.green("✓"),
            paint.dim(&format!("accepted (from {origin})"))
        ),
        (false, true) => format!("{}  {label}  not accepted (from {origin})", paint.red("✗")),
        (false, false) => format!("{}  {label}  {origin}", paint.red("✗")),
    };
    console.print(&format!("  {key}\n"))
}

fn check_line(client: &Client, check: &Check) -> String {
    let paint = client.console().paint();
    let mark = match (check.status.as_str(), check.required) {
        ("ok", _) => paint.green("✓"),
        ("off", _) => paint.dim("–"),
        (_, true) => paint.red("✗"),
        (_, false) => paint.yellow("!"),
    };
    let message = check.message.as_deref().unwrap_or(&check.status);
    format!(
        "  {mark}  {}  {}\n",
        pad(&clean(&check.name), NAME_COLUMNS),
        paint.dim(&clean(message))
    )
}

fn uptime(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
