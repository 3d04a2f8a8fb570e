//! An answer in the writing: paragraphs, facts and suggestions, and what every answer ends with.

use model::{Comparison, Unit};
use query::{Evaluation, Limit, Plan, PlannedQuery, Role};

use super::{
    Answer, Fact, Slos, Visualization, chart,
    markdown::{self, bold},
    moment, number,
    results::{Reading, Results},
};

/// More queries than these are not quoted.
const MAX_QUOTED: usize = 6;
const MAX_SUGGESTIONS: usize = 3;

pub(super) struct Report<'a> {
    pub(super) plan: &'a Plan,
    pub(super) results: &'a Results<'a>,
    pub(super) slos: &'a Slos,
    paragraphs: Vec<String>,
    facts: Vec<Fact>,
    suggestions: Vec<String>,
    visualization: Option<Visualization>,
}

impl<'a> Report<'a> {
    pub(super) fn new(plan: &'a Plan, results: &'a Results<'a>, slos: &'a Slos) -> Self {
        Self {
            plan,
            results,
            slos,
            paragraphs: Vec::new(),
            facts: Vec::new(),
            suggestions: Vec::new(),
            visualization: None,
        }
    }

    /// What the answer is about, as plain text.
    pub(super) fn subject(&self) -> String {
        markdown::name(&self.plan.subject.name())
    }

    /// The only service that the answer is about.
    pub(super) fn service(&self) -> Option<&'a str> {
        match self.plan.subject.services.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub(super) fn say(&mut self, paragraph: impl Into<String>) {
        self.paragraphs.push(paragraph.into());
    }

