//! What is said where no metric is asked for: honestly, and without knowledge that is not there.

use model::Intent;
use query::Language;

use super::Answer;

/// Put before an answer that a model was to write and none could be reached.
pub const WITHOUT_MODEL: &str =
    "_No language model answered, so this is what the data says, without one._\n\n";

const EXAMPLES: [&str; 3] = [
    "Are all services healthy?",
    "Which service has the highest error rate?",
    "What was deployed in the last 24 hours?",
];

const ABILITIES: &str = "I read your metrics: error rates, request rates, latency percentiles, CPU \
    and memory of your services, comparisons and trends of these, and which versions run; and I search \
    and count your logs and traces.";

/// What there is to say to an intent.
pub enum Reply {
    /// Metrics answer it.
    Measured,
    /// Logs or traces answer it, in this language.
    Recorded(Language),
    /// It is a question of knowledge: a model's, where there is one, else this.
    Knowledge(Answer),
    /// This, and nothing else: a model must not claim to do what is not done.
    Fixed(Answer),
}

/// What is said to an intent that no metric answers.
pub fn talk(intent: Intent, text: &str) -> Reply {
    match intent {
        Intent::QueryLogs => Reply::Recorded(Language::LogQl),
        Intent::QueryTraces => Reply::Recorded(Language::TraceQl),
        Intent::QueryMetrics
        | Intent::QueryDeployments
        | Intent::CheckHealth
        | Intent::AnalyzeErrors
        | Intent::Compare
        | Intent::AnalyzeTrend => Reply::Measured,
        Intent::GeneralQuestion | Intent::Explain => Reply::Knowledge(answer(format!(
            "That is a general question, and no metric answers it; without a language model I \
             cannot either. {ABILITIES}"
        ))),
        Intent::SmallTalk if is_thanks(text) => Reply::Fixed(answer(
            "You're welcome. Ask again whenever there is something to look into.".to_owned(),
        )),
        Intent::SmallTalk => {
            Reply::Fixed(answer(format!("Hello. {ABILITIES} What would you like to know?")))
        }
        Intent::OutOfScope => {
            Reply::Fixed(answer(format!("That is outside of what I can help with. {ABILITIES}")))
        }
        Intent::Clarify => Reply::Fixed(answer(format!(
            "I am not sure what to do with that. {ABILITIES} What would you like to know?"
        ))),
        Intent::Confirm | Intent::Decline => {
            Reply::Fixed(answer("Nothing waits for your decision.".to_owned()))
        }
        other => Reply::Fixed(answer(format!(
            "You want me to {}. I understand that, but nothing here can do it yet, and I did \
             nothing. {ABILITIES}",
            wish(other)
        ))),
    }
}

fn is_thanks(text: &str) -> bool {
    const THANKS: &[&str] = &["thx", "cheers", "appreciate", "ta", "kudos", "tnx"];
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| THANKS.contains(&word) || word.starts_with("thank"))
}

/// Asked back where the words leave open what is wanted.
pub fn unsure(likeliest: &[Intent]) -> Answer {
    let mut wishes: Vec<&str> = likeliest.iter().map(|&intent| wish(intent)).collect();
    wishes.dedup();
    answer(format!("I am not sure what you mean. Do you want me to {}?", wishes.join(", or to ")))
}

fn answer(text: String) -> Answer {
    Answer { text, suggestions: EXAMPLES.map(str::to_owned).to_vec(), ..Answer::default() }
}

/// Completes "you want me to …".
fn wish(intent: Intent) -> &'static str {
    match intent {
        Intent::QueryMetrics => "look up a metric",
        Intent::QueryLogs => "search the logs",
        Intent::QueryTraces => "search the traces",
        Intent::QueryIncidents => "look up incidents",
        Intent::QueryAlerts => "look up alerts",
        Intent::QueryDeployments => "say what is deployed",
        Intent::QueryTopology => "say what depends on what",
        Intent::CheckHealth => "check the health of a service",
        Intent::AnalyzeErrors => "analyse errors",
        Intent::AnalyzePerformance => "find out why something is slow",
        Intent::AnalyzeRootCause => "find a root cause",
        Intent::InvestigateAlert => "find out why an alert fired",
        Intent::DetectAnomalies => "look for anything unusual",
        Intent::Compare => "compare things",
        Intent::AnalyzeTrend => "show how something developed",
        Intent::PlanCapacity => "plan capacity",
        Intent::MonitorSlo => "check an objective and its error budget",
        Intent::AnalyzeCost => "analyse costs",
        Intent::CreateIncident => "open an incident",
        Intent::UpdateIncident => "change an incident",
        Intent::ResolveIncident => "resolve an incident",
        Intent::CreateAlert => "set up an alert",
        Intent::WritePostmortem => "write a post-mortem",
        Intent::ExecuteWorkflow => "run a workflow",
        Intent::CreateWorkflow => "define a workflow",
        Intent::ScheduleWorkflow => "schedule a workflow",
        Intent::QueryWorkflow => "look up the state of a workflow",
        Intent::CancelWorkflow => "stop a workflow",
        Intent::DeployService => "deploy a service",
        Intent::RollbackDeployment => "roll back a deployment",
        Intent::ScaleService => "scale a service",
        Intent::UpdateConfig => "change a setting",
        Intent::GenerateTests => "write tests",
        Intent::RunTests => "run tests",
        Intent::AnalyzeCoverage => "analyse test coverage",
        Intent::SearchDocs => "search runbooks and documents",
        Intent::Explain => "explain something",
        Intent::Summarize => "summarise something",
        Intent::Confirm => "go ahead",
        Intent::Decline => "leave it",
        Intent::Clarify => "take that as an answer",
        Intent::SmallTalk => "chat",
        Intent::GeneralQuestion => "answer a general question",
        Intent::OutOfScope => "help with something that is not software",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_is_answered_for_every_intent() {
        for &intent in Intent::ALL {
            match talk(intent, "") {
                Reply::Measured | Reply::Recorded(_) => {
                    let family = intent.family();
                    assert!(matches!(family, model::Family::Query | model::Family::Analyze));
                }
                Reply::Knowledge(answer) | Reply::Fixed(answer) => {
                    assert!(answer.text.ends_with(['.', '?']), "{}", answer.text);
                }
            }
        }
    }

    #[test]
    fn thanks_are_no_greeting() {
        for (text, expected) in [
            ("thanks, that was great", "You're welcome"),
            ("ok ta!", "You're welcome"),
            ("hey there", "Hello"),
            ("tata", "Hello"),
        ] {
            let Reply::Fixed(answer) = talk(Intent::SmallTalk, text) else { panic!() };
            assert!(answer.text.starts_with(expected), "{text}: {}", answer.text);
        }
    }

    #[test]
    fn what_cannot_be_done_is_not_said_to_be_done() {
        let Reply::Fixed(answer) = talk(Intent::RollbackDeployment, "") else { panic!() };
        assert!(answer.text.contains("roll back a deployment"), "{}", answer.text);
        assert!(answer.text.contains("I did nothing"), "{}", answer.text);
    }
}
