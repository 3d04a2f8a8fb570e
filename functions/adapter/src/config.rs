//! The configuration of the function, from its environment.

use kit::config::{ConfigError, Environment};
use module_http::{Credential, Endpoint, PrometheusSettings, SettingsError};

const PROMETHEUS_URL: &str = "PROMETHEUS_URL";
const PROMETHEUS_BEARER_TOKEN: &str = "PROMETHEUS_BEARER_TOKEN";
const PROMETHEUS_SEND_ORG_ID: &str = "PROMETHEUS_SEND_ORG_ID";
const JWKS_URL: &str = "JWKS_URL";

/// What the person who deploys is told when a module is asked for that is not set up.
pub(crate) const PROMETHEUS_HOW: &str =
    "set PROMETHEUS_URL to its base URL, for example http://prometheus.internal:9090";
pub(crate) const JWKS_HOW: &str = "set JWKS_URL to the address of the issuer's key set";

/// Everything that the environment says, checked. Modules that are not named are not there, and
/// operations on them say so.
#[derive(Debug, Clone)]
pub struct Config {
    pub log_level: String,
    pub(crate) prometheus: Option<PrometheusSettings>,
    pub(crate) jwks: Option<Endpoint>,
}

impl Config {
    /// Reads `PROMETHEUS_URL` (user and password may be in it), `PROMETHEUS_BEARER_TOKEN`,
    /// `PROMETHEUS_SEND_ORG_ID` (`true` unless set), `JWKS_URL` and `LOG_LEVEL`.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let jwks = environment.parse_with(JWKS_URL, "the URL of a key set", Endpoint::parse)?;
        Ok(Self {
            log_level: environment.text("LOG_LEVEL").unwrap_or("info").to_owned(),
            prometheus: prometheus(environment)?,
            jwks,
        })
    }
}

fn prometheus(environment: &Environment) -> Result<Option<PrometheusSettings>, ConfigError> {
    let expected = "the base URL of a Prometheus";
    let endpoint = environment.parse_with(PROMETHEUS_URL, expected, Endpoint::parse)?;
    let token = environment.text(PROMETHEUS_BEARER_TOKEN);
    let send_org_id = environment.parse(PROMETHEUS_SEND_ORG_ID, "true or false")?;
    let Some(endpoint) = endpoint else {
        // A token with nowhere to go is a mistake, and better found now.
        return match token {
            Some(_) => environment
                .required_text(PROMETHEUS_URL, "set when PROMETHEUS_BEARER_TOKEN is")
                .map(|_| None),
            None => Ok(None),
        };
    };
    let credential = token.map(|token| Credential::Bearer(token.to_owned()));
    let mut settings = PrometheusSettings::new(endpoint, credential);
    settings.send_org_id = send_org_id.unwrap_or(settings.send_org_id);
    settings.check().map_err(wrong_token)?;
    Ok(Some(settings))
}

fn wrong_token(error: SettingsError) -> ConfigError {
    ConfigError::Wrong {
        variable: PROMETHEUS_BEARER_TOKEN.to_owned(),
        expected: "a token for PROMETHEUS_URL".to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&pairs.iter().copied().collect())
    }

    #[test]
    fn a_wrong_value_stops_the_function_and_names_the_variable() {
        const URL: (&str, &str) = ("PROMETHEUS_URL", "http://p:9090");
        for (pairs, variable) in [
            (&[("PROMETHEUS_URL", "p:9090")][..], "PROMETHEUS_URL"),
            (&[("PROMETHEUS_URL", "ftp://p")], "PROMETHEUS_URL"),
            (&[("PROMETHEUS_BEARER_TOKEN", "t0ken")], "PROMETHEUS_URL"),
            (&[URL, ("PROMETHEUS_BEARER_TOKEN", "t0ken\nx")], "PROMETHEUS_BEARER_TOKEN"),
            (
                &[("PROMETHEUS_URL", "http://u:t0ken@p"), ("PROMETHEUS_BEARER_TOKEN", "t0ken")],
                "PROMETHEUS_BEARER_TOKEN",
            ),
            (&[URL, ("PROMETHEUS_SEND_ORG_ID", "yes")], "PROMETHEUS_SEND_ORG_ID"),
            (&[("JWKS_URL", "/jwks.json")], "JWKS_URL"),
        ] {
            let message = read(pairs).expect_err(variable).to_string();
            assert!(message.starts_with(variable), "{message}");
            assert!(!message.contains("t0ken"), "{message}");
        }
    }

    #[test]
    fn nothing_is_required() {
        let config = read(&[("PROMETHEUS_URL", " "), ("JWKS_URL", "")]).unwrap();
        assert!(config.prometheus.is_none() && config.jwks.is_none());
        assert_eq!(config.log_level, "info");
    }

    #[test]
    fn what_is_set_is_used_and_not_shown() {
        let config = read(&[
            ("PROMETHEUS_URL", "https://p/prom"),
            ("PROMETHEUS_BEARER_TOKEN", "t0ken"),
            ("PROMETHEUS_SEND_ORG_ID", "false"),
            ("JWKS_URL", "https://issuer/jwks.json"),
        ])
        .unwrap();
        let prometheus = config.prometheus.as_ref().unwrap();
        assert!(!prometheus.send_org_id);
        assert_eq!(prometheus.endpoint.to_string(), "https://p/prom");
        assert!(!format!("{config:?}").contains("t0ken"));
    }
}
