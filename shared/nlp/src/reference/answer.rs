//! Short answers that consist of one name.

use std::ops::Range;

use crate::{
    lexicon::{is_stop_word, lists},
    scan::Scan,
    text::Kind,
    vocabulary::{SERVICE_WORDS, name_parts},
};

/// A longer answer says more than a name.
const MOST_TOKENS: usize = 12;
const MOST_PARTS: usize = 3;
const SMALL: &str = "think mean meant guess sorry should";

/// The one name that an answer consists of, in kebab case, and where it stands: "billing", "the
/// billing service, please".
pub(super) fn plain_name(scan: &Scan) -> Option<(Range<usize>, String)> {
    if scan.len() > MOST_TOKENS {
        return None;
    }
    let is_part = |at: &usize| {
        let token = &scan.tokens[*at];
        token.kind != Kind::Sign
            && !is_stop_word(&token.raw)
            && !SERVICE_WORDS.contains(&token.raw.as_str())
            && !lists(SMALL, &token.raw)
    };
    let parts: Vec<usize> = (0..scan.len()).filter(is_part).collect();
    let (&first, &last) = (parts.first()?, parts.last()?);
    let together =
        (first..=last).all(|at| is_part(&at) || matches!(scan.word(at), "-" | "_" | "."));
    if !together || parts.len() > MOST_PARTS {
        return None;
    }
    let span = scan.span(first..last + 1);
    let name = name_parts(&scan.source[span.clone()]).join("-");
    (!name.is_empty()).then_some((span, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn a_plain_name_is_all_that_is_said() {
        for (text, expected) in [
            ("billing", Some("billing")),
            ("the billing service please", Some("billing")),
            ("Billing-API", Some("billing-api")),
            ("user profile", Some("user-profile")),
            ("billing or the other one we had", None),
            ("", None),
        ] {
            let name = plain_name(&Scan::new(text, tokenise(text))).map(|(_, name)| name);
            assert_eq!(name.as_deref(), expected, "{text}");
        }
    }
}
