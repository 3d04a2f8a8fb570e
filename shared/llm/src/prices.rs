//! What tokens cost, by a table from configuration. A price that is not in the table is unknown,
//! never assumed.

use std::collections::BTreeMap;

use model::{Classified, ErrorClass};
use serde::Deserialize;

use crate::{ModelId, ModelIdError, RequestRecord, Usage};

const TOKENS_PER_PRICE: f64 = 1_000_000.0;

/// What one model charges.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub input_per_million_usd: f64,
    pub output_per_million_usd: f64,
}

/// Prices by model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices(BTreeMap<ModelId, Price>);

/// Why a price table is not one.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    #[error("the price table is not the JSON that it should be (line {line}, column {column})")]
    Json {
        line: usize,
        column: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("the price table names a model that is none")]
    Model(#[source] ModelIdError),
    #[error("the price of {model} is {value}; it must be zero or more")]
    Value { model: ModelId, value: f64 },
}

impl Classified for PricesError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Bug
    }
}

impl Prices {
    /// Reads `{"provider:model": {"input_per_million_usd": 3.0, "output_per_million_usd": 15.0}}`.
    pub fn parse(json: &str) -> Result<Self, PricesError> {
        let table: BTreeMap<String, Price> = serde_json::from_str(json).map_err(|source| {
            PricesError::Json { line: source.line(), column: source.column(), source }
        })?;
        let mut prices = BTreeMap::new();
        for (name, price) in table {
            let model: ModelId = name.parse().map_err(PricesError::Model)?;
            for value in [price.input_per_million_usd, price.output_per_million_usd] {
                if !value.is_finite() || value < 0.0 {
                    return Err(PricesError::Value { model, value });
                }
            }
            prices.insert(model, price);
        }
        Ok(Self(prices))
    }

    /// The cost in US dollars; `None` when the model's price is unknown.
    pub fn cost_usd(&self, model: &ModelId, usage: Usage) -> Option<f64> {
        let price = self.0.get(model)?;
        #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
        let (input, output) = (usage.input_tokens as f64, usage.output_tokens as f64);
        let per_million =
            input * price.input_per_million_usd + output * price.output_per_million_usd;
        Some(per_million / TOKENS_PER_PRICE)
    }

    /// What several requests cost together; `None` as soon as one that succeeded cannot be priced.
    /// Failed requests count where the provider said what they used.
    pub fn total_usd(&self, records: &[RequestRecord]) -> Option<f64> {
        records
            .iter()
            .filter(|record| record.is_ok() || record.usage.is_some())
            .map(|record| self.cost_usd(&record.model, record.usage?))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TABLE: &str = r#"{
        "openai:gpt-4o": {"input_per_million_usd": 2.5, "output_per_million_usd": 10},
        "ollama:llama3.2:1b": {"input_per_million_usd": 0, "output_per_million_usd": 0}
    }"#;

    fn record(model: &str, status: &'static str, usage: Option<(u64, u64)>) -> RequestRecord {
        RequestRecord {
            model: model.parse().unwrap(),
            status,
            time_to_first_token: None,
            duration: Duration::ZERO,
            usage: usage.map(|(input_tokens, output_tokens)| Usage { input_tokens, output_tokens }),
        }
    }

    #[test]
    fn totals_are_exact_or_unknown() {
        let prices = Prices::parse(TABLE).unwrap();
        let paid = || record("openai:gpt-4o", "ok", Some((1_000_000, 100_000)));
        for (records, expected) in [
            (vec![paid()], Some(3.5)),
            (vec![paid(), paid()], Some(7.0)),
            (vec![record("ollama:llama3.2:1b", "ok", Some((9, 9)))], Some(0.0)),
            (vec![record("openai:gpt-5", "ok", Some((1, 1)))], None),
            (vec![record("openai:gpt-4o", "ok", None)], None),
            (vec![record("openai:gpt-5", "throttled", None), paid()], Some(3.5)),
            (vec![record("openai:gpt-5", "cut", Some((1, 1))), paid()], None),
        ] {
            assert_eq!(prices.total_usd(&records), expected, "{records:?}");
        }
    }

    #[test]
    fn a_bad_table_is_refused() {
        let entry = |fields: &str| format!(r#"{{"openai:a": {{{fields}}}}}"#);
        for (json, problem) in [
            ("{".to_owned(), "not the JSON"),
            ("[]".to_owned(), "not the JSON"),
            (entry(r#""input_per_million_usd": 1"#), "not the JSON"),
            (
                entry(r#""input_per_million_usd": 1, "output_per_million_usd": 1, "currency": 1"#),
                "not the JSON",
            ),
            (
                entry(r#""input_per_million_usd": -1, "output_per_million_usd": 1"#),
                "the price of openai:a is -1",
            ),
            (
                r#"{"a": {"input_per_million_usd": 1, "output_per_million_usd": 1}}"#.to_owned(),
                "names a model that is none",
            ),
        ] {
            let message = Prices::parse(&json).unwrap_err().to_string();
            assert!(message.contains(problem), "{json}: {message}");
        }
    }
}
