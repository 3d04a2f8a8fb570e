//! The regular expressions that Loki takes: RE2 as Go has it
//! (<https://pkg.go.dev/regexp/syntax>). Nothing is matched here; a pattern is read once to see
//! whether it is valid, which groups it names, and whether it matches the empty string.

/// What is known of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// The names of its groups, in order.
    pub(super) names: Vec<String>,
    pub(super) matches_empty: bool,
}

const MAX_NESTING: usize = 100;
const MAX_REPEAT: u32 = 1_000;

/// Reads a pattern; what is wrong with it otherwise.
pub(super) fn read(pattern: &str) -> Result<Facts, String> {
    let mut reader = Reader { rest: pattern, names: Vec::new(), groups: vec![Group::default()] };
    while let Some(first) = reader.rest.chars().next() {
        reader.rest = &reader.rest[first.len_utf8()..];
        reader.step(first)?;
    }
    match reader.groups.as_slice() {
        [whole] => {
            let matches_empty = whole.matches_empty();
            Ok(Facts { names: reader.names, matches_empty })
        }
        _ => Err("a `(` is not closed".to_owned()),
    }
}

/// What stands between parentheses, so far.
#[derive(Debug)]
struct Group {
    /// An alternative on the left may be empty.
    left_empty: bool,
    /// The alternative at hand may be empty, its last piece aside.
    before_empty: bool,
    /// The last piece, which a repetition applies to.
    last: Piece,
    /// What repetitions inside multiply to.
    repeat: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    None,
    /// `empty`: it may match nothing; `repeated`: a repetition already applies to it.
    Some {
        empty: bool,
        repeated: bool,
        repeat: u32,
    },
}

impl Default for Group {
    fn default() -> Self {
        Self { left_empty: false, before_empty: true, last: Piece::None, repeat: 1 }
    }
}

impl Group {
    fn push(&mut self, empty: bool, repeat: u32) {
        self.settle();
        self.last = Piece::Some { empty, repeated: false, repeat };
    }

    fn settle(&mut self) {
        if let Piece::Some { empty, repeat, .. } = self.last {
            self.before_empty &= empty;
            self.repeat = self.repeat.max(repeat);
        }
        self.last = Piece::None;
    }

    fn alternate(&mut self) {
        self.settle();
        self.left_empty |= self.before_empty;
        self.before_empty = true;
    }

    fn matches_empty(&self) -> bool {
        let last = matches!(self.last, Piece::None | Piece::Some { empty: true, .. });
        self.left_empty || (self.before_empty && last)
    }
}

struct Reader<'a> {
    rest: &'a str,
    names: Vec<String>,
    groups: Vec<Group>,
}

