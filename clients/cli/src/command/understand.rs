//! `copilot understand`: what a question means.

use contract::{
    entity::Entity,
    nlp::{Problem, Understand as Asked, Understood},
    routes::RouteId,
};
use serde_json::Value;

use crate::{
    cli::Understand,
    client::Client,
    error::Error,
    render::{clean, pad, pad_left, shorten, style::Paint, width},
    request::Request,
    turn::time_zone,
};

const HEAD: [&str; 3] = ["type", "value", "said as"];
/// What stands between two columns.
const GAP: usize = 2;
const CONFIDENCE_COLUMNS: usize = 10;
const MIN_COLUMNS: usize = 8;

pub(crate) async fn run(client: &Client, understand: Understand) -> Result<(), Error> {
    let body = Asked {
        text: super::ask::question(&understand.question)?,
        session_id: understand.session,
        catalog: understand.catalog.as_deref().map(super::catalog).transpose()?,
        time_zone: time_zone(),
    };
    let body =
        serde_json::to_value(body).map_err(|error| Error::protocol("the question", error))?;
    let request = Request::new(RouteId::Understand).body(body);
    let understood: Understood = client.json(&request).await?;
    let console = client.console();
    if understand.json {
        return super::print_json(console, &understood);
    }
    console.print(&layout(&understood, console.width(), console.paint()))
}

fn layout(understood: &Understood, columns: usize, paint: Paint) -> String {
    let mut text = format!(
        "{}  {}\n",
        paint.bold(&clean(&understood.intent)),
        paint.dim(&percent(understood.confidence))
    );
    if understood.task != understood.intent {
        text += &format!("continues  {}\n", clean(&understood.task));
    }
    let others: Vec<String> = understood
        .alternatives
        .iter()
        .map(|other| format!("{} {}", clean(&other.intent), percent(other.confidence)))
        .collect();
    if !others.is_empty() {
        text += &paint.dim(&format!("or {}", others.join(", ")));
        text.push('\n');
    }
    let rows: Vec<[String; 4]> = understood
        .entities
        .iter()
        .map(|entity| row(entity, "(from the session)"))
        .chain(understood.implied.iter().map(|entity| row(entity, "(implied)")))
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        text += &table(&rows, columns, paint);
    }
    for problem in &understood.problems {
        text += &format!("\n{} {}\n", paint.yellow("problem:"), clean(&about(problem)));
    }
    text
}

fn row(entity: &Entity, unsaid: &str) -> [String; 4] {
    let said = if entity.text.is_empty() { unsaid } else { entity.text.as_str() };
    let cells = [entity.kind.as_str(), &value(&entity.normalized), said].map(|cell| {
        // One line each, whatever was said.
        clean(cell).split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let [kind, value, said] = cells;
    [kind, value, said, percent(entity.confidence)]
}

/// A normalised value in a few words.
fn value(normalized: &Value) -> String {
    let field = |name: &str| match &normalized[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let joined = |names: &[&str], separator: &str| {
        names
            .iter()
            .map(|name| field(name))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.join(separator))
    };
    match normalized {
        Value::String(text) => text.clone(),
        Value::Object(_) => field("relative")
            .or_else(|| joined(&["start", "end"], " – "))
            .or_else(|| joined(&["op", "value", "unit"], " "))
            .or_else(|| joined(&["value", "unit"], " "))
            .unwrap_or_else(|| normalized.to_string()),
        other => other.to_string(),
    }
}

fn table(rows: &[[String; 4]], columns: usize, paint: Paint) -> String {
    let widest = |at: usize| {
        rows.iter().map(|row| width(&row[at])).chain([width(HEAD[at])]).max().unwrap_or(0)
    };
    let (kind, value) = (widest(0), widest(1));
    // The words are the longest, and can be read in the question.
    let room = columns.saturating_sub(kind + CONFIDENCE_COLUMNS + 3 * GAP);
    let value = value.min(room.saturating_sub(MIN_COLUMNS).max(MIN_COLUMNS));
    let said = widest(2).min(room.saturating_sub(value).max(MIN_COLUMNS));
    let gap = " ".repeat(GAP);
    let line = |cells: [&str; 3], confidence: &str| {
        let cells: Vec<String> = cells
            .into_iter()
            .zip([kind, value, said])
            .map(|(cell, columns)| pad(&shorten(cell, columns), columns))
            .collect();
        format!("{}{gap}{}", cells.join(&gap), pad_left(confidence, CONFIDENCE_COLUMNS))
    };
    let mut text = format!("{}\n", paint.dim(&line(HEAD, "confidence")));
    for [kind, value, said, confidence] in rows {
        text += &line([kind, value, said], confidence);
        text.push('\n');
    }
    text
}

fn about(problem: &Problem) -> String {
    let reason = problem.reason.clone().unwrap_or_else(|| problem.kind.replace('_', " "));
    let candidates = problem.candidates.as_deref().unwrap_or_default();
    let text = match problem.text.as_str() {
        "" => reason,
        words => format!("“{words}”: {reason}"),
    };
    match candidates {
        [] => text,
        names => format!("{text} ({})", names.join(", ")),
    }
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_a_few_words() {
        for (normalized, expected) in [
            (json!("payment"), "payment"),
            (json!(90.0), "90.0"),
            (json!(true), "true"),
            (json!({ "start": "a", "end": "b", "relative": "1h" }), "1h"),
            (json!({ "start": "a", "end": "b" }), "a – b"),
            (json!({ "op": ">", "value": 0.8, "unit": "ratio" }), "> 0.8 ratio"),
            (json!({ "value": 10.0, "unit": "replicas" }), "10.0 replicas"),
            (json!({ "later": 1 }), "{\"later\":1}"),
        ] {
            assert_eq!(value(&normalized), expected);
        }
    }

    #[test]
    fn lines_fit_and_hold_no_escapes() {
        let long = "word ".repeat(60);
        let entity = |text: &str| {
            json!({
                "type": "service", "value": text, "normalized": text, "text": text,
                "start": 0, "end": text.len(), "confidence": 0.9,
            })
        };
        let understood: Understood = serde_json::from_value(json!({
            "intent": "query_metrics", "family": "query", "confidence": 0.8, "alternatives": [],
            "task": "query_metrics", "entities": [entity(&long), entity("\u{1b}[31mx\ny")],
            "implied": [], "problems": [],
        }))
        .unwrap();
        let text = layout(&understood, 60, Paint::new(false));
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| width(line) <= 60), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}
