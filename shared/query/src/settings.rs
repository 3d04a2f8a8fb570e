//! What a tenant may ask for, and what is assumed when a question does not say.

use jiff::tz::TimeZone;

const DAY_S: i64 = 86_400;

/// The limits that every query is held to before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest window of a range vector, and the longest period of a range query.
    pub max_range_s: i64,
    /// How far back of its evaluation time a query may reach, windows and offsets added up.
    pub max_lookback_s: i64,
    pub min_step_s: i64,
    /// Points per series, of a range query and of a subquery: what Prometheus itself allows.
    pub max_points: i64,
    pub max_query_bytes: usize,
    pub max_depth: usize,
    pub max_selectors: usize,
    /// How many series a selector may have, by the catalog's samples, without narrowing or
    /// aggregation.
    pub max_series: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_range_s: 31 * DAY_S,
            max_lookback_s: 63 * DAY_S,
            min_step_s: 5,
            max_points: 11_000,
            max_query_bytes: 8_192,
            max_depth: 32,
            max_selectors: 16,
            max_series: 100,
        }
    }
}

/// What to do when a question names no service but its metric is recorded per service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WithoutService {
    /// Refuse with [`crate::PlanError::MissingService`], so that the copilot asks.
    #[default]
    Ask,
    /// Answer for every service: the words were "which services", "all services".
    All,
}

/// How questions are turned into queries.
#[derive(Debug, Clone)]
pub struct Settings {
    pub bounds: Bounds,
    /// The period of errors and comparisons when none is named.
    pub default_range_s: i64,
    /// The window of a value "now": long enough for a rate, short enough to be the present.
    pub now_window_s: i64,
    /// The period of a trend when none is named.
    pub trend_range_s: i64,
    /// The period in which deployments are looked for when none is named.
    pub deployments_range_s: i64,
    /// The least window of a rate: four times the scrape interval survives a missed scrape.
    pub min_window_s: i64,
    /// The zone in which times are told.
    pub zone: TimeZone,
    pub without_service: WithoutService,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bounds: Bounds::default(),
            default_range_s: 3_600,
            now_window_s: 300,
            trend_range_s: DAY_S,
            deployments_range_s: DAY_S,
            min_window_s: 60,
            zone: TimeZone::UTC,
            without_service: WithoutService::default(),
        }
    }
}
