//! What an utterance names.

use std::ops::Range;

use crate::TimeRange;

/// One thing that the text names.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub kind: EntityKind,
    pub value: EntityValue,
    /// The words as they stand in the text; empty when the entity was taken over from an earlier
    /// turn.
    pub text: String,
    /// Byte offsets into the original text; `0..0` when it was taken over.
    pub span: Range<usize>,
    /// 0 to 1.
    pub confidence: f32,
}

impl Entity {
    /// The normalised value where it is plain text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            EntityValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A normalised value.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityValue {
    /// A name, key or number as written: `payment`, `latency_p95`, `2.0`.
    Text(String),
    Time(TimeRange),
    Threshold {
        comparison: Comparison,
        value: f64,
        unit: Unit,
    },
    /// So many of something: `10 replicas`.
    Quantity {
        value: f64,
        unit: String,
    },
    /// A length of time in seconds that is no period.
    Seconds(f64),
    /// That it is said is all there is to it.
    Said,
}

macro_rules! named {
    ($(#[$doc:meta])* $enum:ident :: $name_of:ident / $from:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $name:literal),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum { $($(#[$variant_doc])* $variant),* }

        impl $enum {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The wire form.
            pub fn $name_of(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub fn $from(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named!(
    /// How a value is held against a threshold; the symbols are PromQL's too.
    Comparison::symbol / from_symbol {
        Above = ">",
        AtLeast = ">=",
        Below = "<",
        AtMost = "<=",
        Equal = "=",
    }
);

named!(
    /// The base unit of a value.
    Unit::name / from_name {
        Seconds = "seconds",
        /// 0 to 1; shown as per cent.
        Ratio = "ratio",
        Bytes = "bytes",
        Count = "count",
        PerSecond = "per_second",
        /// CPU seconds per second.
        Cores = "cores",
        /// Nothing is known of it; shown as it is.
        None = "none",
    }
);

named!(
    /// The kind of a thing named. The table is the place to add one.
    EntityKind::name / from_name {
        Service = "service",
        Metric = "metric",
        Aggregation = "aggregation",
        TimeRange = "time_range",
        Environment = "environment",
        Version = "version",
        Severity = "severity",
        IncidentId = "incident_id",
        WorkflowId = "workflow_id",
        TraceId = "trace_id",
        SpanId = "span_id",
        IncidentStatus = "incident_status",
        LogLevel = "log_level",
        HttpStatus = "http_status",
        ErrorCode = "error_code",
        Endpoint = "endpoint",
        Threshold = "threshold",
        Duration = "duration",
        Quantity = "quantity",
        Region = "region",
        Cluster = "cluster",
        Namespace = "namespace",
        Pod = "pod",
        Container = "container",
        Host = "host",
        User = "user",
        Team = "team",
        WorkflowName = "workflow_name",
        CodeSymbol = "code_symbol",
        FilePath = "file_path",
        Language = "language",
        TestFramework = "test_framework",
        Schedule = "schedule",
        RequiresApproval = "requires_approval",
    }
);
