//! What a question demands of spans besides the values of attributes: their kind, whether they
//! failed, where their traces begin.

use crate::{
    records::{Condition, Part, Reader, Role, Test},
    text,
    traceql::ast::Kind,
    vocabulary::is_left_out,
};

/// A demand that is no value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    pub(super) what: What,
    /// The place of the word that says so.
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Failed,
    Succeeded,
    Kind(Kind),
    /// The root span is called this.
    Root(String),
    /// The name of the span begins with this.
    NameBegins(String),
}

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Demand> {
    read_roots(reader);
    read_booleans(reader);
    read_databases(reader);
    reader.read_missing();
    let mut demands: Vec<Demand> =
        reader.failures().into_iter().map(|at| Demand { what: outcome(reader, at), at }).collect();
    for demand in &demands {
        reader.spend(demand.at..demand.at + 1);
    }
    demands.extend(kinds(reader));
    demands.extend(names(reader));
    demands.sort_by_key(|demand| demand.at);
    demands
}

const SPANS: &[&str] = &[
    "span", "spans", "call", "calls", "request", "requests", "side", "child", "children", "http",
    "grpc", "rpc", "latency", "duration", "time", "calls",
];

/// "didn't error" is the opposite of "error".
fn outcome(reader: &Reader<'_>, at: usize) -> What {
    const DENIALS: &[&str] = &["n't", "n’t", "not", "without", "no", "never"];
    let denied = (1..=2).any(|back| at >= back && reader.wanted.words.is(at - back, DENIALS));
    if denied { What::Succeeded } else { What::Failed }
}

/// What is done to a queue by who fills it, and by who empties it.
const PUTS: &[&str] = &[
    "send", "sends", "sent", "sending", "put", "puts", "putting", "write", "writes", "written",
    "writing", "push", "pushes", "pushed", "pushing", "post", "posts", "posted", "posting", "emit",
    "emits", "emitted", "emitting", "enqueue", "enqueues", "enqueued", "enqueuing", "queued",
    "placed", "dropped", "added",
];
const TAKES: &[&str] = &[
    "read", "reads", "reading", "take", "takes", "taken", "taking", "pull", "pulls", "pulled",
    "pulling", "pick", "picked", "receive", "receives", "received", "receiving", "fetched",
    "dequeued", "polled", "handled", "processed",
];

/// Server, client, consumer and producer spans.
fn kinds(reader: &mut Reader<'_>) -> Vec<Demand> {
    let words = &reader.wanted.words;
    let mut found: Vec<Demand> = Vec::new();
    for at in 0..words.len() {
        if reader.is_spent(at) {
            continue;
        }
        let of_spans = words.is(at + 1, SPANS) || words.is(at + 1, &["operation", "operations"]);
        let kind = match words.at(at) {
            "server" | "server-side"
                if of_spans && !words.is(at.wrapping_sub(1), &["sql", "api"]) =>
            {
                Kind::Server
            }
            "inbound" | "incoming" | "ingress" if of_spans => Kind::Server,
            "client" | "client-side" if of_spans => Kind::Client,
            "outbound" | "outgoing" if of_spans => Kind::Client,
            "consumer" | "consumers" | "consume" | "consumes" | "consuming" | "consumed"
                if !words.is(at + 1, &["group", "groups"]) =>
            {
                Kind::Consumer
            }
            "producer" | "producers" | "produce" | "produces" | "produced" | "publishes"
            | "published" | "publishing" | "publish" => Kind::Producer,
            verb if PUTS.contains(&verb) && is_to_topic(reader, at) => Kind::Producer,
            verb if TAKES.contains(&verb)
                && words.is(at + 1, &["from", "off", "by"])
                && is_to_topic(reader, at) =>
            {
                Kind::Consumer
            }
            "calls" | "called" | "calling" | "requests" if words.is(at + 1, &["out"]) => {
                Kind::Client
            }
            "internal" if of_spans => Kind::Internal,
            _ => continue,
        };
        if !found.iter().any(|known| known.what == What::Kind(kind)) {
            found.push(Demand { what: What::Kind(kind), at });
        }
    }
    for demand in &found {
        reader.spend(demand.at..demand.at + 1);
    }
    found
}

