//! What is said where no metric is asked for: honestly, and without knowledge that is not there.

use model::Intent;

use super::Answer;

/// Put before an answer that a model was to write and none could be reached.
pub const WITHOUT_MODEL: &str =
    "_No language model answered, so this is what the metrics say, without one._\n\n";

const EXAMPLES: [&str; 3] = [
    "Are all services healthy?",
    "Which service has the highest error rate?",
    "What was deployed in the last 24 hours?",
];

const ABILITIES: &str = "I read your metrics: error rates, request rates, latency percentiles, CPU \
    and memory of your services, comparisons and trends of these, and which versions run.";

/// The answer to an intent that needs no query; `None` when it needs one.
pub fn talk(intent: Intent) -> Option<Answer> {
    let text = match intent {
        Intent::SmallTalk => format!("Hello. {ABILITIES} What would you like to know?"),
        Intent::OutOfScope => {
            format!("That is outside of what I can help with. {ABILITIES}")
        }
        Intent::GeneralQuestion => format!(
            "That is a general question, and no metric answers it; without a language model I \
             cannot either. {ABILITIES}"
        ),
        Intent::Clarify => {
            format!("I am not sure what to do with that. {ABILITIES} What would you like to know?")
        }
        Intent::QueryMetrics
        | Intent::QueryDeployments
        | Intent::CheckHealth
        | Intent::AnalyzeErrors
        | Intent::Compare
        | Intent::AnalyzeTrend => return None,
    };
    let suggestions = EXAMPLES.map(str::to_owned).to_vec();
    Some(Answer { text, suggestions, ..Answer::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talk_is_for_talk_only() {
        for &intent in Intent::ALL {
            let metric_question =
                matches!(intent.family(), model::Family::Query | model::Family::Analyze);
            assert_eq!(talk(intent).is_none(), metric_question, "{}", intent.name());
        }
    }
}
