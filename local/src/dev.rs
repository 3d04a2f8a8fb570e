//! `scripts/dev`: everything up, in order, with a word about each step.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use adapter::InProcess;
use anyhow::{Context as _, bail};
use chat_edge::{Cloud, Config, Ports};
use jiff::Timestamp;
use kit::{config::Environment, logging};
use model::{Role, TenantId};
use module::Operations;
use tokio::{net::TcpListener, process::Command};

use crate::{
    demo::{self, Demo, Logs, LokiChoice},
    deploy::{Deployment, Outputs, deploy},
    keys,
    progress::Progress,
    serve::{Functions, serve},
    services::{Service, ministack, python},
};

const STACK: &str = "copilot-dev";
const TENANT: &str = "demo";
/// Held while a copilot runs on the state folder; its being there says that the folder is ours.
const LOCK: &str = "lock";
/// A developer who asks as fast as they can type, or a benchmark, is not to be slowed down.
const RATE_LIMIT: &str = "100000";

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The checkout.
    pub root: PathBuf,
    /// Kept between runs.
    pub state: PathBuf,
    pub port: u16,
    /// Forget what was kept.
    pub reset: bool,
    /// The shop's logs go to `LOKI_URL` wherever that is.
    pub logs: bool,
    /// Ask one question and exit.
    pub ask: Option<String>,
}

/// Everything that runs besides this process.
struct Around {
    cloud: Service,
    demo: Demo,
}

impl Around {
    async fn stop(self) {
        let Demo { shop, prometheus, logs, .. } = self.demo;
        let stop_prometheus = async {
            if let Ok(prometheus) = prometheus {
                prometheus.stop().await;
            }
        };
        let stop_loki = async {
            if let Logs::Started(loki) = logs {
                loki.stop().await;
            }
        };
        // The local cloud writes its state as it ends.
        tokio::join!(self.cloud.stop(), shop.stop(), stop_prometheus, stop_loki);
    }
}

/// Brings everything up and serves until interrupted, or until the question is answered. Returns the
/// exit code.
pub async fn run(options: Options, progress: Progress) -> anyhow::Result<u8> {
    let listener = listen(&options).await?;
    let _lock = prepare(&options, progress)?;
    progress.say("starting the local cloud, and the shop with its Prometheus and Loki");
    let around = unless_interrupted(start(&options)).await?;
    report(&around, progress);
    let result = serve_until_done(&options, progress, &around, listener).await;
    progress.say("stopping what was started");
    around.stop().await;
    result
}

async fn start(options: &Options) -> anyhow::Result<Around> {
    let (cloud, demo) = tokio::try_join!(start_cloud(options), start_demo(options))?;
    Ok(Around { cloud, demo })
}

/// What is given up half-way ends with its leash.
async fn unless_interrupted<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        result = work => result,
        () = crate::interrupted() => bail!("interrupted"),
    }
}

async fn listen(options: &Options) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", options.port)).await.with_context(|| {
        format!("port {} of 127.0.0.1 is in use; name another with --port", options.port)
    })
}

