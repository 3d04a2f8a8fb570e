//! Whether two normalised values mean the same.

use model::EntityKind;
use serde_json::Value;

/// Of two numbers, by their size.
const TOLERANCE: f64 = 1e-6;
/// Words that lead to a time and are no part of it.
const PREPOSITIONS: &[&str] = &["in", "on", "at", "for", "over", "from", "of", "during"];

/// Whether a value is the one that was labelled: case does not count, nor a name's style, a
/// version's `v` and the preposition before a time.
pub(crate) fn agree(kind: EntityKind, gold: &Value, got: &Value) -> bool {
    match (gold, got) {
        (Value::String(gold), Value::String(got)) => plain(kind, gold) == plain(kind, got),
        (Value::Number(gold), Value::Number(got)) => match (gold.as_f64(), got.as_f64()) {
            (Some(gold), Some(got)) => same_number(gold, got),
            _ => gold == got,
        },
        (Value::Object(gold), Value::Object(got)) => {
            gold.len() == got.len()
                && gold
                    .iter()
                    .all(|(key, value)| got.get(key).is_some_and(|other| agree(kind, value, other)))
        }
        _ => gold == got,
    }
}

/// Whether two numbers are the same but for rounding.
pub(crate) fn same_number(a: f64, b: f64) -> bool {
    if !a.is_finite() || !b.is_finite() {
        return a == b || (a.is_nan() && b.is_nan());
    }
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0)
}

fn plain(kind: EntityKind, text: &str) -> String {
    match kind {
        EntityKind::Service => service(text),
        EntityKind::TimeRange => time(text),
        EntityKind::Version => version(&text.trim().to_lowercase()).to_owned(),
        _ => text.trim().to_lowercase(),
    }
}

/// Kebab case without a trailing `service` or `svc`: `UserProfileService` is `user-profile`.
fn service(text: &str) -> String {
    let mut name = String::with_capacity(text.len() + 4);
    let mut before: Option<char> = None;
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            before = None;
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        // A capital begins a word after a small letter, and before one: `APIGateway`.
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                let ends_capitals =
                    before.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase());
                before.is_lowercase() || ends_capitals
            });
        if begins {
            name.push('-');
        }
        name.extend(c.to_lowercase());
        before = Some(c);
    }
    let name = name.trim_matches('-');
    let bare = name.strip_suffix("-service").or_else(|| name.strip_suffix("-svc"));
    bare.unwrap_or(name).to_owned()
}

fn version(text: &str) -> &str {
    let bare = text.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    bare.unwrap_or(text)
}

/// The words of a time without those that lead to it.
fn time(text: &str) -> String {
    let text = text.to_lowercase();
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let leading = words.iter().take_while(|word| PREPOSITIONS.contains(word)).count();
    // A preposition alone is all that there is.
    words.drain(..leading.min(words.len().saturating_sub(1)));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use EntityKind::{
        Duration, Environment, Quantity, RequiresApproval, Service, Threshold, TimeRange, Version,
    };

    use super::*;

    #[test]
    fn values_are_compared_by_the_rules_of_their_kind() {
        for (kind, gold, got, expected) in [
            (Environment, r#""production""#, r#""Production""#, true),
            (Environment, r#""production""#, r#""prod""#, false),
            (Service, r#""payment""#, r#""payment-service""#, true),
            (Service, r#""payment-svc""#, r#""PaymentService""#, true),
            (Service, r#""api-gateway""#, r#""APIGateway""#, true),
            (Service, r#""user-profile""#, r#""user_profile""#, true),
            (Service, r#""service""#, r#""svc""#, false),
            (Service, r#""payment""#, r#""payments""#, false),
            (Version, r#""1.4.2""#, r#""v1.4.2""#, true),
            (Version, r#""V2""#, r#""2""#, true),
            (Version, r#""vega""#, r#""ega""#, false),
            (TimeRange, r#""since 9am""#, r#""Since  9am""#, true),
            (TimeRange, r#""on Friday""#, r#""friday""#, true),
            (TimeRange, r#""over on Friday""#, r#""friday""#, true),
            (TimeRange, r#""since Friday""#, r#""friday""#, false),
            (TimeRange, r#""at""#, r#""on""#, false),
            (TimeRange, r#"{"relative":"6h"}"#, r#"{"relative":"6H"}"#, true),
            (TimeRange, r#"{"relative":"6h"}"#, r#""6h""#, false),
            (TimeRange, r#"{"relative":"6h"}"#, r#"{"relative":"360m"}"#, false),
            (
                Threshold,
                r#"{"op":">","value":0.8,"unit":"ratio"}"#,
                r#"{"unit":"ratio","op":">","value":0.8000000001}"#,
                true,
            ),
            (
                Threshold,
                r#"{"op":">","value":0.8,"unit":"ratio"}"#,
                r#"{"op":">=","value":0.8,"unit":"ratio"}"#,
                false,
            ),
            (
                Quantity,
                r#"{"value":10,"unit":"replicas"}"#,
                r#"{"value":10.0,"unit":"Replicas"}"#,
                true,
            ),
            (Quantity, r#"{"value":10}"#, r#"{"value":10,"unit":"x"}"#, false),
            (Duration, "600", "600.0", true),
            (Duration, "600", "601", false),
            (Duration, "600", r#""600""#, false),
            (RequiresApproval, "true", "true", true),
            (RequiresApproval, "true", "false", false),
        ] {
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(agree(kind, &value(gold), &value(got)), expected, "{gold} {got}");
        }
    }

    #[test]
    fn numbers_are_the_same_but_for_rounding() {
        for (a, b, expected) in [
            (0.1 + 0.2, 0.3, true),
            (2e9, 2e9 + 1.0, true),
            (1.0, 1.00001, false),
            (f64::NAN, f64::NAN, true),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, f64::NEG_INFINITY, false),
            (f64::INFINITY, 1.0, false),
        ] {
            assert_eq!(same_number(a, b), expected, "{a} {b}");
        }
    }
}
