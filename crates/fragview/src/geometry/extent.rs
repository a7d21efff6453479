//! An extent: an offset and a length in a source, or a hole.

/// A range of bytes in a source, or a hole: zeros without memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The start of the range in the source, in bytes; `None` for a hole.
    pub offset: Option<usize>,
    /// Its length in bytes.
    pub length: usize,
}

impl Extent {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self {
        offset: None,
        length: 0,
    };

    /// The part of `length` bytes that begins `skip` bytes into the extent. Pre: it lies in the extent.
    pub(super) const fn part(self, skip: usize, length: usize) -> Self {
        let offset = match self.offset {
            // Saturating: no source is as long, so the later check of the range fails.
            Some(offset) => Some(offset.saturating_add(skip)),
            None => None,
        };
        Self { offset, length }
    }

    /// True if `next` continues this extent: in the source, or as a hole after a hole.
    #[inline]
    pub(crate) fn touches(self, next: Self) -> bool {
        match (self.offset, next.offset) {
            (Some(offset), Some(next)) => offset.checked_add(self.length) == Some(next),
            (None, None) => true,
            _ => false,
        }
    }
}

impl From<(usize, usize)> for Extent {
    /// An offset and a length.
    fn from((offset, length): (usize, usize)) -> Self {
        Self {
            offset: Some(offset),
            length,
        }
    }
}

impl From<(Option<usize>, usize)> for Extent {
    /// An offset, or `None` for a hole, and a length.
    fn from((offset, length): (Option<usize>, usize)) -> Self {
        Self { offset, length }
    }
}
