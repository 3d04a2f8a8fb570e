//! A closed loop: so many at once, each doing the next as soon as the last is done.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::task::JoinSet;

use crate::stats::rounded;

/// One of those who do something over and over.
#[async_trait]
pub(crate) trait Load: Send + 'static {
    type Sample: Send + 'static;

    async fn once(&mut self) -> anyhow::Result<Self::Sample>;

    /// Called between rounds.
    fn begin_anew(&mut self) {}
}

/// How a run is cut into rounds: what one does must not depend on how many went before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    /// At the beginning of each, not measured.
    pub(crate) warm_up: usize,
    pub(crate) length: usize,
}

/// About `times` in all, in rounds.
pub(crate) async fn run<L: Load>(
    mut loads: Vec<L>,
    times: usize,
    rounds: Rounds,
) -> anyhow::Result<Run<L::Sample>> {
    let each = times.div_ceil(loads.len().max(1));
    let mut run = Run { samples: Vec::new(), wall: Duration::ZERO };
    let mut done = 0;
    while done < each {
        let length = rounds.length.min(each - done);
        loads = all(loads, rounds.warm_up).await?.0;
        let began = Instant::now();
        let (back, samples) = all(loads, length).await?;
        run.wall += began.elapsed();
        run.samples.extend(samples);
        loads = back;
        loads.iter_mut().for_each(L::begin_anew);
        done += length;
    }
    Ok(run)
}

/// What came of a run.
pub(crate) struct Run<T> {
    pub(crate) samples: Vec<T>,
    /// Without the warming up.
    pub(crate) wall: Duration,
}

impl<T> Run<T> {
    pub(crate) fn per_s(&self) -> f64 {
        rounded(self.samples.len() as f64 / self.wall.as_secs_f64())
    }
}

/// All of them at once, each `times` times; the first that fails fails the run.
async fn all<L: Load>(loads: Vec<L>, times: usize) -> anyhow::Result<(Vec<L>, Vec<L::Sample>)> {
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
    let (mut loads, mut samples) = (Vec::new(), Vec::new());
    while let Some(done) = running.join_next().await {
        let (load, its) = done??;
        loads.push(load);
        samples.extend(its);
    }
    Ok((loads, samples))
}
