//! Properties that hold for any text: no panic, valid spans, bounded numbers of entities.

use crate::support;
use model::{EntityKind, EntityValue, Intent};
use nlp::{Focus, MAX_CHARS, Reading, Vocabulary, resolve, understand};
use proptest::prelude::*;

/// Words that recognisers react to, so that random texts reach into them.
const WORDS: &[&str] = &[
    "payment", "checkout", "api-gateway", "AuthService", "service", "p95", "latency", "error rate",
    "errors", "cpu", "5xx", "503", "since", "between", "and", "from", "to", "last", "hour", "24h",
    "9am", "14:00", "UTC", "+02:00", "yesterday", "today", "monday", "ago", "vs", "than",
    "compared to", "same", "time", "above", ">", "80%", "500ms", "v2.0", "2.1.0", "/api/v1",
    "POST", "top", "5", "which", "its", "those", "no", "not", "it", "-", ".", ",", "?", "(", "'s",
    "’", "0", "99999999999999999999", "2026-03-11", "2026-99-99", "T14:00Z", "Europe/Berlin",
    "Europe/", "percentile", "99th", "of", "the", "week", "over", "half", "an", "é", "日本", "🙂",
    "\u{301}", "\u{0}", "İ", "ß", "ﬁ", "K", "months", "years", "this", "previous", "period",
    "before", "staging", "how", "is", "up", "down", "why",
];

fn texts() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(WORDS), 0..40);
    let glued = (words, prop::sample::select(vec![" ", "", "  ", "\n"]))
        .prop_map(|(words, by)| words.join(by));
    prop_oneof![any::<String>(), glued]
}

fn check(text: &str, reading: &Reading) {
    assert!((0.0..=1.0).contains(&reading.understanding.confidence), "{reading:?}");
    for entity in &reading.understanding.entities {
        assert_eq!(
            text.get(entity.span.clone()),
            Some(entity.text.as_str()),
            "{text:?} {entity:?}"
        );
        assert!((0.0..=1.0).contains(&entity.confidence), "{entity:?}");
        if let EntityValue::Time(range) = &entity.value {
            assert!(range.start <= range.end, "{text:?} {range:?}");
        }
        assert!(entity.as_text() != Some(""), "{text:?} {entity:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_understood_somehow(text in texts()) {
        let zone = support::zone();
        let reading = understand(&text, &support::vocabulary(), &support::moment(&zone));
        check(&text, &reading);
        prop_assert_eq!(&reading, &understand(&text, &support::vocabulary(), &support::moment(&zone)));
    }

    #[test]
    fn any_text_follows_any_other(first in texts(), second in texts(), asked in 0..=EntityKind::ALL.len()) {
        let zone = support::zone();
        let (vocabulary, moment) = (support::vocabulary(), support::moment(&zone));
        let before = understand(&first, &vocabulary, &moment);
        let focus = Focus {
            intent: Some(before.task).filter(|task| *task != Intent::Clarify),
            entities: before.understanding.entities,
            asked: EntityKind::ALL.get(asked).copied(),
            ..Focus::default()
        };
        let reading = resolve(understand(&second, &vocabulary, &moment), &second, &focus, &moment);
        check(&second, &reading);
        prop_assert!(reading.task != Intent::Clarify || reading.understanding.intent == Intent::Clarify);
    }

    #[test]
    fn any_names_make_a_vocabulary(names in prop::collection::vec(any::<String>(), 0..20), text in texts()) {
        let vocabulary = Vocabulary::new(names.clone(), names.clone(), names.clone());
        let zone = support::zone();
        let text = format!("{text} {}", names.join(" "));
        check(&text, &understand(&text, &vocabulary, &support::moment(&zone)));
    }
}

#[test]
fn only_the_beginning_of_a_long_text_is_read() {
    let zone = support::zone();
    let long = format!("{}cpu of payment", "é ".repeat(MAX_CHARS / 2));
    let reading = understand(&long, &support::vocabulary(), &support::moment(&zone));
    assert!(reading.understanding.entities.is_empty(), "{reading:?}");
}
