//! What kind of number answers a question, as far as its words alone say.

use model::Unit;

use super::{
    limit::Limit,
    period::{self, Periods},
    unit::{self, Said},
    words::{Phrases, Use, Words},
};

/// The kind of number that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Whatever is usual for the metric.
    Usual,
    /// One thing as a part of another.
    Share,
    /// The part of the observations that are under or over a limit.
    Within,
    /// How fast an error budget is used up.
    Burn,
    /// Whether there is any data.
    Absent,
    /// The time that has passed since a moment, or that is left until one.
    Since,
    Until,
    /// The value at a time to come.
    Forecast,
    /// How fast a level goes up or down, and by how much it did.
    Growth,
    Change,
    /// How often a level changed.
    Changes,
    /// One thing less another.
    Difference,
}

/// What the words say of the form, besides the form itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Cues {
    /// The value is to be shown in this unit.
    pub(crate) shown: Option<Said>,
    /// "per minute": the seconds that a rate is said for.
    pub(crate) per_s: Option<i64>,
    /// "how many", "number of"
    pub(crate) counts: bool,
    /// "rate", "per second", "throughput"
    pub(crate) rates: bool,
    /// The place of the noun that is counted.
    pub(crate) counted: Option<usize>,
    /// A yes or no is asked for: "is any …", "are there …".
    pub(crate) asks_whether: bool,
    /// "not", "without", "down": the opposite of what a word says.
    pub(crate) negated: bool,
    /// "how full", "utilization": what is used, as a part of what there is.
    pub(crate) how_full: bool,
    /// It is asked which things have any of something, or have none.
    pub(crate) existence: Option<bool>,
}

pub(super) fn cues(words: &mut Words) -> Cues {
    for at in 0..words.len() {
        // "at this time", "the same moment": grammar of a comparison.
        if words.is(at, &["same", "this"])
            && words.is(at + 1, &["time", "moment", "hour", "day", "window", "interval", "period"])
        {
            words.mark(at..at + 2, Use::Taken);
        }
    }
    let mut cues = Cues { per_s: per(words), ..Cues::default() };
    cues.shown = shown(words);
    cues.rates = cues.per_s.is_some()
        || words.has(&[
            "rates", "throughput", "how fast", "how often", "frequency", "speed", "rps", "qps",
            "tps", "traffic",
        ]);
    let limited =
        |at: usize| words.is(at + 1, &["limit", "limits", "limiting", "limited", "limiter"]);
    cues.rates |= words.places(&["rate"]).iter().any(|at| !limited(at));
    let counted = words.find(&[
        "how many", "number of", "count of", "count the", "how often", "amount of",
        "total number of", "counts of", "how much",
    ]);
    let count_word = words.find(&["count", "counts", "number", "tally"]);
    cues.counts =
        counted.is_some_and(|(at, _)| !words.are(at, &["how", "much"])) || count_word.is_some();
    cues.counted = counted.map(|(at, length)| at + length);
    if let Some((at, length)) = counted {
        words.mark(at..at + length, Use::Grammar);
    }
    cues.asks_whether = words
        .is(0, &["is", "are", "does", "do", "has", "have", "did", "was", "were", "any"])
        || words.has(&["is any", "are any", "are there", "is there", "is anybody", "is anyone"]);
    cues.negated = words.has(&["not", "n't", "n’t", "without", "never", "no"]);
    cues.how_full = words.has(&[
        "how full", "full", "filled", "fullness", "fill level", "utilization", "utilisation",
        "utilized", "utilised", "saturation", "saturated", "exhausted", "occupancy", "occupied",
        "reached their maximum", "reached its maximum", "reached their limit", "reached its limit",
        "at their limit", "at its limit", "at the limit", "at their maximum", "at its maximum",
        "maxed out", "at capacity", "how close", "how near", "close to its", "close to their",
        "close to the limit", "near its", "near their", "approaching its", "approaching their",
        "overcommit", "overcommitted", "overcommitment", "overbooked", "oversubscribed",
        "oversubscription",
    ]);
    cues.existence = existence(words);
    for word in &mut words.list {
        if FORM_WORDS.contains(&word.lower.as_str()) && word.used == Use::Free {
            word.used = Use::Form;
        }
    }
    cues
}

