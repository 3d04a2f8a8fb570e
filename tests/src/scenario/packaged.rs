//! The packaged functions.