/// Makes the state folder ours for as long as the lock is held, and empties it if that is wanted.
fn prepare(options: &Options, progress: Progress) -> anyhow::Result<File> {
    let state = options.state.display();
    let lock_file = options.state.join(LOCK);
    let is_new = !options.state.exists();
    if options.reset && !is_new && !lock_file.exists() {
        bail!("{state} was not made by this program, so it is not removed");
    }
    std::fs::create_dir_all(&options.state).with_context(|| format!("{state} cannot be made"))?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_file)
        .with_context(|| format!("{} cannot be written", lock_file.display()))?;
    if lock.try_lock().is_err() {
        bail!(
            "another copilot runs with the state in {state}; ask that one with `copilot ask`, or \
             name another folder with --state"
        );
    }
    if options.reset && !is_new {
        progress.say(format!("forgetting {state}"));
        for entry in std::fs::read_dir(&options.state)? {
            let path = entry?.path();
            if path == lock_file {
                continue;
            }
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(lock)
}

async fn start_cloud(options: &Options) -> anyhow::Result<Service> {
    let mut cloud = ministack::Options::new(&options.state);
    cloud.state = Some(options.state.join("cloud"));
    Ok(ministack::start(&cloud).await?)
}

async fn start_demo(options: &Options) -> anyhow::Result<Demo> {
    let demo = demo::Options {
        dir: options.state.clone(),
        program: beside_this_program("shop")?,
        shop_port: None,
        prometheus_port: None,
        loki: loki(&Environment::from_process(), options.logs),
        tenant: TENANT.to_owned(),
    };
    Ok(demo::start(&demo).await?)
}

/// A Loki that runs already is used where there is one. The shop writes into it if it is on this
/// machine, or if logs were asked for: elsewhere it may be one that others rely on.
fn loki(environment: &Environment, wanted: bool) -> LokiChoice {
    match environment.text("LOKI_URL") {
        None => LokiChoice::Start,
        Some(url) => {
            let host =
                reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
            let here = matches!(host.as_deref(), Some("127.0.0.1" | "localhost" | "[::1]"));
            LokiChoice::Given { url: url.to_owned(), gets_logs: here || wanted }
        }
    }
}

/// Programs of this workspace are built into one folder.
pub fn beside_this_program(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.with_file_name(name);
    if !path.is_file() {
        bail!("{} is not built; `cargo build --workspace --bins` builds it", path.display());
    }
    Ok(path)
}

fn report(around: &Around, progress: Progress) {
    progress.say(format!("local cloud at {}", around.cloud.url()));
    progress.say(format!("shop at {}", around.demo.shop.url()));
    match &around.demo.prometheus {
        Ok(prometheus) => {
            progress.say(format!("Prometheus at {} ({})", prometheus.url(), around.demo.history));
        }
        Err(error) => {
            progress.say(format!("no Prometheus: {error}"));
            progress.say("the copilot runs without it and says that metrics are unreachable");
        }
    }
    report_logs(&around.demo.logs, progress);
}

fn report_logs(logs: &Logs, progress: Progress) {
    match logs {
        Logs::Started(loki) => {
            progress.say(format!(
                "Loki at {} (the shop writes into it, from six hours ago on)",
                loki.url()
            ));
        }
        Logs::Given { gets_logs: true, .. } => {
            progress.say(format!("LOKI_URL is used; the shop writes into it as tenant {TENANT}"));
        }
        Logs::Given { gets_logs: false, .. } => {
            progress.say("LOKI_URL is used; the shop does not write into it (--logs makes it)");
        }
        Logs::None(error) => {
            progress.say(format!("no Loki: {error}"));
            progress.say("the copilot runs without it and says that logs are unreachable");
        }
    }
}

async fn serve_until_done(
    options: &Options,
    progress: Progress,
    around: &Around,
    listener: TcpListener,
) -> anyhow::Result<u8> {
    progress.say("deploying infra/template.yaml to the local cloud");
    let outputs = unless_interrupted(deploy_template(options, around)).await?;
    progress.say(format!("deployed: table {}, bucket {}", outputs.table_name, outputs.bucket_name));

    let environment = environment(around, &outputs);
    let config = Config::read(&environment)?;
    let adapter: Arc<dyn Operations> =
        Arc::new(InProcess::new(adapter::Deps::new(&adapter::Config::read(&environment)?)?));
    let cloud = Cloud::local(around.cloud.url(), ministack::REGION).await;
    let ports = Ports::in_cloud(&config, &cloud, Some(adapter))?;
    let key = demo_key(options, &ports).await?;
    let functions = Arc::new(Functions::new(&config, &ports)?);

    let log_level = environment.text("LOG_LEVEL").unwrap_or("info");
    logging::start(
        "local",
        log_level,
        &logging::Destination::File(options.state.join("copilot.log")),
    )?;
    let url = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopping = async move {
        tokio::select! {
            _ = stopped => {}
            () = crate::interrupted() => {}
        }
    };
    let server = tokio::spawn(serve(listener, functions, stopping));
    if let Some(question) = &options.ask {
        progress.say(format!("asking: {question}"));
        let code = ask(question, &url, &key).await;
        let _ = stop.send(());
        server.await??;
        return code;
    }
    announce(&url, &key)?;
    server.await??;
    Ok(0)
}

/// What the stack is needed for here is its table, bucket and roles: the functions themselves run in
/// this process, so their packages are stand-ins that say so.
async fn deploy_template(options: &Options, around: &Around) -> anyhow::Result<Outputs> {
    let packages = options.state.join("packages");
    stand_ins(&options.root, &packages).await?;
    let parameters = BTreeMap::from([("Architecture".to_owned(), "x86_64".to_owned())]);
    let deployment = Deployment {
        stack: STACK.to_owned(),
        endpoint_url: around.cloud.url().to_owned(),
        packages,
        parameters,
    };
    Ok(deploy(&options.root, &deployment).await?)
}

/// Packages that only say that they stand in for the functions.
pub async fn stand_ins(root: &Path, packages: &Path) -> anyhow::Result<()> {
    let stand_in = root.join("infra/stand-in.sh");
    let mut command = Command::new(python()?);
    command.arg(root.join("scripts/lib/package.py")).arg("--output").arg(packages);
    for function in ["chat", "stream", "adapter"] {
        command.arg(format!("{function}={}", stand_in.display()));
    }
    let output = command.output().await?;
    if !output.status.success() {
        bail!("packages could not be made: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The process's own environment, so that models and limits can be set there, with what was started
/// here in front.
fn environment(around: &Around, outputs: &Outputs) -> Environment {
    let prometheus = around.demo.prometheus.as_ref().ok().map(|service| service.url().to_owned());
    let own = Environment::from_process();
    let or = |variable: &str, default: &str| {
        (variable.to_owned(), own.text(variable).unwrap_or(default).to_owned())
    };
    let mut pairs = vec![
        or("RATE_LIMIT_TENANT_PER_MINUTE", RATE_LIMIT),
        or("RATE_LIMIT_KEY_PER_MINUTE", RATE_LIMIT),
        or("SLOS", demo::SLOS),
        or("PROMETHEUS_URL", prometheus.as_deref().unwrap_or_default()),
        or("LOKI_URL", around.demo.logs.url().unwrap_or_default()),
    ];
    for variable in [
        "MODELS",
        "MODEL_PRICES",
        "OPENAI_BASE_URL",
        "OPENAI_API_KEY",
        "PROMETHEUS_BEARER_TOKEN",
        "PROMETHEUS_BASIC_AUTH",
        "PROMETHEUS_SEND_ORG_ID",
        "LOKI_BEARER_TOKEN",
        "LOKI_BASIC_AUTH",
        "LOKI_SEND_ORG_ID",
        "TEMPO_URL",
        "TEMPO_BEARER_TOKEN",
        "TEMPO_BASIC_AUTH",
        "TEMPO_SEND_ORG_ID",
        "JWT_ISSUER",
        "JWT_AUDIENCE",
        "JWT_PUBLIC_KEY",
        "JWT_TENANT_CLAIM",
        "JWKS_URL",
        "LOG_LEVEL",
    ] {
        pairs.push(or(variable, ""));
    }
    pairs.push(("TABLE_NAME".to_owned(), outputs.table_name.clone()));
    pairs.push(("BUCKET_NAME".to_owned(), outputs.bucket_name.clone()));
    pairs.into_iter().collect()
}

/// The key of an earlier run where it is still good, else a new one.
async fn demo_key(options: &Options, ports: &Ports) -> anyhow::Result<String> {
    let file = options.state.join("key");
    let now = Timestamp::now();
    let authenticator = auth::Authenticator::new(Arc::clone(&ports.stores.keys), None);
    if let Ok(kept) = std::fs::read_to_string(&file)
        && authenticator.authenticate(None, Some(kept.trim()), now).await.is_ok()
    {
        return Ok(kept.trim().to_owned());
    }
    let tenant: TenantId = TENANT.parse()?;
    let key = keys::create(ports.stores.keys.as_ref(), tenant, Role::Admin, "dev", now).await?;
    write_secret(&file, key.reveal())?;
    Ok(key.reveal().to_owned())
}

fn write_secret(path: &Path, secret: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "{secret}")?;
    Ok(())
}

/// Asks with the real client, whose exit code is ours.
async fn ask(question: &str, url: &str, key: &str) -> anyhow::Result<u8> {
    let status = Command::new(beside_this_program("copilot")?)
        .args(["ask", "--", question])
        .env("COPILOT_URL", url)
        .env("COPILOT_API_KEY", key)
        .stdin(Stdio::null())
        .status()
        .await?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn announce(url: &str, key: &str) -> anyhow::Result<()> {
    let copilot = beside_this_program("copilot")?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready {url}")?;
    writeln!(out, "key   {key}")?;
    writeln!(out)?;
    writeln!(out, "Ask, in another terminal:")?;
    writeln!(out, "  export COPILOT_URL={url} COPILOT_API_KEY={key}")?;
    writeln!(
        out,
        "  {} ask \"What is the error rate for the payment service in the last hour?\"",
        copilot.display()
    )?;
    writeln!(out, "Ctrl-C ends it.")?;
    out.flush()?;
    Ok(())
}
