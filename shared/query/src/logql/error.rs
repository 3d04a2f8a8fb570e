//! What is wrong with the text of a query, and where.

/// Why a text is not LogQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at {position})")]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    /// Bytes from the beginning.
    pub(crate) position: usize,
}

impl SyntaxError {
    pub(super) fn at(position: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), position }
    }
}
