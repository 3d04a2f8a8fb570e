//! Any text is checked as TraceQL; one that parses prints as what parses as it (held in `check`).

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use query::{Bounds, Catalogs, check_traceql};

static CATALOGS: LazyLock<Catalogs> = LazyLock::new(fuzz::catalogs);

fuzz_target!(|query: &str| {
    let _ = check_traceql(query, &CATALOGS.traces, &Bounds::default());
});
