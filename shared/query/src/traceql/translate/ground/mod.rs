//! The catalog as words: which attribute a name means, and where a value occurs.

mod forms;
mod known;

use std::collections::HashMap;

use self::{
    forms::{BARE, SAME_STEM, derived, forms, joined, name_stems},
    known::reference,
};
pub(super) use self::{
    forms::{EXACT, OF_PATH, SURE, WHOLE, one},
    known::{Holds, Known, numeric},
};
use super::{synonyms::related, words::Word};
use crate::{
    catalog::stem,
    text,
    traceql::{
        TraceCatalog,
        ast::{Field, Intrinsic, Reference, Scope},
        types::is_text,
    },
};

/// Values that a question says without meaning them.
const EVERYDAY: &[&str] = &[
    "none", "all", "other", "true", "false", "on", "off", "in", "a", "the", "is", "to", "of",
    "and", "or", "not", "yes", "no", "get", "put", "post", "patch", "delete", "head", "error",
    "success", "new", "old", "time", "service", "trace", "span", "call", "request", "unknown",
    "default", "internal", "server", "client", "producer", "consumer", "unset", "by", "for",
    "from", "ok", "count", "rate", "max", "min", "name", "status", "duration", "kind", "slow",
    "fast", "any", "some", "per", "each", "with", "last", "first", "failed", "fail", "failure",
    "failing", "list", "show", "find",
];
/// What is done: how a method or an operation is told from a word.
const DEEDS: &[&str] = &[
    "request",
    "call",
    "operation",
    "op",
    "query",
    "statement",
    "span",
    "command",
    "endpoint",
    "trace",
    "side",
];

/// A value found in a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit<'a> {
    pub(super) known: usize,
    pub(super) value: &'a str,
    /// How sure it is that the words are the value: see [`forms`].
    pub(super) strength: f64,
}

