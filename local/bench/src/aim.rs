//! What we want figures to stay below.

use serde::Serialize;

/// A figure beside what it should be at most.
#[derive(Debug, Serialize)]
pub(crate) struct Aim {
    what: String,
    at_most: f64,
    measured: Option<f64>,
    met: Option<bool>,
}

impl Aim {
    pub(crate) fn new(what: String, at_most: f64, measured: Option<f64>) -> Self {
        Self { what, at_most, measured, met: measured.map(|measured| measured <= at_most) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_by_what_is_not_above_it() {
        let met = |measured| Aim::new(String::new(), 1.0, measured).met;
        assert_eq!(
            [met(Some(0.9)), met(Some(1.0)), met(Some(1.1))],
            [Some(true), Some(true), Some(false)]
        );
        assert_eq!(met(None), None);
    }
}
