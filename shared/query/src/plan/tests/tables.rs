//! Golden plans. Each file holds questions (`? …`) and, below each, the exact lines of its plan:
//! `role metric @time: query`, `note: …`, or `error: …`.

use super::{lines, planned};
use crate::{Catalog, fixtures};

/// Set to anything to write the files anew, for review in the diff.
const UPDATE: &str = "UPDATE_PLANS";

fn check(file: &str, catalog: &Catalog) {
    let path = format!("{}/src/plan/tests/{file}", env!("CARGO_MANIFEST_DIR"));
    let golden = std::fs::read_to_string(&path).unwrap();
    let questions = golden.lines().filter_map(|line| line.strip_prefix("? "));
    let actual: String = questions.map(|question| answer(question, catalog)).collect();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    for (actual, golden) in actual.lines().zip(golden.lines()) {
        assert_eq!(actual, golden);
    }
    assert_eq!(actual, golden, "the files differ in length");
}

fn answer(question: &str, catalog: &Catalog) -> String {
    let answer = match planned(question, catalog) {
        Ok(plan) => {
            let notes = plan.notes.iter().map(|note| format!("note: {note}"));
            lines(&plan).into_iter().chain(notes).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("error: {error}"),
    };
    format!("? {question}\n{answer}\n\n")
}

#[test]
fn a_shop_with_service_labels() {
    check("shop.txt", &fixtures::shop());
}

#[test]
fn kubernetes_with_a_mesh() {
    check("istio.txt", &fixtures::istio());
}

#[test]
fn spring_boot_with_micrometer() {
    check("spring.txt", &fixtures::spring());
}

#[test]
fn a_node_without_services() {
    check("node.txt", &fixtures::node());
}
