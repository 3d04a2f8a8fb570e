//! Server-sent events out of bytes, however they are cut into chunks.
//!
//! Follows "Interpreting an event stream" of the HTML standard. An event that is not finished when
//! the bytes end is never given out: whoever resumes gets it whole.

/// Of one event. Above the largest that the API sends, and a bound on what a server can make us
/// keep.
pub(crate) const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The last id that the stream gave, with this event or before it.
    pub(crate) id: Option<String>,
    pub(crate) event: String,
    pub(crate) data: String,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {MAX_EVENT_BYTES} bytes")]
pub(crate) struct TooLarge;

#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    /// A CR ended the last line; an LF right behind it belongs to it.
    after_cr: bool,
    /// Whether the stream's first line, which may begin with a byte order mark, is behind us.
    begun: bool,
    id: Option<String>,
    event: String,
    data: String,
    has_data: bool,
}

impl Parser {
    /// The events that `chunk` completes.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<Vec<Frame>, TooLarge> {
        let mut frames = Vec::new();
        for &byte in chunk {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => frames.extend(self.end_line()),
                _ if self.line.len() + self.data.len() >= MAX_EVENT_BYTES => return Err(TooLarge),
                _ => self.line.push(byte),
            }
        }
        Ok(frames)
    }

    fn end_line(&mut self) -> Option<Frame> {
        let bytes = std::mem::take(&mut self.line);
        let mut line = String::from_utf8_lossy(&bytes);
        if !std::mem::replace(&mut self.begun, true)
            && let Some(rest) = line.strip_prefix('\u{feff}')
        {
            line = rest.to_owned().into();
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            // Comments have an empty field name; the server's wish for a delay (`retry`) does not
            // concern us, we have a policy of our own.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Frame> {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if !std::mem::replace(&mut self.has_data, false) {
            return None;
        }
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Frame { id: self.id.clone(), event, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(chunks: &[&[u8]]) -> Vec<Frame> {
        let mut parser = Parser::default();
        chunks.iter().flat_map(|chunk| parser.push(chunk).unwrap()).collect()
    }

    fn frame(id: Option<&str>, event: &str, data: &str) -> Frame {
        Frame { id: id.map(str::to_owned), event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn the_standards_rules() {
        for (text, expected) in [
            ("data: a\n\n", vec![frame(None, "message", "a")]),
            ("data:a\ndata:  b\n\n", vec![frame(None, "message", "a\n b")]),
            ("data\ndata\n\n", vec![frame(None, "message", "\n")]),
            (": keep-alive\n\n", vec![]),
            ("event: x\n\ndata: a\n\n", vec![frame(None, "message", "a")]),
            ("id: 4\nevent: x\ndata: {}\n\n", vec![frame(Some("4"), "x", "{}")]),
            (
                "id: 4\ndata: a\n\ndata: b\n\n",
                vec![frame(Some("4"), "message", "a"), frame(Some("4"), "message", "b")],
            ),
            ("id: 4\0\ndata: a\n\n", vec![frame(None, "message", "a")]),
            (
                "\u{feff}data: a\r\n\r\ndata: b\r\r",
                vec![frame(None, "message", "a"), frame(None, "message", "b")],
            ),
            ("retry: 10\nnonsense\ndata: a: b\n\n", vec![frame(None, "message", "a: b")]),
            ("data: cut off\n", vec![]),
            ("<html>\n<body>\n\n", vec![]),
        ] {
            assert_eq!(parse(&[text.as_bytes()]), expected, "{text:?}");
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = Parser::default();
        let chunk = vec![b'x'; 1024 * 1024];
        let refused = (0..20).find_map(|_| parser.push(&chunk).err());
        assert_eq!(refused, Some(TooLarge));

        let mut parser = Parser::default();
        let line = [b"data: ", chunk.as_slice(), b"\n"].concat();
        let refused = (0..20).find_map(|_| parser.push(&line).err());
        assert_eq!(refused, Some(TooLarge));
    }

    proptest! {
        /// Wherever the bytes are cut, also within a character or between CR and LF, the same events
        /// come out.
        #[test]
        fn chunk_boundaries_do_not_matter(
            events in prop::collection::vec(("[0-9]{0,3}", "[a-z_]{1,8}", "\\PC{0,20}"), 0..8),
            ending in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let mut text = String::new();
            for (id, event, data) in &events {
                text.push_str(&format!(": beat{ending}id: {id}{ending}event: {event}{ending}data: {data}{ending}{ending}"));
            }
            let expected: Vec<Frame> =
                events.iter().map(|(id, event, data)| frame(Some(id), event, data)).collect();
            let bytes = text.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let chunks: Vec<&[u8]> = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(parse(&chunks), expected);
        }
    }
}
