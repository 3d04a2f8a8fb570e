use serde_json::json;

use super::*;

fn assemble(chunks: &[Value]) -> Vec<ModelEvent> {
    let mut assembler = Assembler::default();
    let mut events = Vec::new();
    for chunk in chunks {
        events.extend(assembler.push(&chunk.to_string()).unwrap());
    }
    events.extend(assembler.finish());
    events.retain(|event| *event != ModelEvent::Working);
    events
}

fn delta(delta: Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn call(id: &str, name: &str, arguments: Value) -> ModelEvent {
    let arguments = Arguments::Json(arguments);
    ModelEvent::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments })
}

#[test]
fn calls_are_put_together_however_a_server_cuts_them() {
    let piece = |index: Value, id: Value, name: Value, arguments: Value| json!({"index": index, "id": id, "function": {"name": name, "arguments": arguments}});
    let calls = |pieces: Vec<Value>| delta(json!({"tool_calls": pieces}));
    let null = Value::Null;
    let two = vec![call("a", "health", json!({"s": 1})), call("b", "metrics", json!({}))];
    for (server, chunks, expected) in [
        (
            "pieces by index, interleaved",
            vec![
                calls(vec![piece(json!(0), json!("a"), json!("health"), json!(""))]),
                calls(vec![piece(json!(1), json!("b"), json!("metrics"), json!("{"))]),
                calls(vec![piece(json!(0), null.clone(), null.clone(), json!("{\"s\":"))]),
                calls(vec![piece(json!(1), json!(""), json!(""), json!("}"))]),
                calls(vec![piece(json!(0), null.clone(), null.clone(), json!("1}"))]),
            ],
            two.clone(),
        ),
        (
            "whole calls, all of index 0",
            vec![
                calls(vec![piece(json!(0), json!("a"), json!("health"), json!("{\"s\":1}"))]),
                calls(vec![piece(json!(0), json!("b"), json!("metrics"), json!("{}"))]),
            ],
            two.clone(),
        ),
        (
            "whole calls without an index, arguments as an object",
            vec![calls(vec![
                piece(null.clone(), json!("a"), json!("health"), json!({"s": 1})),
                piece(null.clone(), json!("b"), json!("metrics"), json!({})),
            ])],
            two,
        ),
        (
            "the id and name in every piece",
            vec![
                calls(vec![piece(json!(0), json!("a"), json!("health"), json!("{\"s\""))]),
                calls(vec![piece(json!(0), json!("a"), json!("health"), json!(":1}"))]),
            ],
            vec![call("a", "health", json!({"s": 1}))],
        ),
        (
            "no id at all",
            vec![calls(vec![piece(json!(0), null.clone(), json!("health"), null.clone())])],
            vec![call("", "health", json!({}))],
        ),
    ] {
        let mut events = assemble(&chunks);
        assert_eq!(events.pop(), Some(ModelEvent::Stop(StopReason::ToolUse)), "{server}");
        assert_eq!(events, expected, "{server}");
    }
}

#[test]
fn the_reason_to_stop_is_translated() {
    for (reason, expected) in [
        ("stop", StopReason::EndTurn),
        ("length", StopReason::MaxTokens),
        ("tool_calls", StopReason::ToolUse),
        ("content_filter", StopReason::ContentFiltered),
        ("eos", StopReason::EndTurn),
    ] {
        let chunk = json!({"choices": [{"delta": {}, "finish_reason": reason}]});
        assert_eq!(assemble(&[chunk]), [ModelEvent::Stop(expected)], "{reason}");
    }
}

#[test]
fn usage_is_what_was_counted_last_and_never_made_up() {
    let usage = |usage: Value| json!({"choices": [], "usage": usage});
    let counted = |input_tokens, output_tokens| {
        vec![
            ModelEvent::Usage(Usage { input_tokens, output_tokens }),
            ModelEvent::Stop(StopReason::EndTurn),
        ]
    };
    let nothing = vec![ModelEvent::Stop(StopReason::EndTurn)];
    let full = json!({"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12});
    for (chunks, expected) in [
        (vec![usage(full.clone())], counted(5, 7)),
        (vec![usage(json!({"prompt_tokens": 5, "completion_tokens": 1})), usage(full)], {
            counted(5, 7)
        }),
        (vec![usage(Value::Null)], nothing.clone()),
        (vec![usage(json!({"prompt_tokens": 5}))], nothing.clone()),
        (vec![json!({"choices": null})], nothing),
    ] {
        assert_eq!(assemble(&chunks), expected, "{chunks:?}");
    }
}

#[test]
fn what_is_not_shown_counts_as_work() {
    let mut assembler = Assembler::default();
    for (chunk, event) in [
        (delta(json!({"role": "assistant", "content": ""})), ModelEvent::Working),
        (delta(json!({"reasoning_content": "hm"})), ModelEvent::Working),
        (delta(json!({"content": "a"})), ModelEvent::Text("a".to_owned())),
        (delta(json!({"content": null, "refusal": "no"})), ModelEvent::Text("no".to_owned())),
        (
            json!({"choices": [{"index": 1, "delta": {"content": "other choice"}}]}),
            ModelEvent::Working,
        ),
    ] {
        assert_eq!(assembler.push(&chunk.to_string()).unwrap(), Some(event), "{chunk}");
    }
}

#[test]
fn garbage_is_malformed_and_bounded() {
    for data in ["{", "null", "[]", r#"{"choices": 5}"#, r#"{"choices":[{"delta":{"content":1}}]}"#]
    {
        let error = Assembler::default().push(data).unwrap_err();
        assert_eq!(error.name(), "malformed", "{data}");
    }
    let mut assembler = Assembler::default();
    let many = |n: usize| delta(json!({"tool_calls": [{"index": n}]})).to_string();
    for n in 0..MAX_CALLS {
        assembler.push(&many(n)).unwrap();
    }
    assert_eq!(assembler.push(&many(MAX_CALLS)).unwrap_err().name(), "malformed");
    let long = "x".repeat(MAX_ARGUMENT_BYTES + 1);
    let chunk = delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": long}}]}));
    assert_eq!(Assembler::default().push(&chunk.to_string()).unwrap_err().name(), "malformed");
}
