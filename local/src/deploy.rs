//! Deploys infra/template.yaml with infra/deploy.py, to the local cloud or to wherever the endpoint
//! leads, and says where what it made can be reached.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::services::{Error, ministack, python};

const NAME: &str = "infra/deploy.py";

/// What to deploy, and where.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub stack: String,
    pub endpoint_url: String,
    /// The folder of the functions' packages (`scripts/build`).
    pub packages: PathBuf,
    /// Parameters of the template. What is not named stays as the stack has it.
    pub parameters: BTreeMap<String, String>,
}

/// What the stack says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outputs {
    pub api_url: String,
    pub api_id: String,
    pub stream_url: String,
    pub table_name: String,
    pub bucket_name: String,
    pub chat_function: String,
    pub stream_function: String,
    pub adapter_function: String,
}

impl Outputs {
    /// The HTTP API's base URL on a local endpoint: its own host name does not resolve everywhere.
    pub fn local_api_url(&self, endpoint_url: &str) -> String {
        format!("{endpoint_url}/_aws/execute-api/{}/$default", self.api_id)
    }

    /// The streaming endpoint's base URL on a local endpoint. There, an answer comes only when it
    /// is complete.
    pub fn local_stream_url(&self, endpoint_url: &str) -> String {
        let host = self.stream_url.trim_start_matches("https://");
        let id = host.split('.').next().unwrap_or_default();
        format!("{endpoint_url}/_aws/lambda-url/{id}")
    }
}

/// Creates or updates the stack. When that fails, the error has all that was said of it.
pub async fn deploy(root: &Path, deployment: &Deployment) -> Result<Outputs, Error> {
    let mut command = Command::new(python()?);
    command
        .arg(root.join(NAME))
        .args(["--quiet", "--stack", &deployment.stack, "--region", ministack::REGION])
        .args(["--endpoint-url", &deployment.endpoint_url])
        .arg("--code")
        .arg(&deployment.packages)
        .env("AWS_ACCESS_KEY_ID", ministack::ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", ministack::SECRET_ACCESS_KEY)
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE");
    for (number, (name, value)) in deployment.parameters.iter().enumerate() {
        // By way of the environment, because command lines are visible and some values are secret.
        let variable = format!("COPILOT_PARAMETER_{number}");
        command.arg("--parameter-from-env").arg(format!("{name}={variable}")).env(variable, value);
    }
    let failed = |source| Error::Start { program: NAME.to_owned(), source };
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let output = child.wait_with_output().await.map_err(failed)?;
    if !output.status.success() {
        return Err(Error::Failed {
            program: NAME.to_owned(),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::Answer { program: NAME.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_addresses_are_by_path() {
        let outputs: Outputs = serde_json::from_value(serde_json::json!({
            "ApiUrl": "http://0123abcd.execute-api.localhost:4566", "ApiId": "0123abcd",
            "StreamUrl": "https://hct0vbj8.lambda-url.us-east-1.on.aws/",
            "TableName": "t", "BucketName": "b", "ChatFunction": "c", "StreamFunction": "s",
            "AdapterFunction": "a",
        }))
        .unwrap();
        let endpoint = "http://127.0.0.1:4566";
        assert_eq!(
            outputs.local_api_url(endpoint),
            "http://127.0.0.1:4566/_aws/execute-api/0123abcd/$default"
        );
        assert_eq!(
            outputs.local_stream_url(endpoint),
            "http://127.0.0.1:4566/_aws/lambda-url/hct0vbj8"
        );
    }
}