/// Words that say how something is measured; names have them too.
const FORM_WORDS: &[&str] = &[
    "rate", "rates", "ratio", "ratios", "share", "percent", "percentage", "fraction", "proportion",
    "number", "count", "counts", "total", "average", "avg", "mean", "growth", "growing", "grow",
    "trend", "change", "changed", "changes", "burn", "burning", "budget", "target", "slo",
    "objective", "ago", "forecast", "predict", "predicted", "throughput", "speed", "often", "fast",
    "times", "time", "second", "seconds", "minute", "minutes", "hour", "hours", "per", "multiple",
    "difference", "broken", "break", "split", "down", "grouped", "breakdown", "separately",
    "sorted", "level", "part", "amount", "usage", "use", "uses", "used", "using", "utilization",
    "utilisation", "full", "high", "higher", "highest", "low", "lower", "long", "longer", "took",
    "takes", "taken", "current", "present", "given", "half", "different", "combined", "across",
    "worth", "far", "spread", "distribution", "keeps", "soon", "today", "state", "status",
    "sitting", "there", "running", "run", "ran", "happened", "happen", "happening", "seen",
    "observed", "registered", "recorded", "reported", "reporting", "report", "exist", "exists",
    "answer", "answered", "each", "single", "overall", "short", "factor", "receive", "receives",
    "value", "values", "quickly", "degrees", "more", "less", "whether", "compared", "longest",
    "peak", "everything", "everywhere", "going", "worst", "best", "top", "bottom", "tell", "alert",
    "warn", "normal", "normally", "usual", "usually", "typical", "typically",
];

/// "which queues have messages waiting", "queues without any consumers", "only those that are short".
fn existence(words: &Words) -> Option<bool> {
    if words.has(&[
        "without", "without a", "with no", "have no", "has no", "having no", "lacking", "with zero",
    ]) {
        return Some(false);
    }
    // "have sent no telemetry"
    let none = words.places(&["no", "zero"]).iter().any(|at| {
        let verb = at > 0 && !words.is(at - 1, &["but", "and", "or", "with", "is", "are", "by"]);
        let thing = words.list.get(at + 1).is_some_and(|next| next.used == Use::Free);
        verb && thing && !words.is(at + 1, &["longer", "more", "data"])
    });
    let nobody = words.has(&["nobody", "no one", "noone", "none"]);
    if ((none || nobody) && words.has(&["which", "what", "that"])) || lacks_events(words) {
        return Some(false);
    }
    let asks = words.has(&[
        "which", "any", "anybody", "anyone", "anything", "only those", "only the ones",
        "those that", "those with",
    ]);
    let with = words
        .list
        .iter()
        .take(4)
        .any(|word| matches!(word.lower.as_str(), "with" | "that" | "whose"));
    (asks || with || is_past_own_limit(words)).then_some(true)
}

/// "no bookings for 15 minutes", "page me when there are no orders": nothing is what is looked for.
pub(crate) fn lacks_events(words: &Words) -> bool {
    const BEFORE: &[&str] =
        &["are", "is", "were", "was", "had", "see", "get", "gets", "got", "receive", "receives"];
    let alerts = words.has(&[
        "alert", "page", "warn", "notify", "fire", "when", "if", "tell me if", "tell me when",
    ]);
    words.places(&["no", "zero"]).iter().any(|at| {
        let thing = words.list.get(at + 1).is_some_and(|next| next.used == Use::Free);
        let told = at > 0 && alerts && words.is(at - 1, BEFORE);
        thing && (at == 0 || told) && !words.is(at + 1, &["longer", "more", "data"])
    })
}

