//! Questions turned into queries, each against its catalog.

use std::collections::BTreeMap;

use nlp::{Moment, Reading, Vocabulary};
use query::{Catalogs, Language, Question, Settings, Translation, WithoutService};

use crate::{
    check::{Verdict, check},
    data::QueryCase,
    execution::{Execution, Executor, compare},
    failure::{Failure, Reason},
    latency::Stopwatch,
    prediction::{PredictedEntity, Prediction, is_implied},
    report::{LanguageReport, QueryReport, share},
    tokens::objections,
};

/// What came of the questions.
pub(crate) struct Outcome {
    pub(crate) report: QueryReport,
    pub(crate) predictions: Vec<Prediction>,
    pub(crate) failures: Vec<Failure>,
}

/// How one query does.
struct Graded {
    language: Language,
    verdict: Verdict,
    objections: Vec<String>,
    execution: Execution,
}

/// Translates every question, and runs PromQL where there is something that can.
pub(crate) async fn evaluate(
    cases: &[QueryCase],
    catalogs: &BTreeMap<String, Catalogs>,
    moment: &Moment<'_>,
    executor: Option<&dyn Executor>,
    watch: &mut Stopwatch,
) -> Outcome {
    let vocabularies: BTreeMap<&str, Vocabulary> =
        catalogs.iter().map(|(name, catalogs)| (name.as_str(), vocabulary(catalogs))).collect();
    let (nothing_known, nothing_recorded) = (Vocabulary::default(), Catalogs::default());
    let mut outcome = Outcome {
        report: QueryReport::default(),
        predictions: Vec::with_capacity(cases.len()),
        failures: Vec::new(),
    };
    let mut graded = Vec::with_capacity(cases.len());
    for case in cases {
        let known = vocabularies.get(case.catalog.as_str()).unwrap_or(&nothing_known);
        let recorded = catalogs.get(&case.catalog).unwrap_or(&nothing_recorded);
        let (reading, translation) = watch.time(|| translate(case, known, recorded, moment));
        let query = translation.as_ref().ok().map(|translation| translation.query.as_str());
        let grade = grade(case, query, recorded, moment, executor).await;
        outcome.failures.extend(failure(case, &translation, &grade));
        graded.push(grade);
        outcome.predictions.push(prediction(case, &reading, translation.ok()));
    }
    let report = |language| report(language, &graded);
    outcome.report = QueryReport {
        promql: report(Language::PromQl),
        logql: report(Language::LogQl),
        traceql: report(Language::TraceQl),
    };
    outcome
}

/// The names that understanding takes from a tenant's catalog, as a turn does.
fn vocabulary(catalogs: &Catalogs) -> Vocabulary {
    let services = catalogs.metrics.services();
    let versions: Vec<String> =
        services.iter().flat_map(|service| catalogs.metrics.versions(service)).collect();
    Vocabulary::new(services, versions, catalogs.metrics.environments())
}

fn translate(
    case: &QueryCase,
    vocabulary: &Vocabulary,
    catalogs: &Catalogs,
    moment: &Moment<'_>,
) -> (Reading, Result<Translation, String>) {
    let reading = nlp::understand(&case.text, vocabulary, moment);
    let understanding = reading.to_act_on();
    let question = Question { text: &case.text, understanding: &understanding };
    let without_service =
        if reading.every_service { WithoutService::All } else { WithoutService::Ask };
    let settings = Settings { zone: moment.zone.clone(), without_service, ..Settings::default() };
    let translation = query::translate(case.language, &question, catalogs, &settings, moment.now);
    (reading, translation.map_err(|error| error.to_string()))
}

async fn grade(
    case: &QueryCase,
    query: Option<&str>,
    catalogs: &Catalogs,
    moment: &Moment<'_>,
    executor: Option<&dyn Executor>,
) -> Graded {
    let missing = || Verdict { parsed: false, grounded: false, problem: None };
    let execution = match executor.filter(|_| case.language == Language::PromQl) {
        Some(executor) => compare(executor, query, &case.expected, moment.now).await,
        None => Execution::Undecided,
    };
    Graded {
        language: case.language,
        verdict: query.map_or_else(missing, |query| check(case.language, query, catalogs)),
        objections: match query {
            Some(query) => objections(query, &case.must_mention, &case.must_not),
            None => vec!["there is no query".to_owned()],
        },
        execution,
    }
}

