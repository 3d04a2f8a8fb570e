//! Which labels each metric has, and samples of their values, gathered while a list of series is
//! read. The list may be tens of megabytes; what is kept is bounded.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::naming::{is_naming, max_values};

/// More metrics than this are not listed.
pub(super) const MAX_NAMES: usize = 5_000;
type Values = BTreeSet<String>;

/// By metric, then label: values.
#[derive(Debug, Default)]
pub(super) struct SeriesLabels {
    metrics: BTreeMap<String, BTreeMap<String, Values>>,
    /// How many series were read.
    pub(super) series: usize,
    /// Whether there are more metrics than are listed.
    pub(super) names_left_out: bool,
}

impl SeriesLabels {
    /// Reads the answer of `/api/v1/series`. Of an answer that was `cut`, what came is used.
    pub(super) fn read(&mut self, answer: &[u8], cut: bool) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(answer);
        match (Answer { into: self }).deserialize(&mut deserializer) {
            Err(error) if cut && error.is_eof() => Ok(()),
            other => other,
        }
    }

    pub(super) fn contains(&self, metric: &str) -> bool {
        self.metrics.contains_key(metric)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// Keeps a metric of which only the name is known.
    pub(super) fn add_name(&mut self, metric: &str) {
        if self.metrics.len() < MAX_NAMES {
            self.metrics.entry(metric.to_owned()).or_default();
        } else {
            self.names_left_out |= !self.metrics.contains_key(metric);
        }
    }

    /// Everything, with at most `naming` values of the labels that name things and `samples` of the
    /// others.
    pub(super) fn sampled(
        &self,
        naming: usize,
        samples: usize,
    ) -> BTreeMap<&str, BTreeMap<&str, Vec<&str>>> {
        let values = |label: &str, values: &'_ Values| -> usize {
            values.len().min(if is_naming(label) { naming } else { samples })
        };
        self.metrics
            .iter()
            .map(|(metric, labels)| {
                let labels = labels
                    .iter()
                    .map(|(label, all)| {
                        let kept = all.iter().take(values(label, all)).map(String::as_str);
                        (label.as_str(), kept.collect())
                    })
                    .collect();
                (metric.as_str(), labels)
            })
            .collect()
    }

    fn add(&mut self, series: &[(Text<'_>, Text<'_>)]) {
        self.series += 1;
        let Some((_, Text(metric))) = series.iter().find(|(label, _)| label.0 == "__name__") else {
            return;
        };
        // Nearly every series is of a metric, a label and a value seen before: look before
        // allocating.
        if !self.metrics.contains_key(metric.as_ref()) {
            if self.metrics.len() >= MAX_NAMES {
                self.names_left_out = true;
                return;
            }
            self.metrics.insert(metric.clone().into_owned(), BTreeMap::new());
        }
        let Some(labels) = self.metrics.get_mut(metric.as_ref()) else { return };
        for (Text(label), Text(value)) in series {
            if label == "__name__" {
                continue;
            }
            let limit = max_values(label);
            match labels.get_mut(label.as_ref()) {
                Some(values) => {
                    if values.len() < limit && !values.contains(value.as_ref()) {
                        values.insert(value.clone().into_owned());
                    }
                }
                None => {
                    let first = Values::from([value.clone().into_owned()]);
                    labels.insert(label.clone().into_owned(), first);
                }
            }
        }
    }
}

/// A string that is borrowed from the answer unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// `{"status":"success","data":[…]}`; everything but the data is skipped.
struct Answer<'l> {
    into: &'l mut SeriesLabels,
}

impl<'de> DeserializeSeed<'de> for Answer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Answer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an array of series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(Text(key)) = map.next_key()? {
            if key == "data" {
                map.next_value_seed(List { into: &mut *self.into })?;
                found = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(serde::de::Error::missing_field("data")) }
    }
}

struct List<'l> {
    into: &'l mut SeriesLabels,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(Pairs(series)) = list.next_element()? {
            self.into.add(&series);
        }
        Ok(())
    }
}

/// One series: labels with values.
struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(16));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::naming::{MAX_NAMING_VALUES, MAX_SAMPLES};

    fn read(series: Value) -> SeriesLabels {
        let answer = json!({"status": "success", "data": series, "warnings": ["x"]}).to_string();
        let mut labels = SeriesLabels::default();
        labels.read(answer.as_bytes(), false).unwrap();
        labels
    }

    #[test]
    fn labels_and_values_are_gathered_by_metric() {
        let labels = read(json!([
            {"__name__": "up", "job": "b", "path": "\"quoted\""},
            {"__name__": "up", "job": "a"},
            {"__name__": "down"},
            {"job": "nameless"}
        ]));
        assert_eq!(
            json!(labels.sampled(10, 10)),
            json!({"down": {}, "up": {"job": ["a", "b"], "path": ["\"quoted\""]}})
        );
        assert_eq!(labels.series, 4);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many: Vec<Value> = (0..MAX_NAMES + 10)
            .map(|i| json!({"__name__": format!("m{i}")}))
            .chain(
                (0..600)
                    .map(|i| json!({"__name__": "m1", "id": i.to_string(), "pod": i.to_string()})),
            )
            .collect();
        let labels = read(json!(many));
        assert!(labels.names_left_out);
        let sampled = labels.sampled(usize::MAX, usize::MAX);
        assert_eq!(sampled.len(), MAX_NAMES);
        assert_eq!(sampled["m1"]["id"].len(), MAX_SAMPLES);
        assert_eq!(sampled["m1"]["pod"].len(), MAX_NAMING_VALUES);
        let fewer = labels.sampled(7, 3);
        assert_eq!((fewer["m1"]["pod"].len(), fewer["m1"]["id"].len()), (7, 3));
    }

    #[test]
    fn a_cut_answer_gives_what_came_at_every_cut() {
        let answer = r#"{"status":"success","data":[{"__name__":"a","x":"1"},{"__name__":"b"}]}"#;
        let mut complete = 0;
        for end in 0..answer.len() {
            let mut labels = SeriesLabels::default();
            let part = &answer.as_bytes()[..end];
            assert!(labels.read(part, true).is_ok(), "{end}");
            assert!(labels.series >= complete, "{end}");
            complete = labels.series;
            assert!(SeriesLabels::default().read(part, false).is_err(), "{end}");
        }
        assert_eq!(complete, 2);
    }

    #[test]
    fn another_form_is_an_error_even_when_cut() {
        for answer in [r#"{"data":[1"#, r#"{"data":{"a""#, "[", "<html>", r#"{"data":[{"a":1}]"#] {
            assert!(SeriesLabels::default().read(answer.as_bytes(), true).is_err(), "{answer}");
        }
        assert!(SeriesLabels::default().read(br#"{"status":"success"}"#, false).is_err());
    }
}
