//! What is asked, and of whom: questions of each language with the catalogs that they are asked
//! against.

use std::collections::BTreeMap;

use evaluation::split;
use nlp::Vocabulary;
use query::{Catalogs, Language};

use super::tenant;

/// Asked of a catalog that is made up, so they cannot come from the test split.
const QUESTIONS: &[&str] = &[
    "How many requests per second does checkout serve, by route?",
    "p95 latency of the payment service over the last 10 minutes",
    "what share of kafka messages failed in the last hour, per topic",
    "Which pods use more than 80% of their memory limit?",
    "top 5 services by failed logins today",
    "redis cache hit ratio compared with the same time last week",
    "will the disk of any node be full within 4 hours, going by the last 6 hours?",
    "error rate of billing in production",
    "queues that hold more than 1000 messages but have no active connections",
    "average request duration of search for GET, by version",
    "difference between active and maximum postgres connections per database",
    "how long ago did the last snapshot finish for each job in eu-west-1",
    "are there no inventory metrics any more",
    "error budget burn of auth for a 99.9% objective over 1h and 5m",
    "number of threads running right now on service-17",
    "show me the slowest routes of shipping at the 99th percentile in staging, only POST requests, and leave out health checks",
];

/// A tenant's catalogs with the vocabulary that understanding takes from them.
pub(super) struct Tenant {
    pub(super) catalogs: Catalogs,
    pub(super) vocabulary: Vocabulary,
}

impl Tenant {
    fn new(catalogs: Catalogs) -> Self {
        let metrics = &catalogs.metrics;
        let services = metrics.services();
        let versions = services.iter().flat_map(|service| metrics.versions(service));
        let vocabulary = Vocabulary::new(services, versions, metrics.environments());
        Self { catalogs, vocabulary }
    }
}

/// The questions of one language.
pub(super) struct Exam {
    pub(super) language: Language,
    pub(super) tenants: BTreeMap<String, Tenant>,
    /// Each with the name of the tenant that asks it.
    pub(super) questions: Vec<(String, String)>,
}

/// One for each language.
pub(super) fn all() -> anyhow::Result<Vec<Exam>> {
    Ok(vec![metrics(), split_of(Language::LogQl)?, split_of(Language::TraceQl)?])
}

fn metrics() -> Exam {
    const TENANT: &str = "generated";
    let catalogs = Catalogs { metrics: tenant::metrics(), ..Catalogs::default() };
    Exam {
        language: Language::PromQl,
        tenants: BTreeMap::from([(TENANT.to_owned(), Tenant::new(catalogs))]),
        questions: QUESTIONS.iter().map(|text| (TENANT.to_owned(), (*text).to_owned())).collect(),
    }
}

/// The questions of the test split, each of its own catalog, which is filled up.
fn split_of(language: Language) -> anyhow::Result<Exam> {
    let (cases, catalogs) = split::queries()?;
    let questions: Vec<_> = cases
        .into_iter()
        .filter(|case| case.language == language)
        .map(|case| (case.catalog, case.text))
        .collect();
    let tenants = catalogs
        .into_iter()
        .filter(|(name, _)| questions.iter().any(|(tenant, _)| tenant == name))
        .map(|(name, mut catalogs)| {
            catalogs.logs = tenant::filled_logs(&catalogs.logs).into();
            catalogs.traces = tenant::filled_traces(&catalogs.traces).into();
            (name, Tenant::new(catalogs))
        })
        .collect();
    Ok(Exam { language, tenants, questions })
}
