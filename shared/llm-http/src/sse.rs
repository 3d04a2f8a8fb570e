//! Server-sent events, as far as this protocol uses them: the data of each event.
//!
//! By the HTML standard, section 9.2.6: lines end with LF, CR or CRLF; a blank line ends an event;
//! several `data` lines are joined by LF; an event that the end of the stream cuts off is dropped.
//! Bytes may be cut anywhere, also inside a character.

/// The longest event that is read.
pub(crate) const MAX_EVENT_BYTES: usize = 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why bytes are not an event stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SseError {
    #[error("an event is longer than {MAX_EVENT_BYTES} bytes")]
    TooLong,
    #[error("an event is not UTF-8")]
    Encoding,
}

/// Takes bytes in and gives events out.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    line: Vec<u8>,
    /// The data of the event so far, with an LF behind each line.
    data: Vec<u8>,
    /// The last byte was a CR, so that an LF now belongs to it.
    after_cr: bool,
    past_first_line: bool,
}

impl Decoder {
    /// Appends the data of each event that these bytes complete.
    pub(crate) fn push(&mut self, bytes: &[u8], events: &mut Vec<String>) -> Result<(), SseError> {
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => self.end_line(events)?,
                _ if self.line.len() + self.data.len() >= MAX_EVENT_BYTES => {
                    return Err(SseError::TooLong);
                }
                byte => self.line.push(byte),
            }
        }
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<String>) -> Result<(), SseError> {
        let mut line = self.line.as_slice();
        if !std::mem::replace(&mut self.past_first_line, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            // An event without data is none.
            if self.data.pop().is_some() {
                let data = String::from_utf8(std::mem::take(&mut self.data))
                    .map_err(|_| SseError::Encoding)?;
                events.push(data);
            }
        } else if let Some(value) = data_of(line) {
            self.data.extend_from_slice(value);
            self.data.push(b'\n');
        }
        self.line.clear();
        Ok(())
    }
}

/// The value of a `data` field; `None` for comments and the other fields.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        Decoder::default().push(bytes, &mut events).unwrap();
        events
    }

    #[test]
    fn reads_what_the_standard_says() {
        for (bytes, events) in [
            ("data: a\n\n", vec!["a"]),
            ("data:a\n\ndata:  b\n\n", vec!["a", " b"]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", vec!["a", "b"]),
            ("data: a\r\rdata: b\r\r", vec!["a", "b"]),
            ("data: a\ndata: b\n\n", vec!["a\nb"]),
            (": keep-alive\n\n: again\n\ndata: a\n\n", vec!["a"]),
            ("event: x\nid: 1\nretry: 5\ndata: a\n\n", vec!["a"]),
            ("event: ping\n\n", vec![]),
            ("data\n\n", vec![""]),
            ("database: x\n\n", vec![]),
            ("\u{feff}data: a\n\n", vec!["a"]),
            ("\n\n\ndata: é🚀\n\n", vec!["é🚀"]),
            ("data: cut off", vec![]),
            ("data: cut off\n", vec![]),
        ] {
            assert_eq!(decode(bytes.as_bytes()), events, "{bytes:?}");
        }
    }

    #[test]
    fn refuses_what_is_too_long_or_not_text() {
        let mut events = Vec::new();
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(b"data: \xff\n\n", &mut events), Err(SseError::Encoding));
        let long = vec![b'x'; MAX_EVENT_BYTES + 1];
        assert_eq!(Decoder::default().push(&long, &mut events), Err(SseError::TooLong));
        let lines = b"data: 0123456789\n".repeat(MAX_EVENT_BYTES / 10);
        assert_eq!(Decoder::default().push(&lines, &mut events), Err(SseError::TooLong));
        assert!(events.is_empty());
    }
}
