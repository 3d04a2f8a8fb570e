//! Answers where there is no plan: what is unknown, missing or unclear, and what there is instead.

use query::{Language, PlanError};

use super::{Answer, markdown};

/// Services that are offered as replies.
const OFFERED: usize = 3;

/// Says why a question has no query, in a way that the next message can put right.
pub fn compose_problem(problem: &PlanError) -> Answer {
    let (hint, suggestions): (&str, Vec<String>) = match problem {
        PlanError::MissingService { candidates }
        | PlanError::AmbiguousService { candidates, .. } => {
            ("The name alone is enough.", offered(candidates))
        }
        PlanError::MissingMetric { .. } => (
            "The name alone is enough.",
            ["error rate", "p95 latency", "CPU usage"].map(str::to_owned).to_vec(),
        ),
        PlanError::UnknownService { nearest, known_services, .. } => {
            let names = if nearest.is_empty() { known_services } else { nearest };
            ("Which one do you mean?", offered(names))
        }
        PlanError::NotInLogs { nearest, known, .. } => {
            ("", offered(if nearest.is_empty() { known } else { nearest }))
        }
        PlanError::UnknownMetric { .. } => (
            "I only answer from metrics that exist; name one of these, or ask for another.",
            Vec::new(),
        ),
        PlanError::NotRecorded { service, .. } => ("", vec![format!("Is {service} healthy?")]),
        PlanError::RangeTooLong { .. } => {
            ("Ask for a shorter one, such as the last 7 days.", vec![])
        }
        PlanError::FutureRange => {
            ("Ask for a period that has begun, such as the last hour.", vec![])
        }
        PlanError::UnknownValue { .. }
        | PlanError::UnknownAttribute { .. }
        | PlanError::UnknownField { .. }
        | PlanError::NoLabel { .. }
        | PlanError::Unsupported(_) => ("", Vec::new()),
        PlanError::Rejected(_) => (
            "That is a mistake of mine, and nothing was asked. Put it in other words, or ask for \
             less at a time.",
            Vec::new(),
        ),
    };
    let text = [sentence(problem), hint.to_owned()];
    let text = text.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    Answer { text, suggestions, ..Answer::default() }
}

fn sentence(problem: &PlanError) -> String {
    let text = problem.to_string();
    if text.ends_with(['.', '?', '!']) { text } else { format!("{text}.") }
}

fn offered(names: &[String]) -> Vec<String> {
    names.iter().take(OFFERED).cloned().collect()
}

/// The words could not be taken literally: a time that does not exist, a period that ends before it
/// begins.
pub fn misread(problem: &str) -> Answer {
    let problem = markdown::name(problem.trim().trim_end_matches('.'));
    Answer {
        text: format!("I could not make sense of that: {problem}. Could you put it differently?"),
        ..Answer::default()
    }
}

/// What a question is answered from cannot be reached, and nothing is known of it.
pub fn unreachable(language: Language, reason: &str) -> Answer {
    let (what, how) = match language {
        Language::PromQl => ("metrics", ""),
        Language::LogQl => (
            "logs",
            " They are read from a Loki: `LOKI_URL` says where it is, and on a developer's machine \
             `./scripts/dev --logs` gets and starts one.",
        ),
        Language::TraceQl => {
            ("traces", " They are read from a Tempo: `TEMPO_URL` says where it is.")
        }
    };
    let reason = markdown::sentence(reason.trim().trim_end_matches('.'));
    // Whoever says already what to set need not say it twice.
    let how = if reason.contains("_URL") { "" } else { how };
    Answer {
        text: format!(
            "I cannot reach the {what} now: {reason}.{how} Without them I have nothing to answer \
             from; your question is kept, so ask again when they are back."
        ),
        ..Answer::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_is_away_is_named_with_how_to_have_it() {
        for (language, reason, parts) in [
            (Language::PromQl, "Prometheus does not answer.", &["metrics", "Prometheus"][..]),
            (Language::LogQl, "Loki at x does not answer", &["Loki at x", "./scripts/dev --logs"]),
            (
                Language::LogQl,
                "Loki is not configured: set LOKI_URL",
                &["the logs", "LOKI_URL. Wi"],
            ),
            (Language::TraceQl, "Tempo is away", &["the traces", "`TEMPO_URL`"]),
        ] {
            let text = unreachable(language, reason).text;
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
    }

    #[test]
    fn problems_name_what_there_is() {
        let services: Vec<String> =
            ["payment", "checkout", "auth", "orders"].map(str::to_owned).to_vec();
        for (problem, text, suggestions) in [
            (
                PlanError::MissingService { candidates: services.clone() },
                "Which service do you mean? There is payment, checkout, auth and orders. The name \
                 alone is enough.",
                &["payment", "checkout", "auth"][..],
            ),
            (
                PlanError::UnknownService {
                    name: "paymnt".to_owned(),
                    nearest: vec!["payment".to_owned()],
                    known_services: services.clone(),
                },
                "There is no service `paymnt` in the metrics. The nearest: `payment`. Which one do \
                 you mean?",
                &["payment"],
            ),
            (
                PlanError::UnknownService {
                    name: "zzz".to_owned(),
                    nearest: Vec::new(),
                    known_services: services[..2].to_vec(),
                },
                "There is no service `zzz` in the metrics. There is payment and checkout. Which \
                 one do you mean?",
                &["payment", "checkout"],
            ),
            (
                PlanError::AmbiguousService {
                    name: "pay".to_owned(),
                    candidates: services[..2].to_vec(),
                },
                "`pay` could be payment or checkout. Which one do you mean? The name alone is \
                 enough.",
                &["payment", "checkout"],
            ),
            (
                PlanError::FutureRange,
                "That period has not begun yet, so there is nothing measured in it. Ask for a \
                 period that has begun, such as the last hour.",
                &[],
            ),
            (
                PlanError::RangeTooLong { range_s: 40 * 86_400, max_s: 31 * 86_400 },
                "That is 40 days; the longest period is 31. Ask for a shorter one, such as the \
                 last 7 days.",
                &[],
            ),
        ] {
            let answer = compose_problem(&problem);
            assert_eq!(answer.text, text);
            assert_eq!(answer.suggestions, suggestions);
        }
    }
}