impl Reader<'_> {
    fn group(&mut self) -> &mut Group {
        if self.groups.is_empty() {
            self.groups.push(Group::default());
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    fn step(&mut self, first: char) -> Result<(), String> {
        match first {
            '(' => return self.open(),
            ')' => return self.close(),
            '|' => self.group().alternate(),
            '*' | '?' => return self.repeat(0, None),
            '+' => return self.repeat(1, None),
            '{' => {
                if let Some((least, most)) = self.counts() {
                    return self.repeat(least, Some(most));
                }
                self.group().push(false, 1);
            }
            '[' => {
                self.class()?;
                self.group().push(false, 1);
            }
            '\\' => return self.escape(),
            '^' | '$' => self.group().push(true, 1),
            _ => self.group().push(false, 1),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        if let Some(after) = self.rest.strip_prefix('?') {
            let named = after.strip_prefix("P<").or_else(|| after.strip_prefix('<'));
            if let Some(named) = named {
                let (name, rest) = split(named, |c| c.is_ascii_alphanumeric() || c == '_');
                let rest = rest.strip_prefix('>').filter(|_| !name.is_empty());
                let rest = rest.ok_or("`(?` begins no group that is known")?;
                if self.names.iter().any(|known| known == name) {
                    return Err(format!("two groups are named `{name}`"));
                }
                self.names.push(name.to_owned());
                self.rest = rest;
            } else {
                let (flags, rest) = split(after, |c| matches!(c, 'i' | 'm' | 's' | 'U' | '-'));
                let (_, off) = flags.split_once('-').unwrap_or((flags, "i"));
                if off.is_empty() || off.contains('-') || !rest.starts_with([':', ')']) {
                    return Err("`(?` begins no group that is known".to_owned());
                }
                self.rest = &rest[1..];
                if rest.starts_with(')') {
                    if flags.is_empty() {
                        return Err("`(?)` sets nothing".to_owned());
                    }
                    return Ok(());
                }
            }
        }
        if self.groups.len() > MAX_NESTING {
            return Err("groups are nested too deeply".to_owned());
        }
        self.groups.push(Group::default());
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        if self.groups.len() < 2 {
            return Err("a `)` closes nothing".to_owned());
        }
        if let Some(mut closed) = self.groups.pop() {
            let empty = closed.matches_empty();
            closed.settle();
            self.group().push(empty, closed.repeat);
        }
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,5}` after its brace; what is none is literal.
    fn counts(&mut self) -> Option<(u32, u32)> {
        let (inside, rest) = split(self.rest, |c| c.is_ascii_digit() || c == ',');
        let rest = rest.strip_prefix('}')?;
        let count = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let plain = digits && (text.len() == 1 || !text.starts_with('0'));
            plain.then(|| text.parse().unwrap_or(u32::MAX))
        };
        let counts = match inside.split_once(',') {
            None => count(inside).map(|times| (times, times)),
            Some((least, "")) => count(least).map(|least| (least, least)),
            Some((least, most)) => count(least).zip(count(most)),
        }?;
        self.rest = rest;
        Some(counts)
    }

    fn repeat(&mut self, least: u32, most: Option<u32>) -> Result<(), String> {
        // Lazy forms match the same.
        self.rest = self.rest.strip_prefix('?').unwrap_or(self.rest);
        let Piece::Some { empty, repeated, repeat } = self.group().last else {
            return Err("a repetition has nothing to repeat".to_owned());
        };
        if repeated {
            return Err("a repetition is repeated".to_owned());
        }
        let times = most.unwrap_or(1).max(1);
        let total = repeat.saturating_mul(times);
        if most.is_some_and(|most| most < least || least > MAX_REPEAT) || total > MAX_REPEAT {
            return Err(format!("a repetition is not within 0 to {MAX_REPEAT}"));
        }
        let empty = empty || least == 0;
        self.group().last = Piece::Some { empty, repeated: true, repeat: total };
        Ok(())
    }

    /// What follows a backslash outside a class.
    fn escape(&mut self) -> Result<(), String> {
        let first = self.rest.chars().next().ok_or("it ends in a backslash")?;
        match first {
            'A' | 'z' | 'B' => {
                self.rest = &self.rest[1..];
                self.group().push(true, 1);
            }
            'b' => {
                self.rest = &self.rest[1..];
                self.group().push(false, 1);
            }
            'Q' => {
                let literal = &self.rest[1..];
                let (inside, rest) = literal.split_once("\\E").unwrap_or((literal, ""));
                self.rest = rest;
                // Each character is a piece of its own: a repetition applies to the last.
                for _ in inside.chars() {
                    self.group().push(false, 1);
                }
            }
            'E' => return Err("`\\E` closes nothing".to_owned()),
            _ => {
                self.class_escape()?;
                self.group().push(false, 1);
            }
        }
        Ok(())
    }

    /// An escape that stands for one character, or for a class of them; the character where it is
    /// one.
    fn class_escape(&mut self) -> Result<Option<char>, String> {
        let unknown = |what: char| format!("`\\{}` is no escape", what.escape_debug());
        let first = self.rest.chars().next().ok_or("it ends in a backslash")?;
        self.rest = &self.rest[first.len_utf8()..];
        match first {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => Ok(None),
            'p' | 'P' => {
                let braced = self.rest.strip_prefix('{');
                let braced =
                    braced.map(|name| split(name, |c| c.is_alphanumeric() || "_^".contains(c)));
                self.rest = match braced {
                    Some((_, rest)) => rest.strip_prefix('}').ok_or("`\\p{` is not closed")?,
                    None => {
                        let class = self.rest.chars().next().ok_or("`\\p` names no class")?;
                        &self.rest[class.len_utf8()..]
                    }
                };
                Ok(None)
            }
            'x' => {
                let (digits, rest) = match self.rest.strip_prefix('{') {
                    Some(inside) => {
                        let (digits, rest) = split(inside, |c| c.is_ascii_hexdigit());
                        (digits, rest.strip_prefix('}').ok_or("`\\x{` is not closed")?)
                    }
                    None => self.rest.split_at_checked(2).ok_or_else(|| unknown('x'))?,
                };
                self.rest = rest;
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                code.map(Some).ok_or_else(|| unknown('x'))
            }
            '1'..='7' if !self.rest.starts_with(|c| matches!(c, '0'..='7')) => Err(unknown(first)),
            '0'..='7' => {
                let more = self.rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'7'));
                let more = more.count().min(2);
                self.rest = &self.rest[more..];
                Ok(Some('0'))
            }
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => Ok(Some(first)),
            _ if first.is_ascii() && !first.is_ascii_alphanumeric() => Ok(Some(first)),
            _ => Err(unknown(first)),
        }
    }

    /// The rest of `[…]`.
    fn class(&mut self) -> Result<(), String> {
        self.rest = self.rest.strip_prefix('^').unwrap_or(self.rest);
        let mut any = false;
        loop {
            let first = self.rest.chars().next().ok_or("a `[` is not closed")?;
            if first == ']' && any {
                self.rest = &self.rest[1..];
                return Ok(());
            }
            any = true;
            if let Some(named) = self.rest.strip_prefix("[:")
                && let (name, rest) =
                    split(named.strip_prefix('^').unwrap_or(named), |c| c.is_ascii_lowercase())
                && let Some(rest) = rest.strip_prefix(":]")
            {
                if !CLASSES.contains(&name) {
                    return Err("`[:` names no class".to_owned());
                }
                self.rest = rest;
                continue;
            }
            let low = self.class_character(first)?;
            let ranged = self.rest.strip_prefix('-').filter(|after| !after.starts_with(']'));
            let (Some(low), Some(after)) = (low, ranged) else { continue };
            self.rest = after;
            let next = self.rest.chars().next().ok_or("a `[` is not closed")?;
            match self.class_character(next)? {
                Some(high) if high >= low => {}
                _ => return Err("a range in `[…]` runs backwards".to_owned()),
            }
        }
    }

    fn class_character(&mut self, first: char) -> Result<Option<char>, String> {
        self.rest = &self.rest[first.len_utf8()..];
        if first == '\\' { self.class_escape() } else { Ok(Some(first)) }
    }
}

/// The characters at the beginning that belong, and the rest.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_that_match_nothing_are_known() {
        for (pattern, expected) in [
            ("", true),
            (".*", true),
            (".+", false),
            ("a|", true),
            ("a|b", false),
            ("(a|b*)c?", true),
            ("(?i)a{0,3}", true),
            ("a{2}", false),
            ("^$", true),
            ("\\b", false),
            ("\\Q\\E", true),
            ("\\Qab\\E?", false),
            ("(?:(?:a)?){3}", true),
            ("[*]", false),
            ("{", false),
            ("()+", true),
        ] {
            assert_eq!(read(pattern).map(|facts| facts.matches_empty), Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn groups_are_named() {
        let facts = read(r"(?P<ip>\d+(\.\d+)*) (?<path>[^ ]+)").unwrap();
        assert_eq!(facts.names, ["ip", "path"]);
    }

    #[test]
    fn what_re2_takes_is_taken() {
        for pattern in [
            "{\"level\":\"error\"}", "a{,3}", "a{2,", "[]a]", "[^]a]", "[a-]", "[-a]",
            "[[:alpha:]_]", r"[\]\\\d-]", r"\x41\x{1F600}\012\0", r"\/\_\-\.", r"\pL\p{Greek}\PN",
            r"a\Qb.*\Ec", "^*", "(?i:a)b", "(?im-s)a", "a*?b+?c??d{2}?", "(|a)", "é+", "\\A\\z\\B",
            "]", "}", "a{1000}",
        ] {
            assert!(read(pattern).is_ok(), "{pattern}: {:?}", read(pattern));
        }
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        for pattern in [
            "[", "[a", "(", "(a", ")", "a)", "*a", "+", "a**", "a*+", "(*a)", "|*", "a{2}{3}",
            "a{1001}", "a{3,2}", "(a{100}){100}", "\\", "[\\", "\\1", "\\8", "\\Z", "\\C", "\\é",
            "[b-a]", "[[:foo:]]", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?P=a)", "(?P<>a)",
            "(?P<é>a)", "(?P<a>b)(?P<a>c)", "(?x)a", "(?i", "(?)", "\\x", "\\xg0", "[\\b]", "\\E",
            "(?i)*",
        ] {
            assert!(read(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(pattern in r"(\(\?|\(|\)|\[|\]|\{|\}|\\|\||\*|\+|[0-9,]|[a-zP<>:^$.-]|é){0,40}") {
            let _ = read(&pattern);
        }

        #[test]
        fn escaped_text_is_a_pattern(text in any::<String>()) {
            let facts = read(&crate::promql::escape_regex(&text)).unwrap();
            prop_assert_eq!(facts.matches_empty, text.is_empty());
        }
    }
}
