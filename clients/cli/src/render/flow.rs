//! Words into lines, a piece at a time.

use super::{
    inline::Span,
    style::{Paint, Style},
    width,
};

/// Where the pen is.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    width: usize,
    /// Columns that further lines are indented by.
    indent: usize,
    column: usize,
    /// Whether a word stands on this line already.
    begun: bool,
}

struct Word {
    pieces: Vec<(String, Style)>,
    width: usize,
}

impl Flow {
    /// Begins at `indent`, where the caller has already put as many columns.
    pub(crate) fn new(width: usize, indent: usize) -> Self {
        Self { width, indent, column: indent, begun: false }
    }

    /// The words of `spans`, which must not end within a word that goes on later.
    pub(crate) fn push(&mut self, spans: &[Span], paint: Paint) -> String {
        let mut out = String::new();
        for word in words(spans) {
            if self.begun && self.column + 1 + word.width > self.width {
                out.push('\n');
                out.push_str(&" ".repeat(self.indent));
                self.column = self.indent;
            } else if self.begun {
                out.push(' ');
                self.column += 1;
            }
            self.begun = true;
            self.column += word.width;
            for (text, style) in &word.pieces {
                out.push_str(&paint.styled(*style, text));
            }
        }
        out
    }
}

fn words(spans: &[Span]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut pieces: Vec<(String, Style)> = Vec::new();
    let mut end = |pieces: &mut Vec<(String, Style)>| {
        if !pieces.is_empty() {
            let pieces = std::mem::take(pieces);
            let width = pieces.iter().map(|(text, _)| width(text)).sum();
            words.push(Word { pieces, width });
        }
    };
    for span in spans {
        for (index, part) in span.text.split(is_break).enumerate() {
            if index > 0 {
                end(&mut pieces);
            }
            if !part.is_empty() {
                pieces.push((part.to_owned(), span.style));
            }
        }
    }
    end(&mut pieces);
    words
}

/// A no-break space holds `5 %` together.
fn is_break(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}')
}

#[cfg(test)]
mod tests {
    use super::{super::inline::parse, *};

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let mut flow = Flow::new(12, 2);
        let text = flow.push(&parse("one two **three** four"), Paint::new(false));
        assert_eq!(text, "one two\n  three four");
        assert_eq!(flow.push(&parse("five"), Paint::new(false)), "\n  five");
    }

    #[test]
    fn a_word_that_is_too_long_gets_a_line_of_its_own_and_stays_whole() {
        let mut flow = Flow::new(8, 0);
        assert_eq!(flow.push(&parse("a 0123456789 b"), Paint::new(false)), "a\n0123456789\nb");
    }

    #[test]
    fn styles_do_not_run_over_line_ends() {
        let mut flow = Flow::new(5, 0);
        let text = flow.push(&parse("**aaa bbb**"), Paint::new(true));
        assert_eq!(text, "\x1b[1maaa\x1b[0m\n\x1b[1mbbb\x1b[0m");
    }
}
