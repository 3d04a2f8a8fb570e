//! The file in which deployments outlive the process.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    deployment::{Deployment, DeploymentLog},
};

/// Says how the file is to be read; another number is another format.
const FORMAT: u32 = 1;
/// More than the longest log takes.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    format: u32,
    deployments: Vec<Deployment>,
}

/// Where the deployments are kept.
#[derive(Debug, Clone)]
pub struct StateFile {
    path: PathBuf,
}

impl StateFile {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the log; where there is no file yet, the shop begins now, and the file is written.
    pub fn load_or_create(&self, now: Timestamp) -> Result<DeploymentLog, Error> {
        match self.read() {
            Ok(text) => self.parse(&text),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                let log = DeploymentLog::seeded(now);
                self.save(&log)?;
                Ok(log)
            }
            Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                Err(self.corrupt(source.to_string()))
            }
            Err(source) => Err(Error::StateRead { path: self.path.clone(), source }),
        }
    }

    fn read(&self) -> io::Result<String> {
        let size_bytes = fs::metadata(&self.path)?.len();
        if size_bytes > MAX_FILE_BYTES {
            let reason = format!("it has {size_bytes} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        fs::read_to_string(&self.path)
    }

    fn parse(&self, text: &str) -> Result<DeploymentLog, Error> {
        let contents: Contents =
            serde_json::from_str(text).map_err(|error| self.corrupt(error.to_string()))?;
        if contents.format != FORMAT {
            return Err(self.corrupt(format!("its format is {}, not {FORMAT}", contents.format)));
        }
        DeploymentLog::from_list(contents.deployments).map_err(|reason| self.corrupt(reason))
    }

    fn corrupt(&self, reason: String) -> Error {
        Error::StateCorrupt { path: self.path.clone(), reason }
    }

    /// Replaces the file as a whole: a reader sees the old log or the new one, also after a crash.
    pub fn save(&self, log: &DeploymentLog) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let contents = Contents { format: FORMAT, deployments: log.all().to_vec() };
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{}.tmp", std::process::id()));
            let temporary = PathBuf::from(name);
            let mut file = fs::File::create(&temporary)?;
            file.write_all(&serde_json::to_vec_pretty(&contents)?)?;
            file.sync_all()?;
            fs::rename(&temporary, &self.path)
        };
        write().map_err(|source| Error::StateWrite { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-04T12:34:56Z".parse().unwrap()
    }

    #[test]
    fn a_log_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFile::new(folder.path().join("shop.json"));
        let mut log = state.load_or_create(now()).unwrap();
        log.deploy("payment", "2.5.0-bad", now()).unwrap();
        state.save(&log).unwrap();
        let later = "2026-04-01T00:00:00Z".parse().unwrap();
        assert_eq!(state.load_or_create(later).unwrap(), log);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_damaged_file_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFile::new(folder.path().join("shop.json"));
        let unordered = {
            let mut list = DeploymentLog::seeded(now()).all().to_vec();
            list.reverse();
            serde_json::json!({"format": 1, "deployments": list}).to_string()
        };
        for (text, part) in [
            ("", "EOF"),
            ("{\"format\": 1", "EOF"),
            ("[1, 2]", "invalid"),
            ("{\"format\": 2, \"deployments\": []}", "format is 2"),
            ("{\"format\": 1, \"deployments\": []}", "no version of payment"),
            (&unordered, "order"),
        ] {
            fs::write(state.path(), text).unwrap();
            let error = state.load_or_create(now()).unwrap_err();
            assert!(matches!(error, Error::StateCorrupt { .. }), "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert!(error.to_string().contains("shop.json"), "{error}");
            assert_eq!(fs::read_to_string(state.path()).unwrap(), text);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let state = StateFile::new("/nowhere/at/all/shop.json");
        assert!(matches!(state.load_or_create(now()), Err(Error::StateWrite { .. })));
    }
}
