//! The deterministic part of an answer: from the queries that the question asks for, or by saying why
//! there are none.

use model::{EntityKind, Family, Intent, Understanding};
use nlp::{Problem, Reading};
use query::{Language, Plan, PlanError, QueryResult, Question, Settings, WithoutService};

use crate::{
    answer::Draft,
    compose::{self, Answer, LookedUp, Reply},
    inquiry,
    operation::Run,
    records::{Lookup, Sources},
    running::{self, Asked},
    state,
    turn::{Sink, Turn, Turns},
    wire::{RanQuery, Yielded},
};

/// Below this it is asked what is meant. Confidences are calibrated: of such readings, seven in ten
/// are wrong.
const UNSURE: f32 = 0.3;

/// What the deterministic part of the turn says, and whether a model may say it better.
pub(crate) struct Grounded {
    pub(crate) answer: Answer,
    pub(crate) for_model: ForModel,
}

/// What a model is to make of it.
#[derive(PartialEq)]
pub(crate) enum ForModel {
    /// Nothing: it is said as it is.
    Nothing,
    /// An answer of its own; nothing was looked up.
    Question,
    /// An answer from the results.
    Results,
}

impl From<Answer> for Grounded {
    /// Said as it is.
    fn from(answer: Answer) -> Self {
        Self { answer, for_model: ForModel::Nothing }
    }
}

