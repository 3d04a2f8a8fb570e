//! Names: slugs, codes and words from closed lists.

use std::ops::Range;

use crate::{entities::statistic, numbers, scan::Scan, vocabulary::name_parts};

/// Words that stand beside a name and are not part of it.
pub(super) const PLACE_WORDS: &str = "the a our region cluster namespace ns pod pods container host hosts node nodes machine \
     server trace traces span spans id incident incidents ticket run workflow execution job sidecar #";
pub(super) const ENVIRONMENT_WORDS: &str = "the our in environment env cluster";
pub(super) const VERSION_WORDS: &str =
    "the version versions build release tag revision rev commit ver";
pub(super) const ENDPOINT_WORDS: &str = "the endpoint route path handler";
pub(super) const TEAM_WORDS: &str = "the our team teams # folks guys";
pub(super) const WORKFLOW_WORDS: &str =
    "the our a workflow workflows job jobs pipeline pipelines runbook runbooks run playbook flow";
const SERVICE_WORDS: &str = "the our service services svc microservice";

/// The words without those of the list at both ends.
pub(super) fn bare<'a>(written: &'a str, list: &str) -> &'a str {
    let listed = |word: &str| list.split_whitespace().any(|other| other.eq_ignore_ascii_case(word));
    let mut rest = written.trim().trim_start_matches('#').trim_end_matches(['?', '.', ',', '!']);
    while let Some((first, others)) = rest.split_once(char::is_whitespace) {
        if !listed(first) {
            break;
        }
        rest = others.trim_start();
    }
    while let Some((others, last)) = rest.rsplit_once(char::is_whitespace) {
        if !listed(last) {
            break;
        }
        rest = others.trim_end();
    }
    let possessive = rest.strip_suffix("'s").or_else(|| rest.strip_suffix("’s")).unwrap_or(rest);
    possessive.trim_end_matches(['\'', '’'])
}

/// Lower case, words joined by hyphens; inner stops stay.
pub(super) fn slug(written: &str) -> String {
    let mut slug = String::with_capacity(written.len());
    for c in written.to_lowercase().chars() {
        if c.is_alphanumeric() || c == '.' {
            slug.push(c);
        } else if !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
    }
    slug.trim_matches(['-', '.']).to_owned()
}

/// Kebab case with `CamelCase` split; "service" and "svc" at the end are dropped.
pub(super) fn service(written: &str) -> String {
    let bare = bare(written, SERVICE_WORDS);
    let lower = bare.to_lowercase();
    // Products are written with capitals inside and are one word all the same.
    let is_product = PRODUCTS.split_whitespace().any(|product| product == lower);
    let parts = if is_product { vec![lower] } else { name_parts(bare) };
    let kept = match parts.as_slice() {
        [name @ .., last] if !name.is_empty() && matches!(last.as_str(), "service" | "svc") => name,
        all => all,
    };
    kept.join("-")
}

/// Whether the words say by what things are told apart, and are the name of none: "which routes".
pub(super) fn is_dimension(written: &str) -> bool {
    const DIMENSIONS: &str = "service services route routes endpoint endpoints path paths url urls instance instances \
         replica replicas pod pods node nodes host hosts container containers status statuses version versions method \
         methods region regions environment environments other others rest target targets";
    let bare = bare(written, "the a an our all any each every which what by per");
    DIMENSIONS.split_whitespace().any(|word| word.eq_ignore_ascii_case(bare))
}

const PRODUCTS: &str = "rabbitmq mongodb postgresql mysql mariadb timescaledb clickhouse dynamodb elasticsearch opensearch \
     jetstream minio cockroachdb influxdb couchdb graphql coredns etcd scylladb haproxy activemq zookeeper memcached \
     pgbouncer cassandra bigquery redshift singlestore planetscale rocksdb duckdb keycloak openldap docdb pubsub \
     eventbridge cloudfront sqs sns opensearchserverless linkerd oauth2-proxy sendgrid";

/// A metric that no table knows: its words in snake case.
pub(super) fn metric(scan: &Scan, tokens: Range<usize>) -> String {
    const DROPPED: &str = "the a an of in its our";
    let words: Vec<&str> = tokens
        .map(|at| scan.word(at))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .filter(|word| !DROPPED.split(' ').any(|dropped| dropped == *word))
        .collect();
    match words[..] {
        ["restarts" | "restart"] => "restart_count".to_owned(),
        ["lag"] => "consumer_lag".to_owned(),
        _ => words.join("_"),
    }
}

