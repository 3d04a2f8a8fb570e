//! What an utterance names. One recogniser a file; each takes the tokens it understands, so that
//! their order in [`crate::understand`] says who goes first.

pub(crate) mod endpoint;
pub(crate) mod environment;
pub(crate) mod http_status;
pub(crate) mod metric;
pub(crate) mod service;
pub(crate) mod statistic;
pub(crate) mod threshold;
pub(crate) mod unknown_metric;
pub(crate) mod unknown_service;
pub(crate) mod version;
