//! Turns a response's bytes into the events of an answer.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use llm::{BoxError, ModelError, ModelEvent, ModelStream};
use tokio::time::timeout;

use crate::{assembler::Assembler, sse::Decoder};

/// How long a whole answer waits for the counts and the end that should follow it. A server that
/// forgets them has answered nevertheless.
const TRAILER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the end of the body is waited for once the answer is over, because a connection whose
/// body was read to the end can be used again.
const END_OF_BODY_TIMEOUT: Duration = Duration::from_millis(20);

struct Reader<S> {
    bytes: S,
    decoder: Decoder,
    assembler: Assembler,
    /// What is known and not yet told. An error ends it.
    ready: VecDeque<Result<ModelEvent, ModelError>>,
    is_over: bool,
}

/// The events of an answer whose body is `bytes`.
pub(crate) fn events<S, E>(bytes: S) -> ModelStream
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let reader = Reader {
        bytes,
        decoder: Decoder::default(),
        assembler: Assembler::default(),
        ready: VecDeque::new(),
        is_over: false,
    };
    stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    })
    .boxed()
}

impl<S, E> Reader<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
{
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
        let bytes = if self.assembler.is_finished() {
            timeout(TRAILER_TIMEOUT, self.bytes.next()).await.unwrap_or(None)
        } else {
            self.bytes.next().await
        };
        match bytes {
            Some(Ok(bytes)) => self.take(&bytes),
            // Whatever breaks behind a whole answer does not make it less whole.
            _ if self.assembler.is_finished() => self.finish(),
            None => self.fail(ModelError::Cut),
            Some(Err(error)) => self.fail(ModelError::unavailable(error)),
        }
        if self.assembler.is_done() && !self.is_over {
            let _ = timeout(END_OF_BODY_TIMEOUT, self.bytes.next()).await;
            self.finish();
        }
    }

    /// An event that is whole is told also when what follows it cannot be read.
    fn take(&mut self, bytes: &[u8]) {
        let mut events = Vec::new();
        let decoded = self.decoder.push(bytes, &mut events);
        for data in events {
            if self.assembler.is_done() {
                return;
            }
            match self.assembler.push(&data) {
                Ok(event) => self.ready.extend(event.map(Ok)),
                Err(error) => return self.fail(error),
            }
        }
        if let Err(error) = decoded {
            self.fail(ModelError::malformed(error));
        }
    }

    fn finish(&mut self) {
        self.ready.extend(self.assembler.finish().into_iter().map(Ok));
        self.is_over = true;
    }

    fn fail(&mut self, error: ModelError) {
        self.ready.push_back(Err(error));
        self.is_over = true;
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use llm::{Arguments, StopReason, ToolCall, Usage};
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = concat!(
        ": connected\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Größe 🚀\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":\ndata: {\"content\":\" ok\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",",
        "\"function\":{\"name\":\"health\",\"arguments\":\"{\\\"s\\\":\"}}]}}]}\r\r",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,",
        "\"function\":{\"arguments\":\"\\\"é\\\"}\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\n",
    );

    /// Reads what a server sends in these pieces; an error is shown by its name.
    fn read(pieces: Vec<Result<Bytes, io::Error>>) -> Vec<Result<ModelEvent, &'static str>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let events = runtime.block_on(events(stream::iter(pieces)).collect::<Vec<_>>());
        events.into_iter().map(|event| event.map_err(|error| error.name())).collect()
    }

    fn whole(text: &str) -> Vec<Result<ModelEvent, &'static str>> {
        read(vec![Ok(Bytes::copy_from_slice(text.as_bytes()))])
    }

    #[test]
    fn an_answer_is_read_in_order() {
        let work = || ModelEvent::Working;
        let expected = [
            work(),
            ModelEvent::Text("Größe 🚀".to_owned()),
            ModelEvent::Text(" ok".to_owned()),
            work(),
            work(),
            work(),
            work(),
            ModelEvent::ToolCall(ToolCall {
                id: "c".to_owned(),
                name: "health".to_owned(),
                arguments: Arguments::parse(r#"{"s":"é"}"#),
            }),
            ModelEvent::Usage(Usage { input_tokens: 3, output_tokens: 4 }),
            ModelEvent::Stop(StopReason::ToolUse),
        ];
        assert_eq!(whole(ANSWER), expected.map(Ok));
    }

    #[test]
    fn an_end_is_an_end_only_when_the_provider_said_so() {
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let stop = Ok(ModelEvent::Stop(StopReason::EndTurn));
        for (body, last) in [
            (format!("{text}{finish}data: [DONE]\n\n"), stop.clone()),
            (format!("{text}{finish}"), stop.clone()),
            (format!("{text}data: [DONE]\n\n"), stop.clone()),
            (format!("{text}data: [DONE]\n\n{text}"), stop),
            (text.to_owned(), Err("cut")),
            (format!("{text}data: [DONE]"), Err("cut")),
            (String::new(), Err("cut")),
            (format!("{text}data: {{\"choi\n\n{finish}"), Err("malformed")),
            (format!("{text}data: {{\"error\":{{\"code\":503}}}}\n\n"), Err("unavailable")),
        ] {
            let mut events = whole(&body);
            assert_eq!(events.pop(), Some(last), "{body}");
            let said = events.iter().filter(|event| matches!(event, Ok(ModelEvent::Text(_))));
            assert_eq!(said.count(), usize::from(!body.is_empty()), "{body}");
        }
    }

    #[test]
    fn a_broken_connection_matters_only_before_the_end() {
        let broken = |text: &'static str| {
            let reset = Err(io::Error::from(io::ErrorKind::ConnectionReset));
            read(vec![Ok(Bytes::from_static(text.as_bytes())), reset]).pop().unwrap()
        };
        assert_eq!(broken("data: {\"choices\":[]}\n\n"), Err("unavailable"));
        let finish = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n";
        assert_eq!(broken(finish), Ok(ModelEvent::Stop(StopReason::EndTurn)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_forgets_to_end_has_answered_nevertheless() {
        let finish =
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
        let bytes = stream::iter([Ok::<_, io::Error>(Bytes::from_static(finish.as_bytes()))])
            .chain(stream::pending());
        let events: Vec<_> = events(bytes).map(Result::unwrap).collect().await;
        assert_eq!(events.last(), Some(&ModelEvent::Stop(StopReason::EndTurn)));
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_events(
            cuts in prop::collection::btree_set(1..ANSWER.len(), 0..60)
        ) {
            let mut pieces = Vec::new();
            let mut start = 0;
            for cut in cuts.into_iter().chain([ANSWER.len()]) {
                pieces.push(Ok(Bytes::copy_from_slice(&ANSWER.as_bytes()[start..cut])));
                start = cut;
            }
            prop_assert_eq!(read(pieces), whole(ANSWER));
        }

        #[test]
        fn bytes_of_any_kind_end_in_a_stop_or_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..400)
        ) {
            let events = read(vec![Ok(Bytes::from(bytes))]);
            prop_assert!(matches!(events.last(), Some(Err(_) | Ok(ModelEvent::Stop(_)))));
        }
    }
}
