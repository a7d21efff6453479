//! Faults of a file that was opened with `strict` off.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// A fault that a lenient reading skipped: a description, an offset, and the streams that miss bytes because
/// of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// A description in a few words.
    pub what: Cow<'static, str>,
    /// Where the fault is, in bytes from the file's start.
    pub offset: usize,
    /// The names of the streams that miss bytes, or end early, by this fault.
    pub streams: Vec<String>,
}

impl Fault {
    /// A fault at `offset` that touches no stream.
    #[must_use]
    pub fn new(offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            offset,
            streams: Vec::new(),
        }
    }
}
