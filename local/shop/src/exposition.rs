//! What one scrape of a replica returns: the Prometheus text format, version 0.0.4.

use std::fmt::Write as _;

use crate::{
    catalog::Service,
    generator::Sample,
    series::{FAMILIES, series, values},
};

/// The metrics of a replica as text. `instance` and `job` are the scraper's to add.
pub fn exposition(service: &Service, sample: &Sample) -> String {
    let list = series(service, &sample.version);
    let values = values(service, sample);
    let mut text = String::new();
    for (index, family) in FAMILIES.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {} {}", family.name, family.help);
        let _ = writeln!(text, "# TYPE {} {}", family.name, family.kind);
        for (one, value) in list.iter().zip(&values).filter(|(one, _)| one.family == index) {
            text.push_str(&one.head);
            text.push_str("} ");
            value.write_to(&mut text);
            text.push('\n');
        }
    }
    text
}