/// "per second", "a minute", "/s".
fn per(words: &mut Words) -> Option<i64> {
    for at in 0..words.len() {
        let word = words.at(at);
        if matches!(
            word,
            "/s" | "/sec"
                | "rps"
                | "qps"
                | "tps"
                | "iops"
                | "req/s"
                | "reqs/s"
                | "ops/s"
                | "msg/s"
                | "persecond"
        ) || word.ends_with("/s")
            || word.ends_with("/sec")
        {
            return Some(1);
        }
        if word.ends_with("/min") || matches!(word, "rpm" | "/m") {
            return Some(60);
        }
        let each = words.is(at, &["per", "each", "every"])
            || (words.is(at, &["a", "an"])
                && at > 0
                && !words.is(
                    at - 1,
                    &[
                        "in", "over", "within", "for", "than", "half", "of", "during", "last",
                        "as", "once",
                    ],
                ));
        if !each || words.is_taken(at) {
            continue;
        }
        let unit = words.at(at + 1);
        if unit.len() < 3 && unit != "s" {
            continue;
        }
        if let Some(seconds) = unit::time(unit)
            && seconds <= 86_400.0
            && !unit.ends_with("s")
        {
            words.mark(at..at + 2, Use::Taken);
            return Some(seconds as i64);
        }
    }
    None
}

/// The unit that the value is wanted in.
fn shown(words: &mut Words) -> Option<Said> {
    const AMBIGUOUS: &[&str] = &[
        "s", "m", "d", "h", "w", "b", "us", "min", "second", "minute", "hour", "day", "week",
        "core", "quarter", "month", "year", "d",
    ];
    let (mut found, mut best): (Option<(Said, usize)>, bool) = (None, false);
    for at in 0..words.len() {
        if words.is_taken(at) {
            continue;
        }
        let word = words.at(at);
        let before = at.checked_sub(1).map_or("", |before| words.at(before));
        if words.are(at, &["per", "cent"]) {
            return unit::said("%");
        }
        let Some(said) = unit::said(word) else { continue };
        if said.unit == Unit::Ratio {
            // A percentage wins over other units: "what percentage of seconds".
            return Some(said);
        }
        let asked = matches!(before, "in" | "many" | "as" | "into");
        // "bytes uploaded, in GiB": what it is to be in says it best.
        if (!AMBIGUOUS.contains(&word) && found.is_none()) || (asked && !best) {
            best = asked;
            found = Some((said, at));
        }
    }
    let (said, at) = found?;
    if said.unit != Unit::Cores {
        words.mark(at..at + 1, Use::Taken);
    }
    Some(said)
}

/// Verbs of more and less.
pub(crate) const CHANGING: &[&str] =
    &["change", "grow", "increase", "decrease", "drop", "rise", "rose", "fall", "shrink", "climb"];

/// The form that the words of a question call for.
pub(super) fn form(words: &Words, cues: &Cues, periods: &Periods, limits: &[Limit]) -> Form {
    if words.has_form_of(&["burn"])
        && words
            .has(&["budget", "slo", "burn rate", "objective", "target", "error budget", "burning"])
    {
        return Form::Burn;
    }
    let several = periods.windows.len() > 1 || limits.iter().any(|limit| limit.times);
    if words.has(&["error budget", "budget"]) && several {
        return Form::Burn;
    }
    if is_absence(words) {
        return Form::Absent;
    }
    let is_part = |limit: &Limit| limit.unit() == Some(Unit::Ratio);
    let of_present = periods.ahead.is_none() && (is_share(words) || says_percent(words));
    if !of_present && is_forecast(words, periods) {
        return Form::Forecast;
    }
    let timed = limits.iter().any(|limit| limit.unit() == Some(Unit::Seconds));
    if words.has_form_of(&["expire"])
        || words.has(&[
            "until", "time left", "days left", "run out of validity", "valid for", "not after",
        ])
        || (timed && words.has(&["left", "remaining", "to go"]))
    {
        return Form::Until;
    }
    // "99 % uptime" is a part of the time.
    let of_time = words.has(&["uptime"]) && (of_present || limits.iter().any(is_part));
    if (is_since(words) && !of_time) || has_long_not_happened(words, limits, periods) {
        return Form::Since;
    }
    let shares = is_share(words) || says_percent(words) || limits.iter().any(is_part);
    let of_observations =
        limits.iter().any(|limit| matches!(limit.unit(), Some(Unit::Seconds | Unit::Bytes)));
    if shares && of_observations {
        return Form::Within;
    }
    if periods.compared.is_none() && is_difference(words) {
        return Form::Difference;
    }
    if (shares && !(is_relative(words) && periods.compared.is_some()))
        || cues.how_full
        || limits.iter().any(is_part)
    {
        return Form::Share;
    }
    if periods.compared.is_none()
        && words.has(&["change", "changed", "flap", "flapped", "flapping", "toggled", "switched"])
        && words.has(&["how often", "how many times", "times", "flapping", "flapped", "flap"])
    {
        return Form::Changes;
    }
    if periods.compared.is_none()
        && words.has(&[
            "by how much", "how much did", "how much has", "grown", "change over", "change in",
            "grew",
        ])
        && words.has_form_of(&[
            "grow", "change", "increase", "shrink", "rise", "rise", "drop", "decrease", "fall",
            "climb",
        ])
    {
        return Form::Change;
    }
    if periods.compared.is_none()
        && (words.has_form_of(&["grow", "climb", "leak", "shrink", "rise", "creep", "swell"])
            || words.has(&["trending", "going up", "going down", "increasing", "decreasing"]))
    {
        return Form::Growth;
    }
    // "by how many percent did it change since yesterday" is no share of anything.
    let changed = periods.compared.is_some() && words.has_form_of(CHANGING);
    if cues.shown.is_some_and(|said| said.unit == Unit::Ratio) && !changed {
        return Form::Share;
    }
    Form::Usual
}

