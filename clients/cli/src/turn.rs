//! One turn as a sequence of events, each exactly once, however often the connection breaks.
//!
//! Until the stream's id is known a broken request is sent again with the same Idempotency-Key;
//! from then on the stream is resumed behind the last event that was seen.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use contract::{
    event::{ChatEvent, HEARTBEAT_INTERVAL_S},
    message::{Answer, PostMessage},
    routes::RouteId,
};
use reqwest::Response;
use serde_json::Value;
use ulid::Ulid;

use crate::{
    client::Client,
    error::Error,
    request::Request,
    sse::{Frame, Parser},
};

/// A stream that says nothing for three heartbeats is dead.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3 * HEARTBEAT_INTERVAL_S);
/// As long as a function may run.
const TURN_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// A buffered turn; gateways in the cloud give up earlier.
const BUFFERED_TIMEOUT: Duration = Duration::from_secs(120);
/// In a row, without a new event between them.
const MAX_LOSSES: u32 = 5;
const FIRST_RECONNECT_WAIT: Duration = Duration::from_millis(50);

/// Names that an answer cannot be understood without; of others, what a later version adds is
/// skipped.
const ESSENTIAL: [&str; 4] = ["message_start", "content_delta", "message_end", "error"];

/// The message, said in the time zone of this machine.
pub(crate) fn message(
    content: String,
    session_id: Option<String>,
    model: Option<String>,
) -> PostMessage {
    PostMessage { session_id, content, model, time_zone: time_zone(), ..PostMessage::default() }
}

/// This machine's, by its IANA name.
pub(crate) fn time_zone() -> Option<String> {
    let zone = jiff::tz::TimeZone::system();
    zone.iana_name().filter(|name| *name != "Etc/Unknown").map(str::to_owned)
}

/// Says it and waits for the whole answer.
pub(crate) async fn ask(client: &Client, message: &PostMessage) -> Result<Answer, Error> {
    let request = Request::new(RouteId::PostMessage)
        .body(json(message)?)
        .header("Idempotency-Key", Ulid::generate())
        .timeout(Some(BUFFERED_TIMEOUT));
    client.json(&request).await
}

fn json(message: &PostMessage) -> Result<Value, Error> {
    serde_json::to_value(message).map_err(|error| Error::protocol("the question", error))
}

pub(crate) struct Turn<'a> {
    client: &'a Client,
    body: Value,
    idempotency_key: String,
    stream_id: Option<String>,
    last_id: Option<u64>,
    connection: Option<(Response, Parser)>,
    frames: VecDeque<Frame>,
    losses: u32,
    started: Instant,
    ended: bool,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(client: &'a Client, message: &PostMessage) -> Result<Self, Error> {
        Ok(Self {
            client,
            body: json(message)?,
            idempotency_key: Ulid::generate().to_string(),
            stream_id: None,
            last_id: None,
            connection: None,
            frames: VecDeque::new(),
            losses: 0,
            started: Instant::now(),
            ended: false,
        })
    }

    /// The next event; `None` behind the terminal one.
    pub(crate) async fn next(&mut self) -> Result<Option<ChatEvent>, Error> {
        while !self.ended {
            if let Some(frame) = self.frames.pop_front() {
                if let Some(event) = self.accept(&frame)? {
                    return Ok(Some(event));
                }
                continue;
            }
            if self.started.elapsed() > TURN_TIMEOUT {
                return Err(Error::TimedOut { after: TURN_TIMEOUT });
            }
            self.read().await?;
        }
        Ok(None)
    }

    async fn read(&mut self) -> Result<(), Error> {
        let Some((response, parser)) = &mut self.connection else {
            let response = self.connect().await?;
            self.connection = Some((response, Parser::default()));
            return Ok(());
        };
        match tokio::time::timeout(IDLE_TIMEOUT, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let frames = parser
                    .push(&chunk)
                    .map_err(|error| Error::Protocol { what: error.to_string(), source: None })?;
                self.frames.extend(frames);
                Ok(())
            }
            // An end without a terminal event is as good as a broken connection.
            Ok(Ok(None) | Err(_)) | Err(_) => self.lose(),
        }
    }

    fn lose(&mut self) -> Result<(), Error> {
        self.connection = None;
        self.losses += 1;
        if self.losses > MAX_LOSSES {
            return Err(Error::Lost { attempts: MAX_LOSSES, source: None });
        }
        if self.losses == 1 {
            self.client.console().note("the connection was lost; picking the answer up again");
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<Response, Error> {
        if self.losses > 0 {
            tokio::time::sleep(FIRST_RECONNECT_WAIT * 2u32.pow(self.losses - 1)).await;
        }
        let request = match (&self.stream_id, self.last_id) {
            (Some(stream_id), Some(last_id)) => Request::new(RouteId::FollowStream)
                .id(stream_id)
                .query("after", last_id)
                .header("Last-Event-ID", last_id),
            _ => Request::new(RouteId::StreamMessage)
                .body(self.body.clone())
                .header("Idempotency-Key", &self.idempotency_key),
        };
        let request = request.timeout(None).patient(self.losses > 0);
        // The headers come with the first event; a server that accepts and then keeps silent is
        // given up like a silent stream.
        match tokio::time::timeout(IDLE_TIMEOUT, self.client.events(&request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error @ Error::Unreachable { .. })) if self.losses > 0 => {
                Err(Error::Lost { attempts: self.losses, source: Some(Box::new(error)) })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::TimedOut { after: IDLE_TIMEOUT }),
        }
    }

    /// The event of a frame; `None` for one that was seen before or that this version does not
    /// know.
    fn accept(&mut self, frame: &Frame) -> Result<Option<ChatEvent>, Error> {
        let id: u64 = frame.id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(|| {
            let what = "an event without a number as its id".to_owned();
            Error::Protocol { what, source: None }
        })?;
        // The end of a turn that died is written by whoever noticed first, who may have seen fewer
        // events than we have: an end counts whatever its number.
        let is_end = matches!(frame.event.as_str(), "message_end" | "error");
        if !is_end && self.last_id.is_some_and(|last_id| id <= last_id) {
            return Ok(None);
        }
        let Some(event) = ChatEvent::parse(&frame.event, &frame.data) else {
            if ESSENTIAL.contains(&frame.event.as_str()) {
                let what = format!("the data of a {} event", frame.event);
                return Err(Error::Protocol { what, source: None });
            }
            self.last_id = Some(id);
            return Ok(None);
        };
        self.last_id = Some(id);
        self.losses = 0;
        if let ChatEvent::MessageStart(start) = &event {
            self.stream_id = Some(start.stream_id.clone());
        }
        if event.is_terminal() {
            self.ended = true;
            self.connection = None;
        }
        Ok(Some(event))
    }
}
