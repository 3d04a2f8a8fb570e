//! LogQL as a tree. Strings are kept plain and quoted on printing only; durations, sizes and
//! numbers are kept as values, so that two spellings of a query are one tree.

/// Where something begins in the text that was read, in bytes. Two things that differ only in where
/// they stand are equal, so that a query equals what its printed form reads back as.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Position(pub(crate) usize);

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Position {}

/// How a length of time is to be written, where that is known: `24h` and `1d` are equal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spelling(pub(crate) Option<String>);

impl PartialEq for Spelling {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A query: lines, or numbers made from lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Log(LogExpr),
    Metric(MetricExpr),
}

/// Streams and what is done to each of their lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogExpr {
    pub(crate) selector: Selector,
    pub(crate) pipeline: Vec<Stage>,
}

/// `{app="checkout", env=~"prod|staging"}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) position: Position,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    pub(crate) operator: MatchOperator,
    pub(crate) value: String,
    pub(crate) position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchOperator {
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

impl MatchOperator {
    pub(crate) fn is_pattern(self) -> bool {
        matches!(self, Self::Regex | Self::NotRegex)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    Line(LineFilter),
    Parse(Parser),
    Filter(LabelFilter),
    LineFormat(String),
    LabelFormat(Vec<LabelFormat>),
    Decolorize,
    Drop(Vec<Pick>),
    Keep(Vec<Pick>),
}

/// `|= "a" or "b"`: the line holds one of them; negative operators: none of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LineFilter {
    pub(crate) operator: LineOperator,
    pub(crate) any: Vec<LineMatch>,
    pub(crate) position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineOperator {
    Contains,
    ContainsNot,
    Regex,
    RegexNot,
    Pattern,
    PatternNot,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineMatch {
    Text(String),
    /// `ip("10.0.0.0/8")`.
    Ip(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parser {
    Json(Vec<Extraction>),
    Logfmt { strict: bool, keep_empty: bool, only: Vec<Extraction> },
    Pattern(String),
    Regexp(String),
    Unpack,
}

/// `name="path.to[0].it"`; a bare name takes the field of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extraction {
    pub(crate) label: String,
    pub(crate) from: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelFormat {
    pub(crate) label: String,
    pub(crate) value: LabelFormatValue,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LabelFormatValue {
    /// `new=old`.
    Rename(String),
    /// `new="{{.old}}"`.
    Template(String),
}

/// A label, or a label where it has a value: of `drop` and `keep`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pick {
    Label(String),
    Where(Matcher),
}

/// What the labels of a line must fulfil. `And` and `Or` have two members or more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LabelFilter {
    Match(Matcher),
    Compare(Compare),
    Ip { label: String, negated: bool, address: String },
    And(Vec<LabelFilter>),
    Or(Vec<LabelFilter>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compare {
    pub(crate) label: String,
    pub(crate) operator: CompareOperator,
    pub(crate) value: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompareOperator {
    Equal,
    NotEqual,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What a label is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Amount {
    Number(f64),
    Nanoseconds(i64),
    Bytes(u64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MetricExpr {
    Literal(f64),
    /// `vector(0)`.
    Vector(f64),
    Range(Box<RangeAggregation>),
    Aggregate(Box<Aggregation>),
    Binary(Box<Binary>),
    LabelReplace(Box<LabelReplace>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RangeAggregation {
    pub(crate) operator: RangeOperator,
    /// The rank of a quantile.
    pub(crate) parameter: Option<f64>,
    pub(crate) log: LogExpr,
    pub(crate) unwrap: Option<Unwrap>,
    pub(crate) range_ms: i64,
    pub(crate) spelling: Spelling,
    /// Nanoseconds back; negative looks ahead.
    pub(crate) offset: Option<i64>,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) position: Position,
}

/// `| unwrap duration(took) | __error__=""`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unwrap {
    pub(crate) label: String,
    pub(crate) conversion: Option<Conversion>,
    pub(crate) filters: Vec<LabelFilter>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregation {
    pub(crate) operator: VectorOperator,
    /// How many, of `topk` and its like.
    pub(crate) parameter: Option<u32>,
    pub(crate) inner: MetricExpr,
    pub(crate) grouping: Option<Grouping>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grouping {
    pub(crate) without: bool,
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Binary {
    pub(crate) operator: BinaryOperator,
    pub(crate) left: MetricExpr,
    pub(crate) right: MetricExpr,
    pub(crate) modifier: Modifier,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Modifier {
    pub(crate) returns_bool: bool,
    /// `on(…)`, or `ignoring(…)` when `ignoring`.
    pub(crate) matching: Option<Matching>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matching {
    pub(crate) ignoring: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) group: Option<Group>,
}

/// `group_left(…)` or, when `right`, `group_right(…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) right: bool,
    pub(crate) include: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LabelReplace {
    pub(crate) inner: MetricExpr,
    pub(crate) target: String,
    pub(crate) replacement: String,
    pub(crate) source: String,
    pub(crate) pattern: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $enum:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $enum { $($variant),* }

        impl $enum {
            #[cfg(test)]
            #[allow(dead_code)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Function names are not case-sensitive.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                [$(($name, Self::$variant)),*]
                    .into_iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                    .map(|(_, operator)| operator)
            }
        }
    };
}

words!(
    /// What makes a number of the lines of a range.
    RangeOperator {
        CountOverTime = "count_over_time",
        Rate = "rate",
        RateCounter = "rate_counter",
        BytesOverTime = "bytes_over_time",
        BytesRate = "bytes_rate",
        SumOverTime = "sum_over_time",
        AvgOverTime = "avg_over_time",
        MinOverTime = "min_over_time",
        MaxOverTime = "max_over_time",
        StddevOverTime = "stddev_over_time",
        StdvarOverTime = "stdvar_over_time",
        QuantileOverTime = "quantile_over_time",
        FirstOverTime = "first_over_time",
        LastOverTime = "last_over_time",
        AbsentOverTime = "absent_over_time",
    }
);

words!(
    /// What makes few numbers of many.
    VectorOperator {
        Sum = "sum",
        Avg = "avg",
        Min = "min",
        Max = "max",
        Count = "count",
        Stddev = "stddev",
        Stdvar = "stdvar",
        Topk = "topk",
        Bottomk = "bottomk",
        ApproxTopk = "approx_topk",
        Sort = "sort",
        SortDesc = "sort_desc",
    }
);

words!(
    /// How the text of an unwrapped label becomes a number.
    Conversion {
        Duration = "duration",
        DurationSeconds = "duration_seconds",
        Bytes = "bytes",
    }
);

words!(
    BinaryOperator {
        Or = "or",
        And = "and",
        Unless = "unless",
        Equal = "==",
        NotEqual = "!=",
        Above = ">",
        AtLeast = ">=",
        Below = "<",
        AtMost = "<=",
        Add = "+",
        Subtract = "-",
        Multiply = "*",
        Divide = "/",
        Modulo = "%",
        Power = "^",
    }
);

impl RangeOperator {
    /// Whether it works on the numbers of an unwrapped label. `rate` and `absent_over_time` work on
    /// lines too.
    pub(crate) fn takes_unwrap(self) -> bool {
        !matches!(self, Self::CountOverTime | Self::BytesOverTime | Self::BytesRate)
    }

    pub(crate) fn takes_lines(self) -> bool {
        !self.takes_unwrap() || matches!(self, Self::Rate | Self::AbsentOverTime)
    }

    pub(crate) fn takes_grouping(self) -> bool {
        matches!(
            self,
            Self::AvgOverTime
                | Self::MinOverTime
                | Self::MaxOverTime
                | Self::StddevOverTime
                | Self::StdvarOverTime
                | Self::QuantileOverTime
                | Self::FirstOverTime
                | Self::LastOverTime
        )
    }
}

impl VectorOperator {
    pub(crate) fn takes_parameter(self) -> bool {
        matches!(self, Self::Topk | Self::Bottomk | Self::ApproxTopk)
    }

    pub(crate) fn takes_grouping(self) -> bool {
        !matches!(self, Self::ApproxTopk | Self::Sort | Self::SortDesc)
    }
}

impl BinaryOperator {
    /// The higher, the tighter; `^` alone groups to the right.
    pub(crate) fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Above
            | Self::AtLeast
            | Self::Below
            | Self::AtMost => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo => 5,
            Self::Power => 6,
        }
    }

    pub(crate) fn is_set(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Unless)
    }
}
