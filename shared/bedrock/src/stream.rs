//! Turns the SDK's event stream into the events of an answer.

use std::{collections::VecDeque, time::Duration};

use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use futures::{StreamExt, stream};
use llm::{ModelError, ModelEvent, ModelStream};
use tokio::time::timeout;

use crate::{assembler::Assembler, fault::of_stream};

/// How long a whole answer waits for the counts that should follow it.
const TRAILER_TIMEOUT: Duration = Duration::from_secs(2);

struct Reader {
    answer: ConverseStreamOutput,
    assembler: Assembler,
    /// What is known and not yet told. An error ends it.
    ready: VecDeque<Result<ModelEvent, ModelError>>,
    is_over: bool,
}

pub(crate) fn events(answer: ConverseStreamOutput) -> ModelStream {
    let assembler = Assembler::default();
    let reader = Reader { answer, assembler, ready: VecDeque::new(), is_over: false };
    stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    })
    .boxed()
}

impl Reader {
    async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            self.read().await;
        }
    }

    async fn read(&mut self) {
        let received = if self.assembler.is_finished() {
            timeout(TRAILER_TIMEOUT, self.answer.stream.recv()).await.unwrap_or(Ok(None))
        } else {
            self.answer.stream.recv().await
        };
        match received {
            Ok(Some(event)) => match self.assembler.push(event) {
                Ok(event) => self.ready.push_back(Ok(event)),
                Err(error) => self.fail(error),
            },
            // Whatever breaks behind a whole answer does not make it less whole.
            _ if self.assembler.is_finished() => self.finish(),
            Ok(None) => self.fail(ModelError::Cut),
            Err(error) => self.fail(of_stream(error)),
        }
        if self.assembler.is_done() && !self.is_over {
            self.finish();
        }
    }

    fn finish(&mut self) {
        match self.assembler.finish() {
            Ok(events) => self.ready.extend(events.into_iter().map(Ok)),
            Err(error) => self.fail(error),
        }
        self.is_over = true;
    }

    fn fail(&mut self, error: ModelError) {
        self.ready.push_back(Err(error));
        self.is_over = true;
    }
}
