//! Markdown for a terminal while it is being written.
//!
//! Prose is shown word by word; headings and code line by line; tables when they are complete, as
//! their columns cannot be aligned earlier. Line breaks stay line breaks, as in every chat.

use super::{
    clean,
    flow::Flow,
    inline,
    style::{Paint, Style},
    table,
};

/// Rows that a table is waited for; a longer one is shown in parts.
const MAX_TABLE_LINES: usize = 500;
const TAB: &str = "    ";
const CODE_INDENT: &str = "  ";

pub(crate) struct Markdown {
    width: usize,
    paint: Paint,
    /// The line that is being written.
    line: String,
    /// How much of it was shown.
    shown: usize,
    flow: Flow,
    block: Block,
    /// Blank lines are shown before what follows them, once.
    blank: bool,
    begun: bool,
}

enum Block {
    Prose,
    Code { fence: String },
    Table { lines: Vec<String> },
}

/// What a line of prose begins with.
struct Start {
    /// Bytes of the line that the mark takes.
    length: usize,
    /// What is shown for it.
    shown: String,
    /// Columns that takes.
    columns: usize,
}

impl Markdown {
    pub(crate) fn new(width: usize, paint: Paint) -> Self {
        Self {
            width,
            paint,
            line: String::new(),
            shown: 0,
            flow: Flow::new(width, 0),
            block: Block::Prose,
            blank: false,
            begun: false,
        }
    }

    /// What can be shown now that `text` has come.
    pub(crate) fn push(&mut self, text: &str) -> String {
        let mut out = String::new();
        let text = clean(text).replace('\t', TAB);
        for part in text.split_inclusive('\n') {
            self.line.push_str(part);
            if self.line.ends_with('\n') {
                self.line.pop();
                out.push_str(&self.end_line());
            } else {
                out.push_str(&self.show_early());
            }
        }
        out
    }

    /// What is left, with a line end.
    pub(crate) fn finish(&mut self) -> String {
        let mut out = if self.line.is_empty() { String::new() } else { self.end_line() };
        out.push_str(&self.end_table());
        self.block = Block::Prose;
        out
    }

    fn end_line(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let shown = std::mem::take(&mut self.shown);
        if shown > 0 {
            let rest = self.flow.push(&inline::parse(&line[shown..]), self.paint);
            return rest + "\n";
        }
        match &mut self.block {
            Block::Code { fence } if is_fence_end(&line, fence) => {
                self.block = Block::Prose;
                self.blank = true;
                String::new()
            }
            Block::Code { .. } => self.code_line(&line),
            Block::Table { lines } if line.trim_start().starts_with('|') => {
                lines.push(line);
                if lines.len() >= MAX_TABLE_LINES { self.end_table() } else { String::new() }
            }
            Block::Table { .. } => self.end_table() + &self.prose_line(&line),
            Block::Prose => self.prose_line(&line),
        }
    }

