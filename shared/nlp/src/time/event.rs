//! Periods that begin with something that happened: "since the last deploy". Only events place
//! them, so their words are their value.

use std::ops::Range;

use crate::{lexicon, scan::Scan};

const EVENTS: &str = "deploy deployment deploys release rollout rollback restart reboot migration \
                      upgrade incident outage failover cutover launch";
const WHICH: &str = "the a our its their that this last latest recent previous first new newest";

/// The words from "since" to the event, if there are such.
pub(crate) fn since(scan: &Scan) -> Option<Range<usize>> {
    (0..scan.len()).filter(|&at| scan.word(at) == "since").find_map(|start| {
        let is_which = |at: &usize| lexicon::lists(WHICH, scan.word(*at));
        let event = (start + 1..scan.len()).find(|at| !is_which(at))?;
        lexicon::lists(EVENTS, scan.word(event)).then_some(start..event + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn a_period_since_an_event_ends_with_the_event() {
        for (text, expected) in [
            ("errors of auth since the last deploy", Some("since the last deploy")),
            ("p95 since our latest release please", Some("since our latest release")),
            ("what broke since deployment?", Some("since deployment")),
            ("deploys since 9am", None),
            ("errors since the last hour", None),
            ("the last deploy", None),
            ("since", None),
        ] {
            let scan = Scan::new(text, tokenise(text));
            let found = since(&scan).map(|tokens| &text[scan.span(tokens)]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
