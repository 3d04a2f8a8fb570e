//! A proxy between an SDK and the local cloud that injects AWS's own failures: throttling, latency,
//! cut connections. Rules are as its documentation has them, as JSON.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::Value;

use super::{Error, Probe, Program, Service, install::venv_program, ready::choose_port};

const NAME: &str = "microburst";

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log.
    pub dir: PathBuf,
    pub port: Option<u16>,
    /// The endpoint behind it.
    pub upstream: String,
}

/// A running proxy, and its controls.
#[derive(Debug)]
pub struct Microburst {
    service: Service,
    http: reqwest::Client,
}

pub async fn start(options: &Options) -> Result<Microburst, Error> {
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let program = Program::new(NAME, venv_program(NAME)?, options.dir.join("microburst.log"))
        .arguments(["--host", "127.0.0.1", "--port"])
        .argument(port.to_string())
        .arguments(["--upstream", &options.upstream]);
    let probe = Probe::success(format!("{url}/_microburst/health"));
    let http = reqwest::Client::builder().no_proxy().build().map_err(|source| {
        Error::Unreachable { program: NAME.to_owned(), url: url.clone(), source }
    })?;
    Ok(Microburst { service: Service::start(program, url, probe).await?, http })
}

impl Microburst {
    /// The base URL, to be used as the SDK's endpoint.
    pub fn url(&self) -> &str {
        self.service.url()
    }

    /// Replaces the rules: a JSON array, such as
    /// `[{"service":"dynamodb","operation":"PutItem","error":{"code":"ThrottlingException"},"times":2}]`.
    pub async fn set_rules(&self, rules: &Value) -> Result<(), Error> {
        self.control(Method::POST, "rules", Some(rules)).await.map(drop)
    }

    /// From here on everything passes.
    pub async fn clear_rules(&self) -> Result<(), Error> {
        // Its DELETE takes away only the rules that are like the ones in its body.
        self.set_rules(&Value::Array(Vec::new())).await
    }

    /// What was injected since the last [`Self::clear_fired`], oldest first.
    pub async fn fired(&self) -> Result<Vec<Value>, Error> {
        match self.control(Method::GET, "fired", None).await? {
            Value::Array(fired) => Ok(fired),
            other => Err(Error::Answer {
                program: NAME.to_owned(),
                reason: format!("a list was expected, not {other}"),
            }),
        }
    }

    pub async fn clear_fired(&self) -> Result<(), Error> {
        self.control(Method::DELETE, "fired", None).await.map(drop)
    }

    pub async fn stop(self) {
        self.service.stop().await;
    }

    async fn control(
        &self,
        method: Method,
        what: &str,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let url = format!("{}/_microburst/{what}", self.url());
        let unreachable =
            |source| Error::Unreachable { program: NAME.to_owned(), url: url.clone(), source };
        let mut request = self.http.request(method, &url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(Error::Answer {
                program: NAME.to_owned(),
                reason: format!("{status}: {text}"),
            });
        }
        // Clearing answers with an empty body.
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}
