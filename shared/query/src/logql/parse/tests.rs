//! The parser against a corpus whose verdicts were checked with Grafana's grammar and with Loki,
//! against trees made at random, and against text that is no query at all.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde::Deserialize;

use super::{is_label, parse};
use crate::logql::ast::*;

/// One line of the corpus; how it was made is said in `tests/grammar/logql.mjs`.
#[derive(Deserialize)]
struct Row {
    query: String,
    /// What this parser must say.
    valid: bool,
    lezer: bool,
    /// Whether Loki 3.7.8 takes it and builds its pipeline.
    loki: bool,
    /// Why the three do not agree.
    why: Option<String>,
}

#[test]
fn the_corpus_is_judged_as_written() {
    let corpus = include_str!("../../../tests/data/logql-grammar.jsonl");
    let (mut valid, mut invalid) = (0, 0);
    for line in corpus.lines() {
        let row: Row = serde_json::from_str(line).unwrap();
        let parsed = parse(&row.query);
        assert_eq!(parsed.is_ok(), row.valid, "{}: {parsed:?}", row.query);
        let agreed = row.valid == row.lezer && row.valid == row.loki;
        assert_eq!(agreed, row.why.is_none(), "{}: {:?}", row.query, row.why);
        *(if row.valid { &mut valid } else { &mut invalid }) += 1;
        if let Ok(tree) = parsed {
            let printed = tree.to_string();
            let again = parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
            assert_eq!(again, tree, "{printed}");
            assert_eq!(again.to_string(), printed);
        }
    }
    assert!(valid >= 150 && invalid >= 80, "{valid} valid, {invalid} invalid");
}

