//! What the tests share: services that are started once, copilots in many shapes, and a client.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod shop_logs;
pub(crate) mod world;

use std::{future::Future, sync::LazyLock};

use tokio::runtime::Runtime;

/// Outlives each test's own runtime, so that what one test starts can serve the next.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Runs the future on the shared runtime.
pub(crate) async fn shared<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> T {
    RUNTIME.spawn(future).await.unwrap()
}
