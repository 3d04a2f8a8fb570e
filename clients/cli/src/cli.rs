//! The command line: names, flags and help texts, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  the answer failed, the server failed, or the copilot is not ready
  2  wrong usage, wrong configuration, wrong test data, or a request that the server calls invalid
  3  the copilot (for eval, Prometheus) cannot be reached, or the connection was lost for good
  4  the API key is missing, not accepted, or not allowed to do this
  5  rate limited
  6  there is no such session
  130  interrupted

Configuration: flags win over the environment (COPILOT_URL, COPILOT_STREAM_URL, COPILOT_API_KEY), and
that over the file that `copilot config` names. NO_COLOR is respected.";

/// Ask about your services in plain language.
#[derive(Debug, Parser)]
#[command(name = "copilot", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Where the copilot is [default: http://127.0.0.1:8080]
    #[arg(long, global = true, env = "COPILOT_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Where it streams from, when that is another address (in the cloud, the function URL)
    #[arg(long, global = true, env = "COPILOT_STREAM_URL", value_name = "URL")]
    pub(crate) stream_url: Option<String>,
    /// The API key; better in COPILOT_API_KEY or the file: others can see a process's arguments
    #[arg(
        long,
        global = true,
        env = "COPILOT_API_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub(crate) api_key: Option<String>,
    /// Without colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// How answers are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Auto, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Pretty on a terminal, Markdown otherwise
    Auto,
    /// Laid out for a terminal, with charts and suggestions
    Pretty,
    /// The answer's own Markdown and nothing else
    Markdown,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one question
    Ask(Ask),
    /// Talk: a session with history and line editing
    Chat(Chat),
    /// List, show, rename and delete sessions
    Sessions(Sessions),
    /// Whether the copilot is there, ready, and accepts the key
    Status(Status),
    /// Show or change the configuration file
    Config(Config),
    /// Show what a question means to the copilot, without asking it
    Understand(Understand),
    /// Turn a question into a query, without running it
    Translate(Translate),
    /// Measure how well questions are understood, here and without a server
    ///
    /// Without a file, the test split that is built in is measured.
    Eval(Eval),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question; words need no quotes. `-`, or no words with piped input, reads it from stdin
    #[arg(value_name = "QUESTION", trailing_var_arg = false)]
    pub(crate) question: Vec<String>,
    /// Go on with this session
    #[arg(long, short, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Print one JSON object: session_id, message_id, intent, entities, answer, queries,
    /// visualization, suggestions, usage, duration_ms
    #[arg(long)]
    pub(crate) json: bool,
    /// One of the server's models, as provider:name; `none` answers without one
    #[arg(long, short, value_name = "MODEL")]
    pub(crate) model: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Chat {
    /// Go on with this session
    #[arg(long, short, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// One of the server's models, as provider:name; `none` answers without one
    #[arg(long, short, value_name = "MODEL")]
    pub(crate) model: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Understand {
    /// The question; words need no quotes. `-`, or no words with piped input, reads it from stdin
    #[arg(value_name = "QUESTION")]
    pub(crate) question: Vec<String>,
    /// Read it as a part of this session
    #[arg(long, short, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// What there is to ask about, in the place of the tenant's own: one JSON object with services,
    /// versions, environments, prometheus, loki, tempo
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Translate {
    /// The question; words need no quotes. `-`, or no words with piped input, reads it from stdin
    #[arg(value_name = "QUESTION")]
    pub(crate) question: Vec<String>,
    /// The language of the query
    #[arg(long, short, value_enum, default_value_t = QueryLanguage::Promql, value_name = "LANGUAGE")]
    pub(crate) language: QueryLanguage,
    /// Read it as a part of this session
    #[arg(long, short, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// What there is to ask about, in the place of the tenant's own: one JSON object with services,
    /// versions, environments, prometheus, loki, tempo
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryLanguage {
    Promql,
    Logql,
    Traceql,
}

impl QueryLanguage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Promql => "promql",
            Self::Logql => "logql",
            Self::Traceql => "traceql",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Sessions {
    #[command(subcommand)]
    pub(crate) command: Option<SessionsCommand>,
    #[command(flatten)]
    pub(crate) list: ListSessions,
}

#[derive(Debug, Args)]
pub(crate) struct ListSessions {
    /// At most this many
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// List sessions, the last used first
    List(ListSessions),
    /// Print what was said in a session
    Show {
        #[arg(value_name = "ID")]
        id: String,
        /// At most this many of the newest messages
        #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a session a name
    Rename {
        #[arg(value_name = "ID")]
        id: String,
        /// The new name; words need no quotes
        #[arg(value_name = "NAME", required = true)]
        name: Vec<String>,
    },
    /// Delete sessions with all that was said in them
    Delete {
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// Utterances, one JSON object a line: id, text, intent, also_ok, entities [{type, text,
    /// normalized, optional}]
    #[arg(long, value_name = "FILE")]
    pub(crate) utterances: Option<PathBuf>,
    /// Dialogues, one JSON object a line: id, turns [{text, intent, also_ok, resolved_entities
    /// [{type, normalized, optional}]}]
    #[arg(long, value_name = "FILE")]
    pub(crate) dialogues: Option<PathBuf>,
    /// Questions for queries, one JSON object a line: id, language, text, catalog, expected,
    /// must_mention, must_not
    #[arg(long, value_name = "FILE", requires = "catalogs")]
    pub(crate) queries: Option<PathBuf>,
    /// What the questions' catalogs hold, one JSON object: {name: {prometheus, loki, tempo}}
    #[arg(long, value_name = "FILE", requires = "queries")]
    pub(crate) catalogs: Option<PathBuf>,
    /// Run the PromQL and the expected queries at this Prometheus and compare what they yield
    #[arg(long, value_name = "URL")]
    pub(crate) prometheus: Option<String>,
    /// Print everything that is not right, with what was expected (with --json, to stderr)
    #[arg(long)]
    pub(crate) show_failures: bool,
    /// Write what was understood to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) predictions: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print what is in force and where it comes from (the default)
    Show,
    /// Print where the file is
    Path,
    /// Write a setting to the file
    Set {
        #[arg(value_enum)]
        setting: Setting,
        /// The value; without one, or with `-`, it is asked for or read from stdin, which keeps a
        /// key out of the shell's history
        value: Option<String>,
    },
    /// Remove a setting from the file
    Unset {
        #[arg(value_enum)]
        setting: Setting,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Setting {
    Url,
    StreamUrl,
    ApiKey,
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::StreamUrl => "stream_url",
            Self::ApiKey => "api_key",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_behind_the_words_of_a_question() {
        let cli = Cli::try_parse_from([
            "copilot", "--no-color", "ask", "why", "is", "it", "slow?", "--session", "ses_1",
        ])
        .unwrap();
        let Command::Ask(ask) = cli.command else { panic!("{cli:?}") };
        assert_eq!(ask.question.join(" "), "why is it slow?");
        assert_eq!(ask.session.as_deref(), Some("ses_1"));
        assert!(cli.global.no_color);
    }
}
