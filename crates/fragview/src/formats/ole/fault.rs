//! The faults of a compound file.

use crate::formats::FormatError;

/// The format's name.
pub(crate) const NAME: &str = "ole";

/// A fault of this format.
pub(super) fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}