    fn prose_line(&mut self, line: &str) -> String {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            self.blank = self.begun;
            return String::new();
        }
        if let Some(fence) = fence(trimmed) {
            self.blank = self.begun;
            self.block = Block::Code { fence };
            return String::new();
        }
        if trimmed.starts_with('|') {
            self.block = Block::Table { lines: vec![line.to_owned()] };
            return String::new();
        }
        let mut out = self.separate();
        if let Some(heading) = heading(trimmed) {
            let mut spans = inline::parse(heading);
            for span in &mut spans {
                span.style = Style { bold: true, ..span.style };
            }
            out.push_str(&Flow::new(self.width, 0).push(&spans, self.paint));
        } else if is_rule(trimmed) {
            out.push_str(&self.paint.dim(&"─".repeat(self.width)));
        } else {
            out.push_str(&self.begin(line));
            let length = start(line, self.paint).length;
            out.push_str(&self.flow.push(&inline::parse(&line[length..]), self.paint));
        }
        out.push('\n');
        out
    }

    /// The settled words of the line that is being written, and the table that it ends.
    fn show_early(&mut self) -> String {
        let trimmed = self.line.trim_start();
        let ends_table = matches!(self.block, Block::Table { .. })
            && !trimmed.is_empty()
            && !trimmed.starts_with('|');
        let table = if ends_table { self.end_table() } else { String::new() };
        table + &self.show_words()
    }

    fn show_words(&mut self) -> String {
        if !matches!(self.block, Block::Prose) || (self.shown == 0 && !is_surely_prose(&self.line))
        {
            return String::new();
        }
        let begin = if self.shown == 0 { start(&self.line, self.paint).length } else { self.shown };
        let settled = begin + inline::settled(&self.line[begin..]);
        if settled == begin {
            return String::new();
        }
        let line = std::mem::take(&mut self.line);
        let mut out = String::new();
        if self.shown == 0 {
            out.push_str(&self.separate());
            out.push_str(&self.begin(&line));
        }
        out.push_str(&self.flow.push(&inline::parse(&line[begin..settled]), self.paint));
        self.line = line;
        self.shown = settled;
        out
    }

    /// Sets the pen at the begin of a line of prose.
    fn begin(&mut self, line: &str) -> String {
        let start = start(line, self.paint);
        self.flow = Flow::new(self.width, start.columns);
        start.shown
    }

    fn code_line(&mut self, line: &str) -> String {
        let separator = self.separate();
        let code = Style { code: true, ..Style::default() };
        let line = format!("{CODE_INDENT}{}", self.paint.styled(code, line));
        format!("{separator}{}\n", line.trim_end())
    }

    fn end_table(&mut self) -> String {
        if !matches!(self.block, Block::Table { .. }) {
            return String::new();
        }
        let Block::Table { lines } = std::mem::replace(&mut self.block, Block::Prose) else {
            return String::new();
        };
        let separator = self.separate();
        let table = table::render(&lines, self.width, self.paint).unwrap_or_else(|| {
            lines
                .iter()
                .map(|line| Flow::new(self.width, 0).push(&inline::parse(line), self.paint) + "\n")
                .collect()
        });
        separator + &table
    }

    fn separate(&mut self) -> String {
        self.begun = true;
        if std::mem::take(&mut self.blank) { "\n".to_owned() } else { String::new() }
    }
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    (1..=6)
        .contains(&level)
        .then(|| rest.strip_prefix(' '))
        .flatten()
        .map(|rest| rest.trim_end_matches('#').trim())
}

fn is_rule(line: &str) -> bool {
    let bare: String = line.chars().filter(|c| *c != ' ').collect();
    bare.len() >= 3 && ["-", "*", "_"].iter().any(|mark| bare.replace(mark, "").is_empty())
}

fn fence(line: &str) -> Option<String> {
    ['`', '~'].into_iter().find_map(|mark| {
        let length = line.len() - line.trim_start_matches(mark).len();
        // Backticks behind the fence would make it code within a line.
        let inline = mark == '`' && line[length..].contains('`');
        (length >= 3 && !inline).then(|| line[..length].to_owned())
    })
}

fn is_fence_end(line: &str, fence: &str) -> bool {
    let line = line.trim();
    line.starts_with(fence)
        && fence.chars().next().is_some_and(|mark| line.trim_start_matches(mark).is_empty())
}

/// Whether a line that is still being written can no longer become a heading, a table, a fence or
/// a rule, and its bullet or number is complete.
fn is_surely_prose(line: &str) -> bool {
    let trimmed = line.trim_start();
    let marker = |c: char| "#|`~>-*+_=.)".contains(c) || c.is_ascii_digit() || c == ' ';
    !trimmed.starts_with(['#', '|']) && fence(trimmed).is_none() && trimmed.contains(|c| !marker(c))
}