fn is_absence(words: &Words) -> bool {
    words.has_form_of(&["vanish", "disappear", "absent", "absence"])
        || words.has(&[
            "no data", "no longer", "stopped reporting", "stopped sending", "stops reporting",
            "stopped exporting", "still reporting", "still report", "still sending",
            "still exporting", "not reporting", "n't reporting", "n't reported", "gone missing",
            "went silent", "gone silent", "gone quiet", "no series", "missing altogether",
            "goes missing", "went missing", "any data", "stop reporting", "stops exporting",
            "stops sending", "still exist", "still there", "still emitting", "stopped emitting",
            "still exposed", "still being scraped", "still coming in", "stopped coming in",
            "stop coming in", "goes away", "went away", "is missing",
        ])
        || is_denied_data(words)
        || has_stopped(words)
}

/// "stopped getting samples", "stops being reported".
fn has_stopped(words: &Words) -> bool {
    const COMING: &[&str] = &[
        "getting", "receiving", "seeing", "reported", "reporting", "sending", "sent", "exported",
        "exporting", "scraped", "coming", "arriving", "emitting", "emitted", "exposed", "existing",
    ];
    words.places(&["stop", "stops", "stopped", "ceased", "ceases"]).iter().any(|at| {
        let verb = at + 1 + usize::from(words.is(at + 1, &["being", "to"]));
        words.is(verb, COMING)
    })
}

/// "no scrape target at all any more", "no request series whatsoever".
fn is_denied_data(words: &Words) -> bool {
    const DATA: Phrases = &[
        "series", "data", "sample", "samples", "target", "targets", "datapoints", "metric",
        "metrics", "scrape", "scrapes", "scraped", "scraping",
    ];
    const WHOLLY: Phrases = &["any more", "anymore", "at all", "whatsoever", "any longer"];
    const GONE: &[&str] = &["gone", "missing", "vanished", "absent", "lost"];
    let near = |at: usize| (at + 1..at + 5).any(|data| words.is(data, DATA));
    let denied = words.places(&["no", "not any", "n't any", "nobody", "nothing", "not", "n't"]);
    let gone = words.places(DATA).iter().any(|at| {
        let verb = at + 1 + usize::from(words.is(at + 1, &["is", "are", "has", "have", "went"]));
        words.is(verb, GONE)
    });
    gone || (words.has(WHOLLY) && denied.iter().any(near))
}

fn is_forecast(words: &Words, periods: &Periods) -> bool {
    words.has_form_of(&["predict", "forecast", "extrapolate", "project"]) && periods.ahead.is_some()
        || words.has_form_of(&["predict", "forecast", "extrapolate"])
        || (words.has(&[
            "will", "going to", "gonna", "expected to", "likely to", "would", "at this rate",
            "at this pace", "at the current rate", "at the current pace", "at the pace",
            "at the rate", "on track to", "extrapolating", "until it", "keeps", "about to",
        ]) && (periods.ahead.is_some()
            || words.has(&[
                "run out", "fill up", "be full", "run full", "exceed", "overflow", "reach", "hit",
                "exhausted", "fill", "runs out", "used up", "run dry", "runs dry", "running out",
                "running full",
            ])))
        || (periods.ahead.is_some()
            && words.has(&[
                "full", "run out", "runs out", "run dry", "runs dry", "out of space", "exhausted",
                "fill", "hit", "reach",
            ]))
}

