//! Where `scripts/install` puts things: folders of the cache, named by the digest of the file that
//! pins their content. The files are compiled in, so a binary looks for what its own sources pin.

use std::{
    env,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::Error;

const REQUIREMENTS: &[u8] = include_bytes!("../../../infra/requirements.txt");
const AIMOCK_LOCK: &[u8] = include_bytes!("../../../infra/aimock/package-lock.json");
const LOKI_SUM: &[u8] = include_bytes!("../../../infra/loki/go.sum");
const DYNAMODB_LOCAL_POM: &[u8] = include_bytes!("../../../infra/dynamodb-local/pom.xml");
/// As many characters of the digest as scripts/lib/common.sh uses.
const DIGEST_LENGTH: usize = 16;

/// A program of the pinned Python environment.
pub fn venv_program(name: &str) -> Result<PathBuf, Error> {
    present(name, cached("venv", REQUIREMENTS).join("bin").join(name), "run scripts/install cloud")
}

/// The Python of the pinned environment.
pub fn python() -> Result<PathBuf, Error> {
    venv_program("python")
}

/// The command of the fake language models.
pub(super) fn aimock() -> Result<PathBuf, Error> {
    let path = cached("aimock", AIMOCK_LOCK).join("node_modules/.bin/llmock");
    present("aimock", path, "run scripts/install aimock")
}

/// The folder of DynamoDB Local's jars and native libraries.
pub(super) fn dynamodb_local() -> Result<PathBuf, Error> {
    let path = cached("dynamodb-local", DYNAMODB_LOCAL_POM).join("lib");
    present("DynamoDB Local", path, "run scripts/install dynamodb-local")
}

/// A program that the developer may have: named by a variable, on PATH, or unpacked by
/// `scripts/install prometheus`.
pub(super) fn prometheus_program(name: &str, variable: &str) -> Result<PathBuf, Error> {
    if let Some(path) = env::var_os(variable).filter(|path| !path.is_empty()) {
        return present(name, path.into(), "the variable that names it is wrong");
    }
    if let Some(path) = on_path(name) {
        return Ok(path);
    }
    let path = cache().join("prometheus/debian/usr/bin").join(name);
    present(
        name,
        path,
        "run scripts/install prometheus, or point PROMETHEUS_URL at one that runs already",
    )
}

/// Loki: named by `LOKI_BIN`, on PATH, or built by `scripts/install loki`.
pub(super) fn loki_program() -> Result<PathBuf, Error> {
    if let Some(path) = env::var_os("LOKI_BIN").filter(|path| !path.is_empty()) {
        return present("loki", path.into(), "the variable that names it is wrong");
    }
    if let Some(path) = on_path("loki") {
        return Ok(path);
    }
    let path = cached("loki", LOKI_SUM).join("loki");
    present(
        "loki",
        path,
        "`scripts/dev --logs` gets it, or point LOKI_URL at one that runs already",
    )
}

/// The first program of that name on PATH.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn present(program: &str, path: PathBuf, remedy: &'static str) -> Result<PathBuf, Error> {
    if path.exists() {
        Ok(path)
    } else {
        Err(Error::Missing { program: program.to_owned(), remedy })
    }
}

fn cached(kind: &str, pin: &[u8]) -> PathBuf {
    cache().join(kind).join(digest(pin))
}

fn cache() -> PathBuf {
    env::var_os("COPILOT_CACHE").map_or_else(
        || Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache/copilot-agent"),
        PathBuf::from,
    )
}

fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    hex[..DIGEST_LENGTH].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_shell_scripts() {
        // printf abc | sha256sum | cut -c1-16
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea");
    }

    #[test]
    fn what_is_not_there_is_missing_with_a_remedy() {
        let error =
            present("thing", "/nowhere/thing".into(), "run scripts/install thing").unwrap_err();
        assert_eq!(error.to_string(), "thing is not installed; run scripts/install thing");
    }

    #[test]
    fn programs_are_found_on_the_path() {
        for (name, found) in [("sh", true), ("no-such-program-anywhere", false)] {
            assert_eq!(on_path(name).is_some(), found, "{name}");
        }
    }
}
