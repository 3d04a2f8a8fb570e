//! `v2.0`, `version 1.4.2`, `build 812`, and the versions that the catalog knows.

use std::ops::Range;

use model::EntityKind;

use crate::{Vocabulary, lexicon::lists, scan::Scan, text::Kind};

const LEADS: &[&str] =
    &["version", "versions", "release", "build", "tag", "revision", "rev", "ver"];
/// What may stand between the two versions of a comparison.
const BETWEEN: &str = "and vs versus or to with against , than & v";
const MAX_TOKENS: usize = 6;

pub(crate) fn recognise(scan: &mut Scan, vocabulary: &Vocabulary) {
    let mut index = 0;
    while index < scan.len() {
        index = match found_at(scan, vocabulary, index) {
            Some((value, tokens, confidence)) => {
                let end = tokens.end;
                scan.take_text(EntityKind::Version, value, tokens, confidence);
                end
            }
            None => index + 1,
        };
    }
}

fn found_at(
    scan: &Scan,
    vocabulary: &Vocabulary,
    index: usize,
) -> Option<(String, Range<usize>, f32)> {
    if !scan.is_free(index) || (scan.is_glued(index) && scan.word_before(index) == "/") {
        return None;
    }
    let end = joined_end(scan, index);
    for end in (index + 1..=end).rev() {
        let written = scan.slice(index..end);
        let plain = without_v(written);
        if vocabulary.has_version(written) || vocabulary.has_version(plain) {
            return Some((plain.to_owned(), index..end, 1.0));
        }
    }
    let written = scan.slice(index..end);
    let plain = without_v(written);
    let token = &scan.tokens[index];
    let before = scan.word_before(index);
    let looks_like_one = plain.starts_with(|c: char| c.is_ascii_digit());
    if LEADS.contains(&before) && looks_like_one {
        return Some((plain.to_owned(), index..end, 0.95));
    }
    if plain.len() < written.len() && looks_like_one && token.kind == Kind::Word {
        return Some((plain.to_owned(), index..end, 0.9));
    }
    let dots = token.raw.matches('.').count();
    let only_digits = token.raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if dots >= 2 && token.kind == Kind::Number {
        return Some((plain.to_owned(), index..end, 0.85));
    }
    let beside_another = lists(BETWEEN, before)
        && index.checked_sub(2).is_some_and(|other| !scan.is_free(other))
        && scan
            .entities
            .iter()
            .any(|entity| entity.kind == EntityKind::Version && entity.span.end < token.span.start);
    (dots == 1 && only_digits && beside_another).then(|| (plain.to_owned(), index..end, 0.8))
}

/// `2.1.0-bad`, `2.0_rc.1`: up to the last glued part.
fn joined_end(scan: &Scan, index: usize) -> usize {
    let mut end = index + 1;
    while end + 1 < scan.len()
        && end - index < MAX_TOKENS
        && scan.is_glued(end)
        && scan.is_glued(end + 1)
        && matches!(scan.word(end), "-" | "_" | "." | "+")
        && scan.is_free(end + 1)
        && scan.tokens[end + 1].kind != Kind::Sign
    {
        end += 2;
    }
    end
}

fn without_v(written: &str) -> &str {
    written
        .strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(written)
}
