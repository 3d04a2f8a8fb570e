//! What was deployed when. The log only grows; the versions that run at a moment follow from it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Error, catalog, catalog::Service};

/// More would make every scrape slower, and nobody deploys a demo shop that often.
pub(crate) const MAX_DEPLOYMENTS: usize = 2_000;
const MAX_VERSION_BYTES: usize = 64;

/// A version of a service and when it began to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    pub id: String,
    pub service: String,
    pub version: String,
    pub previous_version: Option<String>,
    pub time: Timestamp,
}

/// Everything deployed so far, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeploymentLog {
    deployments: Vec<Deployment>,
}

/// What had been deployed before the shop was first watched: service, version, and the minutes
/// before that moment.
const EARLIER: &[(&str, &str, i64)] = &[
    ("auth", "1.8.2", 14 * 24 * 60),
    ("orders", "2.0.4", 11 * 24 * 60),
    ("payment", "2.3.1", 9 * 24 * 60),
    ("api-gateway", "4.2.0", 8 * 24 * 60),
    ("checkout", "3.0.9", 6 * 24 * 60),
    ("frontend", "5.6.0", 4 * 24 * 60),
    ("payment", "2.4.0", 20 * 60),
    ("api-gateway", "4.2.1", 15 * 60),
    ("checkout", "3.1.0-bad", 10 * 60),
    // Rolled back after forty minutes, and fixed in the version after it.
    ("checkout", "3.0.9", 9 * 60 + 20),
    ("checkout", "3.1.1", 5 * 60),
    ("frontend", "5.7.0", 3 * 60),
];

impl DeploymentLog {
    /// The log of a shop that is watched for the first time now.
    pub fn seeded(now: Timestamp) -> Self {
        // Whole minutes, as in a release calendar.
        let anchor_s = now.as_second().div_euclid(60) * 60;
        let anchor = Timestamp::from_second(anchor_s).unwrap_or(now);
        let mut log = Self::default();
        for (service, version, minutes) in EARLIER {
            let time = anchor.saturating_sub(SignedDuration::from_mins(*minutes));
            log.push(service, version, time.unwrap_or(anchor));
        }
        log
    }

    /// Takes a log from a list, or says why it cannot be one.
    pub(crate) fn from_list(deployments: Vec<Deployment>) -> Result<Self, String> {
        if deployments.len() > MAX_DEPLOYMENTS {
            return Err(format!("it has more than {MAX_DEPLOYMENTS} deployments"));
        }
        for deployment in &deployments {
            let known = known_service(&deployment.service).map(|_| ());
            known
                .and_then(|()| check_version(&deployment.version))
                .map_err(|error| format!("{}: {error}", deployment.id))?;
        }
        if !deployments.is_sorted_by_key(|deployment| deployment.time) {
            return Err("its deployments are not in order of time".to_owned());
        }
        for service in catalog::SERVICES {
            if !deployments.iter().any(|deployment| deployment.service == service.name) {
                return Err(format!("it has no version of {}", service.name));
            }
        }
        Ok(Self { deployments })
    }

