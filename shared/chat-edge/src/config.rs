//! The configuration of the functions that run chat turns.

use std::num::NonZeroU32;

use auth::{Issuer, IssuerKeys, JwksSource, RateLimits, TokenVerifier};
use conversation::compose::Slos;
use kit::config::{ConfigError, Environment};
use llm::{ModelId, Prices, Provider, parse_models};
use llm_http::Endpoint;
use std::sync::Arc;

const DEFAULT_TENANT_LIMIT: NonZeroU32 = NonZeroU32::new(600).unwrap();
const DEFAULT_KEY_LIMIT: NonZeroU32 = NonZeroU32::new(120).unwrap();
const DEFAULT_OPENAI_BASE_URL: &str = "https://api.openai.com/v1";
const DEFAULT_TENANT_CLAIM: &str = "tenant";

/// Everything that the environment says, checked.
#[derive(Clone)]
pub struct Config {
    pub log_level: String,
    pub table: String,
    pub bucket: String,
    /// The adapter's name; the local process, which runs it itself, has none.
    pub adapter_function: Option<String>,
    pub rate_limits: RateLimits,
    /// In the order in which they are tried.
    pub models: Vec<(ModelId, Option<Endpoint>)>,
    pub prices: Prices,
    pub slos: Slos,
    pub tokens: Option<TokenConfig>,
}

/// Whose tokens are accepted.
#[derive(Clone)]
pub struct TokenConfig {
    issuer: String,
    audience: String,
    tenant_claim: String,
    /// Without one, the issuer's published keys are asked for.
    public_key: Option<String>,
}

impl Config {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let limit = |variable, default| {
            let expected = "a number of requests per minute, at least 1";
            environment.parse(variable, expected).map(|limit| limit.unwrap_or(default))
        };
        Ok(Self {
            log_level: environment.text("LOG_LEVEL").unwrap_or("info").to_owned(),
            table: environment.required_text("TABLE_NAME", "the table's name")?.to_owned(),
            bucket: environment.required_text("BUCKET_NAME", "the bucket's name")?.to_owned(),
            adapter_function: environment.text("ADAPTER_FUNCTION").map(str::to_owned),
            rate_limits: RateLimits {
                tenant_per_minute: limit("RATE_LIMIT_TENANT_PER_MINUTE", DEFAULT_TENANT_LIMIT)?,
                caller_per_minute: limit("RATE_LIMIT_KEY_PER_MINUTE", DEFAULT_KEY_LIMIT)?,
            },
            models: models(environment)?,
            prices: environment
                .parse_with("MODEL_PRICES", "a table of prices in JSON", Prices::parse)?
                .unwrap_or_default(),
            slos: environment
                .parse_with("SLOS", "a table of objectives in JSON", Slos::parse)?
                .unwrap_or_default(),
            tokens: tokens(environment)?,
        })
    }
}

fn models(environment: &Environment) -> Result<Vec<(ModelId, Option<Endpoint>)>, ConfigError> {
    let expected = "a list of models such as `bedrock:anthropic.claude-sonnet,openai:gpt-4o`";
    let parse = |text: &str| parse_models("MODELS", text);
    let models = environment.parse_with("MODELS", expected, parse)?.unwrap_or_default();
    let key = environment.text("OPENAI_API_KEY");
    let base = environment.text("OPENAI_BASE_URL").unwrap_or(DEFAULT_OPENAI_BASE_URL);
    models
        .into_iter()
        .map(|model| {
            let endpoint = match model.provider {
                Provider::Bedrock => None,
                _ => Some(endpoint(base, key)?),
            };
            Ok((model, endpoint))
        })
        .collect()
}

fn endpoint(base: &str, key: Option<&str>) -> Result<Endpoint, ConfigError> {
    Endpoint::new(base, key).map_err(|error| {
        let (variable, expected) = match error {
            llm_http::EndpointError::Key => ("OPENAI_API_KEY", "a key"),
            llm_http::EndpointError::BaseUrl => ("OPENAI_BASE_URL", "a base URL"),
        };
        ConfigError::Wrong {
            variable: variable.to_owned(),
            expected: expected.to_owned(),
            reason: error.to_string(),
        }
    })
}

