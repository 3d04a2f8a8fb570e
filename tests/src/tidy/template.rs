//! The template and the route table say the same.

use std::collections::BTreeSet;

use contract::routes::{Function, ROUTES};

use super::read;

/// The HTTP API's routes are written out in the template; each is one of the buffered function's.
#[test]
fn the_http_api_has_the_routes_of_chat_and_no_others() {
    let template = read("infra/template.yaml");
    let written: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("RouteKey:"))
        .map(|key| key.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    let expected: BTreeSet<String> = ROUTES
        .iter()
        .filter(|route| route.function.is_none_or(|function| function == Function::Chat))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(written, expected);
}
