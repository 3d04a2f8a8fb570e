//! Families: the series of one metric brought together, with its type and unit.

use std::collections::{BTreeMap, HashMap};

use model::Unit;

use super::{Labels, Metadata, Role, Roles, Scale, role, unit};
use crate::text;

/// Last words of names of metrics that only describe.
const DESCRIBING: &[&str] = &["info", "labels", "owner", "meta", "metadata", "annotations"];

/// What kind of metric a family is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    /// With `_bucket` series.
    Histogram,
    /// One series that holds whole histograms.
    NativeHistogram,
    Summary,
}

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) scale: Scale,
    /// The names of its series, sorted.
    pub(crate) series: Vec<String>,
    pub(crate) name_words: Vec<String>,
    pub(crate) help_words: Vec<String>,
    /// What its metadata says that it is counted in, as words.
    pub(crate) unit_words: Vec<String>,
    /// By word of the name: a number that the same word has in every name of the catalog.
    pub(crate) word_ids: Vec<u32>,
    /// By word of the name: the parts that it can give.
    pub(crate) word_roles: Vec<Roles>,
    /// The part that its help gives it.
    pub(crate) help_role: Option<Role>,
    /// Its value is always 1: it exists for its labels.
    pub(crate) describes: bool,
}

impl Family {
    /// The series with this ending (`_bucket`, `_sum`, `_count`, or none).
    pub(crate) fn part(&self, ending: &str) -> Option<&str> {
        self.series
            .iter()
            .find(|series| series.strip_prefix(self.name.as_str()) == Some(ending))
            .map(String::as_str)
    }

    /// The series that stands for the family: where its labels are looked up.
    pub(crate) fn main_series(&self) -> Option<&str> {
        match self.kind {
            Kind::Histogram => self.part("_bucket"),
            Kind::Summary => self.part("_count").or_else(|| self.part("")),
            Kind::NativeHistogram => self.part(""),
            Kind::Counter | Kind::Gauge => self.series.first().map(String::as_str),
        }
    }

    /// Whether a word of the name gives it this part.
    pub(crate) fn plays(&self, role: Role) -> bool {
        self.word_roles.iter().any(|roles| roles.has(role))
    }

    /// The series that counts events: a counter's own, or the `_count` of a distribution.
    pub(crate) fn count_series(&self) -> Option<&str> {
        match self.kind {
            Kind::Counter => self.main_series(),
            Kind::Histogram | Kind::Summary => self.part("_count"),
            Kind::Gauge | Kind::NativeHistogram => None,
        }
    }
}

/// Brings every series to its family. Series without metadata are typed by their names, as
/// <https://prometheus.io/docs/practices/naming/> has them.
pub(super) fn index(
    metadata: &BTreeMap<String, Vec<Metadata>>,
    labels: &BTreeMap<String, Labels>,
) -> Vec<Family> {
    let mut families: BTreeMap<&str, (Kind, Vec<String>)> = BTreeMap::new();
    for series in labels.keys() {
        let Some((name, kind)) = place(series, metadata, labels) else { continue };
        let entry = families.entry(name).or_insert_with(|| (kind, Vec::new()));
        // A classic histogram wins over its own bare series: the buckets are what there is.
        if kind == Kind::Histogram {
            entry.0 = kind;
        }
        entry.1.push(series.clone());
    }
    let mut ids: HashMap<String, u32> = HashMap::new();
    families
        .into_iter()
        .map(|(name, (kind, series))| {
            let described = describe(name, metadata);
            let (unit, help) =
                described.map_or(("", ""), |it| (it.unit.as_str(), it.help.as_str()));
            let counted = Scale::base(if kind == Kind::Counter { Unit::Count } else { Unit::None });
            let name_words = text::words(name);
            let describes = kind == Kind::Gauge
                && name_words.last().is_some_and(|last| DESCRIBING.contains(&last.as_str()));
            let word_ids = name_words.iter().map(|word| {
                let next = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                *ids.entry(text::singular(word).to_owned()).or_insert(next)
            });
            let word_ids = word_ids.collect();
            let help_words = text::words(help);
            Family {
                name: name.to_owned(),
                kind,
                scale: unit::of(name, unit, help).unwrap_or(counted),
                series,
                word_ids,
                word_roles: word_roles(&name_words),
                help_role: role::of_help(&help_words),
                name_words,
                help_words,
                unit_words: text::words(unit),
                describes,
            }
        })
        .collect()
}

