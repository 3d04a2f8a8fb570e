//! Log lines: one JSON object each, with named fields, and never a message body, a prompt or a
//! secret.

use std::{
    fmt,
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::{Event, Subscriber, field::Visit};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, prelude::*};

/// Where lines go, metrics included. Before it is set they go nowhere: a test or a tool that uses a
/// function as a library does not print its log.
static OUTPUT: OnceLock<Mutex<Box<dyn Write + Send>>> = OnceLock::new();

/// Where to log.
#[derive(Debug, Clone)]
pub enum Destination {
    /// What Lambda passes to CloudWatch.
    Stdout,
    /// Appends to a file, for a process whose stdout is for people.
    File(PathBuf),
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    #[error("LOG_LEVEL must be a level such as `info`, or directives such as `info,chat=debug`")]
    Level(#[source] tracing_subscriber::filter::ParseError),
    #[error("the log file {} cannot be opened", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("logging was started before")]
    Started,
}

/// Starts logging; once per process, from `main`.
pub fn start(
    service: &'static str,
    level: &str,
    destination: &Destination,
) -> Result<(), LoggingError> {
    let filter: EnvFilter = level.parse().map_err(LoggingError::Level)?;
    let output: Box<dyn Write + Send> = match destination {
        Destination::Stdout => Box::new(io::stdout()),
        Destination::File(path) => {
            let file = File::options().create(true).append(true).open(path);
            Box::new(file.map_err(|source| LoggingError::File { path: path.clone(), source })?)
        }
    };
    OUTPUT.set(Mutex::new(output)).map_err(|_| LoggingError::Started)?;
    let layer = JsonLines { service, write: write_line }.with_filter(filter);
    tracing_subscriber::registry().with(layer).try_init().map_err(|_| LoggingError::Started)
}

/// Writes a line, whole. A line that cannot be written must not fail the request it tells of.
pub(crate) fn write_line(line: &Value) {
    if let Some(output) = OUTPUT.get() {
        let mut text = line.to_string();
        text.push('\n');
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.write_all(text.as_bytes());
    }
}

struct JsonLines<W> {
    service: &'static str,
    write: W,
}

impl<S: Subscriber, W: Fn(&Value) + Send + Sync + 'static> Layer<S> for JsonLines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        fields.0.insert("timestamp".to_owned(), json!(Timestamp::now().to_string()));
        fields.0.insert("level".to_owned(), json!(event.metadata().level().as_str()));
        fields.0.insert("service".to_owned(), json!(self.service));
        event.record(&mut fields);
        (self.write)(&Value::Object(fields.0));
    }
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &tracing::field::Field, value: f64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_i64(&mut self, field: &tracing::field::Field, value: i64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_bool(&mut self, field: &tracing::field::Field, value: bool) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), json!(format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_line_is_an_object_with_the_named_fields() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let write = move |line: &Value| written.lock().unwrap().push(line.clone());
        let layer = JsonLines { service: "chat", write };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(request_id = "req_1", duration_ms = 12_u64, "two\nlines");
        });
        let lines = lines.lock().unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["service"], "chat");
        assert_eq!(lines[0]["request_id"], "req_1");
        assert_eq!(lines[0]["duration_ms"], 12);
        assert_eq!(lines[0]["message"], "two\nlines");
        assert_eq!(lines[0]["level"], "INFO");
    }
}
