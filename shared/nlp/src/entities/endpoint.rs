//! `POST /login`, `/api/v1/orders`.

use model::EntityKind;

use crate::scan::Scan;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];

pub(crate) fn recognise(scan: &mut Scan) {
    for slash in 0..scan.len() {
        if scan.word(slash) != "/" || !scan.is_free(slash) || !begins_a_word(scan, slash) {
            continue;
        }
        let from = scan.tokens[slash].span.start;
        let rest = &scan.source[from..scan.tokens[scan.len() - 1].span.end];
        let length = rest.find(|c: char| c.is_whitespace() || "\"'`,;?!)".contains(c));
        let path = rest[..length.unwrap_or(rest.len())].trim_end_matches(['.', ':']);
        if !path[1..].starts_with(|c: char| c.is_ascii_alphanumeric() || "{:_".contains(c)) {
            continue;
        }
        let end = scan.token_after(from + path.len(), slash);
        let method = scan.word_before(slash).to_owned();
        if METHODS.contains(&method.as_str()) {
            let value = format!("{} {path}", method.to_uppercase());
            scan.take_text(EntityKind::Endpoint, value, slash - 1..end, 1.0);
        } else {
            scan.take_text(EntityKind::Endpoint, path, slash..end, 0.95);
        }
    }
}

/// `/orders`, `"/orders"`, `(/orders)`; but not `and/or` or `req/s`.
fn begins_a_word(scan: &Scan, slash: usize) -> bool {
    !scan.is_glued(slash) || matches!(scan.word_before(slash), "\"" | "'" | "`" | "(")
}
