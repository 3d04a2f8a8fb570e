//! A closed loop: so many at once, each doing the next as soon as the last is done.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::task::JoinSet;

/// One of those who do something over and over.
#[async_trait]
pub(crate) trait Load: Send + 'static {
    type Sample: Send + 'static;

    async fn once(&mut self) -> anyhow::Result<Self::Sample>;
}

/// What came of a run.
pub(crate) struct Run<L: Load> {
    /// To go on with.
    pub(crate) loads: Vec<L>,
    pub(crate) samples: Vec<L::Sample>,
    pub(crate) wall: Duration,
}

/// All of them at once, each `times` times; the first that fails fails the run.
pub(crate) async fn run<L: Load>(loads: Vec<L>, times: usize) -> anyhow::Result<Run<L>> {
    let began = Instant::now();
    let mut running = JoinSet::new();
    for mut load in loads {
        running.spawn(async move {
            let mut samples = Vec::with_capacity(times);
            for _ in 0..times {
                samples.push(load.once().await?);
            }
            anyhow::Ok((load, samples))
        });
    }
    let mut run = Run { loads: Vec::new(), samples: Vec::new(), wall: Duration::ZERO };
    while let Some(done) = running.join_next().await {
        let (load, samples) = done??;
        run.loads.push(load);
        run.samples.extend(samples);
    }
    run.wall = began.elapsed();
    Ok(run)
}
