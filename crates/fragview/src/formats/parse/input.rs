//! Checked reading of fields and ranges of a file; a field past the end is an error with its offset.

use alloc::borrow::Cow;
use core::ops::Range;

use memchr::memmem::Finder;

use crate::formats::{FormatError, FormatErrorKind};
use crate::{Bytes, array};

/// Bytes that are read at once to search in.
const BLOCK: usize = 4096;

/// A file that a format reads its headers from, in one byte order.
#[derive(Clone, Copy)]
pub(in crate::formats) struct Input<'a> {
    bytes: &'a dyn Bytes,
    format: &'static str,
    big_endian: bool,
}

impl<'a> Input<'a> {
    /// A file whose numbers are little-endian.
    pub(in crate::formats) fn little(bytes: &'a dyn Bytes, format: &'static str) -> Self {
        Self {
            bytes,
            format,
            big_endian: false,
        }
    }

    /// A file whose numbers are big-endian.
    pub(in crate::formats) fn big(bytes: &'a dyn Bytes, format: &'static str) -> Self {
        Self {
            big_endian: true,
            ..Self::little(bytes, format)
        }
    }

    /// Whether numbers are big-endian.
    pub(in crate::formats) const fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// The number of bytes of the file.
    pub(in crate::formats) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The error that says `what` is wrong at `offset`.
    pub(in crate::formats) fn fault<T>(
        &self,
        offset: usize,
        what: impl Into<Cow<'static, str>>,
    ) -> Result<T, FormatError> {
        Err(FormatError::new(self.format, offset, what))
    }

    /// Fills `target` from `offset` on.
    pub(in crate::formats) fn read(&self, offset: usize, target: &mut [u8]) -> Result<(), FormatError> {
        match self.bytes.read(offset, target) {
            Some(()) => Ok(()),
            None => self.not_read(offset, target.len()),
        }
    }

    /// The `N` bytes at `offset`.
    pub(in crate::formats) fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], FormatError> {
        match array(self.bytes, offset) {
            Some(bytes) => Ok(bytes),
            None => self.not_read(offset, N),
        }
    }

    /// The error of a read that failed: the file ends before, or its bytes ended the reading.
    #[cold]
    fn not_read<T>(&self, offset: usize, length: usize) -> Result<T, FormatError> {
        let end = offset.checked_add(length);
        let error = FormatError::new(self.format, offset, "truncated");
        Err(match end {
            Some(end) if end <= self.len() => error.of_kind(FormatErrorKind::Unreadable),
            _ => error,
        })
    }

    /// Where `mark` first lies whole in `range`. O(bytes).
    ///
    /// A read that fails ends the search: bytes that end a reading, at a signal or in a long hole, would else
    /// be searched for years.
    pub(in crate::formats) fn find(
        &self,
        mark: &[u8],
        range: Range<usize>,
    ) -> Result<Option<usize>, FormatError> {
        let finder = Finder::new(mark);
        let (mut buffer, mut at, end) = ([0; BLOCK], range.start, range.end.min(self.len()));
        while end.saturating_sub(at) >= mark.len() {
            let part = &mut buffer[..(end - at).min(BLOCK)];
            self.read(at, part)?;
            if let Some(index) = finder.find(part) {
                return Ok(Some(at + index));
            }
            // A mark may begin in this block and end in the next.
            at += part.len() + 1 - mark.len();
        }
        Ok(None)
    }

    /// The byte at `offset`.
    pub(in crate::formats) fn u8(&self, offset: usize) -> Result<u8, FormatError> {
        Ok(self.array::<1>(offset)?[0])
    }

    /// The 16-bit number at `offset`.
    pub(in crate::formats) fn u16(&self, offset: usize) -> Result<u16, FormatError> {
        let bytes = self.array(offset)?;
        Ok(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    /// The 32-bit number at `offset`.
    pub(in crate::formats) fn u32(&self, offset: usize) -> Result<u32, FormatError> {
        let bytes = self.array(offset)?;
        Ok(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    /// The 64-bit number at `offset`.
    pub(in crate::formats) fn u64(&self, offset: usize) -> Result<u64, FormatError> {
        let bytes = self.array(offset)?;
        Ok(if self.big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }

    /// Where `length` bytes that begin at `offset` end; an error if that lies past `limit` or past the
    /// file's end.
    pub(in crate::formats) fn end(
        &self,
        offset: usize,
        length: impl Into<u64>,
        limit: usize,
    ) -> Result<usize, FormatError> {
        let end = usize::try_from(length.into())
            .ok()
            .and_then(|length| offset.checked_add(length));
        match end {
            Some(end) if end <= limit.min(self.len()) => Ok(end),
            _ => self.fault(offset, "a length goes past the end"),
        }
    }
}
