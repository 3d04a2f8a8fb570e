//! Questions that say more than the usual plans hold: "by version", "per replica", "only POST",
//! "on /login", "how many in all". They are answered by the one query that they translate into.

use jiff::Timestamp;
use model::{Intent, Unit};

use super::{
    ALL_SERVICES, Limit, Plan, PlannedQuery, Role, Shape,
    built::{Answers, Built},
    draft::{Described, Draft, charted},
    request::Request,
};
use crate::{
    Catalog, Checked, PlanError, Question, Settings,
    catalog::{INSTANCE_LABELS, METHOD_LABELS, ROUTE_LABELS, STATUS_LABELS},
    check,
    promql::Narrowing,
    text,
    wanted::{Form, Length, Wanted},
};

/// So much of a question must be explained by a metric that no usual plan has.
const SURE: f32 = 0.6;

/// The plan for a question that says more than its usual plan holds; `None` where that is as good.
pub(super) fn plan(
    question: &Question<'_>,
    catalog: &Catalog,
    settings: &Settings,
    now: Timestamp,
    usual: &Result<Plan, PlanError>,
) -> Option<Plan> {
    let understanding = question.understanding;
    if !matches!(understanding.intent, Intent::QueryMetrics | Intent::AnalyzeErrors) {
        return None;
    }
    if usual.as_ref().is_err_and(|error| !may_be_answered(error)) {
        return None;
    }
    let mut wanted = Wanted::read(question, now);
    let is_plain = matches!(wanted.form, Form::Usual | Form::Share);
    if !is_plain || wanted.periods.compared.is_some() {
        return None;
    }
    let request = Request::read(understanding, catalog, settings, now).ok()?;
    let assumed_s = match usual {
        Ok(usual) => usual.period.length_s(),
        Err(_) => settings.now_window_s,
    };
    let period = request.period(assumed_s);
    // The plan says when it is evaluated, and numbers are told in base units.
    wanted.periods.ended = None;
    wanted.cues.shown = None;
    if !period.assumed {
        wanted.periods.windows = vec![Length::of(period.length_s())];
    }
    let found = Found::find(&wanted, catalog, settings).filter(Found::has_names_for_rows)?;
    let usual = match usual {
        Ok(plan) => Some(Usual::of(plan, catalog, settings)?),
        Err(error) if found.answers_instead_of(error) => None,
        Err(_) => return None,
    };
    let says_more = usual.as_ref().is_none_or(|usual| found.says_more(&wanted, usual, catalog));
    if !says_more || !found.keeps(&request) {
        return None;
    }
    let mut draft = Draft::new(request, period);
    draft.limit = limit(&draft.request, found.unit());
    let described = found.described(usual.as_ref());
    let explanation = format!("{} from `{}`", described.explanation, found.metrics.join("`, `"));
    let period = draft.period.clone();
    let of = |role| Described {
        role,
        metric: &described.metric,
        title: &described.title,
        by: &found.built.by,
        unit: found.unit(),
        per_second: found.is_per_second(),
    };
    draft.push(of(Role::Value), found.query.clone(), period.at_end(), explanation).ok()?;
    if wanted.rank.is_none() && wanted.limits.is_empty() {
        let (evaluation, window_s) = charted(&period);
        wanted.periods.windows = vec![Length::of(window_s)];
        if let Some(Found { query, .. }) = Found::find(&wanted, catalog, settings) {
            let explanation = format!("{} over time", described.explanation);
            draft.push(of(Role::Series), query, evaluation, explanation).ok()?;
        }
    }
    found.narrow(&mut draft, &described.title, usual.as_ref());
    let mut plan = draft.finish(Shape::Value);
    plan.subject.endpoint = found.endpoint().or(plan.subject.endpoint);
    Some(plan)
}

/// The query that a question translates into.
struct Found {
    built: Built,
    query: String,
    metrics: Vec<String>,
    narrowings: Vec<Narrowing>,
}

/// What the usual plan asks for.
struct Usual<'a> {
    plan: &'a Plan,
    value: &'a PlannedQuery,
    metrics: Vec<String>,
    narrowings: Vec<Narrowing>,
}

impl<'a> Usual<'a> {
    fn of(plan: &'a Plan, catalog: &Catalog, settings: &Settings) -> Option<Self> {
        let value = plan.queries.iter().find(|query| query.role == Role::Value)?;
        let Checked { metrics, narrowings, .. } =
            check(&value.query, catalog, &settings.bounds).ok()?;
        Some(Self { plan, value, metrics, narrowings })
    }

