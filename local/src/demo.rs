//! The system to watch: the shop, with a Prometheus that has its past and scrapes its present.

use std::path::{Path, PathBuf};

use crate::services::{Error, Service, prometheus, shop};

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
    /// What the back-fill did.
    pub history: String,
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
}

/// Starts both. A shop that cannot run is an error; a Prometheus that cannot be had is not, because
/// the copilot then says so itself.
pub async fn start(options: &Options) -> Result<Demo, Error> {
    let shop_options = shop::Options {
        dir: options.dir.clone(),
        port: options.shop_port,
        program: options.program.clone(),
    };
    let shop = shop::start(&shop_options).await?;
    match watch(options, &shop_options, &shop).await {
        Ok((prometheus, history)) => Ok(Demo { shop, prometheus: Ok(prometheus), history }),
        Err(error) => Ok(Demo { shop, prometheus: Err(error), history: String::new() }),
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
