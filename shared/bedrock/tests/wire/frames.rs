//! Frames of `application/vnd.amazon.eventstream`.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::{Value, json};

/// One event of the service.
pub(crate) fn event(kind: &str, payload: &Value) -> Vec<u8> {
    raw_event(kind, payload.to_string().as_bytes())
}

/// One event with a payload of any bytes.
pub(crate) fn raw_event(kind: &str, payload: &[u8]) -> Vec<u8> {
    frame("event", ":event-type", kind, payload)
}

/// A modelled error in the middle of a stream.
pub(crate) fn exception(kind: &str) -> Vec<u8> {
    frame("exception", ":exception-type", kind, json!({"message": "prose"}).to_string().as_bytes())
}

fn frame(message_type: &str, kind_header: &str, kind: &str, payload: &[u8]) -> Vec<u8> {
    let text = |text: &str| HeaderValue::String(text.to_owned().into());
    let message = Message::new(payload.to_vec())
        .add_header(Header::new(":message-type", text(message_type)))
        .add_header(Header::new(kind_header.to_owned(), text(kind)))
        .add_header(Header::new(":content-type", text("application/json")));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}
