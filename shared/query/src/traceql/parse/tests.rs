use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::traceql::ast::*;

/// One line of the verdicts that `tests/grammar/traceql.mjs` holds to Grafana's grammar.
#[derive(Deserialize)]
struct Verdict {
    query: String,
    lezer: bool,
    /// Given where Tempo's documents and that grammar differ.
    ours: Option<bool>,
    why: Option<String>,
}

#[test]
fn the_grammar_is_grafanas_but_for_what_tempo_documents() {
    let lines = include_str!("../../../tests/data/traceql-grammar.jsonl").lines();
    let (mut valid, mut invalid) = (0, 0);
    for line in lines {
        let verdict: Verdict = serde_json::from_str(line).unwrap();
        assert_eq!(
            verdict.ours.is_some(),
            verdict.why.is_some(),
            "an exception has a reason: {line}"
        );
        let expected = verdict.ours.unwrap_or(verdict.lezer);
        let parsed = parse(&verdict.query);
        assert_eq!(parsed.is_ok(), expected, "{:?} is {parsed:?}", verdict.query);
        *(if expected { &mut valid } else { &mut invalid }) += 1;
    }
    assert!(valid >= 120 && invalid >= 60, "{valid} valid, {invalid} invalid");
}

#[test]
fn queries_print_in_one_form() {
    for (query, expected) in [
        ("{}", "{ }"),
        (
            "{resource.service.name=\"a\"&&duration>1s}",
            "{ resource.service.name = \"a\" && duration > 1s }",
        ),
        ("{ .a = `x` }", "{ .a = \"x\" }"),
        ("{ .a = \"two\\nlines\" }", "{ .a = `two\nlines` }"),
        ("{ .a && .b || .c }", "{ (.a && .b) || .c }"),
        ("{ .a || .b && .c }", "{ .a || (.b && .c) }"),
        ("{ .a && .b && .c }", "{ .a && .b && .c }"),
        ("{ .a && (.b && .c) }", "{ .a && (.b && .c) }"),
        ("{ 1 + 2 * 3 = .a }", "{ 1 + (2 * 3) = .a }"),
        ("{ 2 ^ 3 ^ 2 = .a }", "{ 2 ^ (3 ^ 2) = .a }"),
        ("{ !(.a = 1) && -(.b) < -1 }", "{ !(.a = 1) && -.b < -1 }"),
        ("{ span.\"odd name\" = .50 }", "{ span.\"odd name\" = 0.5 }"),
        ("{ parent.\"span.x\" = parent.span.x }", "{ parent.\"span.x\" = parent.span.x }"),
        ("({.a} || {.b}) >> {.c}", "({ .a } || { .b }) >> { .c }"),
        ("{.a}>>{.b}>>{.c}", "{ .a } >> { .b } >> { .c }"),
        ("{.a} && {.b} >> {.c}", "{ .a } && ({ .b } >> { .c })"),
        ("({.a}|count()>1)&&({.b})", "({ .a } | count() > 1) && { .b }"),
        ("{}|by(name)|count()>2", "{ } | by (name) | count() > 2"),
        ("{}|rate()by(name)|topk(3)", "{ } | rate() by (name) | topk(3)"),
        ("{}|quantile_over_time(duration,.95)", "{ } | quantile_over_time(duration, 0.95)"),
        ("{}|rate() by(name)>=1.0", "{ } | rate() by (name) >= 1.0"),
        ("{}|compare({status=error},10,1,2)", "{ } | compare({ status = error }, 10, 1, 2)"),
        ("{} with(most_recent=true)", "{ } with (most_recent=true)"),
    ] {
        let parsed = parse(query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
        assert_eq!(parsed.query.to_string(), expected, "{query}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (query, position, message) in [
        ("{ duration > }", 13, "an attribute, an intrinsic or a value is expected, not `}`"),
        ("{ status = error", 16, "`}` is expected, not the end of the query"),
        ("{ .é = 1 }", 3, "the name of an attribute is expected"),
        ("{ duration > 5x }", 13, "`x` is no unit"),
        ("{ foo = 1 }", 2, "as in `span.foo`"),
        ("{ } | count()", 13, "a comparison such as `> 3` is expected"),
        ("{ } | rate() | { }", 15, "can follow a metric"),
        ("{ } | median_over_time(duration)", 6, "no function `median_over_time`"),
        ("{ span:made = 1 }", 2, "no intrinsic `span:made`"),
        ("{ .a = 99999999999999999999 }", 7, "too large"),
        ("{ .a = \"open }", 7, "the string has no end"),
        ("{ } /* open", 4, "the comment has no end"),
    ] {
        let error = parse(query).expect_err(query);
        assert_eq!(error.position, position, "{query}: {error:?}");
        assert!(error.message.contains(message), "{query}: {error:?}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    for query in [
        format!("{{ {}true{} }}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{{ {}true }}", "!".repeat(100_000)),
        format!("{{ {}1 = 1 }}", "-".repeat(100_000)),
        format!("{{ .a = {}1 }}", "2 ^ ".repeat(100_000)),
        format!("{{ .a = {}1 }}", "2 + ".repeat(100_000)),
        format!("{}{{ }}{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{}1 > 0", "(".repeat(100_000)),
        format!("{{ }}{}", " && { }".repeat(100_000)),
        format!("{{ }}{}", " | { }".repeat(100_000)),
    ] {
        let error = parse(&query).expect_err("too much");
        assert!(error.message.contains("at most"), "{error:?}");
    }
    let long = format!("{{ {}true{} }}", "(".repeat(MAX_NESTING - 1), ")".repeat(MAX_NESTING - 1));
    assert!(parse(&long).is_ok());
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~\n\r`\"\\\\]{0,12}"]
}

fn literal() -> impl Strategy<Value = Literal> {
    let amount = prop_oneof![Just(0.0), 0.001..1e9_f64, (0..100_000_u32).prop_map(f64::from)];
    prop_oneof![
        text().prop_map(Literal::String),
        (0..=i64::MAX).prop_map(Literal::Integer),
        amount.clone().prop_map(Literal::Float),
        (amount, prop::sample::select(TimeUnit::ALL))
            .prop_map(|(amount, unit)| Literal::Duration(amount, unit)),
        any::<bool>().prop_map(Literal::Boolean),
        prop::sample::select(Status::ALL).prop_map(Literal::Status),
        prop::sample::select(Kind::ALL).prop_map(Literal::Kind),
        prop::sample::select(vec![Literal::Nil, Literal::MinInt, Literal::MaxInt]),
    ]
}

fn number() -> impl Strategy<Value = Literal> {
    literal().prop_filter("a number", |literal| {
        matches!(literal, Literal::Integer(_) | Literal::Float(_) | Literal::Duration(..))
    })
}

fn reference() -> impl Strategy<Value = Reference> {
    let scope = prop::option::of(prop::sample::select(Scope::ALL));
    let name = prop_oneof![text(), "(span|resource|a|http)(\\.[a-z_]{1,5}){0,3}"];
    prop_oneof![
        prop::sample::select(Intrinsic::ALL).prop_map(Reference::Intrinsic),
        (any::<bool>(), scope, name).prop_map(|(parent, scope, name)| Reference::Attribute(
            Attribute { parent, scope, name }
        )),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    let operators: Vec<Operator> = (Logic::ALL.iter().copied().map(Operator::Logic))
        .chain(Comparison::ALL.iter().copied().map(Operator::Comparison))
        .chain(Arithmetic::ALL.iter().copied().map(Operator::Arithmetic))
        .collect();
    let leaf =
        prop_oneof![literal().prop_map(Field::Literal), reference().prop_map(Field::Reference)];
    leaf.prop_recursive(5, 24, 2, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Field::Not(Box::new(inner))),
            inner.clone().prop_map(|inner| Field::Minus(Box::new(inner))),
            (inner.clone(), prop::sample::select(operators.clone()), inner).prop_map(
                |(left, operator, right)| Field::Binary(Box::new(left), operator, Box::new(right))
            ),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Scalar> {
    let leaf = prop_oneof![
        number().prop_map(Scalar::Literal),
        number().prop_map(Scalar::Minus),
        Just(Scalar::Count),
        (prop::sample::select(Aggregate::ALL), field())
            .prop_map(|(aggregate, of)| Scalar::Aggregate(aggregate, of)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), prop::sample::select(Arithmetic::ALL), inner).prop_map(
            |(left, operator, right)| Scalar::Binary(Box::new(left), operator, Box::new(right)),
        )
    })
}

fn filter() -> impl Strategy<Value = Stage> {
    let comparisons: Vec<Comparison> = Comparison::ALL
        .iter()
        .copied()
        .filter(|it| !matches!(it, Comparison::Matches | Comparison::MatchesNot))
        .collect();
    (scalar(), prop::sample::select(comparisons), scalar())
        .prop_map(|(left, comparison, right)| Stage::Filter(left, comparison, right))
}

fn spansets() -> impl Strategy<Value = Spansets> {
    let leaf = prop_oneof![
        prop::option::of(field()).prop_map(Spansets::Filter),
        (prop::option::of(field()), filter()).prop_map(|(field, filter)| {
            let stages = vec![Stage::Spansets(Spansets::Filter(field)), filter];
            Spansets::Wrapped(Box::new(Pipeline { stages }))
        }),
        filter().prop_map(|filter| Spansets::Wrapped(Box::new(Pipeline { stages: vec![filter] }))),
    ];
    leaf.prop_recursive(3, 6, 2, |inner| {
        (inner.clone(), prop::sample::select(SpansetOperator::ALL), inner).prop_map(
            |(left, operator, right)| Spansets::Combined(Box::new(left), operator, Box::new(right)),
        )
    })
}

fn metric() -> impl Strategy<Value = Metric> {
    let limits = prop::option::of((0..9_i64, prop::option::of((0..9_i64, 0..9_i64))))
        .prop_map(|limits| limits.map(|(top, between)| CompareLimits { top, between }));
    let quantile =
        prop_oneof![(0.0..1.0_f64).prop_map(Literal::Float), (0..2_i64).prop_map(Literal::Integer)];
    let split = prop_oneof![
        Just(MetricFunction::Rate),
        Just(MetricFunction::CountOverTime),
        (prop::sample::select(Aggregate::ALL), reference())
            .prop_map(|(it, of)| MetricFunction::OverTime(it, of)),
        reference().prop_map(MetricFunction::Histogram),
        (reference(), prop::collection::vec(quantile, 1..3))
            .prop_map(|(of, quantiles)| MetricFunction::Quantile(of, quantiles)),
    ];
    prop_oneof![
        (split, prop::collection::vec(reference(), 0..3))
            .prop_map(|(function, by)| Metric { function, by }),
        (prop::option::of(field()), limits).prop_map(|(selection, limits)| Metric {
            function: MetricFunction::Compare { selection, limits },
            by: vec![]
        }),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let stage = prop_oneof![
        3 => spansets().prop_map(Stage::Spansets),
        2 => filter(),
        1 => prop::collection::vec(field(), 1..3).prop_map(Stage::Group),
        1 => prop::collection::vec(reference(), 1..3).prop_map(Stage::Select),
        1 => Just(Stage::Coalesce),
    ];
    let rank = (any::<bool>(), 1..9_i64).prop_map(|(top, count)| Stage::Rank { top, count });
    let threshold =
        number().prop_map(|number| Stage::Threshold(Comparison::AtLeast, Scalar::Literal(number)));
    let measured = (metric(), prop::option::of(rank), prop::option::of(threshold)).prop_map(
        |(metric, rank, threshold)| {
            [Some(Stage::Metric(metric)), rank, threshold].into_iter().flatten().collect()
        },
    );
    let tail = prop_oneof![Just(Vec::new()), measured];
    let hint = ("[a-z][a-z_]{2,8}x", literal());
    (prop::collection::vec(stage, 1..4), tail, prop::collection::vec(hint, 0..3)).prop_map(
        |(mut stages, tail, hints): (Vec<Stage>, Vec<Stage>, _)| {
            stages.extend(tail);
            Query { pipeline: Pipeline { stages }, hints }
        },
    )
}

proptest! {
    #[test]
    fn what_is_built_prints_as_it_parses(query in query()) {
        let printed = query.to_string();
        let parsed = parse(&printed);
        prop_assert!(parsed.is_ok(), "{} is {:?}", printed, parsed);
        prop_assert_eq!(parsed.unwrap().query, query, "{}", printed);
    }

    #[test]
    fn any_value_reads_back_and_cannot_break_out(value in text()) {
        let name = Reference::Intrinsic(Intrinsic::Name);
        let condition = Field::Binary(
            Box::new(Field::Reference(name)),
            Operator::Comparison(Comparison::Equal),
            Box::new(Field::Literal(Literal::String(value.clone()))),
        );
        let printed = Spansets::Filter(Some(condition.clone())).to_string();
        let parsed = parse(&printed).unwrap();
        prop_assert_eq!(parsed.query.pipeline.stages, vec![Stage::Spansets(Spansets::Filter(Some(condition)))]);
    }

    #[test]
    fn no_text_is_too_strange(text in prop::collection::vec(any::<char>(), 0..10_000)) {
        let _ = parse(&text.into_iter().collect::<String>());
    }

    #[test]
    fn no_text_that_looks_like_traceql_is_too_strange(
        text in "(\\{|\\}|\\(|\\)|\\||&&|>>|!~|=|=~|>|\"|`|\\\\|/\\*|//|\\.|span|parent|resource|event:name|duration|status|error|5m|\\.5|9|-|é|µs| |\n|by|count|rate|select|with|topk|compare|avg|,){0,80}"
    ) {
        if let Ok(parsed) = parse(&text) {
            let printed = parsed.query.to_string();
            let again = parse(&printed);
            prop_assert!(again.is_ok(), "{} prints as {}", text, printed);
            prop_assert_eq!(again.unwrap().query, parsed.query, "{}", text);
        }
    }
}
