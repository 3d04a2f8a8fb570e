//! Shapes of a sentence that speak for an intent where single words do not.

use model::EntityKind;

use super::cues::{COMMAND_LEADS, COMMANDS, NOT_A_COMMAND_BEFORE};
use crate::{
    lexicon::{is_stop_word, lists},
    scan::Scan,
    text::Kind,
};

/// Beginnings that continue something said before.
const ELLIPTIC_LEADS: &str = "and, what about, how about, same for, same thing, same but, also, or, then, plus, but, \
    ditto, for, same in, same with, same on, &, same, now, only, just";

pub(super) fn is_command(scan: &Scan) -> bool {
    let Some(first) = (0..scan.len()).find(|&at| !lists(COMMAND_LEADS, scan.word(at))) else {
        return false;
    };
    scan.is_free(first)
        && lists(COMMANDS, scan.word(first))
        && !lists(NOT_A_COMMAND_BEFORE, scan.word(first + 1))
}

pub(super) fn is_up_or_down(scan: &Scan) -> bool {
    const MOVING: &str = "going gone went go speeding slowing creeping scale spin stack holding break trending \
         slowed sped picked picking pull look sum drill whats shot scaled turn check set \
         ramping ramp trended broken narrow";
    (0..scan.len()).any(|at| {
        let before = scan.word_before(at);
        let greets = before == "is" && at > 1 && scan.word(at - 2) == "what";
        matches!(scan.word(at), "up" | "down")
            && !greets
            && !lists(MOVING, before)
            && !matches!(scan.word(at + 1), "to" | "by" | "from" | "the" | "with" | "for")
    })
}

pub(super) fn is_elliptic(scan: &Scan) -> bool {
    let first = (0..scan.len())
        .find(|&at| {
            !matches!(
                scan.word(at),
                "ok" | "okay"
                    | ","
                    | "great"
                    | "thanks"
                    | "cool"
                    | "so"
                    | "hm"
                    | "hmm"
                    | "right"
                    | "now"
            )
        })
        .unwrap_or(0);
    let first = if scan.word(first).is_empty() { 0 } else { first };
    scan.begins(first, ELLIPTIC_LEADS) || scan.word(0) == "now" && scan.len() > 1
}

/// Only entities and the small words between them.
pub(super) fn is_fragment(scan: &Scan) -> bool {
    const SMALL: &str = "one ones please just only meant mean same thing env environment service version instead \
         rather sorry actually instance window period i latest again about make try want wanted";
    let any = !scan.entities.is_empty() || !scan.problems.is_empty();
    any && (0..scan.len()).all(|at| {
        let word = scan.word(at);
        let asks = matches!(
            word,
            "is" | "are"
                | "how"
                | "hows"
                | "why"
                | "was"
                | "which"
                | "when"
                | "does"
                | "did"
                | "who"
                | "has"
        );
        !scan.is_free(at)
            || scan.tokens[at].kind == Kind::Sign
            || (!asks && (lists(SMALL, word) || is_stop_word(word)))
    })
}

pub(super) fn is_definition(scan: &Scan) -> bool {
    let last = (0..scan.len()).rev().map(|at| scan.word(at)).find(|word| *word != "?");
    let lead = match (scan.word(0), scan.word(1)) {
        ("what", "does" | "do") => {
            return last.is_some_and(|word| {
                matches!(word, "mean" | "means" | "measure" | "measures" | "represent")
            }) && !scan.has(EntityKind::Service);
        }
        ("whats", _) => 1,
        ("what", "is" | "are") => 2,
        _ => return false,
    };
    let lead = lead + usize::from(matches!(scan.word(lead), "a" | "an"));
    let measured = matches!(scan.entities.as_slice(), [only] if matches!(only.kind, EntityKind::Metric | EntityKind::Aggregation | EntityKind::HttpStatus));
    measured
        && !scan.is_free(lead)
        && (lead..scan.len()).all(|at| !scan.is_free(at) || scan.tokens[at].kind == Kind::Sign)
}
