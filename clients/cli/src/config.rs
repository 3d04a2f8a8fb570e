//! Where the copilot is and which key opens it: flags, environment, file, default, in this order.
//!
//! The file's stream address and key belong to the file's address: when a flag or the environment
//! names another copilot they are left out, so that a key is never sent to a stranger.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{
    cli::{Global, Setting},
    error::{DEFAULT_URL, Error},
};

const MAX_FILE_BYTES: u64 = 64 * 1024;

/// What the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stream_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key: Option<String>,
}

impl File {
    pub(crate) fn slot(&mut self, setting: Setting) -> &mut Option<String> {
        match setting {
            Setting::Url => &mut self.url,
            Setting::StreamUrl => &mut self.stream_url,
            Setting::ApiKey => &mut self.api_key,
        }
    }
}

/// What is in force.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) url: Url,
    pub(crate) stream_url: Url,
    pub(crate) api_key: Option<String>,
    /// Where each of them comes from, for `copilot config`.
    pub(crate) origins: Origins,
    /// What the user should know about them.
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origins {
    pub(crate) url: &'static str,
    pub(crate) stream_url: &'static str,
    pub(crate) api_key: &'static str,
}

const GIVEN: &str = "flag or environment";
const FROM_FILE: &str = "file";
const DEFAULT: &str = "default";
const NOT_SET: &str = "not set";

/// The file's place: `COPILOT_CONFIG`, or the user's configuration folder.
pub(crate) fn path() -> Result<PathBuf, Error> {
    if let Some(path) = non_empty("COPILOT_CONFIG") {
        return Ok(path);
    }
    base("XDG_CONFIG_HOME", ".config")
        .map(|base| base.join("copilot").join("config.toml"))
        .ok_or_else(|| {
            Error::Usage(
                "set HOME or COPILOT_CONFIG: there is no place for the configuration file"
                    .to_owned(),
            )
        })
}

/// Where the chat's history is kept.
pub(crate) fn history_path() -> Option<PathBuf> {
    base("XDG_STATE_HOME", ".local/state").map(|base| base.join("copilot").join("history"))
}

fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    // Relative paths are to be ignored, says the XDG Base Directory Specification.
    non_empty(variable)
        .filter(|path| path.is_absolute())
        .or_else(|| non_empty("APPDATA"))
        .or_else(|| non_empty("HOME").map(|home| home.join(below_home)))
}

fn non_empty(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The file at `path`; an empty one where there is none.
pub(crate) fn read(path: &Path) -> Result<File, Error> {
    let problem = |problem: String| Error::Config { path: path.to_owned(), problem };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(problem(format!("cannot be read: {error}"))),
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => {
            return Err(problem(format!("is larger than {MAX_FILE_BYTES} bytes")));
        }
        Ok(_) => {}
    }
    let text =
        fs::read_to_string(path).map_err(|error| problem(format!("cannot be read: {error}")))?;
    // The parser's full message quotes the line, which may be the key's.
    toml::from_str(&text).map_err(|error| problem(format!("is not valid: {}", error.message())))
}

/// Writes the file so that only its owner can read it, and never half of it.
pub(crate) fn write(path: &Path, file: &File) -> Result<(), Error> {
    let problem = |error: &dyn std::fmt::Display| Error::Config {
        path: path.to_owned(),
        problem: format!("cannot be written: {error}"),
    };
    let text = toml::to_string(file).map_err(|error| problem(&error))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| problem(&error))?;
    }
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    create_private(&draft)
        .and_then(|mut target| {
            target.write_all(text.as_bytes())?;
            target.sync_all()
        })
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| {
            // The first error is the one to tell; the draft may not even exist.
            let _ = fs::remove_file(&draft);
            problem(&error)
        })
}

