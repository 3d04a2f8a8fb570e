//! Services that no catalog holds: "the billing service", "error rate of warehouse". They still
//! become entities, so that the copilot can name the nearest known one.

use std::ops::Range;

use model::EntityKind;

use crate::{
    entities::{
        metric,
        service::{is_named, kebab},
    },
    lexicon::{is_generic_noun, is_known, is_stop_word, lists},
    scan::Scan,
    text::Kind,
    vocabulary::SERVICE_WORDS,
};

const MAX_NAME_TOKENS: usize = 9;
const MIN_LETTERS: usize = 2;
/// Words behind which a service is expected.
const PREPOSITIONS: &str = "for of in on from to by at vs versus with than";
/// Words that say how a service is: "is warehouse up".
const STATES: &str = "up down ok okay healthy unhealthy alive dead fine doing running degraded slow broken failing \
     stable alright responding reachable available behaving holding";

pub(crate) fn recognise(scan: &mut Scan, asks_of_services: bool) {
    let mut index = 0;
    while index < scan.len() {
        let found = named_as_service(scan, index)
            .map(|tokens| (tokens, 0.55))
            .or_else(|| compound(scan, index).map(|tokens| (tokens, 0.5)))
            .or_else(|| {
                let found = if asks_of_services { in_place_of_a_name(scan, index) } else { None };
                found.map(|tokens| (tokens, 0.4))
            });
        index = match found {
            Some((tokens, confidence)) => take(scan, tokens, confidence),
            None => index + 1,
        };
    }
}

fn take(scan: &mut Scan, tokens: Range<usize>, confidence: f32) -> usize {
    let end = tokens.end;
    let mut name = tokens.clone();
    if SERVICE_WORDS.contains(&scan.word(end - 1)) && name.len() > 1 && !scan.is_glued(end - 1) {
        name.end -= 1;
    } else if SERVICE_WORDS.contains(&scan.word(tokens.start))
        && name.len() > 1
        && !scan.is_glued(name.start + 1)
    {
        name.start += 1;
    }
    let value = kebab(scan.slice(name).split(['\'', '’']).next().unwrap_or_default());
    if value.is_empty() {
        return end;
    }
    if is_named(scan, &value) {
        scan.mark(tokens);
    } else {
        scan.take_text(EntityKind::Service, value, tokens, confidence);
    }
    end
}

/// "the billing service", "service A".
fn named_as_service(scan: &Scan, index: usize) -> Option<Range<usize>> {
    if !scan.is_free(index) {
        return None;
    }
    let end = compound_end(scan, index);
    let after = scan.word(end);
    if is_name(scan, index)
        && SERVICE_WORDS[..4].contains(&after)
        && scan.is_free(end)
        && !after.ends_with('s')
    {
        return Some(index..end + 1);
    }
    let leads = matches!(scan.word(index), "service" | "svc") && end == index + 1;
    let name_end = compound_end(scan, index + 1);
    let letter = scan.tokens.get(index + 1).is_some_and(|token| {
        scan.slice(index + 1..index + 2).len() == 1
            && token.kind == Kind::Word
            && scan.slice(index + 1..index + 2) == token.raw.to_uppercase()
            && token.raw != "i"
    });
    let indefinite = matches!(scan.word_before(index), "a" | "an");
    (leads
        && !indefinite
        && (letter || (is_name(scan, index + 1) && !is_known(scan.word(index + 1)))))
    .then_some(index..name_end)
}

/// `billing-api`, `BillingService`, `billing_worker`.
fn compound(scan: &Scan, index: usize) -> Option<Range<usize>> {
    if !scan.is_free(index) || scan.tokens[index].kind != Kind::Word {
        return None;
    }
    let end = compound_end(scan, index);
    let written = scan.slice(index..end);
    // "INC-5678" is the number of something.
    let numbered = scan.tokens[end - 1].kind == Kind::Number;
    if end > index + 1 && !numbered {
        let words = || (index..end).step_by(2).map(|at| scan.word(at));
        let names_kind = SERVICE_WORDS.contains(&scan.word(end - 1))
            || matches!(
                scan.word(end - 1),
                "api" | "worker" | "gateway" | "server" | "backend" | "db" | "app"
            );
        let hyphened = (index + 1..end).step_by(2).all(|at| scan.word(at) == "-");
        let unknown =
            hyphened && words().any(|word| !is_known(word)) && words().all(|word| word.len() > 1);
        let bare =
            words().filter(|word| !is_stop_word(word) && !is_generic_noun(word)).count() == 0;
        return ((names_kind || unknown) && !bare).then_some(index..end);
    }
    let parts = crate::vocabulary::name_parts(written);
    let camel = parts.len() > 1
        && written.starts_with(char::is_uppercase)
        && parts.iter().all(|part| part.len() > 1);
    (camel && parts.last().is_some_and(|last| SERVICE_WORDS.contains(&last.as_str())))
        .then_some(index..end)
}

/// An unknown word where a service is expected: "latency of warehouse", "is warehouse up".
fn in_place_of_a_name(scan: &Scan, index: usize) -> Option<Range<usize>> {
    if !scan.is_free(index) || !is_name(scan, index) || is_known(scan.word(index)) {
        return None;
    }
    let end = compound_end(scan, index);
    let mut before = index.checked_sub(1)?;
    if matches!(scan.word(before), "the" | "our") {
        before = before.checked_sub(1)?;
    }
    let lead = scan.word(before);
    let after = scan.word(end);
    let prepositional = lists(PREPOSITIONS, lead)
        && (after.is_empty()
            || !scan.is_free(end)
            || is_stop_word(after)
            || scan.tokens[end].kind == Kind::Sign);
    let asked = matches!(lead, "is" | "are" | "was" | "hows" | "how") && lists(STATES, after);
    let measured = metric::begins_at(scan, end)
        || scan.tokens.get(end).is_some_and(|_| !scan.is_free(end)) && metric::is_metric(scan, end);
    (prepositional || asked || measured).then_some(index..end)
}

fn is_name(scan: &Scan, index: usize) -> bool {
    let Some(token) = scan.tokens.get(index) else { return false };
    let word = token.word();
    token.kind == Kind::Word
        && scan.is_free(index)
        && token.corrected.is_none()
        && !is_stop_word(word)
        && (!is_generic_noun(word) || word == "api" || word == "auth")
        && !crate::intent::is_adjective_of_services(word)
        && letters(word) >= MIN_LETTERS
}

/// Codes such as "E0382" have too few letters for a name.
fn letters(word: &str) -> usize {
    word.chars().filter(|c| c.is_alphabetic()).count()
}

/// The end of the words that hyphens and underscores join to the one at `index`.
fn compound_end(scan: &Scan, index: usize) -> usize {
    let mut end = index + 1;
    while end - index < MAX_NAME_TOKENS
        && matches!(scan.word(end), "-" | "_")
        && scan.is_glued(end)
        && scan.is_glued(end + 1)
        && scan.is_free(end + 1)
        && scan.tokens[end + 1].kind != Kind::Sign
    {
        end += 2;
    }
    end.min(scan.len().max(index + 1))
}