    /// Whether its rows are told by these labels beside its value: the statuses of failures make it up,
    /// where routes each have a value of their own.
    fn breaks_down(&self, by: &[String]) -> bool {
        let breakdown = |role: &Role| matches!(role, Role::Breakdown { .. });
        by.iter().all(|label| STATUS_LABELS.contains(&label.as_str()))
            && self.plan.queries.iter().any(|query| breakdown(&query.role) && query.by == by)
    }
}

/// What it measures, in words.
struct Words {
    metric: String,
    title: String,
    explanation: String,
}

impl Found {
    fn find(wanted: &Wanted, catalog: &Catalog, settings: &Settings) -> Option<Self> {
        let built = Answers::find(wanted, catalog).built().next()?;
        let query = built.expression.clone().scaled(built.scale.factor).to_string();
        let Checked { metrics, narrowings, .. } = check(&query, catalog, &settings.bounds).ok()?;
        Some(Self { built, query, metrics, narrowings })
    }

    /// Whether its rows, if there may be several, are told by labels; one of the instances is one row.
    fn has_names_for_rows(&self) -> bool {
        let one = |it: &Narrowing| is_among(it, &INSTANCE_LABELS);
        let several = self.built.fewer_rows.is_some() && self.built.by.is_empty();
        !several || self.narrowings.iter().any(one)
    }

    /// So many a second are a unit of their own.
    fn unit(&self) -> Unit {
        match self.built.scale.unit {
            Unit::Count if self.built.per_second => Unit::PerSecond,
            unit => unit,
        }
    }

    fn is_per_second(&self) -> bool {
        self.built.per_second && self.unit() != Unit::PerSecond
    }

    /// Whether what is understood to be asked about is still what it is about.
    fn keeps(&self, request: &Request<'_>) -> bool {
        let filters = &request.filters;
        let named = filters.services.iter().filter(|name| *name != ALL_SERVICES);
        let mut named = named.chain(&filters.versions).chain(filters.path.iter());
        named.all(|name| {
            let holds = |narrowing: &Narrowing| {
                !narrowing.is_negative && text::key(&narrowing.value).contains(&text::key(name))
            };
            self.narrowings.iter().any(holds)
        })
    }

    fn says_more(&self, wanted: &Wanted, usual: &Usual<'_>, catalog: &Catalog) -> bool {
        if !self.reads_what(usual, catalog) {
            return false;
        }
        let (own, known) = (&self.narrowings, &usual.narrowings);
        let further = own.iter().any(|own| !known.iter().any(|it| alike(it, own)));
        let wider = known.iter().any(|it| !own.iter().any(|own| alike(it, own)));
        let told_apart = self.built.by.iter().any(|label| !usual.value.by.contains(label));
        let counts = wanted.cues.counts && self.unit() == Unit::Count;
        let counted = counts && usual.value.unit == Unit::PerSecond;
        further || counted || (told_apart && (wider || !usual.breaks_down(&self.built.by)))
    }

    /// Whether it answers where no usual plan does.
    fn answers_instead_of(&self, error: &PlanError) -> bool {
        match error {
            // A route is told by itself; where nothing is, it is better to ask.
            PlanError::MissingService { .. } => self.is_of_a_place() || !self.built.by.is_empty(),
            _ => self.built.coverage >= SURE,
        }
    }

    fn is_of_a_place(&self) -> bool {
        self.narrowings.iter().any(|it| is_among(it, &ROUTE_LABELS))
    }

    /// Whether it reads a metric of the usual query, whichever of its series.
    fn reads_what(&self, usual: &Usual<'_>, catalog: &Catalog) -> bool {
        let family = |series: &String| catalog.place_of(series);
        let known: Vec<_> = usual.metrics.iter().filter_map(family).collect();
        self.metrics.iter().filter_map(family).any(|own| known.contains(&own))
    }

