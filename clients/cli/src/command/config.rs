//! `copilot config`: shows and changes the configuration file.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::{
    cli::{ConfigCommand, Global, Setting},
    config::{self, File},
    console::Console,
    error::Error,
};

/// Of a value that is read from stdin.
const MAX_VALUE_BYTES: u64 = 16 * 1024;

pub(crate) fn run(
    console: &Console,
    global: &Global,
    command: Option<ConfigCommand>,
) -> Result<(), Error> {
    match command {
        None | Some(ConfigCommand::Show) => show(console, global),
        Some(ConfigCommand::Path) => console.print(&format!("{}\n", config::path()?.display())),
        Some(ConfigCommand::Set { setting, value }) => set(console, setting, value),
        Some(ConfigCommand::Unset { setting }) => change(console, setting, None),
    }
}

fn show(console: &Console, global: &Global) -> Result<(), Error> {
    let settings = config::resolve(global)?;
    for warning in &settings.warnings {
        console.warn(warning);
    }
    let paint = console.paint();
    let key = settings.api_key.as_deref().map_or_else(|| "–".to_owned(), masked);
    let path = config::path()?;
    let exists = if path.exists() { "" } else { "does not exist yet" };
    for (name, value, origin) in [
        ("file", path.display().to_string(), exists),
        ("url", settings.url.to_string(), settings.origins.url),
        ("stream_url", settings.stream_url.to_string(), settings.origins.stream_url),
        ("api_key", key, settings.origins.api_key),
    ] {
        let origin = if origin.is_empty() { String::new() } else { format!("  ({origin})") };
        console.print(&format!("{name:<11} {value}{}\n", paint.dim(&origin)))?;
    }
    Ok(())
}

/// Enough to tell keys apart: `cpk_<id>_…`; nothing of what has another form.
fn masked(key: &str) -> String {
    match key.split('_').collect::<Vec<_>>().as_slice() {
        ["cpk", id, _secret @ ..] if key.matches('_').count() >= 2 => format!("cpk_{id}_…"),
        _ => "…".to_owned(),
    }
}

fn set(console: &Console, setting: Setting, value: Option<String>) -> Result<(), Error> {
    let value = match value.filter(|value| value != "-") {
        Some(value) => value,
        None => read_value(console, setting)?,
    };
    let value = value.trim().to_owned();
    if value.is_empty() {
        return Err(Error::Usage(format!(
            "{} must not be empty; to remove it: copilot config unset {}",
            setting.name(),
            setting.name()
        )));
    }
    if setting == Setting::ApiKey {
        if value.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Error::Usage("a key holds no spaces".to_owned()));
        }
    } else {
        config::parse_url(setting.name(), &value)?;
    }
    change(console, setting, Some(value))
}

fn read_value(console: &Console, setting: Setting) -> Result<String, Error> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        console.note(&format!("{} (ends with Enter):", setting.name()));
    }
    let mut line = String::new();
    stdin.lock().take(MAX_VALUE_BYTES).read_line(&mut line).map_err(Error::Input)?;
    Ok(line)
}

fn change(console: &Console, setting: Setting, value: Option<String>) -> Result<(), Error> {
    let path = config::path()?;
    let mut file: File = config::read(&path)?;
    *file.slot(setting) = value;
    config::write(&path, &file)?;
    console.note(&format!("wrote {}", path.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_without_its_secret() {
        for (key, expected) in [
            ("cpk_01ABC_s3cret", "cpk_01ABC_…"),
            ("cpk_01ABC_s3_cret", "cpk_01ABC_…"),
            ("cpk_s3cret", "…"),
            ("eyJhbGciOi.x.y", "…"),
        ] {
            assert_eq!(masked(key), expected);
        }
    }
}
