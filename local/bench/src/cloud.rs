//! The local cloud with infra/template.yaml deployed, for as long as it is held.

use std::{collections::BTreeMap, path::Path};

use local::{
    deploy::{Deployment, deploy},
    services::{Service, ministack},
};
use tempfile::TempDir;

const STACK: &str = "bench";

/// See the module.
pub(crate) struct LocalCloud {
    service: Service,
    pub(crate) table: String,
    pub(crate) bucket: String,
    _dir: TempDir,
}

impl LocalCloud {
    /// `root` is the checkout.
    pub(crate) async fn start(root: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let service = ministack::start(&ministack::Options::new(dir.path())).await?;
        let packages = dir.path().join("packages");
        local::dev::stand_ins(root, &packages).await?;
        let deployment = Deployment {
            stack: STACK.to_owned(),
            endpoint_url: service.url().to_owned(),
            packages,
            parameters: BTreeMap::from([("Architecture".to_owned(), "x86_64".to_owned())]),
        };
        let outputs = deploy(root, &deployment).await?;
        Ok(Self { service, table: outputs.table_name, bucket: outputs.bucket_name, _dir: dir })
    }

    pub(crate) fn url(&self) -> &str {
        self.service.url()
    }

    pub(crate) async fn stop(self) {
        self.service.stop().await;
    }
}
