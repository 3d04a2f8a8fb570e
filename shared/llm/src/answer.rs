//! One attempt at one answer: reads a provider's stream to its end, against the clock.

use std::{future::Future, time::Duration};

use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{
    ChatModel, ChatRequest, Fault, Limits, ModelError, ModelEvent, ModelStream, Phase,
    RequestRecord, StopReason, ToolCall, Usage, limits::MAX_ANSWER_BYTES, record::OK,
};

/// Where text goes, piece by piece. It must not block: it runs between two reads of the stream.
pub(crate) type OnText<'a> = &'a mut (dyn FnMut(String) + Send);

/// What came of an attempt.
pub(crate) struct Attempt {
    pub(crate) record: RequestRecord,
    /// Whether any text went out, which cannot be taken back.
    pub(crate) spoke: bool,
    pub(crate) result: Result<Answer, ModelError>,
}

/// A whole answer, apart from its text, which has gone out already.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) stop: StopReason,
}

/// Asks once. `may_be_empty` says that an answer without a word or a call is an answer.
pub(crate) async fn attempt(
    model: &dyn ChatModel,
    request: &ChatRequest,
    limits: &Limits,
    deadline: Instant,
    may_be_empty: bool,
    on_text: OnText<'_>,
) -> Attempt {
    let mut reader = Reader {
        limits,
        deadline,
        started: Instant::now(),
        first_token_at: None,
        said_bytes: 0,
        calls: Vec::new(),
        usage: None,
    };
    let result = reader.read(model, request, on_text).await.and_then(|stop| {
        let is_empty = reader.said_bytes == 0 && reader.calls.is_empty();
        match stop {
            StopReason::ContentFiltered if is_empty => Err(ModelError::rejected(Fault {
                status: None,
                code: Some("content_filtered".to_owned()),
            })),
            _ if is_empty && !may_be_empty => Err(ModelError::Empty),
            stop => Ok(Answer { calls: std::mem::take(&mut reader.calls), stop }),
        }
    });
    Attempt {
        record: RequestRecord {
            model: model.id().clone(),
            status: result.as_ref().map_or_else(ModelError::name, |_| OK),
            time_to_first_token: reader.first_token_at.map(|at| at - reader.started),
            duration: reader.started.elapsed(),
            usage: reader.usage,
        },
        spoke: reader.said_bytes > 0,
        result,
    }
}

struct Reader<'a> {
    limits: &'a Limits,
    /// The turn's.
    deadline: Instant,
    started: Instant,
    first_token_at: Option<Instant>,
    said_bytes: usize,
    calls: Vec<ToolCall>,
    usage: Option<Usage>,
}

impl Reader<'_> {
    async fn read(
        &mut self,
        model: &dyn ChatModel,
        request: &ChatRequest,
        on_text: OnText<'_>,
    ) -> Result<StopReason, ModelError> {
        let first = (Phase::FirstToken, self.limits.first_token, self.started);
        let mut stream = self.in_time(first, model.stream(request)).await??;
        let mut wait = first;
        loop {
            let event = self.next(wait, &mut stream).await?;
            wait = (Phase::NextChunk, self.limits.idle, Instant::now());
            if matches!(event, ModelEvent::Text(_) | ModelEvent::ToolCall(_)) {
                self.first_token_at.get_or_insert_with(Instant::now);
            }
            match event {
                ModelEvent::Text(text) => {
                    self.said_bytes += text.len();
                    on_text(text);
                    if self.said_bytes > MAX_ANSWER_BYTES {
                        return Ok(StopReason::MaxTokens);
                    }
                }
                ModelEvent::ToolCall(call) => self.calls.push(call),
                ModelEvent::Working => {}
                ModelEvent::Usage(usage) => self.usage = Some(usage),
                ModelEvent::Stop(reason) => return Ok(reason),
            }
        }
    }

    async fn next(
        &self,
        wait: (Phase, Duration, Instant),
        stream: &mut ModelStream,
    ) -> Result<ModelEvent, ModelError> {
        self.in_time(wait, stream.next()).await?.ok_or(ModelError::Cut)?
    }

    /// Waits until `limit` after `since`, or until the turn is over if that is sooner.
    async fn in_time<T>(
        &self,
        (phase, limit, since): (Phase, Duration, Instant),
        future: impl Future<Output = T> + Send,
    ) -> Result<T, ModelError> {
        let until = since + limit;
        let (until, phase, limit) = if until < self.deadline {
            (until, phase, limit)
        } else {
            (self.deadline, Phase::Turn, self.limits.turn)
        };
        timeout_at(until, future).await.map_err(|_| ModelError::Timeout { phase, limit })
    }
}
