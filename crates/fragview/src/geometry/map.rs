//! The map: fragments laid end to end on one line of offsets.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::ops::Range;

use once_cell::race::OnceBox;

use super::directory::{Directory, WALK};
use crate::error::Error;

/// Up to this many fragments are counted, which is quicker than the directory and needs no table.
const FEW: usize = 6;

/// Where a fragment starts, and what it carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<P> {
    pub(super) start: usize,
    pub(super) payload: P,
}

/// How an offset's fragment is found.
#[derive(Debug)]
enum Search {
    /// Few fragments: those that begin at or before the offset are counted.
    Few,
    /// All fragments but the last have one size: a division.
    Equal(Divisor),
    /// Many fragments of many sizes: a directory, built when it is first needed.
    Many(OnceBox<Directory>),
}

/// Division by a number known beforehand, as a multiplication.
///
/// With `inverse = floor(2^64 / size) + 1` the product overshoots by less than one for every dividend below
/// 2^63, so one comparison puts it right.
#[derive(Clone, Copy, Debug)]
struct Divisor {
    size: u64,
    inverse: u64,
}

impl Divisor {
    /// `None` for 0 and 1, whose inverse has no room in 64 bits, and where an index would not fit 32 bits anyway.
    fn new(size: usize) -> Option<Self> {
        let size = size as u64;
        (size > 1).then(|| Self {
            size,
            inverse: u64::MAX / size + 1,
        })
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a quotient of a usize is no larger than it"
    )]
    fn divide(self, dividend: usize) -> usize {
        let dividend = dividend as u64;
        let quotient = ((u128::from(dividend) * u128::from(self.inverse)) >> 64) as u64;
        // Wrapping: an overshoot past 2^64 compares as it should, because the true product is below 2^63.
        (if quotient.wrapping_mul(self.size) > dividend {
            quotient - 1
        } else {
            quotient
        }) as usize
    }
}

/// A fragment found: its index, its range on the line, what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<P> {
    /// The fragment's index.
    pub index: usize,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset one past its last byte.
    pub end: usize,
    /// What it carries.
    pub payload: P,
}

/// Fragments laid end to end: from an offset to the fragment that holds it.
///
/// No fragment is empty, so the starts rise strictly. A fragment costs `size_of::<usize>() + size_of::<P>()`
/// bytes, and at most 4 more for the directory, which is built at the first lookup that needs it.
///
/// ```
/// use fragview::geometry::MapBuilder;
///
/// let mut builder = MapBuilder::new();
/// for (name, length) in [("head", 4), ("body", 10), ("tail", 1)] {
///     builder.push(length, name)?;
/// }
/// let map = builder.finish();
/// assert_eq!(map.length(), 15);
/// let place = map.find(13).unwrap();
/// assert_eq!((place.index, place.start, place.payload), (1, 4, "body"));
/// assert!(map.find(15).is_none());
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Debug)]
pub struct Map<P> {
    /// One entry a fragment and a last one that starts where the line ends; empty for an empty map.
    pub(super) entries: Box<[Entry<P>]>,
    search: Search,
}

