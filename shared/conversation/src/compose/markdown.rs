//! Markdown that what comes from outside cannot break: names of services, routes and versions are
//! data of the systems that are watched.

use query::Language;

const FENCE: &str = "```";
/// Longer names are cut; nobody reads them.
const MAX_NAME_CHARS: usize = 120;
const MAX_SENTENCE_CHARS: usize = 600;

/// A name as plain text.
pub(super) fn name(text: &str) -> String {
    plain(text, MAX_NAME_CHARS)
}

/// A sentence of a module's as plain text.
pub(super) fn sentence(text: &str) -> String {
    plain(text, MAX_SENTENCE_CHARS)
}

/// At most so many characters of a text, none of which means anything.
fn plain(text: &str, max_chars: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        if index == max_chars {
            plain.push('…');
            break;
        }
        match character {
            '*' | '`' | '|' | '[' | ']' | '<' | '>' | '\\' => {
                plain.push('\\');
                plain.push(character);
            }
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

pub(super) fn bold(text: &str) -> String {
    format!("**{text}**")
}

/// The cells must be plain already.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut lines = vec![
        format!("| {} |", header.join(" | ")),
        format!("|{}", header.iter().map(|_| "---|").collect::<String>()),
    ];
    lines.extend(rows.iter().map(|row| format!("| {} |", row.join(" | "))));
    lines.join("\n")
}

/// A query in a block of its own, to stand behind other text.
pub fn quote(language: Language, query: &str) -> String {
    format!("\n\n{}", query_block(language, query))
}

pub(super) fn query_block(language: Language, query: &str) -> String {
    block(language.name(), query)
}

/// A fenced block whose fence does not occur in it.
pub(super) fn block(kind: &str, text: &str) -> String {
    let mut fence = FENCE.to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{kind}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(name("pay|ment\n# x"), "pay\\|ment # x");
        assert_eq!(name("**x**[a](b)"), "\\*\\*x\\*\\*\\[a\\](b)");
        assert_eq!(name(&"x".repeat(500)).chars().count(), MAX_NAME_CHARS + 1);
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(query_block(Language::PromQl, "up"), "```promql\nup\n```");
        assert!(block("logql", "{a=\"```\"}").starts_with("````logql\n"));
    }
}