/// A new file that only its owner can read.
pub(crate) fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A warning when others can read the key.
fn check_permissions(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.display();
            return Some(format!(
                "{path} holds your API key and others can read it (mode {mode:04o}); run: chmod 600 {path}"
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    None
}

/// Puts flags, environment, file and defaults together.
pub(crate) fn resolve(global: &Global) -> Result<Settings, Error> {
    let path = path()?;
    let file = read(&path)?;
    let mut settings = combine(global, &file)?;
    if file.api_key.is_some() {
        settings.warnings.extend(check_permissions(&path));
    }
    Ok(settings)
}

fn combine(global: &Global, file: &File) -> Result<Settings, Error> {
    let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
    let file_url =
        parse_url("url in the configuration file", file.url.as_deref().unwrap_or(DEFAULT_URL))?;
    let (url, url_origin) = match given(&global.url) {
        Some(url) => (parse_url("--url", &url)?, GIVEN),
        None if file.url.is_some() => (file_url.clone(), FROM_FILE),
        None => (file_url.clone(), DEFAULT),
    };
    let file_applies = url == file_url;
    let (stream_url, stream_origin) = match (given(&global.stream_url), &file.stream_url) {
        (Some(stream_url), _) => (parse_url("--stream-url", &stream_url)?, GIVEN),
        (None, Some(stream_url)) if file_applies => {
            (parse_url("stream_url in the configuration file", stream_url)?, FROM_FILE)
        }
        _ => (url.clone(), "same as url"),
    };
    let (api_key, key_origin) = match (given(&global.api_key), &file.api_key) {
        (Some(key), _) => (Some(key), GIVEN),
        (None, Some(key)) if file_applies => (Some(key.clone()), FROM_FILE),
        (None, Some(_)) => (None, "not set: the file's key is for the file's url"),
        (None, None) => (None, NOT_SET),
    };
    let api_key = api_key.map(|key| key.trim().to_owned());
    let mut warnings = Vec::new();
    if api_key.is_some() {
        for url in [&url, &stream_url] {
            if url.scheme() == "http" && !is_loopback(url) && warnings.is_empty() {
                warnings.push(format!(
                    "{url} is not encrypted: others on the way can read your API key"
                ));
            }
        }
    }
    let origins = Origins { url: url_origin, stream_url: stream_origin, api_key: key_origin };
    Ok(Settings { url, stream_url, api_key, origins, warnings })
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// An address that paths can be appended to.
pub(crate) fn parse_url(name: &str, text: &str) -> Result<Url, Error> {
    let usage =
        |why: &str| Error::Usage(format!("{name} must be an address such as {DEFAULT_URL}: {why}"));
    let mut url = Url::parse(text.trim()).map_err(|error| usage(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
        return Err(usage("only http and https are known"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(usage("it must not hold a user, a query or a fragment"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Format;

    fn global(url: Option<&str>, key: Option<&str>) -> Global {
        Global {
            url: url.map(str::to_owned),
            stream_url: None,
            api_key: key.map(str::to_owned),
            no_color: false,
            format: Format::Auto,
        }
    }

    fn cloud() -> File {
        File {
            url: Some("https://api.example.com/".to_owned()),
            stream_url: Some("https://stream.example.com".to_owned()),
            api_key: Some("cpk_file".to_owned()),
        }
    }

    #[test]
    fn the_defaults_are_the_local_copilot() {
        let settings = combine(&global(None, None), &File::default()).unwrap();
        assert_eq!(settings.url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(settings.stream_url, settings.url);
        assert_eq!(settings.api_key, None);
    }

    #[test]
    fn the_file_applies_as_a_whole() {
        let settings = combine(&global(None, None), &cloud()).unwrap();
        assert_eq!(settings.url.as_str(), "https://api.example.com/");
        assert_eq!(settings.stream_url.as_str(), "https://stream.example.com/");
        assert_eq!(settings.api_key.as_deref(), Some("cpk_file"));
    }

    #[test]
    fn the_files_key_and_stream_do_not_follow_to_another_copilot() {
        let settings = combine(&global(Some("http://127.0.0.1:9"), None), &cloud()).unwrap();
        assert_eq!(settings.api_key, None);
        assert_eq!(settings.stream_url, settings.url);
        let same = combine(&global(Some("https://api.example.com"), None), &cloud()).unwrap();
        assert_eq!(same.api_key.as_deref(), Some("cpk_file"));
    }

    #[test]
    fn a_key_over_plain_http_is_warned_about_unless_local() {
        for (url, warned) in [
            ("http://copilot.internal", true),
            ("https://copilot.internal", false),
            ("http://localhost:1", false),
            ("http://[::1]:1", false),
            ("http://127.0.0.9:1", false),
        ] {
            let settings = combine(&global(Some(url), Some("cpk_x")), &File::default()).unwrap();
            assert_eq!(!settings.warnings.is_empty(), warned, "{url}");
        }
    }

    #[test]
    fn wrong_addresses_are_refused() {
        for wrong in ["", "127.0.0.1:8080", "ftp://x", "http://", "http://u:p@h", "http://h/?a=b"] {
            assert!(parse_url("--url", wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_url("--url", " http://h/base// ").unwrap().path(), "/base");
    }

    #[test]
    fn a_written_file_reads_back_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("config.toml");
        assert_eq!(read(&path).unwrap(), File::default());
        write(&path, &cloud()).unwrap();
        write(&path, &cloud()).unwrap();
        assert_eq!(read(&path).unwrap(), cloud());
        assert_eq!(check_permissions(&path), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(check_permissions(&path).unwrap().contains("chmod 600"));
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_wrong_file_is_named_without_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "api_key = cpk_secret").unwrap();
        let text = read(&path).unwrap_err().to_string();
        assert!(text.contains("config.toml") && !text.contains("cpk_secret"), "{text}");
        fs::write(&path, "uri = \"x\"").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("uri"));
    }
}