/// Whether a verb is followed by a queue or a topic.
fn is_to_topic(reader: &Reader<'_>, at: usize) -> bool {
    reader.conditions.iter().any(|condition| {
        let topic = reader
            .schema
            .stems(condition.field)
            .iter()
            .any(|stem| stem == "messag" || stem == "topic" || stem == "queue");
        topic && condition.at > at && condition.at <= at + 5
    })
}

/// "begin in the frontend", "came in through the gateway": the service of the root span.
fn read_roots(reader: &mut Reader<'_>) {
    const BEGINS: &[&str] = &[
        "begin", "begins", "beginning", "began", "start", "starts", "starting", "started",
        "originate", "originates", "originating", "enter", "entering", "enters", "root", "rooted",
        "initiated", "kicked",
    ];
    const LINKS: &[&str] = &[
        "in", "at", "by", "from", "through", "with", "the", "a", "an", "via", "service", "is",
        "off", "our", "on", "was",
    ];
    let Some(root) = reader.schema.at("rootServiceName") else { return };
    let services = reader.schema.with(Role::Service);
    if reader.wanted.words.has(super::phrases::DESCENDANTS) {
        // What something happens below is a span that there may be others above.
        return;
    }
    let words = &reader.wanted.words;
    let begins = |at: usize| {
        words.is(at, BEGINS) && !words.is(at.wrapping_sub(1), &["name", "names", "named"])
            || (words.is(at, &["in"])
                && words.is(at.wrapping_sub(1), &["came", "come", "comes", "coming"]))
    };
    for at in 0..words.len() {
        if !begins(at) {
            continue;
        }
        let mut next = at + 1;
        while words.is(next, LINKS) {
            next += 1;
        }
        let found = reader.conditions.iter_mut().find(|condition| {
            condition.at == next
                && services.contains(&condition.field)
                && reader.schema.fields[condition.field].part == Part::Source
        });
        if let Some(condition) = found {
            condition.field = root;
            // What begins somewhere is a trace, and so is what takes so long.
            let whole = reader.schema.at("traceDuration").zip(reader.schema.at("duration"));
            if let Some((whole, span)) = whole {
                // "calls over 1 s in traces started by …": what takes so long is a span.
                let within = |at: usize| {
                    words.is(at + 1, &["traces", "trace"])
                        && words.is(at, &["in", "of", "within", "inside"])
                };
                let of_span =
                    |it: &&mut Condition| it.field == span && !(it.at + 1..next).any(within);
                reader.conditions.iter_mut().filter(of_span).for_each(|it| it.field = whole);
            }
            return;
        }
    }
}

/// `cache.hit = false` for "cache misses".
fn read_booleans(reader: &mut Reader<'_>) {
    for field in 0..reader.schema.fields.len() {
        let known = &reader.schema.fields[field];
        let boolean = !known.values.is_empty()
            && known.values.iter().all(|value| matches!(&**value, "true" | "false"));
        if !boolean || reader.has_condition(field) {
            continue;
        }
        let stems = own_stems(&known.name, reader.schema.stems(field));
        let everywhere = 0..reader.len();
        let opposite = |stem: &String| stem == "hit" && reader.says_stem(&everywhere, "miss");
        let said = |stem: &String| {
            reader.says_stem(&everywhere, stem) || stem == "hit" && from_cache(reader).is_some()
        };
        let Some(last) = stems.last() else { continue };
        // "redelivered" tells enough; "hit" does not.
        let telling = said(last)
            && !matches!(last.as_str(), "hit" | "ok" | "succes" | "valid" | "enabl" | "error");
        if !telling && !stems.iter().all(|stem| said(stem) || opposite(stem)) {
            continue;
        }
        let at = everywhere.clone().find(|at| {
            reader.says_stem(&(*at..at + 1), last) || reader.says_stem(&(*at..at + 1), "miss")
        });
        let at = at.or_else(|| from_cache(reader).filter(|_| last == "hit"));
        let at = at.unwrap_or_default();
        let denied = is_left_out(&reader.wanted.words, &(at..at + 1));
        let value = !(denied || stems.iter().any(opposite));
        reader.require(field, Test::Is(vec![value.to_string()]), false, at..at + 1);
    }
}

