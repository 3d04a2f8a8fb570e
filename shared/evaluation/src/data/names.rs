//! Names on the wire: intents, entity types and languages.

use model::{EntityKind, Intent};
use query::Language;
use serde::{Deserialize, Deserializer};

const LANGUAGES: [Language; 3] = [Language::PromQl, Language::LogQl, Language::TraceQl];

pub(super) fn intent<'de, D: Deserializer<'de>>(from: D) -> Result<Intent, D::Error> {
    known(&String::deserialize(from)?, "intent", Intent::from_name)
}

pub(super) fn intents<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Intent>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.iter().map(|name| known(name, "intent", Intent::from_name)).collect()
}

pub(super) fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<EntityKind, D::Error> {
    known(&String::deserialize(from)?, "entity type", EntityKind::from_name)
}

pub(super) fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Language, D::Error> {
    known(&String::deserialize(from)?, "language", |name| {
        LANGUAGES.into_iter().find(|language| language.name() == name)
    })
}

fn known<T, E: serde::de::Error>(
    name: &str,
    what: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Result<T, E> {
    find(name).ok_or_else(|| E::custom(format!("there is no {what} `{name}`")))
}
