//! The dialogues of `data/`: what each turn takes over from those before it.

use crate::support;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use model::{EntityKind, EntityValue, Intent};
use nlp::{Focus, Moment, Reading, Vocabulary, resolve, understand};

fn turn(text: &str, focus: &Focus, vocabulary: &Vocabulary, moment: &Moment<'_>) -> Reading {
    resolve(understand(text, vocabulary, moment), text, focus, moment)
}

fn follow(focus: &mut Focus, reading: &Reading) {
    let talk = [Intent::SmallTalk, Intent::OutOfScope, Intent::GeneralQuestion, Intent::Clarify];
    let is_talk = talk.contains(&reading.task);
    let about = (!is_talk).then(|| (reading.task, reading.to_act_on().entities));
    *focus = Focus { asked: None, ..focus.after(reading.understanding.intent, about) };
}

#[test]
fn dialogues_of_the_table_are_followed() {
    let zone = support::zone();
    let (vocabulary, moment) = (support::vocabulary(), support::moment(&zone));
    let (mut focus, mut turns, mut failures) = (Focus::default(), 0, Vec::new());
    for line in include_str!("../data/dialogues.tsv").lines().filter(|line| !line.starts_with('#'))
    {
        if line.is_empty() {
            focus = Focus::default();
            continue;
        }
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let (text, asked, intent, task, entities) = (field(), field(), field(), field(), field());
        focus.asked = EntityKind::from_name(asked);
        let reading = turn(text, &focus, &vocabulary, &moment);
        let found = support::sorted(&reading.to_act_on().entities, &zone);
        let wanted = support::expected(entities);
        turns += 1;
        if (reading.understanding.intent.name(), reading.task.name(), &found)
            != (intent, task, &wanted)
        {
            failures.push(format!(
                "{text}\n  wanted {intent} {task} {wanted:?}\n  found  {} {} {found:?}",
                reading.understanding.intent.name(),
                reading.task.name(),
            ));
        }
        follow(&mut focus, &reading);
    }
    assert!(turns >= 50, "only {turns} turns");
    // What is learned is never right everywhere; a fall below this is a step back.
    let right = turns - failures.len();
    assert!(right * 100 >= turns * 80, "{right} of {turns} turns:\n{}", failures.join("\n"));
}

#[test]
fn what_is_taken_over_has_no_place_in_the_text() {
    let vocabulary = support::vocabulary();
    let first = Moment { now: "2026-03-11T14:20:00Z".parse().unwrap(), zone: &TimeZone::UTC };
    let mut focus = Focus::default();
    let reading = turn("cpu of payment in the last 2 hours", &focus, &vocabulary, &first);
    follow(&mut focus, &reading);

    let later: Timestamp = first.now + SignedDuration::from_mins(10);
    let moment = Moment { now: later, zone: &TimeZone::UTC };
    let reading = turn("and memory?", &focus, &vocabulary, &moment);
    for entity in &reading.understanding.entities {
        let own = entity.kind == EntityKind::Metric;
        assert_eq!(entity.text.is_empty(), !own, "{entity:?}");
        assert_eq!(entity.span == (0..0), !own, "{entity:?}");
    }
    let period = reading.understanding.entities.iter().find_map(|entity| match &entity.value {
        EntityValue::Time(range) => Some(range),
        _ => None,
    });
    assert_eq!(period.map(|range| range.end), Some(later), "the period moves along");
}

#[test]
fn what_only_an_event_places_is_said_in_full_and_kept() {
    let zone = support::zone();
    let (vocabulary, moment) = (support::vocabulary(), support::moment(&zone));
    for words in ["since the last deploy", "since the latest release", "since our migration"] {
        let mut focus = Focus::default();
        for text in [format!("errors of payment {words}"), "and checkout?".to_owned()] {
            let reading = turn(&text, &focus, &vocabulary, &moment);
            let periods: Vec<&str> = reading.understanding.texts(EntityKind::TimeRange).collect();
            assert_eq!(periods, [words], "{text}");
            follow(&mut focus, &reading);
        }
    }
}
