//! The local cloud: ministack, which speaks AWS's protocols on one port.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Error, Probe, Program, Service, install::venv_program, ready::choose_port};

/// The region that everything local is in.
pub const REGION: &str = "us-east-1";
/// Credentials that mean nothing; the local cloud takes any.
pub const ACCESS_KEY_ID: &str = "test";
pub const SECRET_ACCESS_KEY: &str = "test";

/// How the local cloud runs. `Options::new` is what most tests want: nothing is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// For its log and its temporary files.
    pub dir: PathBuf,
    pub port: Option<u16>,
    /// Where tables, objects and stacks are kept between runs. They are written when it ends in good
    /// order, so what happened since is lost if it is killed (objects excepted).
    pub state: Option<PathBuf>,
    /// Whether the roles of functions are enforced, as on AWS.
    pub enforce_roles: bool,
    /// Functions by name whose events go to an HTTP address instead of their package.
    pub functions: BTreeMap<String, String>,
    /// Where Bedrock calls go: an OpenAI-compatible base URL without `/v1`.
    pub bedrock_url: Option<String>,
    /// Anything else that it reads from its environment.
    pub environment: BTreeMap<String, String>,
}

impl Options {
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            port: None,
            state: None,
            enforce_roles: false,
            functions: BTreeMap::new(),
            bedrock_url: None,
            environment: BTreeMap::new(),
        }
    }
}

pub async fn start(options: &Options) -> Result<Service, Error> {
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let temporary = options.dir.join("tmp");
    std::fs::create_dir_all(&temporary)
        .map_err(|source| Error::File { path: temporary.clone(), source })?;

    let mut program =
        Program::new("ministack", venv_program("ministack")?, options.dir.join("ministack.log"))
            .variable("GATEWAY_PORT", port.to_string())
            // It listens on every interface unless told otherwise.
            .variable("BIND_HOST", "127.0.0.1")
            .variable("MINISTACK_REGION", REGION)
            // Functions inherit its environment: without this they would call the real AWS.
            .variable("AWS_ENDPOINT_URL", &url)
            .variable("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .variable("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .variable("AWS_DEFAULT_REGION", REGION)
            .variable("AWS_EC2_METADATA_DISABLED", "true")
            // It unpacks functions there and leaves them behind.
            .variable("TMPDIR", &temporary)
            .variable("AUTH", options.enforce_roles.to_string());
    if let Some(state) = &options.state {
        program = program
            .variable("PERSIST_STATE", "1")
            .variable("STATE_DIR", state)
            .variable("S3_PERSIST", "1")
            .variable("S3_DATA_DIR", state.join("s3"));
    }
    if let Some(bedrock_url) = &options.bedrock_url {
        program = program.variable("MINISTACK_BEDROCK_PROXY_URL", bedrock_url);
    }
    for (function, address) in &options.functions {
        program = program.variable(&format!("MINISTACK_LAMBDA_PROXY_{function}"), address);
    }
    for (name, value) in &options.environment {
        program = program.variable(name, value);
    }
    let probe = Probe::success(format!("{url}/_ministack/health"));
    Service::start(program, url, probe).await
}
