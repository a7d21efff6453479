//! `Error`: the errors of maps, memories, views and buffers.

/// Why a map, a memory or a view refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The fragments together are longer than an index can tell.
    #[error("the fragments together are longer than {} bytes", isize::MAX)]
    TooLong,
    /// A fragment's number must fit 32 bits.
    #[error("more than {} fragments", u32::MAX - 1)]
    TooManyFragments,
    /// An allocation failed; nothing was changed.
    #[error("out of memory")]
    OutOfMemory,
    /// The work has asked whether to go on, and the answer was no; nothing was changed.
    #[error("interrupted")]
    Interrupted,
    /// No item has this index.
    #[error("index {index} is out of range for a view of {length} items")]
    IndexOutOfRange {
        /// The index asked for.
        index: usize,
        /// The view's length in items.
        length: usize,
    },
    /// A range reaches past the end, or ends before it starts.
    #[error("range {start}..{end} is out of range for a view of {length} items")]
    RangeOutOfRange {
        /// First index of the range.
        start: usize,
        /// One past its last index.
        end: usize,
        /// The view's length in items.
        length: usize,
    },
    /// An extent reaches past its source's end.
    #[error("extent {index}: offset {offset} + length {length} is out of range for a source of {size} bytes")]
    ExtentOutOfRange {
        /// The extent's index among those given; 0 if it is the only one.
        index: usize,
        /// The start of the extent in the source, in bytes.
        offset: usize,
        /// Its length in bytes.
        length: usize,
        /// The source's size in bytes.
        size: usize,
    },
    /// Exclusive memory is seen once.
    #[error("extents {first} and {second} overlap at offset {offset}; exclusive memory is seen once")]
    ExtentsOverlap {
        /// Index of the one that begins first in the source.
        first: usize,
        /// Index of the other.
        second: usize,
        /// The first byte of the source that both have.
        offset: usize,
    },
    /// A hole can't be written, and all of an exclusive view can.
    #[error("extent {index} is a hole; an exclusive view has none")]
    ExclusiveHole {
        /// The extent's index among those given.
        index: usize,
    },
    /// No source has this index.
    #[error("no source has the index {index}")]
    NoSuchSource {
        /// The index asked for.
        index: usize,
    },
    /// A closure that was to clone an owner gave one of other memory.
    #[error(
        "the owner given does not keep valid what the one that it stands for does; give a clone of that one"
    )]
    ForeignOwner,
    /// Two things that must be equally long are not.
    #[error("{actual} bytes given where {expected} are needed")]
    LengthMismatch {
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// Both sides must have items of one size.
    #[error("items of {actual} bytes given where items of {expected} bytes are needed")]
    ItemSizeMismatch {
        /// Bytes an item needs.
        expected: usize,
        /// Bytes an item given has.
        actual: usize,
    },
    /// A buffer has fewer bytes than were asked for; it stays as it was.
    #[error("{needed} bytes are needed, the buffer has {available}")]
    NotEnoughData {
        /// Bytes that the buffer must have from its front on.
        needed: usize,
        /// Bytes it has.
        available: usize,
    },
    /// The view touches read-only memory, or a hole.
    #[error("the view touches read-only memory or a hole")]
    ReadOnly,
    /// No single address shows an item that lies across a seam.
    #[error("item {item} lies across a seam")]
    AcrossSeam {
        /// The item's index in the order of the items.
        item: usize,
    },
    /// Only items without gaps can be regrouped.
    #[error("the view's items have gaps; only a view with step 1 can be cast")]
    NotContiguous,
    /// The bytes are not a whole number of items.
    #[error("{bytes} bytes are not a whole number of items of {item_size} bytes")]
    NotDivisible {
        /// The view's bytes.
        bytes: usize,
        /// Bytes an item.
        item_size: usize,
    },
}

#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    /// An error with this one in it, whose kind says the same: `OutOfMemory`, `Interrupted`,
    /// `UnexpectedEof` for [`NotEnoughData`](Error::NotEnoughData), `PermissionDenied` for
    /// [`ReadOnly`](Error::ReadOnly), else `InvalidInput`.
    ///
    /// ```
    /// use std::io::ErrorKind;
    /// let mut buffer = fragview::FragBuffer::<fragview::memory::Frozen<'_>>::new();
    /// let error = std::io::Error::from(buffer.consume(1).unwrap_err());
    /// assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    /// assert_eq!(error.to_string(), "1 bytes are needed, the buffer has 0");
    /// ```
    fn from(error: Error) -> Self {
        use std::io::ErrorKind;
        let kind = match error {
            Error::OutOfMemory => ErrorKind::OutOfMemory,
            Error::Interrupted => ErrorKind::Interrupted,
            Error::NotEnoughData { .. } => ErrorKind::UnexpectedEof,
            Error::ReadOnly => ErrorKind::PermissionDenied,
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