fn failure(
    case: &QueryCase,
    translation: &Result<Translation, String>,
    grade: &Graded,
) -> Option<Failure> {
    let mut problems: Vec<String> = Vec::new();
    let got = match translation {
        Ok(translation) => {
            problems.extend(grade.verdict.problem.clone());
            problems.extend(grade.objections.iter().cloned());
            translation.query.clone()
        }
        Err(reason) => {
            problems.push("there is no query".to_owned());
            reason.clone()
        }
    };
    match &grade.execution {
        Execution::Different(how) => problems.push(how.clone()),
        Execution::Unrunnable(why) => {
            problems.push(format!("the expected query cannot be run: {why}"));
        }
        Execution::Same | Execution::Undecided => {}
    }
    (!problems.is_empty()).then(|| Failure {
        place: case.id.clone(),
        text: case.text.clone(),
        reasons: vec![Reason::new(
            format!("{}: {}", case.language.name(), problems.join(", ")),
            case.expected.clone(),
            got,
        )],
    })
}

fn prediction(case: &QueryCase, reading: &Reading, translation: Option<Translation>) -> Prediction {
    let (query, explanation) =
        translation.map(|translation| (translation.query, translation.explanation)).unzip();
    let named = reading.understanding.entities.iter().filter(|entity| !is_implied(entity));
    Prediction {
        id: case.id.clone(),
        turn: None,
        intent: reading.understanding.intent,
        confidence: reading.understanding.confidence,
        entities: named.map(|entity| PredictedEntity::new(entity, &entity.text)).collect(),
        query,
        explanation,
    }
}

/// `None` where there is no question in the language.
fn report(language: Language, graded: &[Graded]) -> Option<LanguageReport> {
    let own: Vec<&Graded> = graded.iter().filter(|grade| grade.language == language).collect();
    let count = |good: fn(&Graded) -> bool| own.iter().filter(|grade| good(grade)).count();
    let of_all = |good| share(count(good), own.len());
    let same = count(|grade| grade.execution == Execution::Same);
    (!own.is_empty()).then(|| LanguageReport {
        n: own.len(),
        parsed: of_all(|grade| grade.verdict.parsed),
        grounded: of_all(|grade| grade.verdict.grounded),
        token_match: of_all(|grade| grade.objections.is_empty()),
        execution_match: share(same, count(|grade| grade.execution.is_decided())),
    })
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;
    use crate::{
        data,
        execution::tests::{Table, sample},
    };

    const CATALOGS: &str = r#"{"shop":{"prometheus":{"labels":{
        "process_cpu_usage_ratio":{"service":["orders","cart"]}}},"loki":{},"tempo":{}}}"#;

    fn graded(parsed: bool, grounded: bool, objections: usize, execution: Execution) -> Graded {
        Graded {
            language: Language::PromQl,
            verdict: Verdict { parsed, grounded, problem: None },
            objections: vec![String::new(); objections],
            execution,
        }
    }

    #[test]
    fn shares_are_of_all_questions_in_the_language() {
        let all = [
            graded(true, true, 0, Execution::Same),
            graded(true, true, 2, Execution::Different(String::new())),
            graded(true, false, 1, Execution::Undecided),
            graded(false, false, 0, Execution::Same),
        ];
        let report = report(Language::PromQl, &all).unwrap();
        assert_eq!(
            report,
            LanguageReport {
                n: 4,
                parsed: Some(0.75),
                grounded: Some(0.5),
                token_match: Some(0.5),
                execution_match: Some(2.0 / 3.0),
            }
        );
        assert_eq!(super::report(Language::LogQl, &all), None);
    }

    #[tokio::test]
    async fn questions_are_translated_checked_and_run() {
        let catalogs = data::catalogs("c", CATALOGS).unwrap();
        let text = r#"
{"id":"a","language":"promql","text":"what is the cpu usage of orders right now?","catalog":"shop","expected":"expected","must_mention":["process_cpu_usage_ratio","service='orders'"],"must_not":["rate("]}
{"id":"b","language":"promql","text":"bake me a cake","catalog":"shop","expected":"expected","must_mention":["process_cpu_usage_ratio"],"must_not":[]}
"#;
        let cases = data::queries("f", text, &catalogs).unwrap();
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
        let executor = Table(vec![("expected", vec![sample(&[], 1.0)])]);
        let mut watch = Stopwatch::default();
        let outcome = evaluate(&cases, &catalogs, &moment, Some(&executor), &mut watch).await;
        let query = outcome.predictions[0].query.as_deref().unwrap_or_default();
        assert!(query.contains("process_cpu_usage_ratio"), "{:?}", outcome.failures);
        assert_eq!(outcome.predictions[1].query, None);
        let report = outcome.report.promql.unwrap();
        assert_eq!((report.n, report.parsed, report.grounded), (2, Some(0.5), Some(0.5)));
        assert_eq!((report.token_match, report.execution_match), (Some(0.5), Some(0.0)));
        let failure = &outcome.failures[1];
        assert_eq!((failure.place.as_str(), failure.text.as_str()), ("b", "bake me a cake"));
        assert!(failure.reasons[0].about.starts_with("promql: there is no query"), "{failure:?}");
    }
}
