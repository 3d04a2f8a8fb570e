//! `copilot chat`: questions and answers in one session, with line editing and history.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use rustyline::{DefaultEditor, config::Configurer as _, error::ReadlineError};

use crate::{answer, cli::Chat, client::Client, config, error::Error, turn};

const MAX_HISTORY_LINES: usize = 1000;
const PROMPT: &str = "› ";
const HELP: &str = "\
/new            a new session
/session [ID]   which session this is, or go on with another
/model [NAME]   answer with this model; without a name, with the server's choice
/help           this
/quit           end (also Ctrl-D)
Ctrl-C stops an answer. What is said is kept: `copilot sessions`.";

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Input<'a> {
    Nothing,
    Question(&'a str),
    New,
    Session(Option<&'a str>),
    Model(Option<&'a str>),
    Help,
    Quit,
    Unknown(&'a str),
}

impl<'a> Input<'a> {
    fn parse(line: &'a str) -> Self {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = Some(rest.trim()).filter(|rest| !rest.is_empty());
        match word {
            "" => Self::Nothing,
            "/new" => Self::New,
            "/session" => Self::Session(rest),
            "/model" => Self::Model(rest),
            "/help" | "/?" => Self::Help,
            "/quit" | "/exit" | "/q" => Self::Quit,
            // A path such as /api/v1 may begin a question; a single word does not.
            _ if word.starts_with('/') && rest.is_none() => Self::Unknown(word),
            _ => Self::Question(line),
        }
    }
}

pub(crate) async fn run(client: &Client, chat: Chat) -> Result<(), Error> {
    let console = client.console();
    let interactive = io::stdin().is_terminal();
    let (mut session_id, mut model) = (chat.session, chat.model);
    let mut lines = Some(Lines::new()?);
    if interactive {
        console.note(&format!("{} · /help says what there is", client.settings().url));
    }
    loop {
        let Some(mut editor) = lines.take() else { return Ok(()) };
        // Reading blocks; it must not hold up the runtime, which draws and listens.
        let read = tokio::task::spawn_blocking(move || {
            let line = editor.next();
            (editor, line)
        });
        let (editor, line) = read.await.map_err(|error| Error::Start(error.into()))?;
        lines = Some(editor);
        let line = match line? {
            Line::Text(line) => line,
            Line::Interrupted => {
                console.note("Ctrl-D or /quit ends the chat");
                continue;
            }
            Line::End => return Ok(()),
        };
        match Input::parse(&line) {
            Input::Nothing => {}
            Input::Quit => return Ok(()),
            Input::Help => console.note(HELP),
            Input::New => {
                session_id = None;
                console.note("a new session begins with your next question");
            }
            Input::Session(Some(id)) => session_id = Some(id.to_owned()),
            Input::Session(None) => console.note(session_id.as_deref().unwrap_or("not yet open")),
            Input::Model(name) => model = name.map(str::to_owned),
            Input::Unknown(word) => {
                console.note(&format!("there is no {word}; /help lists what there is"))
            }
            Input::Question(question) => {
                let message = turn::message(question.to_owned(), session_id.clone(), model.clone());
                match answer::stream(client, &message, &mut session_id).await {
                    Ok(()) => {}
                    Err(Error::Interrupted) if interactive => {
                        console.note("stopped; the copilot may still finish and keep the answer");
                    }
                    // A script is to stop at the first failure, a person can try again.
                    Err(error) if !interactive || error.is_silent() => return Err(error),
                    Err(error) => console.error(&error),
                }
            }
        }
    }
}

enum Line {
    Text(String),
    Interrupted,
    End,
}

/// Lines from the terminal with editing and history, or from a pipe.
struct Lines {
    editor: DefaultEditor,
    history: Option<PathBuf>,
}

impl Lines {
    fn new() -> Result<Self, Error> {
        let mut editor = DefaultEditor::new().map_err(|error| Error::Start(error.into()))?;
        editor
            .set_max_history_size(MAX_HISTORY_LINES)
            .map_err(|error| Error::Start(error.into()))?;
        editor.set_auto_add_history(false);
        let history = config::history_path().filter(|_| io::stdin().is_terminal());
        let history = history.filter(|path| prepare(path).is_ok());
        if let Some(path) = &history {
            // A history that cannot be read is no reason not to talk.
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, history })
    }

    fn next(&mut self) -> Result<Line, Error> {
        match self.editor.readline(PROMPT) {
            Ok(line) => {
                self.remember(&line);
                Ok(Line::Text(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Line::Interrupted),
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Io(error)) => Err(Error::Input(error)),
            Err(error) => Err(Error::Start(error.into())),
        }
    }

    fn remember(&mut self, line: &str) {
        if let Some(path) = &self.history
            && !line.trim().is_empty()
        {
            // As above: the talk goes on without.
            let _ = self.editor.add_history_entry(line);
            let _ = self.editor.append_history(path);
        }
    }
}

/// Makes the history's file, for its owner's eyes only.
fn prepare(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    config::create_private(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_questions_unless_they_are_commands() {
        for (line, expected) in [
            ("  ", Input::Nothing),
            ("is it slow? ", Input::Question("is it slow?")),
            ("/new", Input::New),
            ("/session", Input::Session(None)),
            ("/session  ses_1", Input::Session(Some("ses_1"))),
            ("/model none", Input::Model(Some("none"))),
            ("/quit", Input::Quit),
            ("/nonsense", Input::Unknown("/nonsense")),
            ("/api/v1/orders is slow", Input::Question("/api/v1/orders is slow")),
        ] {
            assert_eq!(Input::parse(line), expected, "{line}");
        }
    }
}
