//! `PatternError`: an invalid or unsupported pattern.

use alloc::string::{String, ToString};

/// An invalid pattern, with the place if it is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct PatternError {
    /// The message.
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
