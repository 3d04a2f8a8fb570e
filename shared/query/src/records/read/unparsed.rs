//! Lines that their parser cannot read.

use super::{Reader, Signal};

impl Reader<'_> {
    /// "lines that don't parse", "whose fields cannot be parsed".
    pub(super) fn is_unparsed(&self) -> bool {
        const NOT: &[&str] =
            &["n't", "not", "cannot", "never", "fail", "fails", "failed", "failing", "n’t", "no"];
        const BROKEN: &[&str] = &[
            "broken", "malformed", "invalid", "bad", "corrupt", "corrupted", "truncated",
            "unparseable", "unparsable", "faulty",
        ];
        let words = &self.wanted.words;
        let denied = |at: usize| (at.saturating_sub(3)..at).any(|before| words.is(before, NOT));
        (0..words.len()).any(|at| {
            let parses =
                words.is(at, &["parse", "parsed", "parses", "parseable", "parsable", "parsing"]);
            let near = at.saturating_sub(3)..(at + 4).min(words.len());
            let format = words.is(at, &["json", "logfmt", "format", "syntax"]);
            let wrong = |near: usize| {
                words.is(near, BROKEN) || words.is(near, &["valid", "proper"]) && denied(near)
            };
            parses && denied(at)
                || words.is(at, &["unparseable", "unparsable", "unparsed"])
                || format && near.into_iter().any(wrong)
        })
    }

    /// What says that lines do not parse names nothing.
    pub(super) fn read_unparsed(&mut self) {
        const SAID: &[&str] =
            &["broken", "malformed", "invalid", "bad", "corrupt", "corrupted", "truncated"];
        if self.signal == Signal::Logs && self.is_unparsed() {
            for at in 0..self.len() {
                if self.wanted.words.is(at, SAID) {
                    self.spend(at..at + 1);
                }
            }
        }
    }
}
