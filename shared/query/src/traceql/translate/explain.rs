//! What a query does, in one line.

use crate::{
    text::enumerate,
    traceql::ast::{
        Aggregate, Literal, MetricFunction, Pipeline, SpansetOperator, Spansets, Stage,
    },
};

/// One sentence about the pipeline.
pub(super) fn explanation(pipeline: &Pipeline) -> String {
    let mut sentence = String::new();
    for stage in &pipeline.stages {
        let part = match stage {
            Stage::Spansets(sets) => spansets(sets),
            Stage::Filter(left, comparison, right) => {
                format!("kept where, per trace, {left} {} {right}", comparison.symbol())
            }
            Stage::Group(fields) => format!("grouped by {}", names(fields)),
            Stage::Select(references) => format!("shown with {}", names(references)),
            Stage::Coalesce => "put together again".to_owned(),
            Stage::Metric(metric) => {
                let by = if metric.by.is_empty() {
                    String::new()
                } else {
                    format!(", by {}", names(&metric.by))
                };
                function(&metric.function) + &by
            }
            Stage::Rank { top: true, count } => format!("the {count} highest"),
            Stage::Rank { top: false, count } => format!("the {count} lowest"),
            Stage::Threshold(comparison, number) => {
                format!("where that is {} {number}", comparison.symbol())
            }
        };
        if !sentence.is_empty() {
            sentence.push_str("; ");
        }
        sentence.push_str(&part);
    }
    // A value may hold line ends; the explanation is one line.
    let sentence: String = sentence.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    sentence + "."
}

fn spansets(sets: &Spansets) -> String {
    match sets {
        Spansets::Filter(None) => "All spans".to_owned(),
        Spansets::Filter(Some(field)) => format!("Spans where {field}"),
        Spansets::Wrapped(pipeline) => format!("({})", explanation(pipeline).trim_end_matches('.')),
        Spansets::Combined(left, operator, right) => {
            let relation = match operator {
                SpansetOperator::And => "in one trace with",
                SpansetOperator::Or => "or",
                SpansetOperator::Child | SpansetOperator::UnionChild => "as parents of",
                SpansetOperator::Parent | SpansetOperator::UnionParent => "as children of",
                SpansetOperator::Descendant | SpansetOperator::UnionDescendant => {
                    "with, somewhere below,"
                }
                SpansetOperator::Ancestor | SpansetOperator::UnionAncestor => {
                    "with, somewhere above,"
                }
                SpansetOperator::Sibling | SpansetOperator::UnionSibling => {
                    "beside, under one parent,"
                }
                SpansetOperator::NotChild => "that are no parents of",
                SpansetOperator::NotParent => "that are no children of",
                SpansetOperator::NotDescendant => "not above",
                SpansetOperator::NotAncestor => "not below",
                SpansetOperator::NotSibling => "not beside",
            };
            format!("{} {relation} {}", spansets(left), lower_first(&spansets(right)))
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn function(function: &MetricFunction) -> String {
    match function {
        MetricFunction::Rate => "how many a second".to_owned(),
        MetricFunction::CountOverTime => "how many in each interval".to_owned(),
        MetricFunction::OverTime(aggregate, of) => {
            let word = match aggregate {
                Aggregate::Average => "average",
                Aggregate::Maximum => "highest",
                Aggregate::Minimum => "lowest",
                Aggregate::Sum => "sum of",
            };
            format!("the {word} {of} over time")
        }
        MetricFunction::Histogram(of) => format!("the distribution of {of} over time"),
        MetricFunction::Quantile(of, quantiles) => {
            let percent = |literal: &Literal| match literal {
                Literal::Float(float) => format!("p{}", (float * 1e4).round() / 100.0),
                other => other.to_string(),
            };
            let quantiles: Vec<String> = quantiles.iter().map(percent).collect();
            format!("the {} of {of} over time", enumerate(&quantiles, "and"))
        }
        MetricFunction::Compare { selection, .. } => match selection {
            Some(field) => format!("how those where {field} differ from the rest"),
            None => "how they differ".to_owned(),
        },
    }
}

fn names(items: &[impl std::fmt::Display]) -> String {
    let names: Vec<String> = items.iter().map(ToString::to_string).collect();
    enumerate(&names, "and")
}
