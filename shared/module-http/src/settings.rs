//! Where a module is and how we identify ourselves to it, checked before anything is sent.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{Classified, ErrorClass};
use reqwest::{Url, header::HeaderValue};

/// Why a setting cannot be used. The messages never repeat the setting: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("it is not an absolute http or https URL")]
    Url,
    #[error("it has characters that an HTTP header cannot carry")]
    Credential,
    #[error("there is a user in the URL as well; give one credential")]
    TwoCredentials,
}

impl Classified for SettingsError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }
}

/// A module's base URL, free of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    credential: Option<Credential>,
}

impl Endpoint {
    /// Takes the user and the password out of the URL, so that it can be shown.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut url = Url::parse(text.trim()).map_err(|_| SettingsError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(SettingsError::Url);
        }
        let credential =
            (!url.username().is_empty() || url.password().is_some()).then(|| Credential::Basic {
                user: decode(url.username()),
                password: decode(url.password().unwrap_or_default()),
            });
        url.set_username("").map_err(|()| SettingsError::Url)?;
        url.set_password(None).map_err(|()| SettingsError::Url)?;
        url.set_fragment(None);
        Ok(Self { url, credential })
    }

    /// The URL of `path`, which begins with a slash, below the base URL's own path.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        // A key may hide in a query string.
        shown.set_query(None);
        f.write_str(shown.as_str().trim_end_matches('/'))
    }
}

/// Undoes the percent-encoding that a URL needs, by way of the form decoder of the URL library;
/// a literal plus sign must not become a space on the way.
fn decode(part: &str) -> String {
    let form = format!("http://x/?v={}", part.replace('+', "%2B"));
    Url::parse(&form)
        .ok()
        .and_then(|url| url.query_pairs().next().map(|(_, value)| value.into_owned()))
        .unwrap_or_default()
}

/// How we identify ourselves.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    Bearer(String),
    Basic { user: String, password: String },
}

impl Credential {
    /// The value of the `Authorization` header, marked so that nothing prints it.
    pub(crate) fn header(&self) -> Result<HeaderValue, SettingsError> {
        let text = match self {
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| SettingsError::Credential)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic { .. } => "Basic(…)",
        })
    }
}

/// How to reach a Prometheus, a Loki or a Tempo, or anything that speaks its API.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub endpoint: Endpoint,
    pub credential: Option<Credential>,
    /// Sends the tenant as `X-Scope-OrgID`, by which multi-tenant servers keep tenants apart.
    pub send_org_id: bool,
    /// How much of an answer to a query is read.
    pub max_response_bytes: usize,
}

impl ServerSettings {
    /// Enough for a thousand series of a day in five-minute steps, and small enough that the answer
    /// fits into a function's response of 6 MB.
    pub const MAX_RESPONSE_BYTES: usize = 5 * 1024 * 1024;

    pub fn new(endpoint: Endpoint, credential: Option<Credential>) -> Self {
        Self {
            endpoint,
            credential,
            send_org_id: true,
            max_response_bytes: Self::MAX_RESPONSE_BYTES,
        }
    }

    /// Whether a client can be built from this; it tells at the start what would fail later.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.authorization().map(drop)
    }

    /// The one credential there is: in the URL or beside it.
    pub(crate) fn authorization(&self) -> Result<Option<HeaderValue>, SettingsError> {
        match (self.endpoint.credential(), &self.credential) {
            (Some(_), Some(_)) => Err(SettingsError::TwoCredentials),
            (Some(one), None) | (None, Some(one)) => one.header().map(Some),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_absolute_and_http() {
        for bad in
            ["", "prometheus", "prometheus:9090", "/api", "ftp://x", "file:///etc", "http://"]
        {
            assert_eq!(Endpoint::parse(bad), Err(SettingsError::Url), "{bad}");
        }
    }

    #[test]
    fn paths_are_joined_below_the_base() {
        for (base, joined) in [
            ("http://h:9090", "http://h:9090/api/v1/query"),
            ("http://h:9090/", "http://h:9090/api/v1/query"),
            ("https://h/prometheus/", "https://h/prometheus/api/v1/query"),
            ("https://h/p?x=1#y", "https://h/p/api/v1/query"),
        ] {
            assert_eq!(Endpoint::parse(base).unwrap().join("/api/v1/query").as_str(), joined);
        }
    }

    #[test]
    fn credentials_are_used_and_never_shown() {
        let endpoint = Endpoint::parse("https://me:p%40ss+word@h/prom?key=secret").unwrap();
        assert_eq!(endpoint.to_string(), "https://h/prom");
        let mut settings = ServerSettings::new(endpoint, None);
        let header = settings.authorization().unwrap().unwrap();
        assert_eq!(header, format!("Basic {}", STANDARD.encode("me:p@ss+word")));
        settings.credential = Some(Credential::Bearer("t0ken".to_owned()));
        let shown = format!("{settings:?} {header:?}");
        for secret in ["p%40ss", "p@ss", "t0ken"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert_eq!(settings.authorization(), Err(SettingsError::TwoCredentials));
        let broken = Credential::Bearer("a\nb".to_owned());
        assert_eq!(broken.header(), Err(SettingsError::Credential));
    }
}
