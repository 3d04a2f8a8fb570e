//! Colours and weights as ANSI escape sequences, or nothing at all.

/// Paints where the terminal can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

/// How a piece of text looks; styles nest, so these combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) code: bool,
    pub(crate) dim: bool,
}

/// Easy to tell apart, also on light backgrounds.
const SERIES: [&str; 6] = ["36", "35", "33", "32", "34", "31"];

impl Paint {
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }

    fn sequence(self, codes: &str, text: &str) -> String {
        if !self.on || text.is_empty() || codes.is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{codes}m{text}\x1b[0m")
    }

    pub(crate) fn styled(self, style: Style, text: &str) -> String {
        let codes: Vec<&str> =
            [(style.bold, "1"), (style.dim, "2"), (style.italic, "3"), (style.code, "36")]
                .into_iter()
                .filter_map(|(set, code)| set.then_some(code))
                .collect();
        self.sequence(&codes.join(";"), text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.sequence("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.sequence("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.sequence("1;31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.sequence("33", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.sequence("32", text)
    }

    /// The colour of the series at `index`.
    pub(crate) fn series(self, index: usize, text: &str) -> String {
        self.sequence(SERIES[index % SERIES.len()], text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_painted_when_off() {
        let style = Style { bold: true, code: true, ..Style::default() };
        assert_eq!(Paint::new(false).styled(style, "x"), "x");
        assert_eq!(Paint::new(true).styled(style, "x"), "\x1b[1;36mx\x1b[0m");
        assert_eq!(Paint::new(true).styled(Style::default(), "x"), "x");
    }
}
