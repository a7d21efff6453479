//! The errors of formats and of the values in them.

/// Why a text is not a format.
///
/// ```
/// use fragview::format::{Format, FormatError};
///
/// let error = FormatError::BadCharacter { character: 'z', index: 2 };
/// assert_eq!(Format::parse("<Iz").unwrap_err(), error);
/// assert_eq!(error.to_string(), "bad character 'z' at index 2 of the format");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// No code, or a space or a prefix where none may be: a prefix comes first, a count right before its
    /// code.
    #[error("bad character {character:?} at index {index} of the format")]
    BadCharacter {
        /// The character found.
        character: char,
        /// Its index in the text.
        index: usize,
    },
    /// The text ends after a repeat count.
    #[error("the repeat count at index {index} of the format has no code")]
    CountWithoutCode {
        /// The start of the count in the text.
        index: usize,
    },
    /// A count, or the size of an item, is more than an index can tell.
    #[error("the format's items are larger than {} bytes", isize::MAX)]
    TooLarge,
    /// `n`, `N` and `P` have no standard size.
    #[error("the code '{code}' at index {index} of the format needs native sizes ('@' or no prefix)")]
    NeedsNativeSizes {
        /// The code.
        code: char,
        /// Its index in the text.
        index: usize,
    },
    /// Formats are ASCII.
    #[error("the format is not ASCII at byte {index}")]
    NotAscii {
        /// The first byte that is not ASCII.
        index: usize,
    },
}

/// Why values can't be packed into an item.
///
/// ```
/// use fragview::format::{Format, PackError, ScalarValue};
///
/// let scalar = Format::BYTE.scalar().unwrap();
/// let error = scalar.pack(ScalarValue::Signed(256), &mut [0]).unwrap_err();
/// assert_eq!(error, PackError::OutOfRange { code: 'B' });
/// assert_eq!(error.to_string(), "the value is out of range for the format code 'B'");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The value's type does not go with the code: a float for an integer, a number for bytes, bytes for a
    /// number.
    #[error("the value has the wrong type for the format code '{code}'")]
    WrongType {
        /// The code that refuses the value.
        code: char,
    },
    /// The value has the right type, but the code can't hold it. For `c`: the bytes are not exactly one.
    #[error("the value is out of range for the format code '{code}'")]
    OutOfRange {
        /// The code that refuses the value.
        code: char,
    },
    /// A finite float, or an integer given for one, would become infinite. A native `f` never gives this
    /// error: C casts, and so does Python.
    #[error("the float is too large for the format code '{code}'")]
    FloatTooLarge {
        /// The code that refuses the value.
        code: char,
    },
    /// An item takes exactly as many values as its format has.
    #[error("the format takes {expected} values, not {actual}")]
    WrongCount {
        /// Values that the format has.
        expected: usize,
        /// Values given.
        actual: usize,
    },
    /// The memory to write to is not one item.
    #[error("the item has {actual} bytes where the format takes {expected}")]
    WrongSize {
        /// The format's item size in bytes.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The format is unknown to `struct`, and its items can't be written.
    #[error("the format is not one of Python's struct module")]
    Opaque,
}

/// Why an item can't be unpacked.
///
/// ```
/// use fragview::format::{Format, UnpackError};
///
/// let error = Format::parse("<I").unwrap().unpack(b"abc").unwrap_err();
/// assert_eq!(error, UnpackError::WrongSize { expected: 4, actual: 3 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// The memory to read is not one item.
    #[error("the item has {actual} bytes where the format takes {expected}")]
    WrongSize {
        /// The format's item size in bytes.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The format is unknown to `struct`, and its items can't be read.
    #[error("the format is not one of Python's struct module")]
    Opaque,
    /// There is no memory for the values.
    #[error("out of memory")]
    OutOfMemory,
}
