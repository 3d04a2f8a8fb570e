//! The single words of the cue tables, for the dictionary and for the recogniser of names.

use super::{
    cues::{ADJECTIVES, COMMANDS, CUES, FORMS},
    feature::Feature,
};
use crate::lexicon::lists;

const PHRASES_OF_STATE: &str = "failing failed healthy unhealthy broken slowest fastest busiest affected degraded running \
     deployed down up dead noisy erroring impacted unknown restarting crashing";

/// Every word of the cue tables that stands for itself, for the dictionary.
pub(crate) fn cue_words() -> impl Iterator<Item = &'static str> {
    let cues = CUES.iter().filter(|(feature, _)| {
        !matches!(
            feature,
            Feature::OffTopic | Feature::Greeting | Feature::AboutUs | Feature::Technical
        )
    });
    cues.flat_map(|(_, phrases)| phrases.split(", "))
        .flat_map(|phrase| phrase.split(' '))
        .map(|word| word.trim_end_matches('*'))
        .chain(COMMANDS.split(' '))
        .chain(FORMS.split(' '))
        .filter(|word| !is_small(word))
}

/// Words of the trade that carry no meaning of their own for us.
pub(crate) fn technical_words() -> impl Iterator<Item = &'static str> {
    let cues = CUES.iter().filter(|(feature, _)| *feature == Feature::Technical);
    cues.flat_map(|(_, phrases)| phrases.split(", "))
        .flat_map(|phrase| phrase.split(' '))
        .map(|word| word.trim_end_matches('*'))
}

fn is_small(word: &str) -> bool {
    word.len() < 3
}

pub(crate) fn is_adjective_of_services(word: &str) -> bool {
    lists(ADJECTIVES, word)
        || lists(COMMANDS, word) && word != "search"
        || lists(PHRASES_OF_STATE, word)
}

/// Whether the word asks for something to be done, where a command stands.
pub(crate) fn is_command(word: &str) -> bool {
    lists(COMMANDS, word)
}
