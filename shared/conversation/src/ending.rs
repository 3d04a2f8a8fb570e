//! The end of a turn: the reply is made, stored with the last events, and only then announced.

use std::time::Duration;

use model::{Intent, Understanding};
use serde_json::Map;

use crate::{
    EVENTS_KEPT,
    answer::Draft,
    publish::Ending,
    session::{Message, MessageStatus, Speaker},
    state,
    store::{StoreError, TurnEnd},
    turn::{Finished, Measured, Sink, Turn, Turns},
    wire::{Answered, TurnEvent, TurnUsage},
};

/// Pauses between attempts to store a streamed turn, on top of the store's own retries: its reader
/// has the answer already and would lose it.
const STORE_AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

impl Turns {
    pub(crate) async fn finish(
        &self,
        turn: Turn,
        draft: Draft,
        failure: Option<(&'static str, String)>,
        mut sink: Sink,
    ) -> Result<Finished, StoreError> {
        let session_opened = turn.request.session.is_none();
        let catalog_was_cached = turn.catalog_was_cached;
        let measured = Measured { session_opened, catalog_was_cached, ..draft.measured };
        let answered = Answered {
            understanding: draft.understanding.unwrap_or_else(not_understood),
            text: draft.text,
            queries: draft.queries,
            visualization: draft.visualization,
            suggestions: draft.suggestions,
            usage: draft.usage,
            duration: turn.started.elapsed(),
            error: failure.as_ref().map(|(code, _)| *code),
        };
        let reply = self.reply(&turn, &answered);
        if answered.usage != TurnUsage::default() {
            sink.emit(&TurnEvent::Usage(answered.usage.clone()));
        }
        let terminal = match failure {
            Some((code, message)) => TurnEvent::Failed { code, message },
            None => TurnEvent::Ended {
                session: turn.session,
                message: turn.message.id,
                reply: reply.id,
                duration: answered.duration,
            },
        };
        let ending = match sink.publisher {
            Some(publisher) => {
                let (name, data) = (self.wire.event)(&terminal);
                Some(publisher.end(name, data).await)
            }
            None => None,
        };
        let end = TurnEnd {
            reply,
            state: draft.focus.and_then(|focus| state::encode(&focus)),
            last_events: ending.as_ref().map(|ending| ending.unwritten.clone()).unwrap_or_default(),
            events_expire_at: turn.now + EVENTS_KEPT,
            claim: turn.request.claim.clone(),
        };
        let stored = self.store(&turn, &end).await;
        if let Some(ending) = ending {
            self.announce(&turn, ending, stored.as_ref().err()).await;
        }
        stored?;
        let message = Message { status: MessageStatus::Complete, ..turn.message };
        Ok(Finished { message, reply: end.reply, answered, measured })
    }

    fn reply(&self, turn: &Turn, answered: &Answered) -> Message {
        let status =
            if answered.error.is_some() { MessageStatus::Failed } else { MessageStatus::Complete };
        Message {
            id: turn.message.id.reply(),
            session: turn.session,
            speaker: Speaker::Assistant,
            content: answered.text.clone(),
            status,
            created_at: self.clock.now(),
            metadata: Map::new(),
            details: (self.wire.details)(answered),
        }
    }

    async fn store(&self, turn: &Turn, end: &TurnEnd) -> Result<(), StoreError> {
        let tenant = &turn.request.caller.tenant;
        let request_id = &turn.request.request_id;
        // Somebody waits for a buffered answer, and is told to ask again.
        let is_streamed = !end.last_events.is_empty();
        let mut pauses = STORE_AGAIN_AFTER.iter().filter(|_| is_streamed);
        loop {
            let error = match self.turns.finish(tenant, end).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            tracing::error!(request_id, error = %error, "a turn could not be stored");
            if matches!(error, StoreError::NotFound { .. }) {
                // The session was deleted while the turn ran; what the turn logged since goes too.
                let erased = self.eraser.erase(tenant, turn.session).await;
                let clean = matches!(erased, Ok(()) | Err(StoreError::NotFound { .. }));
                tracing::info!(request_id, clean, "the session was deleted during a turn");
                return Err(error);
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(error),
            }
        }
    }

    /// Tells the readers how the turn ended. Where it could not be stored, they are told that
    /// instead: those of this process at once, the others by the log if it still takes it.
    async fn announce(&self, turn: &Turn, mut ending: Ending, error: Option<&StoreError>) {
        if let Some(error) = error {
            let (code, message) = not_stored(error);
            let (name, data) = (self.wire.event)(&TurnEvent::Failed { code, message });
            ending.replace(name, data);
            if !matches!(error, StoreError::NotFound { .. }) {
                let (tenant, expires_at) = (&turn.request.caller.tenant, turn.now + EVENTS_KEPT);
                let log = &self.log;
                let logged = log.append(tenant, turn.stream(), &ending.unwritten, expires_at).await;
                if let Err(error) = logged {
                    tracing::error!(error = %error, "the end of a turn could not be logged");
                }
            }
        }
        ending.announce();
    }
}

fn not_understood() -> Understanding {
    Understanding { intent: Intent::GeneralQuestion, confidence: 0.0, entities: Vec::new() }
}

fn not_stored(error: &StoreError) -> (&'static str, String) {
    match error {
        StoreError::NotFound { .. } => {
            ("NOT_FOUND", "the session was deleted while it was answered".to_owned())
        }
        _ => (
            "STORE_UNAVAILABLE",
            "the answer could not be stored; your message is, and you can ask again".to_owned(),
        ),
    }
}