/// "has not finished for more than 26 hours"
fn has_long_not_happened(words: &Words, limits: &[Limit], periods: &Periods) -> bool {
    /// What is known by when it was last done.
    const DONE: &[&str] = &["succeed", "run", "finish", "complete", "sync", "refresh", "update"];
    let perfect = words.places(&["has", "have", "had"]).iter().any(|at| {
        words.is(at + 1, &["not", "n't", "n’t", "never"]) && !words.is(at + 2, &["any", "enough"])
    });
    let lasts = |limit: &Limit| {
        limit.unit() == Some(Unit::Seconds)
            && words
                .places(&["for", "in", "since"])
                .iter()
                .any(|at| at < limit.at && limit.at <= at + 4)
    };
    let done = !periods.windows.is_empty() && words.has_form_of(DONE);
    perfect && (done || limits.iter().any(lasts))
}

fn is_since(words: &Words) -> bool {
    // "a week ago" is when something is compared with, not what is asked for.
    let ago = words.places(&["ago"]).iter().any(|at| !words.is_taken(at));
    let when = words.places(&["when"]).iter().any(|at| {
        let asked = words.is(at + 1, &["was", "were", "did", "has", "have"]);
        asked && words.has(&["last", "restarted", "rebooted", "started", "booted"])
    });
    ago || when
        || words.has(&[
            "how old", "uptime", "seconds since", "minutes since", "hours since", "days since",
            "weeks since", "time since", "long since", "it since", "since the last", "since its",
            "since it", "how long has", "how long have", "older than", "how recently", "when did",
            "how recent", "last ran", "last run", "last succeeded", "last finished",
            "last completed", "last started", "been up", "been running", "hours old", "how stale",
        ])
}

/// "autoscalers that have reached their upper limit", "all seats are taken"
pub(super) fn is_at_limit(words: &Words, cues: &Cues) -> bool {
    const WHOLLY: Phrases = &["completely", "totally", "fully", "entirely", "all"];
    const FULL: &[&str] =
        &["full", "taken", "used", "booked", "occupied", "exhausted", "utilized", "allocated"];
    let wholly = words.places(WHOLLY).iter().any(|at| words.is(at + 1, FULL));
    let reached = words.places(&["at", "reached", "hit", "hitting", "reaching"]).iter().any(|at| {
        let owned = words.is(at + 1, &["their", "its", "the"]);
        let place = at + 1 + usize::from(owned);
        let limit = |place: usize| {
            words.is(
                place,
                &["limit", "limits", "maximum", "max", "ceiling", "cap", "quota", "capacity"],
            )
        };
        let qualified = words.is(place, &["upper", "maximum", "max", "hard", "full", "configured"]);
        (limit(place) && !words.is(place + 1, &["of"])) || (qualified && limit(place + 1))
    });
    // "is any pool exhausted", where nobody looks ahead
    let asked = cues.asks_whether || words.has(&["which"]);
    let exhausted = asked
        && words.has(&["exhausted", "depleted", "saturated"])
        && !words.has(&["will", "would", "going to", "about to"]);
    wholly
        || reached
        || exhausted
        || words.has(&["maxed out", "used up", "all in use", "at capacity"])
}

/// Whether a percentage is said that is no statistic, limit or objective.
fn says_percent(words: &Words) -> bool {
    let open = |at: usize| !words.is_taken(at);
    words.places(&["percent", "%", "per cent"]).iter().any(open)
}

/// Whether the words, of which nothing but periods has been read, ask for a share.
pub(super) fn asks_for_share(words: &Words) -> bool {
    is_share(words) || words.has(&["percent", "%", "per cent"])
}

