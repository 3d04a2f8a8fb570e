//! Samples of values as catalogs write them: texts, but also bare numbers and booleans.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};

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

pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let samples = Vec::<Sample>::deserialize(deserializer)?;
    Ok(samples.into_iter().map(|sample| sample.0).collect())
}

pub(crate) fn by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let named = BTreeMap::<String, Vec<Sample>>::deserialize(deserializer)?;
    let texts = |samples: Vec<Sample>| samples.into_iter().map(|sample| sample.0).collect();
    Ok(named.into_iter().map(|(name, samples)| (name, texts(samples))).collect())
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
    }
}
