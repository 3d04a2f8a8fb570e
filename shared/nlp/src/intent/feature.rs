//! What may speak for an intent.

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Feature { $($(#[$doc])* $name),* }

        impl Feature {
            pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];
            pub(crate) const COUNT: usize = Self::NAMES.len();
        }
    };
}

features! {
    // Cues in the words.
    Errors, Health, HowIs, Comparing, Versus, Trend, Deployments, VersionAsk, Asks,
    /// "by route", "broken down".
    Breakdown,
    Why, HowTo, Explain,
    /// What cannot be answered yet: logs, traces, incidents, …
    Later,
    Greeting, AboutUs, OffTopic, Technical,
    // The shape of the sentence.
    /// A verb that wants something done, where a command stands.
    Command,
    /// "is it up", "payment down?".
    UpOrDown,
    /// Begins like "and …", "what about …".
    Elliptic,
    /// Nothing but entities and small words.
    Fragment,
    /// "what is latency": a metric, and nothing that has it.
    Definition,
    /// "A or B" of two things named.
    Alternatives,
    /// Words of comparing, and nothing that could be compared.
    Incomparable,
    /// Nothing tells of software.
    NoTechnical,
    // Entities.
    Service,
    /// A service of the catalog, or one that the text calls a service.
    NamedService,
    TwoServices, Metric, ErrorMetric,
    /// A metric that only an adjective tells of: "slower".
    ImpliedMetric,
    Aggregation, Percentile, Ranking, Time,
    /// A second period.
    Baseline,
    ErrorStatus, OtherStatus, Threshold, Version, TwoVersions, Environment, Endpoint,
}
