//! How much of the conversation an utterance stands in.

use model::{EntityKind, Intent};

use super::{Focus, answer::plain_name, cues::Cues};
use crate::{Reading, scan::Scan};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It answers the question that was asked.
    Answer,
    /// It replaces something that was said.
    Correction,
    /// It leaves out everything that stays the same.
    Ellipsis,
    /// It points at single things.
    Pointing,
    /// It is about the same service without saying so.
    SameSubject,
    /// It stands alone.
    Fresh,
}

pub(super) fn mode(cues: &Cues, scan: &Scan, reading: &Reading, focus: &Focus) -> Mode {
    let intent = reading.understanding.intent;
    let talk = matches!(intent, Intent::SmallTalk | Intent::OutOfScope);
    let found = !reading.understanding.entities.is_empty() || !reading.problems.is_empty();
    if answers(cues, scan, reading, focus) {
        return Mode::Answer;
    }
    let leans = cues.fragment || intent == Intent::Clarify || cues.short;
    if cues.correction && focus.intent.is_some() && found && !talk && leans {
        return Mode::Correction;
    }
    if is_elliptic(cues, reading, found) {
        return Mode::Ellipsis;
    }
    if cues.points() && !talk {
        return Mode::Pointing;
    }
    let has_service =
        reading.understanding.entities.iter().any(|entity| entity.kind == EntityKind::Service);
    if measures(intent) && !has_service && !cues.global && reading.problems.is_empty() {
        return Mode::SameSubject;
    }
    Mode::Fresh
}

/// Whether the utterance is what was asked for, and nothing more.
fn answers(cues: &Cues, scan: &Scan, reading: &Reading, focus: &Focus) -> bool {
    let Some(asked) = focus.asked else { return false };
    let intent = reading.understanding.intent;
    let entities = &reading.understanding.entities;
    let named = entities.iter().any(|entity| entity.kind == asked);
    let says_little =
        matches!(intent, Intent::Clarify | Intent::GeneralQuestion | Intent::OutOfScope);
    let name = plain_name(scan).filter(|_| says_little && !cues.other_matter);
    if named {
        return cues.fragment || intent == Intent::Clarify || name.is_some();
    }
    asked == EntityKind::Service && entities.is_empty() && name.is_some()
}

fn is_elliptic(cues: &Cues, reading: &Reading, found: bool) -> bool {
    let intent = reading.understanding.intent;
    let vague = matches!(intent, Intent::GeneralQuestion | Intent::OutOfScope | Intent::SmallTalk);
    if intent == Intent::Clarify || (cues.fragment && found) {
        return true;
    }
    if cues.breakdown && cues.short && (cues.points() || !found) {
        return true;
    }
    if vague {
        // "How was it yesterday?" asks what was asked before.
        return (cues.elliptic || cues.points()) && found && cues.short && !cues.other_matter;
    }
    if cues.elliptic && (found || measures(intent)) {
        return true;
    }
    // "Compared to yesterday?" and "vs checkout?" do not say what is compared.
    intent == Intent::Compare && !cues.points() && !cues.global && !is_complete(reading)
}

/// Whether a comparison names both sides, or a metric of some service and a baseline.
fn is_complete(reading: &Reading) -> bool {
    let count =
        |kind| reading.understanding.entities.iter().filter(|entity| entity.kind == kind).count();
    let sides = count(EntityKind::Service) > 1 || count(EntityKind::Version) > 1;
    sides || (count(EntityKind::Service) > 0 && count(EntityKind::TimeRange) > 1)
}

fn measures(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::QueryMetrics | Intent::AnalyzeErrors | Intent::AnalyzeTrend | Intent::Compare
    )
}