#[test]
fn queries_print_in_one_spelling() {
    for (query, expected) in [
        (r#"{ a = "b" ,c=~`d\d` }"#, r#"{a="b", c=~`d\d`}"#),
        (r#"{a="b"}|="x"or"y"|json"#, r#"{a="b"} |= "x" or "y" | json"#),
        (r#"{a="b"} | x==5, y>1.5s z=~"w""#, r#"{a="b"} | x = 5 and y > 1.5s and z=~"w""#),
        (r#"{a="b"} | x=1 or y=2 and z=3"#, r#"{a="b"} | x = 1 or (y = 2 and z = 3)"#),
        (r#"{a="b"} | x=1, y=2 or z=3"#, r#"{a="b"} | x = 1 and (y = 2 or z = 3)"#),
        (r#"{a="b"} | x=1 and y=2 or z=3"#, r#"{a="b"} | (x = 1 and y = 2) or z = 3"#),
        (r#"{a="b"} | x>2000000B"#, r#"{a="b"} | x > 2MB"#),
        (r#"COUNT_over_time(({a="b"}|="x")[60s])"#, r#"count_over_time({a="b"} |= "x" [1m])"#),
        (r#"rate({a="b"}[5m] offset 24h|="x")"#, r#"rate({a="b"} |= "x" [5m] offset 24h)"#),
        (r#"sum(rate({a="b"}[5m]))by(x,y)"#, r#"sum by (x, y) (rate({a="b"}[5m]))"#),
        ("(1+2)*3-(4-5)-6", "(1 + 2) * 3 - (4 - 5) - 6"),
        ("2^3^4", "2 ^ 3 ^ 4"),
        ("(2^3)^4", "(2 ^ 3) ^ 4"),
        (r#"{a="b"} |= "tab	\"q\" `""#, r#"{a="b"} |= "tab\t\"q\" `""#),
    ] {
        assert_eq!(parse(query).unwrap().to_string(), expected);
    }
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    for (query, expected) in [
        (
            "",
            "expected a selector such as `{app=\"checkout\"}` or a function, found the end of the query (at 0)",
        ),
        ("{a=b}", "expected a string, found `b` (at 3)"),
        ("{a>\"b\"}", "expected `=`, `!=`, `=~` or `!~`, found `>` (at 2)"),
        ("{by=\"b\"}", "expected the name of a label, found the keyword `by` (at 1)"),
        ("{a=\"b\"", "expected `}`, found the end of the query (at 6)"),
        (
            "{a=\"b\"} | x",
            "expected a comparison such as `=`, `=~` or `>`, found the end of the query (at 11)",
        ),
        (
            "{a=\"b\"} | x > \"5\"",
            "expected a number, a duration or a size without quotes, found a string (at 14)",
        ),
        (
            "{a=\"b\"} | unwrap x",
            "`unwrap` belongs inside a range aggregation such as `avg_over_time` (at 8)",
        ),
        ("{a=\"b\"} |~ \"(\"", "not a regular expression: a `(` is not closed (at 11)"),
        (
            "sum({a=\"b\"})",
            "these are log lines where numbers are needed; count them with `count_over_time` (at 4)",
        ),
        ("rate({a=\"b\"})", "expected a range such as `[5m]`, found `)` (at 12)"),
        ("avg_over_time({a=\"b\"}[5m])", "`avg_over_time` needs `| unwrap` of a label (at 0)"),
        (
            "rate({a=\"b\"}[5m]) by (x)",
            "`rate` cannot be grouped; put `sum by (…) (…)` around it (at 0)",
        ),
        ("topk(rate({a=\"b\"}[5m]))", "`topk` needs a number first: `topk(10, …)` (at 0)"),
        ("foo({a=\"b\"})", "expected a selector or the name of a function, found `foo` (at 0)"),
        ("{a=\"b\"} x", "expected the end of the query, found `x` (at 8)"),
    ] {
        assert_eq!(parse(query).unwrap_err().to_string(), expected, "{query}");
    }
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    let rate = r#"rate({a="b"}[5m])"#;
    for deep in [
        format!("{}{rate}{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}{rate}", "sum(".repeat(10_000)),
        format!("{}1", "1^".repeat(10_000)),
        format!("{}1", "1+".repeat(10_000)),
        format!(r#"{{a="b"}} | {}x=1{}"#, "(".repeat(10_000), ")".repeat(10_000)),
        format!(r#"{{a="b"}} | x=1{}"#, " or y=2, z=3".repeat(10_000)),
        format!("rate({}", "(".repeat(10_000)),
        format!(r#"{{a=~"{}"}}"#, "(".repeat(10_000)),
    ] {
        assert!(parse(&deep).is_err(), "{deep:.60}");
    }
    for long in [
        format!(r#"{{a="b"}}{}"#, r#" |= "x""#.repeat(10_000)),
        format!(r#"{{a="b"}} | x=1{}"#, " and y=2, z=3".repeat(10_000)),
        format!(r#"{{a="b"}} | x=1{}"#, " or y=2".repeat(10_000)),
        format!(r#"{{a="b"{}}}"#, r#",c="d""#.repeat(10_000)),
    ] {
        let tree = parse(&long).unwrap();
        assert_eq!(parse(&tree.to_string()).unwrap(), tree);
    }
}

fn label() -> impl Strategy<Value = String> {
    const NAMES: &[&str] =
        &["a", "env", "duration", "bytes", "rate", "ip", "_x", "A9", "__error__", "sum", "vector"];
    select(NAMES).prop_map(str::to_owned)
}

fn labels() -> impl Strategy<Value = Vec<String>> {
    vec(label(), 0..3)
}

/// A pattern that is valid and does not match the empty string.
fn regex() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| format!("(?i)x{}", crate::promql::escape_regex(&text)))
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let plain = (label(), any::<bool>(), any::<String>()).prop_map(|(label, equal, value)| {
        let operator = if equal { MatchOperator::Equal } else { MatchOperator::NotEqual };
        Matcher { label, operator, value, position: Position::default() }
    });
    let pattern = (label(), any::<bool>(), regex()).prop_map(|(label, equal, value)| {
        let operator = if equal { MatchOperator::Regex } else { MatchOperator::NotRegex };
        Matcher { label, operator, value, position: Position::default() }
    });
    prop_oneof![plain, pattern]
}

fn selector() -> impl Strategy<Value = Selector> {
    (label(), "\\PC{1,8}", vec(matcher(), 0..3)).prop_map(|(label, value, mut matchers)| {
        let operator = MatchOperator::Equal;
        matchers.push(Matcher { label, operator, value, position: Position::default() });
        Selector { matchers, position: Position::default() }
    })
}

fn line_filter() -> impl Strategy<Value = LineFilter> {
    let text = prop_oneof![
        any::<String>().prop_map(LineMatch::Text),
        Just(LineMatch::Ip("10.0.0.0/8".to_owned())),
    ];
    let plain = (any::<bool>(), vec(text, 1..3)).prop_map(|(contains, any)| {
        let operator = if contains { LineOperator::Contains } else { LineOperator::ContainsNot };
        LineFilter { operator, any, position: Position::default() }
    });
    let pattern =
        (any::<bool>(), vec(regex().prop_map(LineMatch::Text), 1..3)).prop_map(|(matches, any)| {
            let operator = if matches { LineOperator::Regex } else { LineOperator::RegexNot };
            LineFilter { operator, any, position: Position::default() }
        });
    let shape = any::<bool>().prop_map(|matches| {
        let operator = if matches { LineOperator::Pattern } else { LineOperator::PatternNot };
        let any = vec![LineMatch::Text("<_> \"x\" <_>".to_owned())];
        LineFilter { operator, any, position: Position::default() }
    });
    prop_oneof![plain, pattern, shape]
}

fn label_filter() -> impl Strategy<Value = LabelFilter> {
    const OPERATORS: &[CompareOperator] = &[
        CompareOperator::Equal,
        CompareOperator::NotEqual,
        CompareOperator::Above,
        CompareOperator::AtLeast,
        CompareOperator::Below,
        CompareOperator::AtMost,
    ];
    let amount = prop_oneof![
        (-1e12_f64..1e12).prop_map(Amount::Number),
        (-i64::MAX..i64::MAX).prop_map(Amount::Nanoseconds),
        (0_u64..1 << 50).prop_map(Amount::Bytes),
    ];
    let compare = (label(), select(OPERATORS), amount).prop_map(|(label, operator, value)| {
        LabelFilter::Compare(Compare { label, operator, value })
    });
    let ip = (label(), any::<bool>()).prop_map(|(label, negated)| LabelFilter::Ip {
        label,
        negated,
        address: "::1".to_owned(),
    });
    let leaf = prop_oneof![matcher().prop_map(LabelFilter::Match), compare, ip];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| LabelFilter::and(a, b)),
            (inner.clone(), inner).prop_map(|(a, b)| LabelFilter::or(a, b)),
        ]
    })
}

fn stage() -> impl Strategy<Value = Stage> {
    let extraction = (label(), any::<bool>()).prop_map(|(label, same)| {
        let from = if same { label.clone() } else { "\"x y\"".to_owned() };
        Extraction { label, from }
    });
    let path = label().prop_map(|label| Extraction { label, from: "a.b[0][\"c d\"]".to_owned() });
    let flags = (any::<bool>(), any::<bool>(), vec(extraction, 0..3));
    let logfmt = flags.prop_map(|(strict, keep_empty, only)| {
        Stage::Parse(Parser::Logfmt { strict, keep_empty, only })
    });
    let formats = (label(), any::<bool>()).prop_filter("", |(label, _)| label != "__error__");
    let formats = formats.prop_map(|(label, template)| {
        let value = if template {
            LabelFormatValue::Template("{{.a}} \"b\"".to_owned())
        } else {
            LabelFormatValue::Rename("a".to_owned())
        };
        Stage::LabelFormat(vec![LabelFormat { label, value }])
    });
    let pick = prop_oneof![label().prop_map(Pick::Label), matcher().prop_map(Pick::Where)];
    prop_oneof![
        line_filter().prop_map(Stage::Line),
        label_filter().prop_map(Stage::Filter),
        vec(path, 0..3).prop_map(|only| Stage::Parse(Parser::Json(only))),
        logfmt,
        Just(Stage::Parse(Parser::Pattern("<a> \"<_>\" <b>".to_owned()))),
        Just(Stage::Parse(Parser::Regexp(r"(?P<a>\d+)".to_owned()))),
        Just(Stage::Parse(Parser::Unpack)),
        Just(Stage::Decolorize),
        any::<String>().prop_filter("", |text| !text.contains("{{")).prop_map(Stage::LineFormat),
        formats,
        vec(pick.clone(), 1..3).prop_map(Stage::Drop),
        vec(pick, 1..3).prop_map(Stage::Keep),
    ]
}

fn log() -> impl Strategy<Value = LogExpr> {
    (selector(), vec(stage(), 0..4)).prop_map(|(selector, mut pipeline)| {
        // `| drop a != "b"` is one stage: nothing else can be written.
        pipeline.dedup_by(|next, stage| {
            matches!(stage, Stage::Drop(_) | Stage::Keep(_)) && matches!(next, Stage::Line(_))
        });
        LogExpr { selector, pipeline }
    })
}

fn grouping() -> impl Strategy<Value = Grouping> {
    (any::<bool>(), labels()).prop_map(|(without, labels)| Grouping { without, labels })
}

fn unwrap() -> impl Strategy<Value = Unwrap> {
    const CONVERSIONS: &[Conversion] =
        &[Conversion::Duration, Conversion::DurationSeconds, Conversion::Bytes];
    (label(), option::of(select(CONVERSIONS)), vec(label_filter(), 0..2))
        .prop_map(|(label, conversion, filters)| Unwrap { label, conversion, filters })
}

fn range() -> impl Strategy<Value = MetricExpr> {
    let range_ms = (1_i64..1_000_000_000).prop_map(|range| range * 7);
    let offset = option::of(-1_000_000_000_000_i64..1_000_000_000_000);
    let parts = (select(RangeOperator::ALL), 0.0..1.0, log(), unwrap(), range_ms, offset);
    (parts, any::<bool>(), option::of(grouping())).prop_map(|(parts, unwrapped, grouping)| {
        let (operator, rank, log, unwrap, range_ms, offset) = parts;
        let unwrapped = operator.takes_unwrap() && (unwrapped || !operator.takes_lines());
        let quantile = operator == RangeOperator::QuantileOverTime;
        MetricExpr::Range(Box::new(RangeAggregation {
            operator,
            parameter: quantile.then_some(rank),
            log,
            unwrap: unwrapped.then_some(unwrap),
            range_ms,
            spelling: Spelling::default(),
            offset,
            grouping: grouping.filter(|_| operator.takes_grouping()),
            position: Position::default(),
        }))
    })
}

fn modifier() -> impl Strategy<Value = Modifier> {
    let group = (any::<bool>(), labels()).prop_map(|(right, include)| Group { right, include });
    let matching = (any::<bool>(), labels(), option::of(group))
        .prop_map(|(ignoring, labels, group)| Matching { ignoring, labels, group });
    (any::<bool>(), option::of(matching))
        .prop_map(|(returns_bool, matching)| Modifier { returns_bool, matching })
}

fn metric() -> impl Strategy<Value = MetricExpr> {
    let leaf = prop_oneof![
        4 => range(),
        1 => (-1e9_f64..1e9).prop_map(MetricExpr::Literal),
        1 => (0.0..1e9_f64).prop_map(MetricExpr::Vector),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        let aggregate =
            (select(VectorOperator::ALL), 1_u32..99, inner.clone(), option::of(grouping()))
                .prop_map(|(operator, count, inner, grouping)| {
                    let parameter = operator.takes_parameter().then_some(count);
                    let grouping = grouping.filter(|_| operator.takes_grouping());
                    MetricExpr::Aggregate(Box::new(Aggregation {
                        operator,
                        parameter,
                        inner,
                        grouping,
                    }))
                });
        let binary = (select(BinaryOperator::ALL), inner.clone(), inner.clone(), modifier());
        let binary = binary.prop_map(|(operator, left, right, modifier)| {
            let number = |side: &MetricExpr| matches!(side, MetricExpr::Literal(_));
            if operator.is_set() && (number(&left) || number(&right)) {
                return MetricExpr::Vector(1.0);
            }
            MetricExpr::Binary(Box::new(Binary { operator, left, right, modifier }))
        });
        let replace = (inner, any::<[String; 3]>(), regex()).prop_map(|(inner, texts, pattern)| {
            let [target, replacement, source] = texts;
            let replace = LabelReplace { inner, target, replacement, source, pattern };
            MetricExpr::LabelReplace(Box::new(replace))
        });
        prop_oneof![aggregate, binary, replace]
    })
}

proptest! {
    #[test]
    fn every_tree_prints_as_what_reads_back_as_it(log in log(), metric in metric()) {
        for tree in [Expr::Log(log), Expr::Metric(metric)] {
            let printed = tree.to_string();
            let again = parse(&printed);
            prop_assert_eq!(again.as_ref(), Ok(&tree), "{}", printed);
        }
    }

    #[test]
    fn any_value_stays_in_its_string(value in any::<String>()) {
        let tree = parse(r#"{a="x"} |= "y" | b="z""#).unwrap();
        let Expr::Log(mut log) = tree else { panic!("{tree}") };
        log.selector.matchers[0].value = format!("x{value}");
        if let Stage::Line(filter) = &mut log.pipeline[0] {
            filter.any[0] = LineMatch::Text(value.clone());
        }
        if let Stage::Filter(LabelFilter::Match(matcher)) = &mut log.pipeline[1] {
            matcher.value = value;
        }
        prop_assert_eq!(parse(&log.to_string()), Ok(Expr::Log(log)));
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}|.{0,200}") {
        let _ = parse(&text);
        let _ = is_label(&text);
    }

    #[test]
    fn no_text_that_looks_like_logql_is_too_strange(
        text in r#"(sum|rate|topk|by|unwrap|json|logfmt|offset|on|or|and|a|b|ip|\{|\}|\(|\)|\[5m\]|\[|\]|"|`|\\|=~|!=|\|=|\||~|=|>|,|5m|5KB|1\.5|1e|é|-|#|
| |--strict){0,60}"#
    ) {
        if let Ok(tree) = parse(&text) {
            prop_assert_eq!(parse(&tree.to_string()), Ok(tree));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn long_text_is_read_too(characters in vec(any::<char>(), 0..10_000)) {
        let text: String = characters.into_iter().collect();
        let _ = parse(&text);
        let _ = parse(&format!("{{a=\"{text}"));
        let _ = parse(&format!("{{a=~`{text}`}}"));
    }
}
