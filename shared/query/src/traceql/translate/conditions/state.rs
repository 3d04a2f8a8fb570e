//! How spans ended and which side of a call they are: errors, kinds.

use super::{Condition, Reader, codes::is_code};
use crate::traceql::{
    ast::{Comparison, Field, Intrinsic, Kind, Literal, Status},
    translate::ground::Known,
};

const FAILED: &[&str] = &[
    "failed|failing|fail|fails|failure|failures",
    "error|errors|errored|erroring|erroneous|error'd|errs",
    "unsuccessful|unsuccessfully|broken|broke",
    "crashed|crashing|crashes|faulted|faulty",
    "went|go|goes|gone|going wrong",
    "blew|blows|blow up",
    "fell|falls|falling over",
    "exception|exceptions",
];
const SUCCEEDED: &[&str] = &[
    "succeeded|succeed|succeeds|succeeding|successful|successfully",
    "error-free|error free",
    "completed fine|cleanly|normally|ok",
    "went|goes|going fine|well",
];
/// What makes an error word a name: "error type", "error code".
const NAMES_ERROR: &[&str] = &[
    "type", "types", "code", "codes", "message", "messages", "class", "classes", "name", "kind",
    "reason",
];

const DENIALS: &[&str] = &["no", "without", "zero", "not", "never", "didn't", "doesn't", "don't"];
/// What may stand between a denial and what it denies.
const PASSED: &[&str] = &["any", "a", "an", "single"];
const STATED: &[&str] =
    &["status is|was|of|=|: ok|error|unset", "status ok|error|unset", "unset status", "ok status"];
/// Words that make plain that messages are meant.
const ABOUT_MESSAGES: &[&str] = &[
    "message|messages|event|events|record|records|kafka",
    "rabbitmq|queue|queues|topic|topics|sqs|pubsub|nats",
];

const KINDS: &[(&[&str], Kind)] = &[
    (
        &[
            "server|server-side|serverside side? span|spans|operation|operations|call|calls",
            "server|server-side|serverside side? request|requests|handler",
            "server|server-side|serverside side? handlers|latency|duration",
            "server side",
            "server kind",
            "incoming|inbound|ingress",
            "kind is? = server",
        ],
        Kind::Server,
    ),
    (
        &[
            "client|client-side|clientside side? span|spans|operation|operations",
            "client|client-side|clientside side? call|calls|request|requests",
            "client side",
            "client kind",
            "outgoing|outbound|egress",
            "kind is? = client",
        ],
        Kind::Client,
    ),
    (&["consumer|consumers", "consumed|consuming|consumes|consume", "consumption"], Kind::Consumer),
    (
        &[
            "producer|producers",
            "produced|producing|produces|published|publishing",
            "publishes|publish|enqueued|enqueues|emitted",
        ],
        Kind::Producer,
    ),
    (&["internal span|spans|operation|operations", "in-process span|spans"], Kind::Internal),
];
/// What makes "consumer" part of a name.
const NAMES_CONSUMER: &[&str] = &["group", "groups", "lag", "id", "ids", "name", "offset"];

impl Reader<'_, '_> {
    /// "server spans", "kafka consumers", "messages that order-service produced".
    pub(super) fn read_kinds(&mut self) {
        for at in 0..self.words.len() {
            let found =
                KINDS.iter().filter_map(|(patterns, kind)| Some((self.fits(at, patterns)?, *kind)));
            let Some((_, kind)) = found.max_by_key(|(taken, _)| *taken) else { continue };
            // The noun may belong to another condition; the first word may not.
            if self.taken[at] || self.is_codes_phrase(at, kind) || !self.means_kind(at, kind) {
                continue;
            }
            let negated = self.is_negated(at);
            let subject = self.ground.intrinsic(&[Intrinsic::Kind, Intrinsic::SpanKind]);
            let value = Field::Literal(Literal::Kind(kind));
            self.push(Condition::is(at..at + 1, subject, value).negated_if(negated));
        }
    }

