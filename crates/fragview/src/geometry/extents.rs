//! Extents: which parts of a source make up a stream.

use alloc::vec::{self, Vec};
use core::iter::Copied;
use core::ops::Range;
use core::slice;

use crate::error::Error;

/// A run of bytes in a source, or a hole: zeros without memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where the run begins in the source, in bytes; `None` for a hole.
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
    const fn part(self, skip: usize, length: usize) -> Self {
        let offset = match self.offset {
            // Saturating: no source is as long, so what lies past it is found there.
            Some(offset) => Some(offset.saturating_add(skip)),
            None => None,
        };
        Self { offset, length }
    }

    /// True where `next` goes on where this one ends: in the source, or as a hole after a hole.
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

/// Extents laid end to end: a stream that is spread over a source.
///
/// Neighbours that touch in the source are one extent, as are neighbouring holes, and none is empty. 24 bytes an
/// extent.
///
/// ```
/// use fragview::geometry::{Extent, Extents};
/// let mut stream = Extents::new();
/// stream.push(Some(100), 10);
/// stream.push(Some(110), 5); // touches, so it makes the first one longer
/// stream.push(None, 3);
/// assert_eq!((stream.len(), stream.byte_len()), (2, 18));
/// let middle: Vec<Extent> = stream.runs(14..16).collect();
/// assert_eq!(middle, [Extent { offset: Some(114), length: 1 }, Extent { offset: None, length: 1 }]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extents {
    extents: Vec<Extent>,
    /// Where each extent ends on the line.
    ends: Vec<usize>,
}

impl Extents {
    /// No extents.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            extents: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Appends `length` bytes at `offset`, or as many of a hole. Amortised O(1).
    ///
    /// What would pass `usize::MAX` bytes together is cut there; no source is as long. Where memory runs out the process
    /// ends, as with a [`Vec`]; [`try_push`](Self::try_push) gives an error.
    pub fn push(&mut self, offset: Option<usize>, length: usize) {
        if let Some((extent, end)) = self.append_or_extend(offset, length) {
            self.extents.push(extent);
            self.ends.push(end);
        }
    }

    /// As [`push`](Self::push). Amortised O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; the extents stay as they were.
    ///
    /// ```
    /// use fragview::geometry::Extents;
    /// let mut stream = Extents::new();
    /// stream.try_push(Some(100), 10)?;
    /// assert_eq!(stream.byte_len(), 10);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn try_push(&mut self, offset: Option<usize>, length: usize) -> Result<(), Error> {
        self.extents.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.ends.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.push(offset, length);
        Ok(())
    }

    /// Makes the last extent longer where the next one touches it; else that one, if there is any, and where it ends.
    fn append_or_extend(&mut self, offset: Option<usize>, length: usize) -> Option<(Extent, usize)> {
        let start = self.byte_len();
        let end = start.saturating_add(length);
        if end == start {
            return None;
        }
        let extent = Extent {
            offset,
            length: end - start,
        };
        if let (Some(last), Some(last_end)) = (self.extents.last_mut(), self.ends.last_mut())
            && last.touches(extent)
        {
            last.length += extent.length;
            *last_end = end;
            return None;
        }
        Some((extent, end))
    }

    /// Appends all of `other`. O(extents of `other`).
    pub fn append(&mut self, other: &Self) {
        for extent in &other.extents {
            self.push(extent.offset, extent.length);
        }
    }

    /// The number of extents. O(1).
    #[must_use]
    pub fn len(&self) -> usize {
        self.extents.len()
    }

    /// True where there is none. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// The bytes of all together. O(1).
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The extents in order.
    pub fn iter(&self) -> Copied<slice::Iter<'_, Extent>> {
        self.extents.iter().copied()
    }

    /// The extents of the bytes `range` of the stream, cut to what there is. O(log extents), then O(1) an extent.
    pub fn runs(&self, range: Range<usize>) -> impl Iterator<Item = Extent> + '_ {
        let first = self.ends.partition_point(|&end| end <= range.start);
        let extents = self.extents.get(first..).unwrap_or(&[]);
        let mut start = first
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied())
            .unwrap_or(0);
        let mut at = range.start;
        extents.iter().map_while(move |extent| {
            let end = (start + extent.length).min(range.end);
            if at >= end {
                return None;
            }
            let part = extent.part(at - start, end - at);
            start += extent.length;
            at = end;
            Some(part)
        })
    }

    /// The bytes `range` of the stream as a stream, cut to what there is. O(log extents + extents of the range).
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut part = Self::new();
        for extent in self.runs(range) {
            part.push(extent.offset, extent.length);
        }
        part
    }

    /// These extents, which name parts of the stream `outer`, as parts of `outer`'s own source: a view of a view,
    /// flattened. What lies past `outer`'s end is left out. O(extents · log extents of `outer`).
    ///
    /// ```
    /// use fragview::geometry::Extents;
    /// let outer: Extents = [(10, 4), (30, 4)].into_iter().collect();
    /// let inner: Extents = [(2, 4)].into_iter().collect();
    /// assert_eq!(inner.within(&outer), [(12, 2), (30, 2)].into_iter().collect());
    /// ```
    #[must_use]
    pub fn within(&self, outer: &Self) -> Self {
        let mut flat = Self::new();
        for extent in &self.extents {
            match extent.offset {
                Some(offset) => {
                    for run in outer.runs(offset..offset.saturating_add(extent.length)) {
                        flat.push(run.offset, run.length);
                    }
                }
                None => flat.push(None, extent.length),
            }
        }
        flat
    }
}

impl<E: Into<Extent>> FromIterator<E> for Extents {
    /// Extents laid end to end: an [`Extent`] each, or `(offset, length)`, or `(None, length)` for a hole.
    fn from_iter<I: IntoIterator<Item = E>>(extents: I) -> Self {
        let mut all = Self::new();
        all.extend(extents);
        all
    }
}

impl<E: Into<Extent>> Extend<E> for Extents {
    fn extend<I: IntoIterator<Item = E>>(&mut self, extents: I) {
        for extent in extents {
            let extent = extent.into();
            self.push(extent.offset, extent.length);
        }
    }
}

impl<'a> IntoIterator for &'a Extents {
    type Item = Extent;
    type IntoIter = Copied<slice::Iter<'a, Extent>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Extents {
    type Item = Extent;
    type IntoIter = vec::IntoIter<Extent>;

    fn into_iter(self) -> Self::IntoIter {
        self.extents.into_iter()
    }
}