fn start(line: &str, paint: Paint) -> Start {
    let trimmed = line.trim_start();
    let spaces = line.len() - trimmed.len();
    // Deep indents are for lists; prose does not need them.
    let indent = spaces.min(12);
    let made = |mark: usize, shown: String, columns: usize| Start {
        length: spaces + mark,
        shown: format!("{}{shown}", " ".repeat(indent)),
        columns: indent + columns,
    };
    if let Some(mark) = ["- ", "* ", "+ "].iter().find(|mark| trimmed.starts_with(**mark)) {
        return made(mark.len(), "• ".to_owned(), 2);
    }
    if trimmed.starts_with('>') {
        let rest = trimmed.trim_start_matches(['>', ' ']);
        return made(trimmed.len() - rest.len(), paint.dim("│ "), 2);
    }
    let digits = trimmed.len() - trimmed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &trimmed[digits..];
    if (1..=4).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") ")) {
        let mark = &trimmed[..digits + 2];
        return made(mark.len(), mark.to_owned(), mark.len());
    }
    Start { length: spaces, shown: String::new(), columns: 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = "\
# Error rate of **payment**
The error rate over the last hour is **5.21 %** (187 of 3,590 requests), *above* the SLO of 1 %.


| error | requests | share |
|---|---:|---|
| `500` | 120 | 64 % |
| `503` | 67 | 36 % |

Query used:

```promql
sum(rate(http_requests_total{service=\"payment\",status=~\"5..\"}[1h]))

  / sum(rate(http_requests_total[1h]))
```
Next steps:
1. Look at the deployments of payment, as the errors began when one went out
2. Compare with `checkout`
   - a nested item
> quoted text
---
http_requests_total is left alone \\*";

    fn render(text: &str, width: usize, paint: Paint) -> String {
        let mut markdown = Markdown::new(width, paint);
        let out = markdown.push(text);
        out + &markdown.finish()
    }

    fn in_chunks(text: &str, chunks: &[usize]) -> String {
        let mut markdown = Markdown::new(60, Paint::new(false));
        let mut out = String::new();
        let mut rest = text;
        for size in chunks.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let mut end = (*size).clamp(1, rest.len());
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            out.push_str(&markdown.push(&rest[..end]));
            rest = &rest[end..];
        }
        out + &markdown.finish()
    }

    #[test]
    fn an_answer_is_laid_out() {
        insta::assert_snapshot!(render(ANSWER, 60, Paint::new(false)));
    }

    #[test]
    fn words_are_shown_as_they_come() {
        let mut markdown = Markdown::new(40, Paint::new(false));
        for (chunk, expected) in [
            ("The er", "The"),
            ("ror rate ", " error rate"),
            ("is **5.2", " is"),
            (" %** now", " 5.2 %"),
            (".\n- ", " now.\n"),
            ("first po", "• first"),
            ("int\n| a |", " point\n"),
            ("\n|---|\n| 1 |\n", ""),
            ("end", "a\n─\n1\n"),
            (" of it", "end of"),
        ] {
            assert_eq!(markdown.push(chunk), expected, "{chunk:?}");
        }
        assert_eq!(markdown.finish(), " it\n");
    }

    #[test]
    fn what_breaks_off_is_shown_as_far_as_it_came() {
        for (text, expected) in [
            ("```\nlet x", "  let x\n"),
            ("| a | b |\n|---|---|\n| 1 ", "a  b\n─  ─\n1\n"),
            ("| a | b", "| a | b\n"),
            ("is **bold", "is **bold\n"),
            ("", ""),
        ] {
            assert_eq!(render(text, 40, Paint::new(false)), expected, "{text:?}");
        }
    }

    #[test]
    fn escape_sequences_do_not_pass() {
        let text = render("a \x1b]0;title\x07 b\n```\n\x1b[2J\n```", 40, Paint::new(false));
        assert!(!text.contains(['\x1b', '\x07']), "{text:?}");
    }

    proptest! {
        #[test]
        fn chunks_do_not_change_the_layout(chunks in prop::collection::vec(1usize..30, 1..20)) {
            prop_assert_eq!(in_chunks(ANSWER, &chunks), render(ANSWER, 60, Paint::new(false)));
        }

        #[test]
        fn any_text_in_any_chunks_looks_the_same(
            text in "([a-z]{1,6}|[ *_`|#>\\[\\]()\\\\-]|\n|[0-9]\\. |漢){0,60}",
            chunks in prop::collection::vec(1usize..9, 1..8),
        ) {
            prop_assert_eq!(in_chunks(&text, &chunks), render(&text, 60, Paint::new(false)));
        }
    }
}
