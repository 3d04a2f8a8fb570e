//! Names of spans as programs write them: "`rtu.poll`", "failed cart.checkout spans".

use super::Reader;
use crate::{records::Test, vocabulary::is_left_out};

impl Reader<'_> {
    /// What is written like a name and is neither an attribute's nor a value is a span's.
    pub(super) fn read_names_of_spans(&mut self) {
        let Some(name) = self.schema.at("name") else { return };
        for at in 0..self.len() {
            let raw = &self.wanted.words.list[at].raw;
            if !is_dotted(raw) || self.is_known(raw) || self.wanted.words.list[at].number.is_some()
            {
                continue;
            }
            let of_hosts = ["host", "hosts", "at", "on", "in", "version", "under", "by", "per"];
            if self.wanted.words.is(at.wrapping_sub(1), &of_hosts) {
                continue;
            }
            let negated = is_left_out(&self.wanted.words, &(at..at + 1));
            let raw = raw.clone();
            self.require(name, Test::Is(vec![raw]), negated, at..at + 1);
            // "five failed cart.checkout spans": what is counted are these.
            let count = |limit: &crate::wanted::Limit| {
                limit.unit().is_none() && limit.at < at && at - limit.at <= 3
            };
            let (counted, others) = self.wanted.limits.drain(..).partition(count);
            self.wanted.limits = others;
            self.open_limits.extend::<Vec<_>>(counted);
        }
    }

    /// Whether a field is called this, or a part of it, or holds it or more.
    fn is_known(&self, raw: &str) -> bool {
        self.schema.fields.iter().any(|field| {
            field.name.contains(raw)
                || field.values.iter().any(|value| value.contains(raw) || raw.contains(&**value))
        })
    }
}

/// `rtu.poll`, `cart.checkout.v2`: two words or more of lower case with dots between them.
fn is_dotted(raw: &str) -> bool {
    let part = |part: &str| {
        part.len() > 1
            && part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
            })
    };
    let ends_as_host =
        raw.rsplit_once('.').is_some_and(|(_, top)| super::names::TOP_DOMAINS.contains(&top));
    raw.contains('.') && !ends_as_host && raw.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::is_dotted;

    #[test]
    fn names_of_spans_have_dots_and_are_no_hosts() {
        for (raw, expected) in [
            ("rtu.poll", true),
            ("cart.checkout.v2", true),
            ("api.psp.example", false),
            ("poll", false),
            ("2.10.0", false),
            ("e.g", false),
        ] {
            assert_eq!(is_dotted(raw), expected, "{raw}");
        }
    }
}