/// The stems of a name that say something: of `shop.cart.cache_hit` these are "cache" and "hit".
fn own_stems<'s>(name: &str, stems: &'s [String]) -> &'s [String] {
    let last = name.rsplit('.').next().unwrap_or_default();
    let own = text::words(last).len().max(2);
    &stems[stems.len().saturating_sub(own)..]
}

/// "in the cache", "served from cache".
fn from_cache(reader: &Reader<'_>) -> Option<usize> {
    let words = &reader.wanted.words;
    (0..words.len()).find(|at| {
        let led = words.is(at.wrapping_sub(1), &["in", "from"])
            || words.is(at.wrapping_sub(2), &["in", "from"])
                && words.is(at.wrapping_sub(1), &["the", "a", "our"]);
        words.is(*at, &["cached"]) || led && words.is(*at, &["cache"])
    })
}

/// "database calls", whichever the database.
fn read_databases(reader: &mut Reader<'_>) {
    let Some(field) = reader.schema.first(Role::Database) else { return };
    if reader.has_condition(field) {
        return;
    }
    let Some(words) = reader.find_open(&["database", "db", "sql", "databases", "sqls"]) else {
        return;
    };
    let values = &reader.schema.fields[field].values;
    let others = reader.conditions.iter().any(|condition| {
        reader.schema.stems(condition.field).first().is_some_and(|stem| stem == "db")
            && condition.at.abs_diff(words.start) <= 2
    });
    if others {
        return;
    }
    let test = match values.as_slice() {
        [only] => Test::Is(vec![only.to_string()]),
        _ => Test::Present,
    };
    reader.require(field, test, false, words);
}

/// "whose name starts with PatientSearch", "with root POST /checkout".
fn names(reader: &mut Reader<'_>) -> Vec<Demand> {
    let words = &reader.wanted.words;
    let begins = (0..words.len()).find(|at| {
        words.is(*at, &["name", "named", "names"])
            && words.is(at + 1, &["starts", "start", "begins", "beginning", "starting"])
            && words.is(at + 2, &["with"])
    });
    if let Some(raw) = begins.and_then(|at| words.list.get(at + 3)).map(|word| word.raw.clone()) {
        let at = begins.unwrap_or_default();
        reader.conditions.retain(|condition| !(at..at + 4).contains(&condition.at));
        reader.spend(at..at + 4);
        return vec![Demand { what: What::NameBegins(raw), at }];
    }
    let begins = |at: &usize| {
        words.is(*at, &["starting", "start", "starts", "beginning", "begin", "begins"])
            && words.is(at + 1, &["with", "at", "in", "as", "from"])
    };
    let root = |at: &usize| words.is(*at, &["root"]) || begins(at);
    let root = (0..words.len()).find(root).and_then(|root| {
        let at = (root + 1..root + 5).find(|at| {
            !words.is(
                *at,
                &[
                    "request", "span", "named", "called", "is", "of", "name", "with", "at", "in",
                    "as", "from", "a", "an", "the",
                ],
            )
        })?;
        let method = words.list.get(at)?.raw.chars().all(char::is_uppercase);
        (method && words.at(at + 1).starts_with('/')).then_some((root, at))
    });
    let Some((root, at)) = root else { return Vec::new() };
    let name = format!("{} {}", words.list[at].raw, words.list[at + 1].raw);
    reader.conditions.retain(|condition| !(at..at + 2).contains(&condition.at));
    reader.spend(root..at + 2);
    vec![Demand { what: What::Root(name), at }]
}