    fn is_codes_phrase(&self, at: usize, kind: Kind) -> bool {
        matches!(kind, Kind::Server | Kind::Client)
            && self.fits(at, &["server|client error|errors"]).is_some()
    }

    fn means_kind(&self, at: usize, kind: Kind) -> bool {
        let word = self.lower(at);
        if !matches!(kind, Kind::Consumer | Kind::Producer) {
            return true;
        }
        if word.starts_with("consumer") || word.starts_with("producer") {
            return !NAMES_CONSUMER.contains(&self.lower(at + 1));
        }
        // "produced an error" is no message.
        let carries = |known: &&Known<'_>| known.has("messaging") || known.is_about("topic");
        let mut carriers = self.ground.known.iter().filter(carries).peekable();
        let recorded = carriers.peek().is_some();
        let sent =
            carriers.any(|known| self.conditions.iter().any(|it| it.subject == known.reference));
        sent || recorded && self.says(ABOUT_MESSAGES)
    }

    /// "failed", "without errors", "status ok".
    pub(super) fn read_states(&mut self) {
        let mut last: Option<Condition> = None;
        for at in 0..self.words.len() {
            if self.taken[at] || self.words[at].quoted {
                continue;
            }
            let Some(condition) = self.explicit_state(at).or_else(|| self.outcome(at)) else {
                continue;
            };
            // "failed with an error" says it once.
            const CLOSE: usize = 3;
            let again = last.as_ref().is_some_and(|last| {
                last.comparison == condition.comparison && at - last.words.end <= CLOSE
            });
            if again {
                self.take(condition.words.clone());
            } else {
                self.push(condition.clone());
            }
            last = Some(condition);
        }
    }

    /// How spans ended, said in a word: "failed", "no errors", "successful".
    fn outcome(&self, at: usize) -> Option<Condition> {
        let succeeded = self.fits(at, SUCCEEDED);
        let taken = succeeded.or_else(|| self.fits(at, FAILED))?;
        let words = at..at + taken;
        let names = NAMES_ERROR.contains(&self.lower(words.end));
        if names || !self.is_free(words.clone()) || self.is_explained(at) {
            return None;
        }
        let negated = self.is_negated(at) || self.denies(at);
        let failed = succeeded.is_none() != negated;
        let comparison = if failed { Comparison::Equal } else { Comparison::NotEqual };
        let value = Field::Literal(Literal::Status(Status::Error));
        Some(Condition { words, subject: self.ground.status(), comparison, value })
    }

    /// "no errors", "without any failure", "did not fail".
    fn denies(&self, at: usize) -> bool {
        let passed = usize::from(PASSED.contains(&self.before(at, 1)));
        let denial = at.checked_sub(1 + passed).filter(|denial| !self.taken[*denial]);
        denial.is_some_and(|denial| DENIALS.contains(&self.lower(denial)))
    }

    /// "status ok", "status = error", "span status is unset".
    fn explicit_state(&self, at: usize) -> Option<Condition> {
        let words = at..at + self.fits(at, STATED)?;
        let status =
            self.words[words.clone()].iter().find_map(|word| Status::from_word(&word.lower))?;
        let negated = self.is_negated(at);
        let value = Field::Literal(Literal::Status(status));
        Some(Condition::is(words, self.ground.status(), value).negated_if(negated))
    }

    /// Whether a code or an exception close by says already what went wrong: "failed with 503".
    fn is_explained(&self, at: usize) -> bool {
        const CLOSE: usize = 4;
        self.conditions.iter().any(|condition| {
            let distance = if condition.words.start > at {
                condition.words.start - at
            } else {
                (at + 1).saturating_sub(condition.words.end)
            };
            let (from, to) = (at.min(condition.words.start), at.max(condition.words.end - 1));
            let pause = self.words[from + 1..=to]
                .iter()
                .any(|word| word.breaks || word.lower == "or" || word.lower == "and");
            let exception =
                self.ground.known.iter().any(|known| {
                    known.reference == condition.subject && known.is_about("exception")
                });
            distance <= CLOSE && !pause && (is_code(condition, self) || exception)
        })
    }
}
