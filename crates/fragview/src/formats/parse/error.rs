//! `FormatError`: a file that breaks the rules of its format.

use alloc::borrow::Cow;
use alloc::string::ToString;
use core::fmt;

use crate::error::Error;

/// A file that breaks the rules of its format: a description and an offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{format}: {what} at offset {offset}{}", Hint(*.lenient))]
#[non_exhaustive]
pub struct FormatError {
    /// The format's name.
    pub format: &'static str,
    /// Where the fault is, in bytes from the file's start.
    pub offset: usize,
    /// A description in a few words.
    pub what: Cow<'static, str>,
    /// Whether the file is wrong, or memory was short.
    pub kind: FormatErrorKind,
    /// How many streams a lenient reading of this file gives, if it gives any: told by `formats::open`.
    pub lenient: Option<usize>,
}

/// What the message says of a lenient reading.
struct Hint(Option<usize>);

impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(1) => write!(formatter, "; strict=False gives 1 stream"),
            Some(count) => write!(formatter, "; strict=False gives {count} streams"),
            None => Ok(()),
        }
    }
}

/// Why a file was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// The file breaks a rule of its format, or lacks something that the format requires.
    Malformed,
    /// No format is known that the file has.
    Unknown,
    /// Memory was short.
    OutOfMemory,
    /// Bytes that the file has were not given: their source ended the reading, or the format walked on and on
    /// through a hole.
    Unreadable,
}

impl FormatError {
    /// A fault of `format` at `offset`.
    #[must_use]
    pub fn new(format: &'static str, offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            format,
            offset,
            what: what.into(),
            kind: FormatErrorKind::Malformed,
            lenient: None,
        }
    }

    /// The same, of another kind.
    pub(in crate::formats) const fn of_kind(mut self, kind: FormatErrorKind) -> Self {
        self.kind = kind;
        self
    }
}

impl From<Error> for FormatError {
    /// Memory was short, mostly; `formats::open` names the format.
    fn from(error: Error) -> Self {
        let this = Self::new("formats", 0, error.to_string());
        if error == Error::OutOfMemory {
            this.of_kind(FormatErrorKind::OutOfMemory)
        } else {
            this
        }
    }
}
