//! What is wrong with a pattern.

use alloc::string::{String, ToString};

/// A pattern that is none, with the place where that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct PatternError {
    /// What is wrong.
    pub message: String,
    /// The byte of the pattern where it is.
    pub position: Option<usize>,
}

impl PatternError {
    pub(super) fn new(message: &(impl ToString + ?Sized), position: Option<usize>) -> Self {
        Self {
            message: message.to_string(),
            position,
        }
    }
}
