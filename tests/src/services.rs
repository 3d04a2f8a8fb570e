//! The real services that tests run against: one that the environment names, or our own, started
//! once and shared by all tests of a run. They end with the test process.

use std::{env, path::PathBuf};

use local::services::{
    Error, Service, dynamodb_local as aws_dynamodb, loki as own_loki, ministack,
};
use tokio::sync::OnceCell;

/// A service that we started, or the address of one that was there.
enum Running {
    Ours(Box<Service>),
    Named(String),
}

impl Running {
    fn url(&self) -> &str {
        match self {
            Self::Ours(service) => service.url(),
            Self::Named(url) => url,
        }
    }
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("services");
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

fn named(variable: &str) -> Option<Running> {
    env::var(variable).ok().filter(|url| !url.is_empty()).map(Running::Named)
}

fn started(result: Result<Service, Error>) -> Running {
    Running::Ours(Box::new(result.unwrap_or_else(|error| panic!("{error}"))))
}

/// The local cloud: `AWS_ENDPOINT_URL`, or our own.
pub(crate) async fn local_cloud() -> &'static str {
    static CLOUD: OnceCell<Running> = OnceCell::const_new();
    let start = || async {
        match named("AWS_ENDPOINT_URL") {
            Some(running) => running,
            None => started(ministack::start(&ministack::Options::new(folder())).await),
        }
    };
    CLOUD.get_or_init(start).await.url()
}

/// Loki: `LOKI_URL`, or our own.
pub(crate) async fn loki() -> &'static str {
    static LOKI: OnceCell<Running> = OnceCell::const_new();
    let start = || async {
        match named("LOKI_URL") {
            Some(running) => running,
            None => {
                let storage = folder().join(format!("loki-{}", std::process::id()));
                let options = own_loki::Options { dir: folder(), port: None, storage };
                started(own_loki::start(&options).await)
            }
        }
    };
    LOKI.get_or_init(start).await.url()
}

/// AWS's own DynamoDB Local: `DYNAMODB_URL`, or our own.
pub(crate) async fn dynamodb_local() -> &'static str {
    static DYNAMODB: OnceCell<Running> = OnceCell::const_new();
    let start = || async {
        match named("DYNAMODB_URL") {
            Some(running) => running,
            None => {
                let options = aws_dynamodb::Options { dir: folder(), port: None };
                started(aws_dynamodb::start(&options).await)
            }
        }
    };
    DYNAMODB.get_or_init(start).await.url()
}
