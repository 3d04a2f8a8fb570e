//! What is made of the records: a list, a count, a rate, a statistic, a share.

use model::Unit;

use super::{Reader, Signal, limits::WHOLE_TRACE};
use crate::{
    records::{Measure, Role},
    vocabulary::Noun,
    wanted::{Form, Length, Statistic, Use, unit_of},
};

const VOLUME: &[&str] = &[
    "log volume", "volume of logs", "log data", "log bytes", "bytes of logs", "bytes of log",
    "log bill", "logging volume", "volume", "flooding", "floods", "log traffic", "logs in bytes",
    "much log", "much logging", "amount of logs",
];
const BYTES: &[&str] = &[
    "bytes", "byte", "kb", "mb", "gb", "tb", "kilobytes", "megabytes", "gigabytes", "bytes/s",
    "mb/s", "kb/s",
];
/// What bytes are of, when a field of the lines has them.
const PAYLOAD: &[&str] = &[
    "response", "responses", "request", "served", "sent", "send", "transferred", "downloaded",
    "uploaded", "payload", "payloads", "body", "image", "images", "pulled", "upload", "uploads",
    "download", "downloads", "delivered", "mirrored", "received", "egress", "traffic", "stored",
    "out",
];
const TIME: &[&str] = &[
    "time", "times", "latency", "latencies", "duration", "durations", "long", "longest", "slowest",
    "fastest", "slow", "takes", "took", "take", "time taken", "response", "elapsed", "shortest",
];
const LISTING: &[&str] =
    &["raw lines", "raw line", "the lines", "log lines where", "print", "grep", "as lines"];
const HISTOGRAM: &[&str] = &["heatmap", "heat map", "histogram", "distribution", "distributed"];
const OVER_TIME: &[&str] = &[
    "over time", "over the time", "as a time series", "time series", "trend", "as a series",
    "timeline", "graph", "chart", "plot",
];
/// That nothing is logged.
const SILENT: &[&str] = &[
    "silent", "quiet", "stopped logging", "stops logging", "stop logging", "n't logged",
    "not logged", "n't logging", "not logging", "logged nothing", "wrote nothing",
    "written nothing", "logging nothing", "no lines", "no log lines", "no logs",
    "no longer logging", "no longer logs", "stopped writing", "logged anything",
    "logging anything", "log anything", "n't written", "nothing was logged", "nothing logged",
    "no output", "still logging", "not said", "n't said", "never said", "not reported",
    "n't reported", "not written", "not printed", "n't printed",
];
const RATES: &[&str] = &["rate", "rates", "per-second", "how frequently", "throughput", "rps"];
const DISTINCT: &[&str] = &["distinct", "different", "unique"];

