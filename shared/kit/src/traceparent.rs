//! W3C Trace Context: the `traceparent` header, in and out.
//!
//! <https://www.w3.org/TR/trace-context/>

use std::fmt;

use rand::RngExt;

/// Where a request stands in a distributed trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    pub trace_id: [u8; 16],
    /// Our own span; what we call gets it as its parent.
    pub span_id: [u8; 8],
    pub sampled: bool,
}

impl TraceContext {
    /// Joins the trace that the header names; starts one where it names none or is malformed.
    pub fn join(header: Option<&str>) -> Self {
        let (trace_id, sampled) =
            header.and_then(parse).unwrap_or_else(|| (rand::rng().random(), false));
        Self { trace_id, span_id: rand::rng().random(), sampled }
    }

    pub fn trace_id_hex(&self) -> String {
        hex(&self.trace_id)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{:02x}",
            hex(&self.trace_id),
            hex(&self.span_id),
            u8::from(self.sampled)
        )
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse(header: &str) -> Option<([u8; 16], bool)> {
    let mut parts = header.trim().split('-');
    let (version, trace_id, parent_id, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Version 00 has exactly four fields; later versions may append some. ff is forbidden.
    let version = bytes::<1>(version)?[0];
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let trace_id = bytes::<16>(trace_id).filter(|id| *id != [0; 16])?;
    bytes::<8>(parent_id).filter(|id| *id != [0; 8])?;
    Some((trace_id, bytes::<1>(flags)?[0] & 1 == 1))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * N || !text.bytes().all(lower_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_the_trace_of_a_valid_header_and_no_other() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let joined = TraceContext::join(Some(header));
        assert_eq!(joined.trace_id_hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(joined.sampled);
        assert!(!joined.to_string().contains("00f067aa0ba902b7"), "a span of our own");
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-é-00f067aa0ba902b7-01",
        ] {
            assert_ne!(TraceContext::join(Some(bad)).trace_id, joined.trace_id, "{bad}");
        }
    }
}