    /// The words of the usual plan where it measures the same; else those of the metric.
    fn described(&self, usual: Option<&Usual<'_>>) -> Words {
        let same = usual.filter(|Usual { value, narrowings, .. }| {
            value.unit == self.unit()
                && value.per_second == self.is_per_second()
                && value.unit != Unit::Count
                && narrowings.iter().all(|it| self.narrowings.iter().any(|own| alike(it, own)))
                && (value.unit != Unit::Ratio || !self.narrowings.iter().any(negates_status))
        });
        if let Some(Usual { value, .. }) = same {
            let (metric, title) = (value.metric.clone(), value.title.clone());
            let explanation = super::draft::capitalised(&title);
            return Words { metric, title, explanation };
        }
        let thing = self.metrics.first().map_or_else(String::new, |name| noun(name));
        let title = match (self.unit(), self.built.what.as_str()) {
            (Unit::Ratio, what) if what.contains("share") => {
                let told: Vec<String> = self.parts().map(said).collect();
                match told.as_slice() {
                    [] => format!("share of {thing}"),
                    parts => format!("share of {thing} with {}", parts.join(" and ")),
                }
            }
            (_, "number") => format!("number of `{}` series", self.metrics.join("`, `")),
            (Unit::Count, _) => format!("number of {thing}"),
            (Unit::PerSecond, _) => format!("rate of {thing}"),
            (_, what) if what.ends_with("quantile") => format!("{what} of {thing}"),
            _ => thing,
        };
        let explanation = format!("The {}", self.built.what);
        Words { metric: title.replace(' ', "_"), title, explanation }
    }

    /// Narrowings to a part of the whole, rather than to what it is about.
    fn parts(&self) -> impl Iterator<Item = &Narrowing> {
        self.narrowings.iter().filter(|it| STATUS_LABELS.contains(&it.label.as_str()))
    }

    /// The method and the route that it is narrowed to.
    fn endpoint(&self) -> Option<String> {
        let of = |labels: &[&str]| {
            self.narrowings.iter().find(|it| is_among(it, labels)).map(|it| it.value.clone())
        };
        let parts: Vec<String> =
            [of(&METHOD_LABELS), of(&ROUTE_LABELS)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Says what it is narrowed to that the subject does not name.
    fn narrow(&self, draft: &mut Draft<'_>, title: &str, usual: Option<&Usual<'_>>) {
        let name = format!("{} {title}", draft.request.subject().name());
        let is_usual = |own: &&Narrowing| {
            usual.is_some_and(|usual| usual.narrowings.iter().any(|it| alike(it, own)))
        };
        for narrowing in self.narrowings.iter().filter(|own| !is_usual(own)) {
            let label = narrowing.label.as_str();
            let is_said = name.contains(&narrowing.value)
                || METHOD_LABELS.contains(&label)
                || ROUTE_LABELS.contains(&label);
            if !is_said {
                draft.note(format!("Only with {}.", said(narrowing)));
            }
        }
    }
}

/// Whether another query may answer where the usual plan does not. What is wrong with a name or a
/// period stays wrong.
fn may_be_answered(error: &PlanError) -> bool {
    matches!(
        error,
        PlanError::MissingService { .. }
            | PlanError::NoLabel { .. }
            | PlanError::NotRecorded { .. }
            | PlanError::MissingMetric { .. }
            | PlanError::UnknownMetric { .. }
    )
}

/// Whether both narrow by the same label in the same sense; how the values are written may differ.
fn alike(one: &Narrowing, other: &Narrowing) -> bool {
    one.label == other.label && one.is_negative == other.is_negative
}

/// Whether it narrows to a value of one of these labels.
fn is_among(narrowing: &Narrowing, labels: &[&str]) -> bool {
    !narrowing.is_negative && labels.contains(&narrowing.label.as_str())
}

fn negates_status(narrowing: &Narrowing) -> bool {
    narrowing.is_negative && STATUS_LABELS.contains(&narrowing.label.as_str())
}

fn said(narrowing: &Narrowing) -> String {
    let sense = if narrowing.is_negative { "other than " } else { "" };
    format!("`{}` {sense}`{}`", narrowing.label, narrowing.value)
}

/// `http requests` for `http_requests_total`.
fn noun(metric: &str) -> String {
    const ENDS: &[&str] = &["total", "count", "sum", "bucket", "seconds", "bytes", "ratio"];
    let words = text::words(metric);
    let kept = words.iter().rposition(|word| !ENDS.contains(&word.as_str()));
    kept.map_or_else(|| metric.to_owned(), |last| words[..=last].join(" "))
}

/// The threshold of the question, where it is in the unit of the value.
fn limit(request: &Request<'_>, unit: Unit) -> Option<Limit> {
    let threshold = request.threshold.filter(|threshold| threshold.unit == unit)?;
    Some(Limit { comparison: threshold.comparison, value: threshold.value })
}
