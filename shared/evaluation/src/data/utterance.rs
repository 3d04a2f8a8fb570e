//! Single utterances with their intent and the entities that their words name.

use std::ops::Range;

use model::{EntityKind, Intent};
use serde::Deserialize;
use serde_json::Value;

use super::{
    DataError,
    line::{read, wrong},
    names,
};

/// `{"id","text","intent","also_ok":[intent…],"entities":[…]}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Utterance {
    pub id: String,
    pub text: String,
    #[serde(deserialize_with = "names::intent")]
    pub intent: Intent,
    /// Other intents that a fair judge accepts.
    #[serde(default, deserialize_with = "names::intents")]
    pub also_ok: Vec<Intent>,
    pub entities: Vec<Label>,
}

/// `{"type","text","normalized","optional"?}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Label {
    #[serde(rename = "type", deserialize_with = "names::kind")]
    pub kind: EntityKind,
    /// The words as they stand in the utterance.
    pub text: String,
    pub normalized: Value,
    /// Could fairly be labelled or not: it is neither missed nor spurious.
    #[serde(default)]
    pub optional: bool,
    /// Byte offsets of the words, found when the file is read.
    #[serde(skip)]
    pub span: Range<usize>,
}

/// The utterances of a file.
pub fn utterances(file: &str, text: &str) -> Result<Vec<Utterance>, DataError> {
    let items = read(file, text, "utterances", |utterance: &Utterance| &utterance.id)?;
    items
        .into_iter()
        .map(|read| {
            let mut utterance = read.item;
            if utterance.text.trim().is_empty() {
                return Err(wrong(file, read.line, "the text is empty"));
            }
            place(&mut utterance).map_err(|problem| wrong(file, read.line, problem))?;
            Ok(utterance)
        })
        .collect()
}

/// Finds the labels' words: each behind the one before it where it stands there, since labels are in
/// the order of the text, else anywhere that no label has taken.
fn place(utterance: &mut Utterance) -> Result<(), String> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for label in &mut utterance.entities {
        if label.text.is_empty() {
            return Err(format!("a label of type `{}` has no text", label.kind.name()));
        }
        let at = |start: usize| start..start + label.text.len();
        let is_free = |span: &Range<usize>| {
            taken.iter().all(|other| span.end <= other.start || other.end <= span.start)
        };
        let behind = utterance.text[from..].find(&label.text).map(|found| at(from + found));
        let anywhere = || {
            let mut all = utterance.text.match_indices(&label.text).map(|(start, _)| at(start));
            all.find(is_free)
        };
        // Labels may nest, so the last resort is a place that another one has.
        let first = || utterance.text.find(&label.text).map(at);
        let span = behind.or_else(anywhere).or_else(first);
        let span = span.ok_or_else(|| {
            format!("`{}`, labelled as {}, is not in the text", label.text, label.kind.name())
        })?;
        from = span.end.max(from);
        taken.push(span.clone());
        label.span = span;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each label is found.
    fn one(entities: &str, text: &str) -> Result<Vec<(usize, usize)>, String> {
        let line =
            format!(r#"{{"id":"a","text":"{text}","intent":"compare","entities":{entities}}}"#);
        let read = utterances("f", &line).map_err(|error| error.to_string())?;
        Ok(read[0].entities.iter().map(|label| (label.span.start, label.span.end)).collect())
    }

    fn label(text: &str) -> String {
        format!(r#"{{"type":"service","text":"{text}","normalized":"x"}}"#)
    }

    #[test]
    fn labels_are_placed_in_the_order_of_the_text() {
        for (text, labels, expected) in [
            ("auth vs auth", &["auth", "auth"][..], &[(0, 4), (8, 12)][..]),
            ("größe vs auth", &["auth"], &[(11, 15)]),
            // Not in order.
            ("auth vs cart", &["cart", "auth"], &[(8, 12), (0, 4)]),
            // One within the other.
            ("p95 latency", &["p95 latency", "p95"], &[(0, 11), (0, 3)]),
        ] {
            let entities: Vec<String> = labels.iter().map(|text| label(text)).collect();
            let entities = format!("[{}]", entities.join(","));
            assert_eq!(one(&entities, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn labels_that_make_no_sense_are_refused() {
        for (entities, expected) in [
            (label("cart"), "f:1: `cart`, labelled as service, is not in the text"),
            (label(""), "f:1: a label of type `service` has no text"),
            (
                r#"{"type":"servce","text":"auth","normalized":"auth"}"#.to_owned(),
                "f:1: entities[0].type: there is no entity type `servce`",
            ),
            (r#"{"type":"service","text":"auth"}"#.to_owned(), "f:1: entities[0]: missing field"),
        ] {
            let error = one(&format!("[{entities}]"), "auth").unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn intents_are_those_of_the_taxonomy() {
        let line = r#"{"id":"a","text":"x","intent":"query_metric","entities":[]}"#;
        let error = utterances("f", line).unwrap_err().to_string();
        assert!(error.starts_with("f:1: intent: there is no intent `query_metric`"), "{error}");
        let line = r#"{"id":"a","text":" ","intent":"explain","entities":[]}"#;
        assert_eq!(utterances("f", line).unwrap_err().to_string(), "f:1: the text is empty");
    }
}
