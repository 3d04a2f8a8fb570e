//! Configuration from the environment, checked before the first event.
//!
//! A wrong value stops the function with a message that names the variable; it never shows the
//! value, which may be a secret.

use std::{
    collections::BTreeMap,
    fmt::{self, Debug, Display},
    str::FromStr,
};

/// What is wrong with the configuration.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{variable} is not set; it must be {expected}")]
    Missing { variable: String, expected: String },
    #[error("{variable} is not {expected}: {reason}")]
    Wrong { variable: String, expected: String, reason: String },
}

/// A `main` that fails prints the error so, and it is a person who reads it.
impl Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// The environment, as a value, so that tests bring their own.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    pub fn from_process() -> Self {
        // `vars` panics on a variable that is not Unicode; such a one cannot be one of ours.
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(unicode).collect())
    }

    /// The value; a blank one counts as not set, as templates cannot leave a variable out.
    pub fn text(&self, variable: &str) -> Option<&str> {
        self.0.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub fn required_text(&self, variable: &str, expected: &str) -> Result<&str, ConfigError> {
        self.text(variable).ok_or_else(|| ConfigError::Missing {
            variable: variable.to_owned(),
            expected: expected.to_owned(),
        })
    }

    /// Parses the value, if there is one.
    pub fn parse<T>(&self, variable: &str, expected: &str) -> Result<Option<T>, ConfigError>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.parse_with(variable, expected, str::parse)
    }

    /// Parses the value, if there is one, with a function of the caller's.
    pub fn parse_with<T, E: Display>(
        &self,
        variable: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        self.text(variable).map(parse).transpose().map_err(|reason| ConfigError::Wrong {
            variable: variable.to_owned(),
            expected: expected.to_owned(),
            reason: reason.to_string(),
        })
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_names_its_variable() {
        let environment: Environment = [("LIMIT", "many"), ("BLANK", " ")].into_iter().collect();
        let error = environment.parse::<u32>("LIMIT", "a number").unwrap_err();
        assert_eq!(error.to_string(), "LIMIT is not a number: invalid digit found in string");
        assert_eq!(environment.parse::<u32>("BLANK", "a number"), Ok(None));
        let error = environment.required_text("TABLE_NAME", "the table's name").unwrap_err();
        assert_eq!(error.to_string(), "TABLE_NAME is not set; it must be the table's name");
    }
}
