//! The names that a tenant's catalog holds, prepared for finding them in text.
//!
//! Knows nothing of where the catalog comes from.

use std::collections::{HashMap, HashSet};

use crate::{entities::environment::canonical, spelling::SpellingIndex, text::singular};

/// Words that say "this is a service" and are not part of its name.
pub(crate) const SERVICE_WORDS: &[&str] =
    &["service", "services", "svc", "svcs", "srv", "microservice", "microservices"];

/// What a tenant's catalog names. Build it once per catalog: [`crate::understand`] only reads it.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// In the order given, which decides ties.
    services: Vec<String>,
    by_key: HashMap<String, Vec<usize>>,
    by_part: HashMap<String, Vec<usize>>,
    spelling: SpellingIndex<usize>,
    most_parts: usize,
    versions: HashSet<String>,
    environments: HashMap<String, String>,
}

impl Vocabulary {
    pub fn new<S, V, E>(services: S, versions: V, environments: E) -> Self
    where
        S: IntoIterator<Item: Into<String>>,
        V: IntoIterator<Item: Into<String>>,
        E: IntoIterator<Item: Into<String>>,
    {
        let mut vocabulary = Self {
            services: services.into_iter().map(Into::into).collect(),
            versions: versions
                .into_iter()
                .map(|version| version.into().to_lowercase())
                .filter(|version| !version.is_empty())
                .collect(),
            ..Self::default()
        };
        for environment in environments {
            let environment: String = environment.into();
            let lower = environment.to_lowercase();
            let general = canonical(&lower).to_owned();
            vocabulary.environments.entry(general).or_insert_with(|| environment.clone());
            vocabulary.environments.insert(lower, environment);
        }
        vocabulary.index_services();
        vocabulary
    }

    fn index_services(&mut self) {
        let mut seen = HashSet::new();
        self.services.retain(|name| !name.is_empty() && seen.insert(name.clone()));
        let mut keys = Vec::with_capacity(self.services.len());
        for (index, name) in self.services.iter().enumerate() {
            let parts = name_parts(name);
            self.most_parts = self.most_parts.max(parts.len());
            let key = key_of(&parts);
            if parts.len() > 1 {
                for part in &parts {
                    let list = self.by_part.entry(singular(part).to_owned()).or_default();
                    if list.last() != Some(&index) {
                        list.push(index);
                    }
                }
            }
            self.by_key.entry(key.clone()).or_default().push(index);
            keys.push((key, index));
        }
        self.spelling = SpellingIndex::new(keys.into_iter());
    }

    /// The services whose name is this, apart from case, separators, plural and a trailing
    /// "service".
    pub(crate) fn exactly(&self, key: &str) -> Vec<&str> {
        self.names(self.by_key.get(key).map_or(&[], Vec::as_slice))
    }

    /// The services that have this word in their name.
    pub(crate) fn with_part(&self, word: &str) -> Vec<&str> {
        self.names(self.by_part.get(singular(word)).map_or(&[], Vec::as_slice))
    }

    /// The services whose name is this but for a slip or two.
    pub(crate) fn nearly(&self, key: &str) -> Vec<&str> {
        self.spelling.nearest(key).map_or_else(Vec::new, |nearest| self.names(&nearest.values))
    }

    /// The services whose name the word lengthens: "authentication" for `auth`.
    pub(crate) fn lengthened_by(&self, word: &str) -> Vec<&str> {
        const MIN_STEM_CHARS: usize = 4;
        let stems = word.char_indices().map(|(at, _)| at).filter(|&at| at >= MIN_STEM_CHARS);
        stems
            .rev()
            .find_map(|at| self.by_key.get(&word[..at]))
            .map_or_else(Vec::new, |list| self.names(list))
    }

    fn names(&self, indexes: &[usize]) -> Vec<&str> {
        indexes.iter().map(|&index| self.services[index].as_str()).collect()
    }

    /// How many words the longest service name has.
    pub(crate) fn most_parts(&self) -> usize {
        self.most_parts
    }

    pub(crate) fn has_version(&self, text: &str) -> bool {
        self.versions.contains(text) || self.versions.contains(&text.to_lowercase())
    }

    /// The catalog's spelling of an environment.
    pub(crate) fn environment(&self, word: &str) -> Option<&str> {
        let found = self.environments.get(word).or_else(|| self.environments.get(canonical(word)));
        found.map(String::as_str)
    }
}

/// The words of a name in lower case: `UserProfileService` → `user`, `profile`, `service`.
pub(crate) fn name_parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut open = false;
    let mut before: Option<char> = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            (open, before) = (false, None);
            continue;
        }
        // A capital begins a word after a small letter, and before one: `APIGateway`.
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase()
                        && chars.peek().is_some_and(|next| next.is_lowercase()))
            });
        if !open || begins {
            parts.push(String::new());
            open = true;
        }
        if let Some(part) = parts.last_mut() {
            part.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    parts
}

/// What two spellings of one name have in common.
pub(crate) fn key_of(parts: &[impl AsRef<str>]) -> String {
    let bare = match parts {
        [name @ .., last] if !name.is_empty() && SERVICE_WORDS.contains(&last.as_ref()) => name,
        all => all,
    };
    bare.iter().map(|part| singular(part.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (name, key) in [
            ("payment", "payment"),
            ("payments-service", "payment"),
            ("PaymentService", "payment"),
            ("PAYMENT_SVC", "payment"),
            ("API Gateway", "apigateway"),
            ("APIGateway", "apigateway"),
            ("user.profile/service", "userprofile"),
            ("service", "service"),
            ("größe", "größe"),
        ] {
            assert_eq!(key_of(&name_parts(name)), key, "{name}");
        }
    }

    #[test]
    fn environments_keep_the_catalogs_spelling() {
        let none: [&str; 0] = [];
        let vocabulary = Vocabulary::new(none, none, ["prod", "Staging"]);
        assert_eq!(vocabulary.environment("production"), Some("prod"));
        assert_eq!(vocabulary.environment("staging"), Some("Staging"));
        assert_eq!(vocabulary.environment("stg"), Some("Staging"));
        assert_eq!(vocabulary.environment("dev"), None);
    }
}
