//! The length of a record's content: where the header has it, and how it is read.

use alloc::vec::Vec;

use super::encode::number_of;
use crate::format::{Endian, Kind, Scalar};

/// Where a content's length comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// The integer at this offset of the header.
    Scalar { offset: usize, scalar: Scalar },
    /// The number in `size` bytes at this offset.
    Bytes {
        offset: usize,
        size: usize,
        endian: Endian,
    },
    /// A constant.
    Constant(u64),
}

impl Length {
    /// The number that a header has.
    pub(super) fn count(self, header: &[u8]) -> i128 {
        match self {
            Self::Constant(count) => i128::from(count),
            Self::Bytes { offset, size, endian } => {
                let item = header.get(offset..offset + size).unwrap_or(&[]);
                i128::from(number_of(item, endian))
            }
            Self::Scalar { offset, scalar } => {
                let item = header.get(offset..offset + scalar.size());
                item.map_or(0, |item| integer(scalar, item))
            }
        }
    }
}

/// An integer of any size and sign.
pub(super) fn integer(scalar: Scalar, item: &[u8]) -> i128 {
    let count = scalar.unpack_integer(item);
    if count >= 0 || scalar.kind() == Kind::Signed {
        i128::from(count)
    } else {
        i128::from(count.cast_unsigned())
    }
}

/// A value of the length field that is not a length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escape {
    pub(super) value: i128,
    pub(super) then: Then,
}

/// Where the length is instead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    /// In an integer after the header.
    Wide(Scalar),
    /// Nowhere: the content goes up to the end of the scan.
    ToEnd,
}

/// The escape of a value, if it is one.
pub(super) fn escape_of(escapes: &[Escape], value: i128) -> Option<Then> {
    let found = escapes.iter().find(|escape| escape.value == value);
    found.map(|escape| escape.then)
}

/// Escapes, with room for one more; `None` if memory is short.
pub(super) fn with_escape(mut escapes: Vec<Escape>, escape: Escape) -> Option<Vec<Escape>> {
    escapes.try_reserve(1).ok()?;
    escapes.push(escape);
    Some(escapes)
}
