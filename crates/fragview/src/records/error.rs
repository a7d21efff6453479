//! The errors of layouts and of scans.

use alloc::boxed::Box;
use alloc::string::String;

use crate::error::Error;
use crate::format::FormatError;

/// Why there is no such layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The header is not a format of the `struct` module.
    #[error("header format: {0}")]
    Format(#[from] FormatError),
    /// A header without bytes or values has no length.
    #[error("the header has no values")]
    EmptyHeader,
    /// More values than a layout takes.
    #[error("the header has {values} values, and a layout has at most {most} fields")]
    TooManyFields {
        /// Values of the header.
        values: usize,
        /// The most a layout takes.
        most: usize,
    },
    /// Each value of the header needs one name.
    #[error(
        "the header has {values} value{}, {names} {} named", plural(*values), if *names == 1 { "is" } else { "are" }
    )]
    WrongNameCount {
        /// Names given.
        names: usize,
        /// Values of the header.
        values: usize,
    },
    /// Two fields have one name.
    #[error("two fields are named '{name}'")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// No field has this name.
    #[error("no field is named '{name}'")]
    NoSuchField {
        /// The name.
        name: String,
    },
    /// Only an integer, or 3, 5, 6 or 7 bytes that are one, can be a length.
    #[error("field '{name}' is not an integer, so it can't be the length")]
    LengthNotInteger {
        /// The field's name.
        name: String,
    },
    /// The length that follows a header must be one integer.
    #[error("the length that follows the header must be one integer, such as 'Q'")]
    EscapeNotInteger,
    /// No memory for the layout.
    #[error("out of memory")]
    OutOfMemory,
    /// The value can't be in the field.
    #[error("field '{name}' can't have this value")]
    ValueDoesNotFit {
        /// The field's name.
        name: String,
    },
    /// Every place is a multiple of 1 byte; no place is a multiple of 0 bytes.
    #[error("align must be 1 or more, not 0")]
    ZeroAlign,
    /// No header fits the block.
    #[error("block must be at least the header's {header} byte{}, not {block}", plural(*header))]
    BlockTooSmall {
        /// Bytes a block.
        block: usize,
        /// Bytes a header.
        header: usize,
    },
}

/// The ending that makes the word before it a plural.
const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The fault of a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// The bytes end within a header.
    #[error("the header of {header} bytes is cut off after {left}")]
    TruncatedHeader {
        /// Bytes that a header has.
        header: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// The bytes end within the content or the trailer.
    #[error("content and trailer of {needed} bytes are cut off after {left}")]
    Truncated {
        /// Bytes of content and trailer.
        needed: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// The length that the header tells is negative once the bias is added, or past every offset.
    #[error("the length field is {value}, which is not a valid content length")]
    BadLength {
        /// The field's value; 128 bits hold every one.
        value: i128,
    },
    /// The record reaches past its block.
    #[error("the record of {size} bytes reaches past its block, in which {left} are left")]
    PastBlock {
        /// Bytes of the record.
        size: usize,
        /// Bytes left in the block.
        left: usize,
    },
    /// A field does not have the value that the layout expects.
    #[error("{0}")]
    Unexpected(Box<Unexpected>),
    /// The record has no bytes, so that the scan would not advance.
    #[error("the record has no bytes")]
    NoAdvance,
    /// No memory for the table.
    #[error("out of memory")]
    OutOfMemory,
}

impl RecordFault {
    pub(super) const fn truncated(header: usize, left: usize) -> Self {
        Self::TruncatedHeader { header, left }
    }
}

/// A field whose value is not the one that the layout expects; values as Python shows them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field '{field}' is {found}, not {expected}")]
#[non_exhaustive]
pub struct Unexpected {
    /// The field's name.
    pub field: String,
    /// The value that the layout expects.
    pub expected: String,
    /// The value in the header.
    pub found: String,
}

/// A fault in a record: what, where, in which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {index} at offset {offset}: {fault}")]
#[non_exhaustive]
pub struct RecordError {
    /// The start of the record in the bytes that were scanned.
    pub offset: usize,
    /// The record's index: as many records before it are whole.
    pub index: usize,
    /// The fault.
    pub fault: RecordFault,
}

/// Why the fields of a header can't be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackIntoError {
    /// A field or its value.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The header would not be what the layout expects.
    #[error("the header at offset {offset}: {unexpected}")]
    Unexpected {
        /// The start of the header in the bytes.
        offset: usize,
        /// The field.
        unexpected: Box<Unexpected>,
    },
    /// The header lies past the end, or can't be written.
    #[error(transparent)]
    View(#[from] Error),
}

/// Why contents can't be trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrimError {
    /// A content has fewer bytes than what is to be trimmed.
    #[error("the content of record {index} is shorter than what is to be trimmed")]
    TooShort {
        /// The record's index.
        index: usize,
    },
    /// No memory for the table.
    #[error("out of memory")]
    OutOfMemory,
    /// The work has asked whether to go on, and the answer was no.
    #[error("interrupted")]
    Interrupted,
}

impl From<Error> for TrimError {
    fn from(error: Error) -> Self {
        match error {
            Error::Interrupted => Self::Interrupted,
            _ => Self::OutOfMemory,
        }
    }
}