/// Whether the words ask for one thing as a part of another.
fn is_share(words: &Words) -> bool {
    words.has(&[
        "vs all",
        "versus all",
        "vs total",
        "versus total",
        "against all",
        "cache efficiency",
        "efficiency of the cache",
        "cache effectiveness",
        "how effective",
        "how efficient",
        "ctr",
        "click-through",
        "clickthrough",
        "click through",
        "share",
        "percentage",
        "proportion",
        "portion",
        "fraction",
        "ratio",
        "success rate",
        "error rate",
        "failure rate",
        "hit rate",
        "miss rate",
        "availability",
        "rejection rate",
        "drop rate",
        "loss rate",
        "bounce rate",
        "decline rate",
        "conversion rate",
        "retry rate",
        "timeout rate",
        "cancellation rate",
        "abort rate",
        "error percentage",
        "one in",
        "out of all",
        "out of every",
        "acceptance rate",
        "hit ratio",
        "refusal rate",
        "abandonment rate",
        "packet loss",
        "rollback rate",
        "eviction rate ratio",
        "relative to the limit",
        "of their limit",
        "of its limit",
        "part of",
        "in relation to",
        "relative to its",
        "relative to their",
        "relative to the",
        "compared with its",
        "compared with their",
        "compared to its",
        "compared to their",
        "against its",
        "against their",
        "as a part",
        "vs allowed",
        "versus allowed",
        "against the limit",
        "against the maximum",
        "vs limit",
        "vs max",
        "vs maximum",
        "versus the limit",
        "vs the limit",
        "what part",
    ])
}

/// "as a ratio", "a multiple of": the form of a comparison with an earlier time.
pub(super) fn is_relative(words: &Words) -> bool {
    words.has(&[
        "ratio", "quotient", "divided by", "divide", "multiple", "times", "factor", "relative",
        "fraction", "percent", "percentage", "%", "twice", "half", "proportion",
    ])
}

/// What another metric may hold that is a limit.
pub(crate) const OWN_LIMITS: &[&str] =
    &["threshold", "thresholds", "target", "targets", "minimum", "setpoint", "point"];

/// "dropped under their reorder point", "above its target": another metric is the limit.
fn is_past_own_limit(words: &Words) -> bool {
    const PAST: &[&str] = &["below", "under", "beneath", "above", "over", "beyond", "exceeding"];
    words.places(PAST).iter().any(|at| {
        let owned = words.is(at + 1, &["their", "its"]);
        let thing = words.list.get(at + 2).is_some_and(|word| word.number.is_none());
        // "below the reorder point", "above target"
        let limit = (at + 1..at + 4)
            .take_while(|next| words.list.get(*next).is_some_and(|word| word.number.is_none()))
            .any(|next| words.is(next, OWN_LIMITS));
        ((owned && thing) || limit) && !words.is_taken(at)
    })
}

/// "produced minus consumed"; "100 minus idle" is what is left of all.
fn is_subtracted(words: &Words) -> bool {
    words.places(&["minus"]).iter().any(|at| !is_taken_from_all(words, at))
}

/// Whether what stands at a place is taken from 1 or 100.
fn is_taken_from_all(words: &Words, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| words.list.get(before)?.number);
    before.is_some_and(|number| number == 1.0 || number == 100.0)
}

fn is_difference(words: &Words) -> bool {
    words.has(&[
        "short of", "difference", "gap", "fewer than", "less than they", "less than it",
        "missing replicas", "faster than they", "discrepancy", "mismatch", "headroom", "room left",
        "are short", "is short", "too few", "unavailable replicas", "below the desired", "not all",
        "missing from", "pods missing", "replicas missing", "missing pods", "instances missing",
        "missing instances", "fewer replicas", "than they should", "than it should", "but never",
        "but not yet", "than desired", "than expected", "than wanted", "than requested",
        "than configured", "than planned", "than required", "have all", "has all",
    ]) || is_subtracted(words)
        || is_past_own_limit(words)
        || words.list.iter().any(|word| word.raw == "net")
        || (words.has(&[
            "faster than", "more than", "quicker than", "outpacing", "outpace", "keep up with",
            "keeping up",
        ]) && words.has(&[
            "produced", "published", "sent", "consumed", "arriving", "coming", "getting",
            "in than out", "reads", "read", "acked", "processed", "consumers", "consumer",
            "written",
        ]) && !period::is_comparing_times(words))
}