/// Answers without a model.
pub(crate) async fn ground(
    turns: &Turns,
    turn: &Turn,
    reading: &Reading,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Grounded {
    let task = state::task(reading);
    let understanding = Understanding { intent: task, ..reading.to_act_on() };
    if understanding.confidence < UNSURE && !matches!(task.family(), Family::Talk | Family::None) {
        let likeliest: Vec<Intent> =
            reading.guesses.iter().map(|(intent, _)| *intent).take(2).collect();
        return Grounded { answer: compose::unsure(&likeliest), for_model: ForModel::Question };
    }
    let language = match compose::talk(task, &turn.request.content) {
        Reply::Measured => Language::PromQl,
        Reply::Recorded(language) => language,
        Reply::Knowledge(answer) => return Grounded { answer, for_model: ForModel::Question },
        Reply::Fixed(answer) => return answer.into(),
    };
    if let Some(problem) = reading.problems.first() {
        let is_ambiguous = matches!(problem, Problem::AmbiguousService { .. });
        if let Some(focus) = draft.focus.as_mut().filter(|_| is_ambiguous) {
            focus.asked = Some(EntityKind::Service);
        }
        return misread(problem).into();
    }
    if let Some(words) = unplaced(&understanding) {
        let problem =
            format!("“{words}”: I cannot tell when that was. Name a time, or how long ago.");
        return compose::misread(&problem).into();
    }
    match language {
        Language::PromQl => measure(turns, turn, reading, &understanding, draft, sink).await,
        Language::LogQl | Language::TraceQl => {
            look_up(turns, turn, reading, language, draft, sink).await
        }
    }
}

/// Answers from the metrics.
async fn measure(
    turns: &Turns,
    turn: &Turn,
    reading: &Reading,
    understanding: &Understanding,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Grounded {
    let catalog = match &turn.catalog {
        Ok(catalog) => catalog,
        Err(error) => {
            return compose::unreachable(Language::PromQl, &model::public_message(error)).into();
        }
    };
    let without_service =
        if reading.every_service { WithoutService::All } else { WithoutService::Ask };
    let zone = turn.request.zone.clone();
    let settings = Settings { zone, without_service, ..Settings::default() };
    let (said, acted_on) = inquiry::standalone(&turn.request.content, reading);
    let understanding = &Understanding { intent: understanding.intent, ..acted_on };
    let question = Question { text: &said, understanding };
    match query::plan(&question, &catalog.catalogs.metrics, &settings, turn.now) {
        Ok(plan) => {
            running::run(turns, turn, asked_by(&plan), draft, sink).await;
            let results: Vec<Result<QueryResult, String>> =
                draft.queries.iter().map(numbers).collect();
            let answer = compose::compose(&plan, &results, &turns.slos);
            Grounded { answer, for_model: ForModel::Results }
        }
        Err(problem) => unanswerable(&problem, draft),
    }
}

fn asked_by(plan: &Plan) -> Vec<Asked> {
    let queries = plan.queries.iter();
    queries
        .map(|planned| Asked {
            language: planned.language,
            query: planned.query.clone(),
            explanation: planned.explanation.clone(),
            run: Run::Evaluated(planned.evaluation),
        })
        .collect()
}

fn numbers(ran: &RanQuery) -> Result<QueryResult, String> {
    match &ran.result {
        Ok(Yielded::Numbers(result)) => Ok(result.clone()),
        Ok(_) => Err("the answer holds no numbers".to_owned()),
        Err(reason) => Err(reason.clone()),
    }
}

/// Answers from the logs or the traces, of which what they hold is read for such questions only.
async fn look_up(
    turns: &Turns,
    turn: &Turn,
    reading: &Reading,
    language: Language,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Grounded {
    let sources = match turns.sources(&turn.inquiry(), language).await {
        Ok(sources) => sources,
        Err(error) => return compose::unreachable(language, &model::public_message(&error)).into(),
    };
    let again = read_again(turn, &sources, draft);
    let reading = again.as_ref().unwrap_or(reading);
    let (text, zone) = (&turn.request.content, &turn.request.zone);
    let lookup = inquiry::query_for(text, reading, language, &sources, zone, turn.now)
        .and_then(|translation| Lookup::new(translation, &sources, &reading.to_act_on(), turn.now));
    let lookup = match lookup {
        Ok(lookup) => lookup,
        Err(problem) => return unanswerable(&problem, draft),
    };
    running::run(turns, turn, asked_for(&lookup), draft, sink).await;
    let results: Vec<_> = draft.queries.iter().map(|ran| &ran.result).collect();
    let Some((result, counts)) = results.split_first() else {
        return compose::misread("nothing is left to ask for").into();
    };
    let answer = compose::compose_records(&LookedUp {
        translation: &lookup.translation,
        period: &lookup.period,
        zone,
        service: only_service(reading),
        result,
        count: counts.first().copied(),
        parts: counts.get(1).copied(),
    });
    Grounded { answer, for_model: ForModel::Results }
}

/// Reads the message with the names of services that the metrics have not, if there are such.
fn read_again(turn: &Turn, sources: &Sources, draft: &mut Draft) -> Option<Reading> {
    let vocabulary = sources.vocabulary(turn.catalog.as_deref().ok())?;
    let context = turn.context.as_ref().ok()?;
    let (focus, reading) = turn.read(&context.session, Some(&vocabulary));
    draft.understanding = Some(reading.understanding.clone());
    draft.focus = Some(state::after(&focus, &reading));
    Some(reading)
}

fn asked_for(lookup: &Lookup) -> Vec<Asked> {
    let language = lookup.translation.language;
    let main = Asked {
        language,
        query: lookup.translation.query.clone(),
        explanation: lookup.translation.explanation.clone(),
        run: lookup.run,
    };
    let counts = [
        (&lookup.count, "How many lines there are"),
        (&lookup.parts, "How many lines there are, part by part of the period"),
    ];
    let counts = counts.into_iter().filter_map(|(asked, explanation)| {
        let (query, run) = asked.as_ref()?;
        let explanation = explanation.to_owned();
        Some(Asked { language, query: query.clone(), explanation, run: *run })
    });
    std::iter::once(main).chain(counts).collect()
}

fn only_service(reading: &Reading) -> Option<&str> {
    let entities = reading.understanding.entities.iter();
    let mut services = entities.filter(|entity| entity.kind == EntityKind::Service);
    match (services.next(), services.next()) {
        (Some(only), None) => only.as_text(),
        _ => None,
    }
}

/// Says why there is no query, and remembers what the next message is expected to name.
fn unanswerable(problem: &PlanError, draft: &mut Draft) -> Grounded {
    if let Some(focus) = &mut draft.focus {
        focus.asked = asks_for(problem);
    }
    compose::compose_problem(problem).into()
}

/// The words for a period that only events place: "since the migration".
fn unplaced(understanding: &Understanding) -> Option<&str> {
    understanding.texts(EntityKind::TimeRange).next()
}

/// What the next message is expected to name.
fn asks_for(problem: &PlanError) -> Option<EntityKind> {
    match problem {
        PlanError::MissingService { .. }
        | PlanError::AmbiguousService { .. }
        | PlanError::UnknownService { .. } => Some(EntityKind::Service),
        PlanError::MissingMetric { .. } | PlanError::UnknownMetric { .. } => {
            Some(EntityKind::Metric)
        }
        _ => None,
    }
}

fn misread(problem: &Problem) -> Answer {
    match problem {
        Problem::Time { text, reason, .. } => compose::misread(&format!("“{text}”: {reason}")),
        Problem::AmbiguousService { text, candidates, .. } => {
            compose::compose_problem(&PlanError::AmbiguousService {
                name: text.clone(),
                candidates: candidates.clone(),
            })
        }
    }
}