fn tokens(environment: &Environment) -> Result<Option<TokenConfig>, ConfigError> {
    let Some(issuer) = environment.text("JWT_ISSUER") else {
        // Half a configuration is a mistake, and better found now than when tokens are refused.
        for variable in ["JWT_AUDIENCE", "JWT_PUBLIC_KEY", "JWKS_URL"] {
            if environment.text(variable).is_some() {
                let expected = format!("the issuer of the tokens when {variable} is set");
                environment.required_text("JWT_ISSUER", &expected)?;
            }
        }
        return Ok(None);
    };
    let audience =
        environment.required_text("JWT_AUDIENCE", "the audience of the tokens of JWT_ISSUER")?;
    let public_key = environment.text("JWT_PUBLIC_KEY").map(str::to_owned);
    if public_key.is_none() {
        environment.required_text("JWKS_URL", "set, or JWT_PUBLIC_KEY, when JWT_ISSUER is")?;
    }
    let config = TokenConfig {
        issuer: issuer.to_owned(),
        audience: audience.to_owned(),
        tenant_claim: environment
            .text("JWT_TENANT_CLAIM")
            .unwrap_or(DEFAULT_TENANT_CLAIM)
            .to_owned(),
        public_key,
    };
    if config.public_key.is_some() {
        config.verifier(None).map_err(|error| ConfigError::Wrong {
            variable: "JWT_PUBLIC_KEY".to_owned(),
            expected: "an Ed25519 public key in PEM".to_owned(),
            reason: error.to_string(),
        })?;
    }
    Ok(Some(config))
}

impl TokenConfig {
    /// `published` is asked for the issuer's keys where none is configured.
    pub(crate) fn verifier(
        &self,
        published: Option<Arc<dyn JwksSource>>,
    ) -> Result<TokenVerifier, auth::ConfigError> {
        let keys = match (&self.public_key, published) {
            (Some(pem), _) => IssuerKeys::Ed25519Pem(pem.clone()),
            (None, Some(source)) => IssuerKeys::Jwks(source),
            (None, None) => return TokenVerifier::new(Vec::new()),
        };
        TokenVerifier::new(vec![Issuer {
            name: self.issuer.clone(),
            audience: self.audience.clone(),
            tenant_claim: self.tenant_claim.clone(),
            keys,
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let base = [("TABLE_NAME", "t"), ("BUCKET_NAME", "b")];
        Config::read(&base.iter().chain(pairs).copied().collect())
    }

    #[test]
    fn a_wrong_value_stops_the_function_and_names_the_variable() {
        for (variable, value) in [
            ("RATE_LIMIT_KEY_PER_MINUTE", "0"),
            ("RATE_LIMIT_TENANT_PER_MINUTE", "many"),
            ("MODELS", "gpt"),
            ("MODEL_PRICES", "{"),
            ("SLOS", "[]"),
            ("JWT_ISSUER", "https://issuer"),
            ("TABLE_NAME", ""),
        ] {
            let error = read(&[(variable, value)]).err().map(|error| error.to_string());
            let message = error.unwrap_or_else(|| panic!("{variable}={value} is accepted"));
            // An issuer asks for what belongs to it.
            let names = if variable == "JWT_ISSUER" { "JWT_AUDIENCE" } else { variable };
            assert!(message.contains(names), "{variable}: {message}");
        }
    }

    #[test]
    fn secrets_are_not_in_messages() {
        let error = read(&[("MODELS", "openai:a"), ("OPENAI_API_KEY", "sk secret")]).err();
        let message = error.unwrap().to_string();
        assert!(message.contains("OPENAI_API_KEY") && !message.contains("sk secret"), "{message}");
    }

    #[test]
    fn little_is_required() {
        let config = read(&[]).unwrap();
        assert!(config.models.is_empty());
        assert!(config.tokens.is_none());
        assert_eq!(config.rate_limits.caller_per_minute.get(), 120);
    }
}
