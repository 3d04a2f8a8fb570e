//! Any text is checked as PromQL: it passes or is refused.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use query::{Bounds, Catalogs, check};

static CATALOGS: LazyLock<Catalogs> = LazyLock::new(fuzz::catalogs);

fuzz_target!(|query: &str| {
    let _ = check(query, &CATALOGS.metrics, &Bounds::default());
});
