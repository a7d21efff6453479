//! Extents laid end to end: the map of a stream that is spread over a source.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use super::extent::Extent;
use crate::error::Error;

/// Extents laid end to end: a stream that is spread over a source.
///
/// Neighbours that touch in the source are one extent, as are neighbouring holes; no extent is empty. 16
/// bytes an extent.
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
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extents(Vec<Entry>);

/// An extent of [`Extents`].
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Where it begins in the source, or [`HOLE`].
    offset: usize,
    /// Where it ends on the line; it begins where the one before it ends.
    end: usize,
}

/// The offset of a hole. No source is as long, so no extent begins there.
const HOLE: usize = usize::MAX;

impl Extents {
    /// No extents.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends `length` bytes at `offset`, or as many of a hole. Amortised O(1).
    ///
    /// Bytes beyond a total of `usize::MAX` are cut off; no source is as long. If memory runs out the process
    /// ends, as with a [`Vec`]; [`try_push`](Self::try_push) returns an error.
    pub fn push(&mut self, offset: Option<usize>, length: usize) {
        if let Some(entry) = self.append_or_extend(offset, length) {
            self.0.push(entry);
        }
    }

    /// As [`push`](Self::push). Amortised O(1); it grows by half, so that memory stays in proportion.
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
        if self.0.len() == self.0.capacity() {
            let more = (self.0.len() / 2).max(2);
            self.0.try_reserve_exact(more).map_err(|_| Error::OutOfMemory)?;
        }
        if let Some(entry) = self.append_or_extend(offset, length) {
            self.0.push(entry);
        }
        Ok(())
    }

    /// Makes the last extent longer if the next one touches it; else the next one's entry, if it is not
    /// empty.
    fn append_or_extend(&mut self, offset: Option<usize>, length: usize) -> Option<Entry> {
        let start = self.byte_len();
        let end = start.saturating_add(length);
        if end == start {
            return None;
        }
        // An extent at the end of all addresses lies past every source; so does one that begins a byte
        // before.
        let offset = offset.map_or(HOLE, |offset| offset.min(HOLE - 1));
        let before = match &*self.0 {
            [.., before, _] => before.end,
            _ => 0,
        };
        if let Some(last) = self.0.last_mut() {
            let touches = match (last.offset, offset) {
                (HOLE, _) | (_, HOLE) => last.offset == offset,
                (last_offset, offset) => last_offset.checked_add(start - before) == Some(offset),
            };
            if touches {
                last.end = end;
                return None;
            }
        }
        Some(Entry { offset, end })
    }

    /// Appends all of `other`. O(extents of `other`).
    pub fn append(&mut self, other: &Self) {
        for extent in other {
            self.push(extent.offset, extent.length);
        }
    }

    /// As [`append`](Self::append). O(extents of `other`).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; some of `other` may stay.
    pub fn try_extend(&mut self, extents: impl IntoIterator<Item: Into<Extent>>) -> Result<(), Error> {
        for extent in extents {
            let extent = extent.into();
            self.try_push(extent.offset, extent.length)?;
        }
        Ok(())
    }

    /// The number of extents. O(1).
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there are no extents. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes of all together. O(1).
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.0.last().map_or(0, |last| last.end)
    }

    /// The extents in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(InOrder {
            entries: self.0.iter().copied(),
            start: 0,
        })
    }

    /// The extents of the bytes `range` of the stream, cut to the stream's end. O(log extents), then O(1)
    /// an extent.
    pub fn runs(&self, range: Range<usize>) -> impl Iterator<Item = Extent> + '_ {
        let first = self.0.partition_point(|entry| entry.end <= range.start);
        let mut start = match first.checked_sub(1).and_then(|before| self.0.get(before)) {
            Some(before) => before.end,
            None => 0,
        };
        let mut at = range.start;
        self.0.get(first..).unwrap_or(&[]).iter().map_while(move |entry| {
            let end = entry.end.min(range.end);
            if at >= end {
                return None;
            }
            let part = entry.extent(start).part(at - start, end - at);
            start = entry.end;
            at = end;
            Some(part)
        })
    }

    /// The bytes `range` of the stream as a stream, cut to the stream's end. O(log extents + extents of the
    /// range).
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        self.runs(range).collect()
    }

    /// As [`slice`](Self::slice).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn try_slice(&self, range: Range<usize>) -> Result<Self, Error> {
        let mut part = Self::new();
        part.try_extend(self.runs(range))?;
        Ok(part)
    }

    /// Turns these extents of the stream `outer` into extents of `outer`'s own source: a view of a view,
    /// flattened. Bytes past `outer`'s end are left out. O(extents · log extents of `outer`).
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
        self.for_each_within(outer, |extent| {
            flat.push(extent.offset, extent.length);
            Ok::<(), core::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
        flat
    }

    /// As [`within`](Self::within).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn try_within(&self, outer: &Self) -> Result<Self, Error> {
        let mut flat = Self::new();
        self.for_each_within(outer, |extent| flat.try_push(extent.offset, extent.length))?;
        Ok(flat)
    }

    /// Gives each extent of these within `outer`, until one is an error.
    fn for_each_within<E>(
        &self,
        outer: &Self,
        mut each: impl FnMut(Extent) -> Result<(), E>,
    ) -> Result<(), E> {
        for extent in self {
            match extent.offset {
                Some(offset) => {
                    for run in outer.runs(offset..offset.saturating_add(extent.length)) {
                        each(run)?;
                    }
                }
                None => each(extent)?,
            }
        }
        Ok(())
    }

    /// The bytes of heap they take. O(1).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        self.0.capacity() * size_of::<Entry>()
    }
}

impl Entry {
    /// The extent, which begins at `start` of the line.
    const fn extent(self, start: usize) -> Extent {
        Extent {
            offset: if self.offset == HOLE {
                None
            } else {
                Some(self.offset)
            },
            length: self.end - start,
        }
    }
}

impl fmt::Debug for Extents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self).finish()
    }
}

/// The extents of entries, which follow each other on the line.
#[derive(Clone)]
struct InOrder<I> {
    entries: I,
    /// The start of the next one on the line.
    start: usize,
}

impl<I: Iterator<Item = Entry>> Iterator for InOrder<I> {
    type Item = Extent;

    fn next(&mut self) -> Option<Extent> {
        let entry = self.entries.next()?;
        let extent = entry.extent(self.start);
        self.start = entry.end;
        Some(extent)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

/// The extents of [`Extents`] in order.
#[derive(Clone)]
pub struct Iter<'a>(InOrder<core::iter::Copied<core::slice::Iter<'a, Entry>>>);

/// The extents of [`Extents`] in order, by value.
pub struct IntoIter(InOrder<alloc::vec::IntoIter<Entry>>);

/// An iterator that is one [`InOrder`].
macro_rules! in_order {
    ($iterator:ty) => {
        impl Iterator for $iterator {
            type Item = Extent;

            fn next(&mut self) -> Option<Extent> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl ExactSizeIterator for $iterator {}
    };
}

in_order!(Iter<'_>);
in_order!(IntoIter);

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
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Extents {
    type Item = Extent;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter(InOrder {
            entries: self.0.into_iter(),
            start: 0,
        })
    }
}
