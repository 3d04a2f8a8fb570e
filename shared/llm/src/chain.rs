//! The policy for providers: retry, failover and circuit breakers, as long as nothing has been said.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use crate::{
    ChatModel, ChatRequest, Limits, ModelError, ModelId, RequestRecord,
    answer::{Answer, Attempt, OnText, attempt},
    breaker::Breaker,
};

/// Providers in the order in which they are tried. Clones share the circuit breakers.
#[derive(Clone)]
pub struct Chain {
    links: Vec<Arc<Link>>,
    limits: Limits,
}

struct Link {
    model: Arc<dyn ChatModel>,
    breaker: Breaker,
}

/// No provider answered, and nothing was said: the caller is free to answer in another way.
#[derive(Debug, thiserror::Error)]
#[error("no language model answered")]
pub struct Exhausted {
    /// Every attempt; empty when there is no provider or each is being left alone.
    pub records: Vec<RequestRecord>,
    /// The last attempt's error.
    #[source]
    pub last: Option<ModelError>,
}

/// Why there is no whole answer.
pub(crate) enum Failure {
    /// Every provider was tried, or left alone; none said a word.
    Silent(Option<ModelError>),
    /// It broke off after some text had gone out.
    Midway(ModelError),
}

impl Chain {
    pub fn new(models: Vec<Arc<dyn ChatModel>>, limits: Limits) -> Self {
        let link = |model| {
            let breaker = Breaker::new(limits.breaker_failures, limits.breaker_pause);
            Arc::new(Link { model, breaker })
        };
        Self { links: models.into_iter().map(link).collect(), limits }
    }

    /// Whether there is no model at all.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// In the order in which they are tried.
    pub fn models(&self) -> impl Iterator<Item = &ModelId> {
        self.links.iter().map(|link| link.model.id())
    }

    /// The same chain with one of its models tried first; `None` when it is not one of them.
    pub fn preferring(&self, model: &ModelId) -> Option<Self> {
        let preferred = self.models().position(|id| id == model)?;
        let mut chain = self.clone();
        chain.links[..=preferred].rotate_right(1);
        Some(chain)
    }

    /// The same chain for a turn that has only so long. A provider that hangs leaves time for another
    /// one, and an answer that does not come leaves some for the answer without a model.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        let providers = u32::try_from(self.links.len()).unwrap_or(u32::MAX - 1);
        let limits = &mut self.limits;
        limits.turn = limits.turn.min(time * 4 / 5);
        limits.first_token = limits.first_token.min(limits.turn / (providers + 1));
        limits.idle = limits.idle.min(limits.turn / 2);
        limits.tool = limits.tool.min(limits.turn / 2);
        self
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Gets one answer, from the first provider that gives one.
    ///
    /// While an answer has not begun, nothing has been seen of it, so that another attempt is safe
    /// also in a later round. Once text has gone out an error is final.
    pub(crate) async fn answer(
        &self,
        request: &ChatRequest,
        deadline: Instant,
        may_be_empty: bool,
        records: &mut Vec<RequestRecord>,
        on_text: OnText<'_>,
    ) -> Result<Answer, Failure> {
        let mut last = None;
        for link in &self.links {
            if Instant::now() >= deadline {
                break;
            }
            if !link.breaker.admits() {
                tracing::debug!(llm.model = %link.model.id(), "model is left alone after failures");
                continue;
            }
            let mut backoff = self.backoff();
            loop {
                let Attempt { record, spoke, result } = attempt(
                    link.model.as_ref(),
                    request,
                    &self.limits,
                    deadline,
                    may_be_empty,
                    &mut *on_text,
                )
                .await;
                records.push(record);
                let error = match result {
                    Ok(answer) => {
                        link.breaker.succeeded();
                        return Ok(answer);
                    }
                    Err(error) => error,
                };
                link.note(&error);
                if spoke {
                    return Err(Failure::Midway(error));
                }
                let wait = self.wait_before_retry(&error, &mut backoff, deadline);
                last = Some(error);
                match wait {
                    Some(wait) if !link.breaker.is_open() => tokio::time::sleep(wait).await,
                    _ => break,
                }
            }
        }
        Err(Failure::Silent(last))
    }

    fn backoff(&self) -> ExponentialBackoff {
        let retries = self.limits.attempts_per_provider.saturating_sub(1);
        ExponentialBuilder::new()
            .with_min_delay(self.limits.backoff_min)
            .with_max_delay(self.limits.backoff_max)
            .with_max_times(usize::try_from(retries).unwrap_or(usize::MAX))
            .with_jitter()
            .build()
    }

    /// How long to wait before asking the same provider again; `None` when the next one's turn has
    /// come: the error will not pass, the attempts are used up, or the wait is too long.
    fn wait_before_retry(
        &self,
        error: &ModelError,
        backoff: &mut ExponentialBackoff,
        deadline: Instant,
    ) -> Option<Duration> {
        if !error.is_transient() {
            return None;
        }
        let backoff = backoff.next()?;
        let wait = error.requested_wait().unwrap_or(backoff);
        let fits = error.requested_wait().is_none_or(|wait| wait <= self.limits.backoff_max)
            && Instant::now() + wait < deadline;
        fits.then_some(wait)
    }
}

impl Link {
    /// A provider that refuses or throttles is alive, so only outages count against it.
    fn note(&self, error: &ModelError) {
        if error.is_outage() {
            self.breaker.failed();
        } else {
            self.breaker.succeeded();
        }
        let source = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(
            llm.model = %self.model.id(),
            llm.error = error.name(),
            llm.error.source = source,
            "model request failed"
        );
    }
}
