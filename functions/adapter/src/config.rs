//! The configuration of the function, from its environment.

use kit::config::{ConfigError, Environment};
use module_http::{Credential, Endpoint, ServerSettings, SettingsError};

const JWKS_URL: &str = "JWKS_URL";

/// What the person who deploys is told when a module is asked for that is not set up.
pub(crate) const PROMETHEUS_HOW: &str =
    "set PROMETHEUS_URL to its base URL, for example http://prometheus.internal:9090";
pub(crate) const LOKI_HOW: &str = "set LOKI_URL to its base URL, for example http://loki.internal:3100; on a developer's machine \
     `scripts/dev --logs` gets one";
pub(crate) const TEMPO_HOW: &str =
    "set TEMPO_URL to its base URL, for example http://tempo.internal:3200";
pub(crate) const JWKS_HOW: &str = "set JWKS_URL to the address of the issuer's key set";

/// Everything that the environment says, checked. Modules that are not named are not there, and
/// operations on them say so.
#[derive(Debug, Clone)]
pub struct Config {
    pub log_level: String,
    pub(crate) prometheus: Option<ServerSettings>,
    pub(crate) loki: Option<ServerSettings>,
    pub(crate) tempo: Option<ServerSettings>,
    pub(crate) jwks: Option<Endpoint>,
}

impl Config {
    /// Reads, for `PROMETHEUS`, `LOKI` and `TEMPO`: `…_URL` (user and password may be in it),
    /// `…_BEARER_TOKEN` or `…_BASIC_AUTH` (`user:password`), and `…_SEND_ORG_ID` (`true` unless
    /// set); besides, `JWKS_URL` and `LOG_LEVEL`.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let jwks = environment.parse_with(JWKS_URL, "the URL of a key set", Endpoint::parse)?;
        Ok(Self {
            log_level: environment.text("LOG_LEVEL").unwrap_or("info").to_owned(),
            prometheus: server(environment, "PROMETHEUS")?,
            loki: server(environment, "LOKI")?,
            tempo: server(environment, "TEMPO")?,
            jwks,
        })
    }
}

/// The server whose variables begin with `name`.
fn server(environment: &Environment, name: &str) -> Result<Option<ServerSettings>, ConfigError> {
    let url = format!("{name}_URL");
    let token = format!("{name}_BEARER_TOKEN");
    let basic = format!("{name}_BASIC_AUTH");
    let endpoint = environment.parse_with(&url, "the base URL of a server", Endpoint::parse)?;
    let send_org_id = environment.parse(&format!("{name}_SEND_ORG_ID"), "true or false")?;
    let bearer = environment.text(&token).map(|token| Credential::Bearer(token.to_owned()));
    let basic_auth =
        environment.parse_with(&basic, "a user and a password, user:password", user)?;
    let (variable, credential) = match (bearer, basic_auth) {
        (Some(_), Some(_)) => return Err(wrong(basic, &url, SettingsError::TwoCredentials)),
        (bearer @ Some(_), None) => (token, bearer),
        (None, basic_auth) => (basic, basic_auth),
    };
    let Some(endpoint) = endpoint else {
        // A credential with nowhere to go is a mistake, and better found now.
        return match credential {
            Some(_) => {
                environment.required_text(&url, &format!("set when {variable} is")).map(|_| None)
            }
            None => Ok(None),
        };
    };
    let mut settings = ServerSettings::new(endpoint, credential);
    settings.send_org_id = send_org_id.unwrap_or(settings.send_org_id);
    settings.check().map_err(|error| wrong(variable, &url, error))?;
    Ok(Some(settings))
}

fn user(text: &str) -> Result<Credential, SettingsError> {
    let (user, password) = text.split_once(':').ok_or(SettingsError::Credential)?;
    Ok(Credential::Basic { user: user.to_owned(), password: password.to_owned() })
}

fn wrong(variable: String, url: &str, error: SettingsError) -> ConfigError {
    let expected = format!("a credential for {url}, and the only one");
    ConfigError::Wrong { variable, expected, reason: error.to_string() }
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
            (&[("LOKI_BASIC_AUTH", "u:t0ken")], "LOKI_URL"),
            (&[("LOKI_URL", "http://l"), ("LOKI_BASIC_AUTH", "t0ken")], "LOKI_BASIC_AUTH"),
            (
                &[
                    ("TEMPO_URL", "http://t"),
                    ("TEMPO_BASIC_AUTH", "u:t0ken"),
                    ("TEMPO_BEARER_TOKEN", "t0ken"),
                ],
                "TEMPO_BASIC_AUTH",
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
        assert!(config.loki.is_none() && config.tempo.is_none());
        assert_eq!(config.log_level, "info");
    }

    #[test]
    fn what_is_set_is_used_and_not_shown() {
        let config = read(&[
            ("PROMETHEUS_URL", "https://p/prom"),
            ("PROMETHEUS_BEARER_TOKEN", "t0ken"),
            ("PROMETHEUS_SEND_ORG_ID", "false"),
            ("LOKI_URL", "https://l"),
            ("LOKI_BASIC_AUTH", "tenant:t0ken:with:colons"),
            ("JWKS_URL", "https://issuer/jwks.json"),
        ])
        .unwrap();
        let prometheus = config.prometheus.as_ref().unwrap();
        assert!(!prometheus.send_org_id);
        assert_eq!(prometheus.endpoint.to_string(), "https://p/prom");
        let loki = config.loki.as_ref().unwrap();
        assert!(loki.send_org_id);
        assert_eq!(
            loki.credential,
            Some(Credential::Basic {
                user: "tenant".to_owned(),
                password: "t0ken:with:colons".to_owned()
            })
        );
        assert!(!format!("{config:?}").contains("t0ken"));
    }
}
