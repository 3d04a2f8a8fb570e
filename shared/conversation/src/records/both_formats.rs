//! Lines in JSON and in logfmt, read by one query.
//!
//! A parser that does not fit leaves no field and says so in one of its own; without that, the other
//! parser can go next.

const JSON: &str = "| json";
const THEN_LOGFMT: &str = " | drop __error__, __error_details__ | logfmt";

/// Lets logfmt be read wherever a LogQL query reads JSON.
pub(super) fn read(query: &str) -> String {
    let mut text = String::with_capacity(query.len() + THEN_LOGFMT.len());
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let taken = if matches!(first, '"' | '`') {
            quoted(rest, first)
        } else if is_stage(rest) {
            text.push_str(JSON);
            text.push_str(THEN_LOGFMT);
            rest = &rest[JSON.len()..];
            continue;
        } else {
            first.len_utf8()
        };
        text.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    text
}

/// Whether a JSON parser that takes every field stands here.
fn is_stage(text: &str) -> bool {
    let Some(after) = text.strip_prefix(JSON) else { return false };
    let next = after.trim_start();
    !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && (next.is_empty() || next.starts_with(['|', '[', ')']))
}

/// The length of the string that begins here.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == mark && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped && mark == '"';
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logfmt_goes_behind_json_and_nowhere_else() {
        let both = "| json | drop __error__, __error_details__ | logfmt";
        for (query, expected) in [
            (r#"{a="b"} | json | level="error""#, format!(r#"{{a="b"}} {both} | level="error""#)),
            (
                r#"sum(rate({a="b"} | json [5m])) / sum(rate({a="b"} | json[5m]))"#,
                format!(r#"sum(rate({{a="b"}} {both} [5m])) / sum(rate({{a="b"}} {both}[5m]))"#),
            ),
            (r#"{a="b"} |= "x | json | y""#, r#"{a="b"} |= "x | json | y""#.to_owned()),
            (r#"{a="\" | json |"} |= `| json |`"#, r#"{a="\" | json |"} |= `| json |`"#.to_owned()),
            (r#"{a="b"} | json status="s""#, r#"{a="b"} | json status="s""#.to_owned()),
            (r#"{a="b"} | jsonish | ü"#, r#"{a="b"} | jsonish | ü"#.to_owned()),
            (r#"{a="unclosed"#, r#"{a="unclosed"#.to_owned()),
        ] {
            assert_eq!(read(query), expected);
        }
    }
}
