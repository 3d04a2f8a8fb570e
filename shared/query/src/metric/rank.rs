//! Ranks the catalog's families by how well they fit a feature or a phrase. Ties fall by name, so
//! the same catalog always gives the same answer.

use model::Unit;

use super::feature::{Feature, REQUESTS, by_key, has_word, phrase_words};
use crate::{
    Catalog,
    catalog::{Family, Kind},
    text::same_word,
};

const NAME_MATCH: i32 = 10;
const HELP_MATCH: i32 = 4;
const LIKED: i32 = 2;
const DISLIKED: i32 = -8;
const UNKNOWN_UNIT: i32 = -3;
const UNEXPLAINED: i32 = -1;
/// The best kind of a feature gets so much, each later one `KIND_STEP` less.
const BEST_KIND: i32 = 6;
const KIND_STEP: i32 = 3;

/// The families that can answer, the best first.
pub(crate) fn rank<'a>(
    feature: &Feature,
    catalog: &'a Catalog,
) -> impl Iterator<Item = &'a Family> {
    sorted(catalog, |family| score(feature, family))
}

/// The families whose name or help has every telling word of a phrase, the best first.
pub(crate) fn rank_phrase<'a>(
    phrase: &str,
    catalog: &'a Catalog,
) -> impl Iterator<Item = &'a Family> {
    let asked = phrase_words(phrase);
    sorted(catalog, move |family| {
        if family.name == phrase || family.series.iter().any(|series| series == phrase) {
            return Some(i32::MAX);
        }
        let mut score = 0;
        for word in &asked {
            score += word_score(family, |own| same_word(own, word))?;
        }
        let unexplained =
            family.name_words.iter().filter(|own| !asked.iter().any(|word| same_word(own, word)));
        Some(score + UNEXPLAINED * i32::try_from(unexplained.count()).unwrap_or(i32::MAX))
            .filter(|_| !asked.is_empty())
    })
}

fn sorted(
    catalog: &Catalog,
    score: impl Fn(&Family) -> Option<i32>,
) -> impl Iterator<Item = &Family> {
    let mut scored: Vec<(i32, &Family)> = catalog
        .families()
        .iter()
        .filter_map(|family| score(family).map(|score| (score, family)))
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    scored.into_iter().map(|(_, family)| family)
}

fn word_score(family: &Family, matches: impl Fn(&str) -> bool) -> Option<i32> {
    if family.name_words.iter().any(|word| matches(word)) {
        Some(NAME_MATCH)
    } else if family.help_words.iter().any(|word| matches(word)) {
        Some(HELP_MATCH)
    } else {
        None
    }
}

/// The keys that questions name by words of every day.
pub(crate) const USUAL_KEYS: &[&str] = &["request_rate", "latency", "cpu_usage", "memory_usage"];

/// The places of the families that people mean by a key, the likest first, each with how much it is
/// like what is meant, from 0 to 1. The catalog is searched once.
pub(crate) fn usual<'a>(key: &str, catalog: &'a Catalog) -> &'a [(usize, f32)] {
    let found = catalog
        .usual(|catalog| USUAL_KEYS.iter().map(|key| (*key, likest(key, catalog))).collect());
    found.iter().find(|(known, _)| *known == key).map_or(&[], |(_, places)| places)
}

fn likest(key: &str, catalog: &Catalog) -> Vec<(usize, f32)> {
    const KEPT: usize = 24;
    const BEST: f32 = 24.0;
    let feature = match key {
        "request_rate" => Some(&REQUESTS),
        key => by_key(key).map(|entry| &entry.used),
    };
    let families = catalog.families().iter().enumerate();
    let mut found: Vec<(usize, f32)> = families
        .filter_map(|(at, family)| {
            let score = score(feature?, family)?;
            Some((at, (score as f32 / BEST).clamp(0.0, 1.0)))
        })
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(KEPT);
    found
}

/// How well a family fits; `None` when it cannot answer at all.
fn score(feature: &Feature, family: &Family) -> Option<i32> {
    let kind = feature.kinds.iter().position(|kind| *kind == family.kind)?;
    if !feature.units.contains(&family.scale.unit) {
        return None;
    }
    // A distribution's own unit is that of its values; only seconds tell that it times requests.
    let counted = matches!(family.kind, Kind::Histogram | Kind::Summary);
    if counted && family.scale.unit != Unit::Seconds && feature.units.contains(&Unit::Seconds) {
        return None;
    }
    let mut score = BEST_KIND - KIND_STEP * i32::try_from(kind).unwrap_or(i32::MAX);
    let mut named = false;
    for group in feature.must {
        let group_score = word_score(family, |word| has_word(group, word))?;
        named |= group_score == NAME_MATCH;
        score += group_score;
    }
    if !named || family.name_words.iter().any(|word| has_word(feature.never, word)) {
        return None;
    }
    if family.scale.unit == Unit::None && feature.units.len() > 1 && feature.units[0] != Unit::Count
    {
        score += UNKNOWN_UNIT;
    }
    for word in &family.name_words {
        let must = feature.must.iter().any(|group| has_word(group, word));
        if has_word(feature.dislikes, word) && !must {
            score += DISLIKED;
        } else if has_word(feature.likes, word) {
            score += LIKED;
        } else if !must {
            score += UNEXPLAINED;
        }
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn best(feature: &Feature, catalog: &Catalog) -> Option<String> {
        rank(feature, catalog).next().map(|family| family.name.clone())
    }

    #[test]
    fn each_catalog_has_its_own_best_metric() {
        let [shop, istio, spring] = [fixtures::shop(), fixtures::istio(), fixtures::spring()];
        for (catalog, requests, latency, cpu, memory) in [
            (
                &shop,
                "http_requests_total",
                "http_request_duration_seconds",
                "process_cpu_usage_ratio",
                "process_resident_memory_bytes",
            ),
            (
                &istio,
                "istio_requests_total",
                "istio_request_duration_milliseconds",
                "container_cpu_usage_seconds_total",
                "container_memory_working_set_bytes",
            ),
            (
                &spring,
                "http_server_requests_seconds",
                "http_server_requests_seconds",
                "process_cpu_usage",
                "jvm_memory_used_bytes",
            ),
        ] {
            assert_eq!(best(&REQUESTS, catalog).as_deref(), Some(requests));
            for (key, expected) in
                [("latency", latency), ("cpu_usage", cpu), ("memory_usage", memory)]
            {
                let feature = by_key(key).unwrap().used;
                assert_eq!(best(&feature, catalog).as_deref(), Some(expected), "{key}");
            }
        }
    }

    #[test]
    fn phrases_need_all_their_words() {
        let spring = fixtures::spring();
        let names = |phrase| -> Vec<&str> {
            rank_phrase(phrase, &spring).map(|family| family.name.as_str()).collect()
        };
        assert_eq!(names("orders_queue"), ["orders_queue_size"]);
        assert_eq!(names("orders waiting"), Vec::<&str>::new());
        assert_eq!(names("gc_pause"), ["jvm_gc_pause_seconds"]);
        assert_eq!(names("flux_capacitor"), Vec::<&str>::new());
    }
}