    pub(super) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        self.say(markdown::table(header, rows));
    }

    /// Suggestions are plain text of one line.
    pub(super) fn suggest(&mut self, question: impl Into<String>) {
        self.suggestions.push(question.into().replace(char::is_control, " "));
    }

    pub(super) fn show(&mut self, visualization: Option<Visualization>) {
        self.visualization = visualization;
    }

    pub(super) fn fact(&mut self, subject: &str, metric: &str, value: f64, unit: Unit) {
        self.facts.push(Fact {
            subject: subject.to_owned(),
            metric: metric.to_owned(),
            value,
            unit,
        });
    }

    /// Notes a number of a query down and tells it in words.
    pub(super) fn value(&mut self, planned: &PlannedQuery, subject: &str, value: f64) -> String {
        self.fact(subject, &planned.metric, value, planned.unit);
        show(planned, value)
    }

    /// What a value of a service is held against, in a sentence.
    pub(super) fn against_objective(
        &self,
        service: &str,
        metric: &str,
        value: f64,
    ) -> Option<String> {
        let objective = self.slos.objective(service, metric)?;
        let limit = number::show(objective.limit, objective.unit, false, metric);
        let bound = if objective.at_least { "at least" } else { "at most" };
        Some(if objective.met_by(value) {
            format!("That meets the SLO of {bound} {limit}.")
        } else {
            format!("{} the SLO of {bound} {limit}.", bold("That misses"))
        })
    }

    /// Whether a value is within the threshold of the question, in a sentence.
    pub(super) fn against_limit(&self, planned: &PlannedQuery, value: f64) -> Option<String> {
        let limit = self.plan.limit?;
        let holds = match limit.comparison {
            Comparison::Above => value > limit.value,
            Comparison::AtLeast => value >= limit.value,
            Comparison::Below => value < limit.value,
            Comparison::AtMost => value <= limit.value,
            Comparison::Equal => (value - limit.value).abs() <= f64::EPSILON * limit.value.abs(),
        };
        let verdict = if holds { "Yes, that is" } else { "No, that is not" };
        Some(format!("{verdict} {}.", limit_words(limit, planned)))
    }

    /// The change since the period before, in a sentence.
    pub(super) fn since_before(&mut self, value: f64) -> Option<String> {
        let (planned, found) = self.results.first(&Role::Baseline)?;
        let baseline = self.plan.baseline.as_ref()?;
        let Reading::Number(before) = found.reading() else { return None };
        let change = number::change(before, value, planned.unit);
        Some(format!(
            "In the {} before that ({}) it was {}: {change}.",
            moment::length(baseline.length_s()),
            moment::period(baseline, &self.plan.zone),
            show(planned, before)
        ))
    }

    /// Says that there is nothing, why that may be, and what there is.
    pub(super) fn say_no_data(&mut self, title: &str) {
        let period = moment::period(&self.plan.period, &self.plan.zone);
        self.say(format!(
            "There is no data on the {title} of {} from {period}.",
            bold(&self.subject())
        ));
        self.say(
            "The metric exists, but has no samples for it in that period: it may not have run, or \
             was not scraped. A longer or later period may have some.",
        );
        if let Some(service) = self.service() {
            let service = service.to_owned();
            self.suggest(format!("Is {service} healthy?"));
            self.suggest(format!("Which versions of {service} ran in the last 24 hours?"));
        } else {
            self.suggest("Are all services healthy?");
        }
    }

    /// The answer, with what every answer ends with: what is missing, what should be known, the
    /// period, and the queries.
    pub(super) fn finish(mut self) -> Answer {
        self.say_missing();
        for note in &self.plan.notes {
            self.paragraphs.push(format!("Note: {note}"));
        }
        for warning in self.results.warnings() {
            self.paragraphs.push(format!("Warning from the metrics: {}", markdown::name(warning)));
        }
        let period = moment::period(&self.plan.period, &self.plan.zone);
        let origin = moment::origin(&self.plan.period);
        self.paragraphs.push(format!("Period: {period}{origin}."));
        if let Some(quoted) = self.quoted() {
            self.paragraphs.push(quoted);
        }
        let mut suggestions = self.suggestions;
        suggestions.dedup();
        suggestions.truncate(MAX_SUGGESTIONS);
        let drawn =
            self.visualization.or_else(|| chart::draw(self.results, &self.plan.subject.name()));
        Answer {
            text: self.paragraphs.join("\n\n"),
            visualization: drawn,
            suggestions,
            facts: self.facts,
        }
    }

    fn say_missing(&mut self) {
        let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
        for (planned, reason) in self.results.failed() {
            let title = described(planned);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, titles)) if titles.contains(&title) => {}
                Some((_, titles)) => titles.push(title),
                None => reasons.push((reason, vec![title])),
            }
        }
        for (reason, titles) in reasons {
            self.paragraphs.push(format!(
                "Could not be read: {} ({}).",
                titles.join(", "),
                markdown::name(reason.trim_end_matches('.'))
            ));
        }
    }

    /// The queries behind the numbers that the answer begins with.
    fn quoted(&self) -> Option<String> {
        let values: Vec<&PlannedQuery> = self
            .plan
            .queries
            .iter()
            .filter(|planned| planned.role == Role::Value)
            .take(MAX_QUOTED)
            .collect();
        let first = values.first()?;
        let queries = match values.as_slice() {
            [only] => only.query.clone(),
            many => {
                let titled = many.iter().map(|it| format!("# {}\n{}", it.title, it.query));
                titled.collect::<Vec<_>>().join("\n")
            }
        };
        let at = match first.evaluation {
            Evaluation::Instant { at } => at,
            Evaluation::Range { end, .. } => end,
        };
        let asked = if values.len() == 1 { "Query" } else { "Queries" };
        Some(format!(
            "{asked}, evaluated at {}:\n\n{}",
            moment::time(at, &self.plan.zone),
            markdown::query_block(first.language, &queries)
        ))
    }
}

/// A value of a query in words.
pub(super) fn show(planned: &PlannedQuery, value: f64) -> String {
    number::show(value, planned.unit, planned.per_second, &planned.metric)
}

/// `above 80 %`.
pub(super) fn limit_words(limit: Limit, planned: &PlannedQuery) -> String {
    let word = match limit.comparison {
        Comparison::Above => "above",
        Comparison::AtLeast => "at or above",
        Comparison::Below => "below",
        Comparison::AtMost => "at or below",
        Comparison::Equal => "exactly",
    };
    format!("{word} {}", show(planned, limit.value))
}

fn described(planned: &PlannedQuery) -> String {
    match &planned.role {
        Role::Breakdown { what } => format!("{} by {what}", planned.title),
        Role::Series => format!("{} over time", planned.title),
        Role::Baseline => format!("{} before", planned.title),
        Role::First => format!("{} at the beginning", planned.title),
        Role::Last => format!("{} at the end", planned.title),
        _ => planned.title.clone(),
    }
}

/// The text with a capital letter, but for `p95`.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some('p') if characters.as_str().starts_with(|next: char| next.is_ascii_digit()) => {
            text.to_owned()
        }
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
