//! Any text is checked as LogQL; one that parses prints as what parses as it (held in `check`).

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use query::{Bounds, Catalogs, check_logql};

static CATALOGS: LazyLock<Catalogs> = LazyLock::new(fuzz::catalogs);

fuzz_target!(|query: &str| {
    let _ = check_logql(query, &CATALOGS.logs, &Bounds::default());
});