#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) catalog: &'a TraceCatalog,
    pub(super) known: Vec<Known<'a>>,
    service: Option<usize>,
    http_status: Option<usize>,
    by_form: HashMap<String, Vec<Hit<'a>>>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(catalog: &'a TraceCatalog) -> Self {
        // Of what spans have of themselves only text has values that questions name.
        let attributes = catalog.attributes.iter().filter(|(key, _)| is_text(&reference(key)));
        let known: Vec<Known<'a>> =
            attributes.map(|(key, values)| Known::new(key, values)).collect();
        let mut ground = Self {
            catalog,
            service: service_of(&known),
            http_status: http_status_of(&known),
            known,
            by_form: HashMap::new(),
        };
        for at in 0..ground.known.len() {
            ground.index(at);
        }
        ground
    }

    fn index(&mut self, known: usize) {
        if self.known[known].holds != Holds::Text {
            return;
        }
        let values = self.known[known].values;
        for value in values.iter().filter(|value| !value.is_empty()) {
            let mut said = forms(value, self.is_inflected(known));
            if self.is_service(known) {
                // "payment" for `paymentservice`
                let bare = ["service", "svc"].iter().find_map(|ending| value.strip_suffix(ending));
                said.extend(bare.filter(|bare| bare.len() > 2).map(|bare| (joined(bare), BARE)));
            }
            for (form, strength) in said {
                let hits = self.by_form.entry(form).or_default();
                add(hits, Hit { known, value, strength });
            }
        }
    }

    /// Whether values are said in many forms ("declined" for `decline`), as names are not.
    fn is_inflected(&self, known: usize) -> bool {
        !self.is_service(known) && !self.known[known].holds_places()
    }

    /// The attribute that names services.
    pub(super) fn service(&self) -> Option<&Known<'a>> {
        self.service.map(|at| &self.known[at])
    }

    pub(super) fn is_service(&self, known: usize) -> bool {
        self.service == Some(known)
    }

    /// The values that the words stand for, each once.
    pub(super) fn hits(&self, words: &[Word<'_>]) -> Vec<Hit<'a>> {
        let mut hits = Vec::new();
        let [first, ..] = words else { return hits };
        let spoken = words.iter().map(|word| word.lower.as_str()).collect::<Vec<_>>().join(" ");
        // A path is no name.
        let fits = |hit: &&Hit<'a>| !first.text.starts_with('/') || hit.value.starts_with('/');
        for hit in self.said_as(&spoken).filter(fits) {
            let same_case = words.len() == 1 && first.text == hit.value;
            add(
                &mut hits,
                Hit { strength: hit.strength + if same_case { 0.2 } else { 0.0 }, ..*hit },
            );
        }
        if words.len() == 1 && first.quoted {
            hits.retain(|hit| hit.strength > WHOLE);
            return hits;
        }
        let joined = joined(&spoken);
        if joined != spoken {
            for hit in self.said_as(&joined).filter(fits) {
                add(&mut hits, Hit { strength: hit.strength.min(WHOLE), ..*hit });
            }
        }
        if let [only] = words {
            self.add_inflected(only, &mut hits);
        }
        hits
    }

    fn said_as(&self, form: &str) -> impl Iterator<Item = &Hit<'a>> {
        self.by_form.get(form).into_iter().flatten()
    }

    /// Values of which the word is another form: "ticketing" of `ticket`.
    fn add_inflected(&self, word: &Word<'_>, hits: &mut Vec<Hit<'a>>) {
        // "got" is no GET.
        const LEAST_CHARS: usize = 4;
        for form in derived(&word.lower, &word.stem) {
            for hit in self.said_as(&form) {
                let inflected = self.is_inflected(hit.known) && hit.strength >= SAME_STEM;
                if inflected && hit.value.len() >= LEAST_CHARS {
                    let whole = hit.value.to_lowercase() == form;
                    add(hits, Hit { strength: SAME_STEM + if whole { 0.1 } else { 0.0 }, ..*hit });
                }
            }
        }
    }

    /// Whether the words are a value of the catalog as it stands.
    pub(super) fn is_value(&self, words: &[Word<'_>]) -> bool {
        self.hits(words).iter().any(|hit| hit.strength > 2.5)
    }

    /// Whether a word is too common for a value that it equals to be meant, all else being equal.
    pub(super) fn is_everyday(words: &[Word<'_>]) -> bool {
        let [only] = words else { return false };
        let singular = only.text.strip_suffix('s').unwrap_or(only.text);
        let shouted = singular.len() > 1 && singular.chars().all(|c| c.is_ascii_uppercase());
        let common = |word: &str| EVERYDAY.contains(&word);
        let plain = common(&only.lower) || common(&one(&only.lower)) || only.lower.len() < 2;
        !only.quoted && !shouted && plain
    }

    /// Whether any attribute has the word in its name.
    pub(super) fn is_named_so(&self, word: &Word<'_>) -> bool {
        self.known.iter().any(|known| known.stems.contains(&word.stem))
    }

    /// Whether a word is about something that is done.
    pub(super) fn is_deed(word: &Word<'_>) -> bool {
        DEEDS.contains(&one(&word.lower).as_str())
    }

    /// The attribute that words name best, if any is named well enough; `leaning` prefers
    /// attributes whose first word is this.
    pub(super) fn named(
        &self,
        words: &[Word<'_>],
        leaning: &[String],
        least: f64,
    ) -> Option<(usize, f64)> {
        let spoken: Vec<&str> = words.iter().map(|word| word.lower.as_str()).collect();
        let stems = name_stems(&spoken.join(" "));
        if stems.is_empty() {
            return None;
        }
        if let ([only], Some(service)) = (stems.as_slice(), self.service)
            && *only == stem("service")
        {
            return Some((service, 1.0));
        }
        // "cold starts" for `coldstart`
        let run = [stems.concat()];
        let mut best: Option<(f64, usize, f64)> = None;
        for (at, known) in self.known.iter().enumerate() {
            let whole = if known.stems.contains(&run[0]) { known.score(&run) } else { 0.0 };
            let score = known.score(&stems).max(whole);
            let leans = known.stems.first().is_some_and(|first| leaning.contains(first));
            let telling = known.values.len() > 1;
            let weight = score + if leans { 0.12 } else { 0.0 } + if telling { 0.01 } else { 0.0 };
            if score >= least && best.is_none_or(|(other, ..)| weight >= other) {
                best = Some((weight, at, score));
            }
        }
        best.map(|(_, at, score)| (at, score))
    }

    /// The attribute of numbers that the words name best.
    pub(super) fn number_named(&self, words: &[Word<'_>], least: f64) -> Option<(usize, f64)> {
        let stems: Vec<String> = words.iter().map(|word| word.stem.clone()).collect();
        let scored = self.numbers().map(|at| (at, self.known[at].score(&stems)));
        let good = scored.filter(|(_, score)| *score >= least);
        good.fold(None, |best: Option<(usize, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })
    }

    /// The attributes of numbers that measure something, as codes do not.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        (0..self.known.len())
            .filter(|at| self.known[*at].holds == Holds::Numbers && self.http_status != Some(*at))
    }

    /// The attribute with this exact name, with its scope or without.
    pub(super) fn called(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|known| match &known.reference {
            Reference::Attribute(attribute) => {
                attribute.name.eq_ignore_ascii_case(name)
                    || known.reference.to_string().eq_ignore_ascii_case(name)
            }
            Reference::Intrinsic(intrinsic) => intrinsic.word() == name,
        })
    }

    pub(super) fn reference(&self, known: usize) -> Reference {
        self.known[known].reference.clone()
    }

    /// The intrinsic in the form that the catalog lists; the first where it lists none.
    pub(super) fn intrinsic(&self, forms: &[Intrinsic]) -> Reference {
        let lists = |form: &&Intrinsic| self.catalog.intrinsics.iter().any(|it| it == form.word());
        let listed = forms.iter().find(lists).or(forms.first());
        Reference::Intrinsic(listed.copied().unwrap_or(Intrinsic::Name))
    }

    /// The duration of a span, in the form that the catalog lists.
    pub(super) fn duration(&self) -> Reference {
        self.intrinsic(&[Intrinsic::Duration, Intrinsic::SpanDuration])
    }

    /// The status of a span, in the form that the catalog lists.
    pub(super) fn status(&self) -> Reference {
        self.intrinsic(&[Intrinsic::Status, Intrinsic::SpanStatus])
    }

    /// The attribute that holds HTTP status codes.
    pub(super) fn http_status(&self) -> Option<usize> {
        self.http_status
    }

    /// The attribute that holds gRPC status codes.
    pub(super) fn grpc_status(&self) -> Option<usize> {
        self.known.iter().position(|known| known.has("grpc") && known.has("code"))
    }

    /// What a value of the attribute is compared with.
    pub(super) fn literal(&self, known: usize, value: &str) -> Field {
        self.known[known].literal(value)
    }
}

/// Adds a value, or makes it surer.
fn add<'a>(hits: &mut Vec<Hit<'a>>, hit: Hit<'a>) {
    match hits.iter_mut().find(|other| (other.known, other.value) == (hit.known, hit.value)) {
        Some(other) => other.strength = other.strength.max(hit.strength),
        None => hits.push(hit),
    }
}

/// The attribute of HTTP status codes: the one named so, or whose samples are all codes.
fn http_status_of(known: &[Known<'_>]) -> Option<usize> {
    let asked = [stem("status"), stem("code")];
    let rank = |at: &usize| {
        let known = &known[*at];
        let named = (known.score(&asked) * 100.0) as i64;
        let first = known.stems.first().is_some_and(|first| *first == stem("http"));
        named + if first { 50 } else { 0 } + i64::from(known.has("response"))
    };
    (0..known.len()).filter(|at| known[*at].holds_http_codes()).max_by_key(rank)
}

/// The attribute whose values are the services: `service.name`, unless that is one name for all and
/// another attribute tells them apart.
fn service_of(known: &[Known<'_>]) -> Option<usize> {
    let service = stem("service");
    let rank = |at: &usize| {
        let known = &known[*at];
        let standard = known.stems == [service.clone(), stem("name")];
        let several = known.values.len() > 1;
        let of_span =
            matches!(&known.reference, Reference::Attribute(it) if it.scope == Some(Scope::Span));
        let tail = known.stems.get(known.tail);
        (standard && several, several && !of_span, standard, tail == Some(&service))
    };
    let names_services = |at: &usize| {
        let known = &known[*at];
        let tail = known.stems.get(known.tail);
        let about = tail.is_some_and(|tail| *tail == service || related(tail, &service));
        // `service.instance.id` names no services.
        about && known.stems.len() <= known.tail + 2 && known.holds == Holds::Text
    };
    (0..known.len()).filter(names_services).max_by_key(rank)
}
