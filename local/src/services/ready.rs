//! Free ports, and waiting until somebody answers.

use std::{net::TcpListener, time::Duration};

use reqwest::StatusCode;

use super::Error;

/// How long a program may take to answer after it was started.
const READY_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(25);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// What counts as an answer, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct Probe {
    pub url: String,
    pub timeout: Duration,
    accept: fn(StatusCode) -> bool,
}

impl Probe {
    /// Ready when the address answers with success.
    pub fn success(url: impl Into<String>) -> Self {
        Self { url: url.into(), timeout: READY_TIMEOUT, accept: |status| status.is_success() }
    }

    /// Ready when the address answers at all: for a program without an address for this.
    pub fn any_answer(url: impl Into<String>) -> Self {
        Self { url: url.into(), timeout: READY_TIMEOUT, accept: |_| true }
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Asks until the probe is answered; false when that took too long.
pub async fn wait_ready(probe: &Probe) -> bool {
    // No proxy: what we wait for is on this machine. Without certificates, there is nothing here
    // that can fail but a broken build of the client.
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build() else {
        return false;
    };
    let asked = async {
        loop {
            if let Ok(answer) = client.get(&probe.url).send().await
                && (probe.accept)(answer.status())
            {
                return;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(probe.timeout, asked).await.is_ok()
}

/// A port of 127.0.0.1 that was free a moment ago. Whoever starts a program on it finds out at once
/// if somebody else was quicker, because the program ends.
pub fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|source| Error::Start { program: "a listener on 127.0.0.1".to_owned(), source })
}

/// The port that was asked for, if it is free, or else any free one.
pub(super) fn choose_port(wanted: Option<u16>) -> Result<u16, Error> {
    match wanted {
        None => free_port(),
        Some(port) => match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => Ok(port),
            Err(_) => Err(Error::PortInUse { port }),
        },
    }
}
