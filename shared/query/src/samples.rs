//! Samples of values as catalogs write them: texts, but also bare numbers and booleans.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

/// Values of a field, a label or an attribute, or a word for what kind of values it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    Values(#[serde(deserialize_with = "list")] Vec<String>),
    Kind(String),
}

impl Default for Samples {
    fn default() -> Self {
        Self::Values(Vec::new())
    }
}

impl Samples {
    /// The sampled values; none where only their kind is known.
    pub fn values(&self) -> &[String] {
        match self {
            Self::Values(values) => values,
            Self::Kind(_) => &[],
        }
    }

    fn into_values(self) -> Vec<String> {
        match self {
            Self::Values(values) => values,
            Self::Kind(_) => Vec::new(),
        }
    }

    /// The word for the type of the values, where that is all there is.
    pub(crate) fn kind(&self) -> Option<&str> {
        match self {
            Self::Values(_) => None,
            Self::Kind(kind) => Some(kind),
        }
    }
}

struct Sample(String);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Sample;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, a number or a boolean")
            }

            fn visit_str<E>(self, value: &str) -> Result<Sample, E> {
                Ok(Sample(value.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Sample, E> {
                Ok(Sample(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Sample, E> {
                Ok(Sample(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Sample, E> {
                Ok(Sample(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Sample, E> {
                Ok(Sample(value.to_string()))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let samples = Vec::<Sample>::deserialize(deserializer)?;
    Ok(samples.into_iter().map(|sample| sample.0).collect())
}

/// The sampled values by name.
pub(crate) fn by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let named = BTreeMap::<String, Samples>::deserialize(deserializer)?;
    Ok(named.into_iter().map(|(name, samples)| (name, samples.into_values())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Catalog {
        #[serde(deserialize_with = "by_name")]
        attributes: BTreeMap<String, Vec<String>>,
    }

    #[test]
    fn values_of_any_kind_are_texts() {
        let json = r#"{"attributes": {"span.http.status_code": [200, "404", 0.5, true]}}"#;
        let catalog: Catalog = serde_json::from_str(json).unwrap();
        assert_eq!(catalog.attributes["span.http.status_code"], ["200", "404", "0.5", "true"]);
        assert!(serde_json::from_str::<Catalog>(r#"{"attributes": {"a": [[1]]}}"#).is_err());
        let unsampled = serde_json::from_str::<Catalog>(r#"{"attributes": {"a": "string"}}"#);
        assert!(unsampled.unwrap().attributes["a"].is_empty());
    }
}
