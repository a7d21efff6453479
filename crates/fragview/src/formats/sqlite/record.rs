//! Varints, and the values of a record: 1.6 and 2.1 of the file format.

use crate::bytes::{Bytes, array};

/// The varint at `offset`, and its length.
pub(super) fn varint(bytes: &dyn Bytes, offset: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for index in 0..8 {
        let [byte] = array(bytes, offset.checked_add(index)?)?;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    let [byte] = array(bytes, offset.checked_add(8)?)?;
    Some((value << 8 | u64::from(byte), 9))
}

/// A value in a record.
pub(super) struct Value {
    /// Where it begins in the record, and its length.
    pub(super) start: usize,
    pub(super) length: usize,
    /// Whether it is a text or a blob.
    pub(super) is_bytes: bool,
}

/// The values of a record, one after the other.
pub(super) struct Record<'a> {
    bytes: &'a dyn Bytes,
    /// Where the next value's type is, and where the types end.
    at: usize,
    header: usize,
    /// Where the next value is.
    value: usize,
}

impl<'a> Record<'a> {
    pub(super) fn read(bytes: &'a dyn Bytes) -> Option<Self> {
        let (header, at) = varint(bytes, 0)?;
        let header = usize::try_from(header)
            .ok()
            .filter(|&header| header <= bytes.len())?;
        Some(Self {
            bytes,
            at,
            header,
            value: header,
        })
    }

    /// The next value.
    pub(super) fn next(&mut self) -> Option<Value> {
        if self.at >= self.header {
            return None;
        }
        let (kind, length) = varint(self.bytes, self.at)?;
        self.at += length;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => (kind - 12) / 2,
        };
        let length = usize::try_from(length).ok()?;
        let start = self.value;
        self.value = start.checked_add(length).filter(|&end| end <= self.bytes.len())?;
        Some(Value {
            start,
            length,
            is_bytes: kind >= 12,
        })
    }
}
