//! The services around the copilot, started once for all tests: the local cloud with the template
//! deployed, and the shop with its Prometheus.

use std::{collections::BTreeMap, path::PathBuf};

use local::{
    demo::{self, Demo, Logs, LokiChoice},
    deploy::{Deployment, Outputs, deploy},
    services::{Service, ministack},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::shared;

/// What is around.
pub(crate) struct World {
    pub(crate) cloud: Service,
    pub(crate) outputs: Outputs,
    /// Held for as long as the tests run.
    _dir: TempDir,
}

impl World {
    pub(crate) async fn get() -> &'static Self {
        static WORLD: OnceCell<World> = OnceCell::const_new();
        WORLD.get_or_init(|| shared(Self::start())).await
    }

    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = ministack::Options::new(dir.path());
        options.enforce_roles = true;
        let cloud = ministack::start(&options).await.unwrap();
        let packages = dir.path().join("packages");
        local::dev::stand_ins(&root(), &packages).await.unwrap();
        let deployment = Deployment {
            stack: "tests".to_owned(),
            endpoint_url: cloud.url().to_owned(),
            packages,
            parameters: BTreeMap::from([("Architecture".to_owned(), "x86_64".to_owned())]),
        };
        let outputs = deploy(&root(), &deployment).await.unwrap();
        Self { cloud, outputs, _dir: dir }
    }
}

/// The shop with its Prometheus, and a Loki that gets its logs as the tenant `demo`.
pub(crate) async fn demo() -> &'static Demo {
    static DEMO: OnceCell<(Demo, TempDir)> = OnceCell::const_new();
    let (demo, _) = DEMO
        .get_or_init(|| {
            shared(async {
                let dir = tempfile::tempdir().unwrap();
                let options = demo::Options {
                    dir: dir.path().to_owned(),
                    program: program("shop"),
                    shop_port: None,
                    prometheus_port: None,
                    loki: LokiChoice::Start,
                    tenant: "demo".to_owned(),
                };
                (demo::start(&options).await.unwrap(), dir)
            })
        })
        .await;
    demo
}

pub(crate) async fn prometheus_url() -> &'static str {
    demo().await.prometheus.as_ref().unwrap_or_else(|error| panic!("{error}")).url()
}

/// What the logs of the shop are in.
pub(crate) async fn loki_url() -> &'static str {
    match &demo().await.logs {
        Logs::None(error) => panic!("{error}"),
        logs => logs.url().unwrap(),
    }
}

/// The checkout.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program of the workspace; `scripts/test` builds them before the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    // target/debug/deps/all-… → target/debug/name
    let own = std::env::current_exe().unwrap();
    let path = own.parent().unwrap().parent().unwrap().join(name);
    assert!(path.is_file(), "{} is not built: run scripts/test", path.display());
    path
}
