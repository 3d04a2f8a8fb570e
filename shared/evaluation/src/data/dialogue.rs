//! Dialogues: what one side says, turn by turn, with what is in force at each.

use model::{EntityKind, Intent};
use serde::Deserialize;
use serde_json::Value;

use super::{
    DataError,
    line::{read, wrong},
    names,
};

/// `{"id","turns":[…]}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Dialogue {
    pub id: String,
    pub turns: Vec<Turn>,
}

/// `{"text","intent","also_ok"?,"resolved_entities":[…]}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Turn {
    pub text: String,
    #[serde(deserialize_with = "names::intent")]
    pub intent: Intent,
    #[serde(default, deserialize_with = "names::intents")]
    pub also_ok: Vec<Intent>,
    pub resolved_entities: Vec<InForce>,
}

/// `{"type","normalized","optional"?}`: named by the turn or taken over from earlier ones.
#[derive(Debug, Clone, Deserialize)]
pub struct InForce {
    #[serde(rename = "type", deserialize_with = "names::kind")]
    pub kind: EntityKind,
    pub normalized: Value,
    /// Could fairly be in force or not.
    #[serde(default)]
    pub optional: bool,
}

/// The dialogues of a file.
pub fn dialogues(file: &str, text: &str) -> Result<Vec<Dialogue>, DataError> {
    let items = read(file, text, "dialogues", |dialogue: &Dialogue| &dialogue.id)?;
    items
        .into_iter()
        .map(|read| {
            let dialogue = read.item;
            if dialogue.turns.is_empty() {
                return Err(wrong(file, read.line, "the dialogue has no turns"));
            }
            match dialogue.turns.iter().position(|turn| turn.text.trim().is_empty()) {
                Some(turn) => {
                    Err(wrong(file, read.line, format!("turns[{turn}]: the text is empty")))
                }
                None => Ok(dialogue),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialogues_without_anything_said_are_refused() {
        let turn = r#"{"text":"hi","intent":"small_talk","resolved_entities":[]}"#;
        let blank = r#"{"text":" ","intent":"small_talk","resolved_entities":[]}"#;
        let unlabelled = r#"{"text":"hi","intent":"small_talk"}"#;
        for (turns, expected) in [
            (turn.to_owned(), None),
            (String::new(), Some("f:1: the dialogue has no turns")),
            (format!("{turn},{blank}"), Some("f:1: turns[1]: the text is empty")),
            (unlabelled.to_owned(), Some("f:1: turns[0]: missing field `resolved_entities`")),
        ] {
            let read = dialogues("f", &format!(r#"{{"id":"d","turns":[{turns}]}}"#));
            let error = read.err().map(|error| error.to_string());
            let is_expected = match expected {
                None => error.is_none(),
                Some(text) => error.as_ref().is_some_and(|error| error.starts_with(text)),
            };
            assert!(is_expected, "{turns}: {error:?}");
        }
    }
}