/// The parts that the words of a name give. A statistic at its end gives none: what CloudWatch calls
/// `…_maximum` is no limit.
fn word_roles(words: &[String]) -> Vec<Roles> {
    const STATISTICS: &[&str] = &["average", "maximum", "minimum", "sum", "p99", "p95", "p50"];
    let role = |(place, word): (usize, &String)| {
        let statistic =
            place > 1 && place + 1 == words.len() && STATISTICS.contains(&word.as_str());
        if statistic { Roles::default() } else { role::of_word(word) }
    };
    words.iter().enumerate().map(role).collect()
}

/// The family of a series and its kind; `None` for series that hold no measurement.
fn place<'a>(
    series: &'a str,
    metadata: &BTreeMap<String, Vec<Metadata>>,
    labels: &BTreeMap<String, Labels>,
) -> Option<(&'a str, Kind)> {
    let declared = |name: &str| {
        metadata.get(name).and_then(|list| list.first()).and_then(|it| kind_of(&it.kind))
    };
    if series.ends_with("_created") && !metadata.contains_key(series) {
        return None;
    }
    if let Some(kind) = declared(series) {
        let native = kind == Kind::Histogram;
        return Some((series, if native { Kind::NativeHistogram } else { kind }));
    }
    for ending in ["_bucket", "_sum", "_count"] {
        let Some(base) = series.strip_suffix(ending) else { continue };
        let has = |ending: &str| labels.contains_key(&format!("{base}{ending}"));
        match declared(base) {
            Some(kind @ (Kind::Histogram | Kind::Summary)) => {
                let classic = kind == Kind::Histogram && has("_bucket");
                return Some((base, if classic { Kind::Histogram } else { Kind::Summary }));
            }
            None if has("_bucket") => return Some((base, Kind::Histogram)),
            None if has("_sum") && has("_count") => return Some((base, Kind::Summary)),
            _ => {}
        }
    }
    let counts = series.ends_with("_total");
    Some((series, if counts { Kind::Counter } else { Kind::Gauge }))
}

/// The metadata of a family. OpenMetrics describes the counter `x_total` under the name `x`.
fn describe<'a>(name: &str, metadata: &'a BTreeMap<String, Vec<Metadata>>) -> Option<&'a Metadata> {
    let list = metadata.get(name).or_else(|| metadata.get(name.strip_suffix("_total")?));
    list.and_then(|list| list.first())
}

fn kind_of(name: &str) -> Option<Kind> {
    match name {
        "counter" => Some(Kind::Counter),
        "gauge" | "info" | "stateset" => Some(Kind::Gauge),
        "histogram" => Some(Kind::Histogram),
        "summary" => Some(Kind::Summary),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(metadata: &[(&str, &str)], series: &[&str]) -> Vec<(String, Kind)> {
        let metadata = metadata
            .iter()
            .map(|(name, kind)| {
                let described = Metadata { kind: (*kind).to_owned(), ..Metadata::default() };
                ((*name).to_owned(), vec![described])
            })
            .collect();
        let labels = series.iter().map(|name| ((*name).to_owned(), Labels::new())).collect();
        index(&metadata, &labels).into_iter().map(|family| (family.name, family.kind)).collect()
    }

    #[test]
    fn series_find_their_family() {
        for (metadata, series, expected) in [
            (
                &[("d_seconds", "histogram")][..],
                &["d_seconds_bucket", "d_seconds_sum", "d_seconds_count"][..],
                &[("d_seconds", Kind::Histogram)][..],
            ),
            (
                &[("d_seconds", "histogram")],
                &["d_seconds"],
                &[("d_seconds", Kind::NativeHistogram)],
            ),
            (&[], &["d_bucket", "d_sum", "d_count"], &[("d", Kind::Histogram)]),
            (&[], &["d_sum", "d_count"], &[("d", Kind::Summary)]),
            (&[("d", "histogram")], &["d_sum", "d_count"], &[("d", Kind::Summary)]),
            (&[], &["row_count"], &[("row_count", Kind::Gauge)]),
            (&[("r", "counter")], &["r_total", "r_created"], &[("r_total", Kind::Counter)]),
            (&[("r_total", "unknown")], &["r_total"], &[("r_total", Kind::Counter)]),
            (&[("r_total", "gauge")], &["r_total"], &[("r_total", Kind::Gauge)]),
            (&[("only_metadata", "gauge")], &[], &[]),
        ] {
            let expected: Vec<(String, Kind)> =
                expected.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
            assert_eq!(kinds(metadata, series), expected, "{series:?}");
        }
    }
}