pub(super) fn aggregation(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    const PLAIN: &[(&str, &str)] = &[
        ("average", "avg"),
        ("avg", "avg"),
        ("mean", "avg"),
        ("typical", "avg"),
        ("averaged", "avg"),
        ("max", "max"),
        ("maximum", "max"),
        ("peak", "max"),
        ("highest", "max"),
        ("peaks", "max"),
        ("maxed", "max"),
        ("worst", "max"),
        ("slowest", "max"),
        ("longest", "max"),
        ("biggest", "max"),
        ("largest", "max"),
        ("min", "min"),
        ("minimum", "min"),
        ("lowest", "min"),
        ("smallest", "min"),
        ("fastest", "min"),
        ("sum", "sum"),
        ("total", "sum"),
        ("overall", "sum"),
        ("combined", "sum"),
        ("totals", "sum"),
        ("count", "count"),
        ("number", "count"),
        ("median", "median"),
        ("stddev", "stddev"),
        ("busiest", "max"),
        ("heaviest", "max"),
    ];
    if let Some((rank, _)) = tokens.clone().find_map(|at| statistic::percentile_at(scan, at)) {
        return Some(rank);
    }
    let words = || tokens.clone().map(|at| scan.word(at));
    if let Some(count) = words().find_map(numbers::whole) {
        let lowest = words().any(|word| {
            matches!(word, "bottom" | "lowest" | "least" | "fastest" | "smallest" | "fewest")
        });
        let order = if lowest { "bottomk" } else { "topk" };
        return Some(format!("{order}({count})"));
    }
    words()
        .find_map(|word| PLAIN.iter().find(|(name, _)| *name == word))
        .map(|(_, key)| (*key).to_owned())
}

/// `P0` to `P4`.
pub(super) fn severity(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    const WORDS: &[(&str, &str)] = &[
        ("critical", "P0"),
        ("blocker", "P0"),
        ("crit", "P0"),
        ("highest", "P0"),
        ("high", "P1"),
        ("major", "P1"),
        ("urgent", "P1"),
        ("medium", "P2"),
        ("moderate", "P2"),
        ("normal", "P2"),
        ("med", "P2"),
        ("low", "P3"),
        ("minor", "P3"),
        ("lowest", "P4"),
        ("trivial", "P4"),
    ];
    let words = || tokens.clone().map(|at| scan.word(at));
    let digit = words().find_map(|word| {
        let word = word.strip_suffix('s').unwrap_or(word);
        let rest = word.trim_start_matches(|c: char| c.is_alphabetic());
        rest.parse::<u32>().ok().filter(|level| *level <= 4)
    });
    let spelled = || words().find_map(|word| numbers::spelled(word).filter(|level| *level <= 4));
    let named = words().find_map(|word| WORDS.iter().find(|(name, _)| *name == word));
    match named {
        Some((_, level)) => Some((*level).to_owned()),
        None => digit.or_else(spelled).map(|level| format!("P{level}")),
    }
}

pub(super) fn incident_status(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    const WORDS: &[(&str, &str)] = &[
        ("active", "active"),
        ("open", "active"),
        ("ongoing", "active"),
        ("unresolved", "active"),
        ("current", "active"),
        ("currently", "active"),
        ("going", "active"),
        ("live", "active"),
        ("opened", "active"),
        ("running", "active"),
        ("firing", "active"),
        ("still", "active"),
        ("unclosed", "active"),
        ("resolved", "resolved"),
        ("closed", "resolved"),
        ("fixed", "resolved"),
        ("done", "resolved"),
        ("solved", "resolved"),
        ("investigating", "investigating"),
        ("investigated", "investigating"),
        ("investigation", "investigating"),
        ("mitigated", "mitigated"),
        ("mitigating", "mitigating"),
        ("monitoring", "monitoring"),
        ("monitored", "monitoring"),
        ("acknowledged", "acknowledged"),
        ("acked", "acknowledged"),
        ("triaged", "triaged"),
        ("detected", "detected"),
        ("remediating", "remediating"),
        ("identified", "identified"),
        ("unacknowledged", "unacknowledged"),
    ];
    let known = tokens.clone().rev().find_map(|at| {
        WORDS
            .iter()
            .find(|(name, _)| *name == scan.word(at))
            .map(|(_, status)| (*status).to_owned())
    });
    known.or_else(|| Some(slug(scan.slice(tokens))).filter(|slug| !slug.is_empty()))
}

pub(super) fn log_level(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    let known = tokens.clone().find_map(|at| {
        Some(match scan.tokens[at].raw.as_str() {
            "error" | "errors" | "err" | "errored" => "error",
            "warn" | "warning" | "warnings" | "warns" => "warn",
            "info" | "infos" | "information" | "informational" => "info",
            "debug" => "debug",
            "fatal" | "fatals" | "critical" | "panic" => "fatal",
            "trace" => "trace",
            _ => return None,
        })
    });
    known.map(str::to_owned)
}

pub(super) fn http_status(scan: &Scan, tokens: Range<usize>) -> Option<String> {
    tokens.clone().find_map(|at| {
        let word = scan.tokens[at].raw.as_str();
        let word = word.strip_suffix('s').unwrap_or(word);
        let is_status = word.len() == 3
            && word.starts_with(|c: char| ('1'..='5').contains(&c))
            && (word[1..].bytes().all(|byte| byte.is_ascii_digit()) || &word[1..] == "xx");
        is_status.then(|| word.to_owned())
    })
}

/// The code itself: "exit code 137" is 137.
pub(super) fn error_code(written: &str) -> String {
    let bare =
        bare(written, "the a error errors code codes exit status sqlstate reason exception with");
    bare.trim_end_matches("s'").to_owned()
}

pub(super) fn user(written: &str) -> String {
    bare(written, "the user").trim_start_matches('@').to_lowercase()
}
