//! Whether a query has what a right one must have, in whatever layout.

/// A query or a part of one without blanks and with one kind of quotation mark.
fn normalised(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\'' | '`' | '“' | '”' | '„' | '‘' | '’' => '"',
            other => other,
        })
        .collect()
}

/// What is wrong with a query, in words: what it lacks and what it should not have.
pub(crate) fn objections(query: &str, must_mention: &[String], must_not: &[String]) -> Vec<String> {
    let query = normalised(query);
    let has = |token: &String| query.contains(&normalised(token));
    let lacks = must_mention.iter().filter(|token| !has(token));
    let lacks = lacks.map(|token| format!("lacks `{token}`"));
    let betrays = must_not.iter().filter(|token| has(token));
    lacks.chain(betrays.map(|token| format!("has `{token}`"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_quotes_do_not_count() {
        let query = "sum by (le, route) (rate(x_bucket{service='auth'}[5m]))";
        for (must, must_not, expected) in [
            (&["x_bucket", "service=\"auth\"", "by(le,route)"][..], &["x_sum"][..], ""),
            (&["service = `auth`"], &[], ""),
            (&["by (route)"], &["rate("], "lacks `by (route)`, has `rate(`"),
            (&["X_bucket"], &[], "lacks `X_bucket`"),
            (&[], &[], ""),
        ] {
            let owned =
                |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            let found = objections(query, &owned(must), &owned(must_not)).join(", ");
            assert_eq!(found, expected);
        }
    }
}
