//! The system to watch: the shop, with a Prometheus that has its past and scrapes its present, and a
//! Loki that gets its logs.

use std::path::{Path, PathBuf};

use crate::services::{Error, Service, loki, prometheus, shop};

/// Where a service of the shop's may be held to account; the composer compares with these.
pub const SLOS: &str = r#"{
  "*": { "error_rate": 0.01, "latency_p95_s": 0.5 },
  "payment": { "error_rate": 0.005, "latency_p95_s": 0.3 },
  "frontend": { "error_rate": 0.02, "latency_p95_s": 1.0 }
}"#;

/// The running shop, and its Prometheus where there is one.
pub struct Demo {
    pub shop: Service,
    pub prometheus: Result<Service, Error>,
    pub logs: Logs,
    /// What the back-fill did.
    pub history: String,
}

/// The Loki that there is.
pub enum Logs {
    Started(Service),
    /// Somebody else's, and whether it gets the shop's logs.
    Given {
        url: String,
        gets_logs: bool,
    },
    None(Error),
}

impl Logs {
    /// Where Loki answers, if there is one.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Started(service) => Some(service.url()),
            Self::Given { url, .. } => Some(url),
            Self::None(_) => None,
        }
    }

    /// Where the shop's logs go, if anywhere.
    fn target(&self, tenant: &str) -> Option<shop::Logs> {
        let gets_logs = !matches!(self, Self::Given { gets_logs: false, .. });
        let url = self.url().filter(|_| gets_logs)?.to_owned();
        Some(shop::Logs { url, tenant: tenant.to_owned() })
    }
}

/// Which Loki to use.
#[derive(Debug, Clone)]
pub enum LokiChoice {
    /// One of our own, where it is installed.
    Start,
    /// Nobody's logs are written into but ours, save where that is wanted.
    Given { url: String, gets_logs: bool },
}

/// How the demo runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// For state and logs.
    pub dir: PathBuf,
    /// The `shop` program.
    pub program: PathBuf,
    pub shop_port: Option<u16>,
    pub prometheus_port: Option<u16>,
    pub loki: LokiChoice,
    /// Whose logs the shop's are, in Loki.
    pub tenant: String,
}

/// Starts all. A shop that cannot run is an error; a Prometheus or a Loki that cannot be had is not,
/// because the copilot then says so itself.
pub async fn start(options: &Options) -> Result<Demo, Error> {
    let logs = match &options.loki {
        LokiChoice::Given { url, gets_logs } => {
            Logs::Given { url: url.clone(), gets_logs: *gets_logs }
        }
        LokiChoice::Start => {
            let loki_options = loki::Options {
                dir: options.dir.clone(),
                port: None,
                storage: options.dir.join("loki"),
            };
            loki::start(&loki_options).await.map_or_else(Logs::None, Logs::Started)
        }
    };
    let shop_options = shop::Options {
        dir: options.dir.clone(),
        port: options.shop_port,
        program: options.program.clone(),
        loki: logs.target(&options.tenant),
    };
    let shop = shop::start(&shop_options).await?;
    match watch(options, &shop_options, &shop).await {
        Ok((prometheus, history)) => Ok(Demo { shop, prometheus: Ok(prometheus), logs, history }),
        Err(error) => Ok(Demo { shop, prometheus: Err(error), logs, history: String::new() }),
    }
}

async fn watch(
    options: &Options,
    shop_options: &shop::Options,
    shop: &Service,
) -> Result<(Service, String), Error> {
    let storage = options.dir.join("prometheus");
    let config = options.dir.join("prometheus.yml");
    write(&config, &shop::scrape_config(shop_options, shop).await?)?;
    let history = shop::backfill(shop_options, &storage).await?;
    let prometheus = prometheus::start(&prometheus::Options {
        dir: options.dir.clone(),
        port: options.prometheus_port,
        config,
        storage,
    })
    .await?;
    Ok((prometheus, history))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|source| Error::File { path: path.to_owned(), source })
}