impl<P: Copy> Map<P> {
    /// Returns the length of the line in bytes. O(1).
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.last().map_or(0, |end| end.start)
    }

    /// Returns true where the line has no byte, and so no fragment. O(1).
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number of fragments. O(1).
    #[must_use]
    #[inline]
    pub fn fragment_count(&self) -> usize {
        self.entries.len().saturating_sub(1)
    }

    /// Fragment number `index`, or `None` past the last one. O(1).
    #[must_use]
    #[inline]
    pub fn fragment(&self, index: usize) -> Option<Place<P>> {
        let [entry, next] = self.entries.get(index..index.checked_add(2)?)? else {
            return None;
        };
        Some(Place {
            index,
            start: entry.start,
            end: next.start,
            payload: entry.payload,
        })
    }

    /// The fragment that holds `offset`, or `None` at or past the end of the line.
    ///
    /// Cost: O(1) with about two fragments a bucket in the mean; at worst (all fragments but a few tiny) O(log
    /// fragments). The first call on a map of many unequal fragments builds the directory in O(fragments).
    #[must_use]
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of every access; measured")]
    pub fn find(&self, offset: usize) -> Option<Place<P>> {
        self.find_guessed(None, offset)
    }

    /// As [`find`](Self::find), quicker where the fragment found before, `index`, holds the offset, and hardly slower elsewhere.
    /// Any number will do.
    #[must_use]
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    pub fn find_with_hint(&self, index: usize, offset: usize) -> Option<Place<P>> {
        self.find_guessed(Some(index), offset)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    fn find_guessed(&self, guess: Option<usize>, offset: usize) -> Option<Place<P>> {
        let index = match &self.search {
            Search::Many(directory) => {
                if let Some(index) = guess
                    && let Some([entry, next, ..]) = self.entries.get(index..)
                    && entry.start <= offset
                    && offset < next.start
                {
                    return Some(Place {
                        index,
                        start: entry.start,
                        end: next.start,
                        payload: entry.payload,
                    });
                }
                return match directory.get() {
                    Some(directory) => self.find_among(directory, offset),
                    None => self.fragment(self.index_first_time(directory, offset)?),
                };
            }
            // Fragments of one size, and few of them, are found as quickly as a guess is checked.
            Search::Equal(divisor) => divisor.divide(offset),
            Search::Few => {
                let begun = |entry: &Entry<P>| usize::from(entry.start <= offset);
                self.entries.iter().skip(1).map(begun).sum()
            }
        };
        // Past the line an index is none, or the last one, whose fragment then does not hold the offset.
        let place = self.fragment(index)?;
        (offset < place.end).then_some(place)
    }

    /// As [`find`](Self::find), but never builds the directory: for a walk that looks up once. O(log fragments).
    #[must_use]
    pub fn find_once(&self, offset: usize) -> Option<Place<P>> {
        match &self.search {
            Search::Many(directory) if directory.get().is_none() => {
                self.fragment(self.index_within(0, self.fragment_count(), offset)?)
            }
            _ => self.find(offset),
        }
    }

    /// As [`find`](Self::find), starting from a fragment found before. O(1) where the offset is near it.
    #[must_use]
    #[inline]
    pub fn find_from(&self, hint: Place<P>, offset: usize) -> Option<Place<P>> {
        if hint.start <= offset && offset < hint.end {
            return Some(hint);
        }
        let neighbour = if offset < hint.start {
            hint.index.checked_sub(1)
        } else {
            Some(hint.index + 1)
        };
        match neighbour.and_then(|index| self.fragment(index)) {
            Some(place) if place.start <= offset && offset < place.end => Some(place),
            _ => self.find(offset),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    fn find_among(&self, directory: &Directory, offset: usize) -> Option<Place<P>> {
        let first = directory.first(offset)?;
        let near = self.entries.get(first..first + WALK + 1)?;
        // The fragments that begin at or before the offset are counted, not looked for: the processor cannot guess where a
        // search ends, and each wrong guess costs more than all of this.
        let begun = |entry: &Entry<P>| usize::from(entry.start <= offset);
        let count: usize = near.iter().skip(1).map(begun).sum();
        let Some([entry, next]) = near.get(count..count + 2) else {
            return self.fragment(self.index_far(directory, offset)?);
        };
        Some(Place {
            index: first + count,
            start: entry.start,
            end: next.start,
            payload: entry.payload,
        })
    }

    // What is seldom called gives an index: a place would take `find` through memory, each time.
    #[cold]
    fn index_first_time(&self, cell: &OnceBox<Directory>, offset: usize) -> Option<usize> {
        let starts = self
            .entries
            .iter()
            .map(|entry| entry.start)
            .take(self.fragment_count());
        match Directory::build(self.fragment_count(), self.len(), starts) {
            Some(directory) => {
                // Two threads may build at once; one table stays and the other is dropped.
                let _ = cell.set(Box::new(directory));
                self.index_far(cell.get()?, offset)
            }
            // Memory is short: look up without a table rather than fail.
            None => self.index_within(0, self.fragment_count(), offset),
        }
    }

    /// The index of the fragment that holds `offset`, where many of a bucket begin before it.
    #[cold]
    fn index_far(&self, directory: &Directory, offset: usize) -> Option<usize> {
        self.index_within(directory.first(offset)?, directory.last(offset)?, offset)
    }

    /// By a binary search. Pre: if the line has the offset, its fragment is in `first..=last`. O(log fragments).
    fn index_within(&self, first: usize, last: usize, offset: usize) -> Option<usize> {
        (offset < self.len()).then(|| self.bisect(first, last.min(self.fragment_count() - 1), offset))
    }

    /// Binary search. Pre: the fragment that holds `offset` is in `first..=last`.
    #[inline]
    fn bisect(&self, first: usize, last: usize, offset: usize) -> usize {
        first + self.entries[first + 1..=last].partition_point(|entry| entry.start <= offset)
    }

    /// The contiguous runs of the bytes in `range`, in order: each is a [`Place`] cut to the range.
    ///
    /// O(log fragments) to begin, O(1) a run. A range that reaches past the line is cut to it.
    #[must_use]
    pub fn runs(&self, range: Range<usize>) -> Runs<'_, P> {
        let end = range.end.min(self.len());
        let index = if range.start < end {
            self.find_once(range.start).map_or(0, |place| place.index)
        } else {
            0
        };
        Runs {
            map: self,
            index,
            start: range.start,
            end,
        }
    }

    /// The bytes of heap the map takes: entries, and the directory once it is built. O(1).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let directory = match &self.search {
            Search::Many(directory) => directory.get().map_or(0, Directory::size),
            _ => 0,
        };
        size_of_val::<[Entry<P>]>(&self.entries) + directory
    }
}

