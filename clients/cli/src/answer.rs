//! A turn on the terminal: progress while it is thought about, the answer as it comes, and then the
//! chart, what to ask next, and what it cost.

use std::time::Duration;

use contract::{
    event::{ChatEvent, IntentFound, ToolCall, ToolResult},
    message::{PostMessage, Usage, Visualization},
};
use jiff::tz::TimeZone;

use crate::{
    client::Client,
    console::Console,
    error::Error,
    render::{
        chart::{self, Canvas},
        clean,
        flow::Flow,
        inline,
        markdown::Markdown,
    },
    turn::Turn,
};

const MAX_SUGGESTIONS: usize = 5;

/// Asks and prints until the answer ends or Ctrl-C is pressed. `session_id` becomes the session's
/// as soon as it is known, also when the answer fails.
pub(crate) async fn stream(
    client: &Client,
    message: &PostMessage,
    session_id: &mut Option<String>,
) -> Result<(), Error> {
    let mut printer = Printer::new(client.console());
    let mut turn = Turn::new(client, message)?;
    client.console().progress("understanding…");
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    let result = loop {
        let event = tokio::select! {
            event = turn.next() => event,
            _ = &mut interrupt => Err(Error::Interrupted),
        };
        match event {
            Ok(Some(ChatEvent::Error(error))) => {
                break Err(Error::Answer { code: error.code, message: error.message });
            }
            Ok(Some(event)) => {
                if let ChatEvent::MessageStart(start) = &event {
                    *session_id = Some(start.session_id.clone());
                }
                printer.event(event)?;
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    client.console().stop_progress();
    match result {
        Ok(()) => printer.finish(),
        Err(error) => {
            printer.finish_text()?;
            Err(error)
        }
    }
}

/// A finished answer, as a session holds it.
pub(crate) fn print_text(console: &Console, text: &str) -> Result<(), Error> {
    let mut printer = Printer::new(console);
    printer.text(text)?;
    printer.finish_text()
}

struct Printer<'a> {
    console: &'a Console,
    markdown: Option<Markdown>,
    /// Whether the last line on stdout has not ended.
    within_line: bool,
    visualization: Option<Visualization>,
    suggestions: Vec<String>,
    usage: Option<Usage>,
    session_id: Option<String>,
    duration: Duration,
}

impl<'a> Printer<'a> {
    fn new(console: &'a Console) -> Self {
        let markdown = console.is_pretty().then(|| Markdown::new(console.width(), console.paint()));
        Self {
            console,
            markdown,
            within_line: false,
            visualization: None,
            suggestions: Vec::new(),
            usage: None,
            session_id: None,
            duration: Duration::ZERO,
        }
    }

    fn event(&mut self, event: ChatEvent) -> Result<(), Error> {
        match event {
            ChatEvent::MessageStart(start) => self.session_id = Some(start.session_id),
            ChatEvent::Intent(intent) => self.console.progress(&understood(&intent)),
            ChatEvent::ToolCall(call) => self.progress(&doing(&call)),
            ChatEvent::ToolResult(result) => self.tool_result(&result),
            ChatEvent::ContentDelta(delta) => self.text(&delta.text)?,
            ChatEvent::Visualization(visualization) => self.visualization = Some(visualization),
            ChatEvent::Suggestion(suggestion) => self.suggestions.push(suggestion.text),
            ChatEvent::Usage(usage) => self.usage = Some(usage),
            ChatEvent::MessageEnd(end) => self.duration = Duration::from_millis(end.duration_ms),
            // The caller's.
            ChatEvent::Error(_) => {}
        }
        Ok(())
    }

    /// Not in the middle of a line: erasing the progress would erase the line.
    fn progress(&self, text: &str) {
        if !self.within_line {
            self.console.progress(text);
        }
    }

    fn tool_result(&mut self, result: &ToolResult) {
        if result.ok {
            self.progress("writing…");
        } else if !self.within_line {
            self.console.note(&format!("{} failed: {}", result.name, result.summary));
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        let shown = match &mut self.markdown {
            Some(markdown) => markdown.push(text),
            None => clean(text),
        };
        self.show(&shown)
    }

    fn show(&mut self, shown: &str) -> Result<(), Error> {
        if let Some(last) = shown.chars().next_back() {
            self.within_line = last != '\n';
        }
        self.console.print(shown)
    }

    /// Ends the text where it is.
    fn finish_text(&mut self) -> Result<(), Error> {
        if let Some(markdown) = &mut self.markdown {
            let rest = markdown.finish();
            self.show(&rest)?;
        }
        if self.within_line { self.show("\n") } else { Ok(()) }
    }

    fn finish(mut self) -> Result<(), Error> {
        self.finish_text()?;
        if !self.console.is_pretty() {
            return Ok(());
        }
        let (width, paint) = (self.console.width(), self.console.paint());
        let canvas = Canvas { width, paint, zone: TimeZone::system() };
        let drawing = self.visualization.as_ref().and_then(|hint| chart::draw(hint, &canvas));
        if let Some(drawing) = drawing {
            self.console.print(&format!("\n{drawing}"))?;
        }
        if !self.suggestions.is_empty() {
            self.console.print(&format!("\n{}\n", paint.bold("Ask next")))?;
            for suggestion in self.suggestions.iter().take(MAX_SUGGESTIONS) {
                let words = inline::parse(&clean(suggestion));
                let line = Flow::new(width, 2).push(&words, paint);
                self.console.print(&format!("• {line}\n"))?;
            }
        }
        self.console.note(&self.footer());
        Ok(())
    }

    fn footer(&self) -> String {
        let mut parts = vec![format!("{:.1} s", self.duration.as_secs_f64())];
        if let Some(usage) = self.usage.as_ref().filter(|usage| usage.model.is_some()) {
            parts.push(usage.model.clone().unwrap_or_default());
            parts.push(format!("{} → {} tokens", usage.input_tokens, usage.output_tokens));
            parts.extend(usage.cost_usd.map(|cost| format!("${cost:.4}")));
        }
        parts.extend(self.session_id.as_ref().map(|id| format!("session {id}")));
        format!("\n{}", parts.join(" · "))
    }
}

fn understood(intent: &IntentFound) -> String {
    let mut text = intent.intent.replace('_', " ");
    let named: Vec<&str> = intent.entities.iter().map(|entity| entity.value.as_str()).collect();
    if !named.is_empty() {
        text = format!("{text}: {}", named.join(", "));
    }
    format!("{text}…")
}

fn doing(call: &ToolCall) -> String {
    match &call.explanation {
        Some(explanation) => format!("{explanation}…"),
        None => format!("{}…", call.name),
    }
}