impl Reader<'_> {
    pub(super) fn measure(&mut self, window: &mut Length) -> Measure {
        const COUNTS: &[&str] = &["count", "counts", "number", "tally"];
        // "the number lookup service" counts nothing.
        let places = self.wanted.words.places(COUNTS);
        if self.wanted.cues.counted.is_none() && places.any() {
            let named = |at: usize| {
                let spent = self.is_spent(at) && self.wanted.words.list[at].used == Use::Free;
                spent && self.conditions.iter().any(|it| it.at == at || it.at + 1 == at)
            };
            self.wanted.cues.counts &= !places.iter().all(named);
        }
        match self.signal {
            Signal::Logs => self.measure_of_lines(window),
            Signal::Traces => self.measure_of_spans(),
        }
    }

    fn measure_of_lines(&mut self, window: &mut Length) -> Measure {
        if self.wanted.form == Form::Absent || self.wanted.words.has(SILENT) {
            return Measure::Absent;
        }
        if let Some(distinct) = self.distinct() {
            return distinct;
        }
        let words = &self.wanted.words;
        let cues = &self.wanted.cues;
        if !self.shown.is_empty() && self.by.is_empty() && self.wanted.rank.is_none() {
            return Measure::Records;
        }
        if self.is_volume() {
            return if cues.per_s.is_some() || cues.rates {
                Measure::ByteRate
            } else {
                Measure::Bytes
            };
        }
        if let Some(field) = self.counted_number() {
            return Measure::Statistic(Statistic::Total, field);
        }
        if let Some(statistic) = self.statistic() {
            return statistic;
        }
        let payload = words.has(BYTES)
            && (cues.counts
                || self.wanted.cues.shown.is_some_and(|said| said.unit == Unit::Bytes)
                || words.has(&["bytes"]));
        if payload && let Some((field, _)) = self.number_named(Some(Unit::Bytes), &(0..self.len()))
        {
            return if cues.per_s == Some(1) {
                Measure::SumRate(field)
            } else {
                Measure::Statistic(Statistic::Total, field)
            };
        }
        if self.wanted.form == Form::Share
            && self.open_limits.iter().all(|limit| !limit.times)
            && self.wanted.periods.compared.is_none()
        {
            return Measure::Share;
        }
        if words.has(LISTING) {
            return Measure::Records;
        }
        if let Some(step) = self.step() {
            if !self.wanted.has_window() {
                *window = step;
            }
            return Measure::Count;
        }
        match cues.per_s {
            Some(1) => return Measure::Rate,
            Some(seconds) => {
                if !self.wanted.has_window() {
                    *window = Length::of(seconds);
                }
                return Measure::Count;
            }
            None => {}
        }
        let rate = self.find_open(RATES).is_some();
        if rate {
            return Measure::Rate;
        }
        if !self.open_limits.is_empty() && self.by.is_empty() {
            // "pods that logged more than …"
            let first = self.wanted.rows.iter().find(|row| !row.said).cloned();
            first.map(|row| self.read_row(&row, 0.6));
        }
        let (words, cues) = (&self.wanted.words, &self.wanted.cues);
        let numbers = cues.counts
            || self.wanted.rank.is_some()
            || !self.by.is_empty()
            || !self.open_limits.is_empty()
            || self.wanted.periods.compared.is_some()
            || words.has(&[
                "how many", "how often", "count", "counts", "number", "total", "most", "compared",
                "louder", "how much",
            ]);
        if numbers { Measure::Count } else { Measure::Records }
    }

    /// "per 10 minutes"
    fn step(&self) -> Option<Length> {
        let words = &self.wanted.words;
        let at = words
            .places(&["per", "every", "each"])
            .iter()
            .find(|at| words.list.get(at + 1).is_some_and(|next| next.number.is_some()))?;
        let (unit, factor) =
            unit_of(words.at(at + 2)).filter(|(unit, _)| *unit == Unit::Seconds)?;
        let count = words.list[at + 1].number.filter(|_| unit == Unit::Seconds)?;
        let seconds = count * factor;
        (seconds >= 1.0).then(|| Length::of(seconds as i64))
    }

    fn distinct(&mut self) -> Option<Measure> {
        if !self.wanted.cues.counts {
            return None;
        }
        let at = (0..self.len()).find(|at| self.wanted.words.is(*at, DISTINCT))?;
        let noun = [self.word(at + 1), self.word(at + 2)];
        let (two, _) = (Noun::new(&noun), ());
        let among = |_: &crate::records::Field| true;
        let found = self
            .schema
            .named(&two, among)
            .or_else(|| self.schema.named(&Noun::new(&noun[..1]), among));
        let (field, _) = found?;
        self.spend(at..at + 2);
        Some(Measure::Distinct(field))
    }

    /// "how many files did it process", where each record has a number of files.
    fn counted_number(&self) -> Option<usize> {
        const SURE: f32 = 0.9;
        let noun = [self.word(self.wanted.cues.counted.filter(|_| self.wanted.cues.counts)?)];
        let among = |field: &crate::records::Field| {
            field.is_number()
                && !matches!(field.role, Some(Role::Status | Role::GrpcStatus | Role::Duration))
        };
        self.schema
            .named(&Noun::new(&noun), among)
            .filter(|(_, fit)| *fit >= SURE)
            .map(|(field, _)| field)
    }

    /// A statistic of a number in the records.
    fn statistic(&self) -> Option<Measure> {
        let words = &self.wanted.words;
        let sized = words.has(&["size", "sizes", "bytes", "payload", "payloads"]);
        let timed = words.has(TIME) && !sized
            || matches!(self.wanted.statistic, Some(Statistic::Quantile(_)));
        let superlative =
            words.has(&["largest", "biggest", "heaviest"]).then_some(Statistic::Maximum);
        // "the worst ten" are ranked by what is counted.
        let ranked =
            words.list.iter().enumerate().any(|(at, word)| {
                word.number.is_some() && words.is(at.wrapping_sub(1), &["worst"])
            });
        if ranked && !timed && self.wanted.statistic.is_none() {
            return None;
        }
        let told = self.wanted.rows.iter().any(|row| row.said) || self.by.is_empty();
        let slowest = words
            .has(&["slowest", "longest", "worst"])
            .then_some(Statistic::Maximum)
            .filter(|_| told);
        let slow = words
            .has(&["slowest"])
            .then_some(Statistic::Quantile(0.95))
            .filter(|_| !self.by.is_empty());
        let worst = words.has(&["worst"]).then_some(Statistic::Maximum).filter(|_| {
            timed
                || words.has(&["request", "requests", "call", "calls", "query", "queries", "span"])
        });
        let superlative = superlative.or(worst).or(slowest).or(slow);
        let long = words.has(&["how long", "how slow", "how fast"]).then_some(Statistic::Mean);
        let statistic = self.wanted.statistic.or(superlative).or(long)?;
        let unit = if timed || words.has(&["worst"]) { Some(Unit::Seconds) } else { None };
        let everywhere = 0..self.len();
        let least = if superlative.is_some() { 0.34 } else { 0.5 };
        let named = self.number_named(None, &everywhere).filter(|(_, score)| *score >= least);
        let named =
            named.or_else(|| self.number_named(unit, &everywhere).filter(|_| unit.is_some()));
        let bytes = words.has(BYTES) || words.has(&["size", "payload", "big", "large", "largest"]);
        let named = named.or_else(|| {
            if bytes { self.number_named(Some(Unit::Bytes), &everywhere) } else { None }
        });
        // A number that is half named is likelier than none.
        let stated = matches!(
            self.wanted.statistic,
            Some(Statistic::Mean | Statistic::Maximum | Statistic::Minimum)
        );
        let half = || self.number_named(None, &everywhere).filter(|_| stated);
        let (field, _) = named.or_else(half)?;
        // "total errors" and "highest error rate" are counts.
        let of_count =
            statistic == Statistic::Total && !timed && self.said_of(field, &everywhere) < 0.5;
        (!of_count).then_some(Measure::Statistic(statistic, field))
    }

    /// Whether the question is about how much is logged.
    fn is_volume(&self) -> bool {
        let words = &self.wanted.words;
        let logs = words.has(&[
            "log", "logs", "logging", "logged", "loki", "lines", "write", "writes", "log output",
        ]);
        let payload = words.has(PAYLOAD) && self.schema.first(Role::Size).is_some();
        !payload && (words.has(VOLUME) && (logs || words.has(BYTES)) || words.has(BYTES) && logs)
    }

    fn measure_of_spans(&mut self) -> Measure {
        let words = &self.wanted.words;
        let cues = &self.wanted.cues;
        let duration = self.schema.at("duration");
        let limited = !self.open_limits.is_empty();
        let over_time = words.has(OVER_TIME);
        let everywhere = 0..self.len();
        let number = || {
            let named = self.number_named(None, &everywhere).filter(|(_, score)| *score >= 0.5);
            named.map(|(field, _)| field).or(duration)
        };
        if words.has(HISTOGRAM)
            && let Some(field) = number()
        {
            return Measure::Histogram(field);
        }
        let timed = words.has(TIME);
        match self.wanted.statistic {
            Some(Statistic::Quantile(_)) => {
                if let Some(field) = number() {
                    return Measure::Statistic(
                        self.wanted.statistic.unwrap_or(Statistic::Mean),
                        field,
                    );
                }
            }
            None if words.has(&["slowest", "longest"])
                && self.wanted.rank.is_none_or(|rank| !rank.said)
                && self.wanted.rows.iter().any(|row| row.said) =>
            {
                if let Some(field) = number() {
                    return Measure::Statistic(Statistic::Maximum, field);
                }
            }
            Some(statistic @ (Statistic::Mean | Statistic::Maximum | Statistic::Minimum))
                if !words.has(WHOLE_TRACE) || limited =>
            {
                let rows = !self.by.is_empty() || over_time || limited || timed;
                if let (true, Some(field)) = (rows, number()) {
                    return Measure::Statistic(statistic, field);
                }
            }
            Some(Statistic::Total) if limited && !self.is_count_limit() => {
                if let Some(field) = number() {
                    return Measure::Statistic(Statistic::Total, field);
                }
            }
            _ => {}
        }
        if limited && self.open_limits.iter().all(|limit| limit.unit() == Some(Unit::Seconds)) {
            let adds = words
                .has(&["add up", "adds up", "sum up", "sums up", "summed", "in sum", "altogether"]);
            if let Some(field) = number() {
                let statistic = match () {
                    () if adds => Statistic::Total,
                    () if words.has(&["worst"]) => Statistic::Maximum,
                    () => Statistic::Mean,
                };
                return Measure::Statistic(statistic, field);
            }
        }
        const SHARES: &[&str] = &[
            "share", "shares", "fraction", "percentage", "percent", "ratio", "proportion", "part",
            "%",
        ];
        if self.wanted.form == Form::Share && !limited && words.has(SHARES) {
            return Measure::Rate;
        }
        if cues.per_s.is_some() || self.find_open(RATES).is_some() {
            return Measure::Rate;
        }
        if limited {
            self.read_group();
            return Measure::Count;
        }
        if let (true, Some(field)) =
            (timed && self.wanted.rank.is_some() && !self.by.is_empty(), number())
        {
            return Measure::Statistic(Statistic::Quantile(0.95), field);
        }
        let listed = !self.shown.is_empty() && self.wanted.rank.is_none()
            || words.has(&["find", "show", "list", "which traces", "spans", "traces", "trace"])
                && !cues.counts
                && self.wanted.rank.is_none();
        if cues.counts && self.shown.is_empty()
            || self.wanted.rank.is_some() && !self.by.is_empty()
            || over_time
            || (!self.by.is_empty() && !listed)
        {
            return Measure::Count;
        }
        Measure::Records
    }

    /// "traces where one service has more than …": told apart within a trace.
    fn read_group(&mut self) {
        const SURE: f32 = 0.7;
        if !self.by.is_empty() {
            return;
        }
        let found = (0..self.len())
            .filter(|at| self.wanted.words.is(*at, &["one", "any", "single", "same"]))
            .filter(|at| !self.wanted.words.is(at.wrapping_sub(1), &["for"]))
            .find_map(|at| {
                let noun = [self.word(at + 1)];
                let among = |field: &crate::records::Field| {
                    field.part != crate::records::Part::Intrinsic && !field.is_number()
                };
                self.schema.named(&Noun::new(&noun), among).filter(|(_, fit)| *fit >= SURE)
            });
        self.by.extend(found.map(|(field, _)| field));
    }

    fn is_count_limit(&self) -> bool {
        self.open_limits.first().is_some_and(|limit| limit.unit().is_none())
    }
}