/// The contiguous runs of a range; made by [`Map::runs`].
#[derive(Clone, Debug)]
pub struct Runs<'m, P> {
    map: &'m Map<P>,
    index: usize,
    start: usize,
    end: usize,
}

impl<P: Copy> Iterator for Runs<'_, P> {
    /// The run's range on the line in `start..end`, and the whole fragment it is part of.
    type Item = (Range<usize>, Place<P>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.start >= self.end {
            return None;
        }
        let place = self.map.fragment(self.index)?;
        let range = self.start..place.end.min(self.end);
        self.start = range.end;
        self.index += 1;
        Some((range, place))
    }

    /// All runs at once: nothing is asked of a fragment but where it ends.
    #[inline]
    fn fold<A, F: FnMut(A, Self::Item) -> A>(self, start: A, mut add: F) -> A {
        let mut sum = start;
        let mut from = self.start;
        let entries = self.map.entries.get(self.index..).unwrap_or(&[]);
        for (index, pair) in (self.index..).zip(entries.windows(2)) {
            if from >= self.end {
                break;
            }
            let [entry, next] = pair else { break };
            let place = Place {
                index,
                start: entry.start,
                end: next.start,
                payload: entry.payload,
            };
            let range = from..place.end.min(self.end);
            from = range.end;
            sum = add(sum, (range, place));
        }
        sum
    }
}

impl<P: Copy> FusedIterator for Runs<'_, P> {}

/// Lays fragments end to end and makes a [`Map`] of them.
#[derive(Debug)]
pub struct MapBuilder<P> {
    pub(super) entries: Vec<Entry<P>>,
    pub(super) length: usize,
    /// The size of every fragment but the last so far, while they agree.
    pub(super) equal: Option<usize>,
    /// The last fragment's size, 0 before the first.
    pub(super) last: usize,
}

impl<P: Copy> MapBuilder<P> {
    /// An empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            length: 0,
            equal: None,
            last: 0,
        }
    }

    /// Makes room for `count` more fragments. O(fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, count: usize) -> Result<(), Error> {
        // One more, for the entry at the end of the line.
        self.entries
            .try_reserve_exact(count.saturating_add(1))
            .map_err(|_| Error::OutOfMemory)
    }

    /// Appends a fragment of `length` bytes; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`] where the line would pass `isize::MAX` bytes, [`Error::TooManyFragments`] past 2^32 - 2
    /// fragments, [`Error::OutOfMemory`]. The builder stays as it was.
    #[inline]
    pub fn push(&mut self, length: usize, payload: P) -> Result<(), Error> {
        if length == 0 {
            return Ok(());
        }
        let total = self.length_with(length)?;
        if self.entries.len() >= u32::MAX as usize - 1 {
            return Err(Error::TooManyFragments);
        }
        if self.entries.len() == self.entries.capacity() {
            self.entries.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        }
        match self.entries.len() {
            0 => {}
            1 => self.equal = Some(self.last),
            _ if self.equal != Some(self.last) => self.equal = None,
            _ => {}
        }
        self.entries.push(Entry {
            start: self.length,
            payload,
        });
        self.length = total;
        self.last = length;
        Ok(())
    }

    /// Makes the last fragment `length` bytes longer; pre: there is one. O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`].
    #[inline]
    pub fn extend_last(&mut self, length: usize) -> Result<(), Error> {
        self.length = self.length_with(length)?;
        self.last += length;
        Ok(())
    }

    /// The last fragment's length and payload.
    #[must_use]
    #[inline]
    pub fn last(&self) -> Option<(usize, P)> {
        self.entries.last().map(|entry| (self.last, entry.payload))
    }

    /// The number of fragments so far.
    #[must_use]
    pub fn fragment_count(&self) -> usize {
        self.entries.len()
    }

    /// Returns the length of the line so far, in bytes. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Returns true where no byte has been pushed. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    pub(super) fn length_with(&self, length: usize) -> Result<usize, Error> {
        self.length
            .checked_add(length)
            .filter(|&total| isize::try_from(total).is_ok())
            .ok_or(Error::TooLong)
    }

    /// The map of what was pushed. O(1), but for giving spare room back.
    #[must_use]
    pub fn finish(mut self) -> Map<P> {
        let count = self.entries.len();
        // `equal` speaks of all but the last fragment, which may be shorter.
        let divisor = self
            .equal
            .filter(|&size| self.last <= size)
            .and_then(Divisor::new);
        if let Some(&Entry { payload, .. }) = self.entries.last() {
            self.entries.push(Entry {
                start: self.length,
                payload,
            });
        }
        let search = match divisor {
            Some(divisor) => Search::Equal(divisor),
            None if count <= FEW => Search::Few,
            None => Search::Many(OnceBox::new()),
        };
        Map {
            entries: self.entries.into_boxed_slice(),
            search,
        }
    }
}

impl<P: Copy> Default for MapBuilder<P> {
    fn default() -> Self {
        Self::new()
    }
}
