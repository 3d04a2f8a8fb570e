//! What a TraceQL query is made of. Trees hold no parentheses and no positions: printing puts the
//! first back where the order of operators needs them, parsing reports the second beside the tree.

/// A query: what it selects and computes, and hints on how to run it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    pub(crate) pipeline: Pipeline,
    /// `with (most_recent=true)`
    pub(crate) hints: Vec<(String, Literal)>,
}

/// Stages, each of which takes what the one before yields; never empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pipeline {
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    Spansets(Spansets),
    /// `avg(duration) > 1s`: keeps the spansets of which it holds.
    Filter(Scalar, Comparison, Scalar),
    /// `by(resource.service.name)`
    Group(Vec<Field>),
    Select(Vec<Reference>),
    Coalesce,
    Metric(Metric),
    /// `topk(5)`, `bottomk(5)`
    Rank {
        top: bool,
        count: i64,
    },
    /// `> 10` behind a metric: keeps the points of which it holds.
    Threshold(Comparison, Scalar),
}

/// Sets of spans of one trace, and how they must stand to one another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spansets {
    /// `{ … }`; `None` takes every span.
    Filter(Option<Field>),
    /// `( … | … )` with two stages or more, or one that is no spanset.
    Wrapped(Box<Pipeline>),
    Combined(Box<Spansets>, SpansetOperator, Box<Spansets>),
}

macro_rules! symbols {
    ($(#[$doc:meta])* $enum:ident { $($(#[$variant_doc:meta])* $variant:ident = $symbol:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $enum { $($(#[$variant_doc])* $variant),* }

        impl $enum {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol),* }
            }

            pub(crate) fn from_symbol(symbol: &str) -> Option<Self> {
                match symbol { $($symbol => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

symbols!(
    /// How two sets of spans must stand to one another. The structural ones return the spans of
    /// their right side, the unions those of both.
    SpansetOperator {
        And = "&&",
        Or = "||",
        Child = ">",
        Parent = "<",
        Descendant = ">>",
        Ancestor = "<<",
        Sibling = "~",
        NotChild = "!>",
        NotParent = "!<",
        NotDescendant = "!>>",
        NotAncestor = "!<<",
        NotSibling = "!~",
        UnionChild = "&>",
        UnionParent = "&<",
        UnionDescendant = "&>>",
        UnionAncestor = "&<<",
        UnionSibling = "&~",
    }
);

symbols!(
    Comparison {
        Equal = "=",
        NotEqual = "!=",
        Matches = "=~",
        MatchesNot = "!~",
        Above = ">",
        AtLeast = ">=",
        Below = "<",
        AtMost = "<=",
    }
);

symbols!(
    Arithmetic {
        Add = "+",
        Subtract = "-",
        Multiply = "*",
        Divide = "/",
        Modulo = "%",
        Power = "^",
    }
);

symbols!(
    Logic {
        And = "&&",
        Or = "||",
    }
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Logic(Logic),
    Comparison(Comparison),
    Arithmetic(Arithmetic),
}

/// An expression over one span.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Literal(Literal),
    Reference(Reference),
    Not(Box<Field>),
    Minus(Box<Field>),
    Binary(Box<Field>, Operator, Box<Field>),
}

/// Something that a span has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Reference {
    Intrinsic(Intrinsic),
    Attribute(Attribute),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Attribute {
    /// `parent.span.x`: of the span above.
    pub(crate) parent: bool,
    /// `None` looks at the span, then at its resource.
    pub(crate) scope: Option<Scope>,
    pub(crate) name: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $enum:ident { $($variant:ident = $word:literal $(| $alias:literal)*),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $enum { $($variant),* }

        impl $enum {
            /// The lexer and the property tests go through some of them.
            #[allow(dead_code)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word { $($word $(| $alias)* => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words!(
    Scope {
        Span = "span",
        Resource = "resource",
        Event = "event",
        Link = "link",
        Instrumentation = "instrumentation",
    }
);

words!(
    /// What every span, trace, event and link has of itself. Where there is a short and a scoped
    /// form (`duration`, `span:duration`), they are two variants, since people and catalogs use
    /// both.
    Intrinsic {
        Duration = "duration",
        Name = "name",
        Status = "status",
        StatusMessage = "statusMessage",
        Kind = "kind",
        ChildCount = "childCount",
        Parent = "parent",
        RootName = "rootName",
        RootServiceName = "rootServiceName",
        TraceDuration = "traceDuration",
        NestedSetLeft = "nestedSetLeft",
        NestedSetRight = "nestedSetRight",
        NestedSetParent = "nestedSetParent",
        SpanDuration = "span:duration",
        SpanName = "span:name",
        SpanStatus = "span:status",
        SpanStatusMessage = "span:statusMessage",
        SpanKind = "span:kind",
        SpanId = "span:id",
        SpanParentId = "span:parentID",
        SpanChildCount = "span:childCount",
        TraceWholeDuration = "trace:duration",
        TraceRootName = "trace:rootName",
        TraceRootService = "trace:rootService",
        TraceId = "trace:id",
        EventName = "event:name",
        EventTimeSinceStart = "event:timeSinceStart",
        LinkSpanId = "link:spanID",
        LinkTraceId = "link:traceID",
        InstrumentationName = "instrumentation:name",
        InstrumentationVersion = "instrumentation:version",
    }
);

words!(
    Status {
        Ok = "ok",
        Error = "error",
        Unset = "unset",
    }
);

words!(
    Kind {
        Unspecified = "unspecified",
        Internal = "internal",
        Server = "server",
        Client = "client",
        Producer = "producer",
        Consumer = "consumer",
    }
);

words!(
    TimeUnit {
        Nanoseconds = "ns",
        Microseconds = "us" | "µs" | "μs",
        Milliseconds = "ms",
        Seconds = "s",
        Minutes = "m",
        Hours = "h",
    }
);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    String(String),
    Integer(i64),
    /// Finite and not negative.
    Float(f64),
    /// As it was written: `90s` is not made `1m30s`. Finite and not negative.
    Duration(f64, TimeUnit),
    Boolean(bool),
    Nil,
    Status(Status),
    Kind(Kind),
    MinInt,
    MaxInt,
}

/// A number about a whole set of spans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    /// A number or a duration.
    Literal(Literal),
    Minus(Literal),
    Count,
    Aggregate(Aggregate, Field),
    Binary(Box<Scalar>, Arithmetic, Box<Scalar>),
}

words!(
    Aggregate {
        Average = "avg",
        Maximum = "max",
        Minimum = "min",
        Sum = "sum",
    }
);

/// What makes series of numbers out of spans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metric {
    pub(crate) function: MetricFunction,
    /// What tells the series apart.
    pub(crate) by: Vec<Reference>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MetricFunction {
    Rate,
    CountOverTime,
    OverTime(Aggregate, Reference),
    Histogram(Reference),
    /// The quantiles are integers or floats.
    Quantile(Reference, Vec<Literal>),
    Compare {
        selection: Option<Field>,
        limits: Option<CompareLimits>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompareLimits {
    /// The most values per attribute.
    pub(crate) top: i64,
    /// When the selection begins and ends, in Unix nanoseconds.
    pub(crate) between: Option<(i64, i64)>,
}