    /// Adds a deployment, after checking it.
    pub fn deploy(
        &mut self,
        service: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<Deployment, Error> {
        let service = known_service(service)?;
        check_version(version)?;
        if self.deployments.len() >= MAX_DEPLOYMENTS {
            return Err(Error::TooManyDeployments);
        }
        // Milliseconds are what counters are computed in; and the log stays in order even when the
        // machine's clock was set back.
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let last = self.deployments.last().map_or(now, |last| last.time);
        Ok(self.push(service.name, version, now.max(last)))
    }

    fn push(&mut self, service: &str, version: &str, time: Timestamp) -> Deployment {
        let previous = self.of(service).next_back().map(|previous| previous.version.clone());
        let deployment = Deployment {
            id: format!("dep-{}", self.deployments.len() + 1),
            service: service.to_owned(),
            version: version.to_owned(),
            previous_version: previous,
            time,
        };
        self.deployments.push(deployment.clone());
        deployment
    }

    /// All deployments, oldest first.
    pub fn all(&self) -> &[Deployment] {
        &self.deployments
    }

    /// The deployments of one service, oldest first.
    pub fn of(&self, service: &str) -> impl DoubleEndedIterator<Item = &Deployment> {
        self.deployments.iter().filter(move |deployment| deployment.service == service)
    }

    /// The version that runs at a moment and since when. Before the first deployment it is the
    /// first version, and it has always run.
    pub(crate) fn deployed_at(&self, service: &Service, at_ms: i64) -> (&str, i64) {
        let current =
            self.of(service.name).rfind(|deployment| deployment.time.as_millisecond() <= at_ms);
        match current {
            Some(deployment) => (&deployment.version, deployment.time.as_millisecond()),
            None => {
                let first = self.of(service.name).next();
                (first.map_or("unknown", |first| first.version.as_str()), i64::MIN)
            }
        }
    }

    pub(crate) fn next_deployment_ms(&self, service: &Service, after_ms: i64) -> Option<i64> {
        self.of(service.name)
            .map(|deployment| deployment.time.as_millisecond())
            .find(|ms| *ms > after_ms)
    }
}

pub(crate) fn known_service(name: &str) -> Result<&'static Service, Error> {
    catalog::service(name).ok_or_else(|| Error::UnknownService { name: name.to_owned() })
}

fn check_version(version: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    let valid = (1..=MAX_VERSION_BYTES).contains(&version.len())
        && version.as_bytes()[0].is_ascii_alphanumeric()
        && version.bytes().all(allowed);
    if valid { Ok(()) } else { Err(Error::InvalidVersion) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-04T12:34:56Z".parse().unwrap()
    }

    #[test]
    fn the_seeded_log_is_one_that_loads() {
        let log = DeploymentLog::seeded(now());
        assert_eq!(DeploymentLog::from_list(log.all().to_vec()), Ok(log.clone()));
        let versions: Vec<&str> = log.of("checkout").map(|d| d.version.as_str()).collect();
        assert_eq!(versions, ["3.0.9", "3.1.0-bad", "3.0.9", "3.1.1"]);
        assert_eq!(
            log.of("checkout").next_back().unwrap().previous_version.as_deref(),
            Some("3.0.9")
        );
    }

    #[test]
    fn the_version_at_a_moment_is_the_last_deployed() {
        let log = DeploymentLog::seeded(now());
        let service = catalog::service("payment").unwrap();
        for (time, version) in [
            ("2020-01-01T00:00:00Z", "2.3.1"),
            ("2026-03-03T16:33:59.999Z", "2.3.1"),
            ("2026-03-03T16:34:00Z", "2.4.0"),
            ("2026-03-04T12:34:56Z", "2.4.0"),
        ] {
            let at: Timestamp = time.parse().unwrap();
            assert_eq!(log.deployed_at(service, at.as_millisecond()).0, version, "{time}");
        }
    }

    #[test]
    fn a_deployment_is_checked_and_stays_in_order() {
        let mut log = DeploymentLog::seeded(now());
        let first = log.deploy("payment", "2.5.0", now()).unwrap();
        assert_eq!(first.previous_version.as_deref(), Some("2.4.0"));
        let earlier = "2026-03-04T12:00:00Z".parse().unwrap();
        assert_eq!(log.deploy("auth", "1.9.0", earlier).unwrap().time, first.time);
        assert!(matches!(log.deploy("nope", "1", now()), Err(Error::UnknownService { .. })));
        for version in ["", "-bad", "1 0", "1\n", "ü", "1\"", &"1".repeat(65)] {
            assert!(
                matches!(log.deploy("auth", version, now()), Err(Error::InvalidVersion)),
                "{version:?}"
            );
        }
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = DeploymentLog::seeded(now());
        while log.all().len() < MAX_DEPLOYMENTS {
            log.deploy("auth", "2.0.0", now()).unwrap();
        }
        assert!(matches!(log.deploy("auth", "2.0.0", now()), Err(Error::TooManyDeployments)));
    }
}
