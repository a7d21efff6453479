//! What is wrong with a file.

use alloc::borrow::Cow;

/// A file that is not what its format demands: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{format}: {what} at offset {offset}")]
#[non_exhaustive]
pub struct FormatError {
    /// The format's name.
    pub format: &'static str,
    /// Where the fault is, in bytes from the file's start.
    pub offset: usize,
    /// What is wrong, in a few words.
    pub what: Cow<'static, str>,
}

impl FormatError {
    /// A fault of `format` at `offset`.
    #[must_use]
    pub fn new(format: &'static str, offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            format,
            offset,
            what: what.into(),
        }
    }
}
