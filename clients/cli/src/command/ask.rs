//! `copilot ask`: one question, one answer.

use std::io::{self, IsTerminal as _, Read as _};

use contract::{
    entity::Entity,
    message::{Answer, MAX_CONTENT_BYTES, Query, Usage, Visualization},
};
use serde::Serialize;

use crate::{answer, cli::Ask, client::Client, error::Error, turn};

/// What `--json` prints. Scripts read it: fields may be added, but stay what they are.
#[derive(Debug, Serialize)]
struct Printed {
    session_id: String,
    /// The reply's.
    message_id: String,
    intent: String,
    entities: Vec<Entity>,
    answer: String,
    queries: Vec<Query>,
    visualization: Option<Visualization>,
    suggestions: Vec<String>,
    usage: Usage,
    duration_ms: u64,
}

impl From<Answer> for Printed {
    fn from(answer: Answer) -> Self {
        let details = answer.reply.details.unwrap_or_default();
        Self {
            session_id: answer.session_id,
            message_id: answer.reply.id,
            intent: answer.intent,
            entities: answer.entities,
            answer: answer.reply.content,
            queries: details.queries,
            visualization: details.visualization,
            suggestions: answer.suggestions,
            usage: answer.usage,
            duration_ms: answer.duration_ms,
        }
    }
}

pub(crate) async fn run(client: &Client, ask: Ask) -> Result<(), Error> {
    let question = question(&ask.question)?;
    let mut session_id = ask.session;
    let message = turn::message(question, session_id.clone(), ask.model);
    if !ask.json {
        return answer::stream(client, &message, &mut session_id).await;
    }
    client.console().progress("asking…");
    let answer = tokio::select! {
        answer = turn::ask(client, &message) => answer?,
        _ = tokio::signal::ctrl_c() => return Err(Error::Interrupted),
    };
    let failed = (answer.reply.status == "failed").then(|| {
        let details = answer.reply.details.as_ref();
        details.and_then(|details| details.error.clone()).unwrap_or_else(|| "INTERNAL".to_owned())
    });
    super::print_json(client.console(), &Printed::from(answer))?;
    match failed {
        Some(code) => Err(Error::Answer { code, message: "the reply is not complete".to_owned() }),
        None => Ok(()),
    }
}

/// The words, or what is piped in.
pub(super) fn question(words: &[String]) -> Result<String, Error> {
    let from_stdin = match words {
        [] => !io::stdin().is_terminal(),
        [word] => word == "-",
        _ => false,
    };
    let question = if from_stdin { read_stdin()? } else { words.join(" ") };
    let question = question.trim();
    if question.is_empty() {
        return Err(Error::Usage(
            "ask what? For example: copilot ask \"What is the error rate for the payment service in the last hour?\"".to_owned(),
        ));
    }
    if question.len() > MAX_CONTENT_BYTES {
        return Err(Error::Usage(format!("the question is longer than {MAX_CONTENT_BYTES} bytes")));
    }
    Ok(question.to_owned())
}

fn read_stdin() -> Result<String, Error> {
    let mut bytes = Vec::new();
    // One more than allowed, so that it is seen when there is too much.
    let limit = MAX_CONTENT_BYTES as u64 + 1;
    io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(Error::Input)?;
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(Error::Usage(format!("the question is longer than {MAX_CONTENT_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Error::Usage("the question is not UTF-8 text".to_owned()))
}
