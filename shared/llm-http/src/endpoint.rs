//! Where a provider listens, and the key to it.

use std::fmt;

use model::{Classified, ErrorClass};
use reqwest::{Url, header::HeaderValue};

const PATH: [&str; 2] = ["chat", "completions"];

/// A provider's address and key. The key is never shown.
#[derive(Clone)]
pub struct Endpoint {
    pub(crate) url: Url,
    pub(crate) authorization: Option<HeaderValue>,
}

/// Why an endpoint cannot be one. Says nothing of the values, which may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error(
        "the base URL must be http:// or https:// with a host, without user, query or fragment"
    )]
    BaseUrl,
    #[error("the key must be printable ASCII without spaces")]
    Key,
}

impl Classified for EndpointError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Bug
    }
}

impl Endpoint {
    /// `base` is what comes before `/chat/completions`, usually ending in `/v1`.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self, EndpointError> {
        let mut url = Url::parse(base.trim()).map_err(|_| EndpointError::BaseUrl)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_plain {
            return Err(EndpointError::BaseUrl);
        }
        url.path_segments_mut().map_err(|()| EndpointError::BaseUrl)?.pop_if_empty().extend(PATH);
        Ok(Self { url, authorization: key.map(bearer).transpose()? })
    }
}

fn bearer(key: &str) -> Result<HeaderValue, EndpointError> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(EndpointError::Key);
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| EndpointError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url.as_str())
            .field("has_key", &self.authorization.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_joined_however_the_base_ends() {
        for (base, url) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/chat/completions"),
            (" http://vllm:8000/v1 ", "http://vllm:8000/v1/chat/completions"),
        ] {
            assert_eq!(Endpoint::new(base, None).unwrap().url.as_str(), url);
        }
        for bad in ["", "api.openai.com/v1", "ftp://x/v1", "https://u:p@x/v1", "https://x/v1?k=1"] {
            assert_eq!(Endpoint::new(bad, None).unwrap_err(), EndpointError::BaseUrl, "{bad}");
        }
    }

    #[test]
    fn a_key_is_checked_and_never_shown() {
        for bad in ["", "a b", "a\n", "schlüssel"] {
            let error = Endpoint::new("https://x/v1", Some(bad)).unwrap_err();
            assert_eq!(error, EndpointError::Key, "{bad}");
        }
        let endpoint = Endpoint::new("https://x/v1", Some("sk-secret")).unwrap();
        assert!(!format!("{endpoint:?}").contains("secret"));
        assert!(!format!("{:?}", endpoint.authorization).contains("secret"));
    }
}
