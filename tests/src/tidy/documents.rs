//! Documents that are made from code are as the code says.

use contract::error::CODES;

use super::{read, root};

/// `UPDATE=1 cargo test --package tests tidy` writes it anew.
#[test]
fn the_openapi_document_is_up_to_date() {
    let document = contract::openapi::document();
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let path = root().join("docs/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(read("docs/openapi.json"), text, "run with UPDATE=1 to write it anew");
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    for (code, _) in CODES {
        let page = read(&format!("docs/errors/{code}.md"));
        assert!(page.starts_with(&format!("# {code}\n")), "docs/errors/{code}.md");
        assert!(page.contains("## What to do"), "docs/errors/{code}.md");
    }
    for entry in std::fs::read_dir(root().join("docs/errors")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = CODES.iter().any(|(code, _)| name == format!("{code}.md"));
        assert!(known || name == "README.md", "docs/errors/{name}");
    }
}
