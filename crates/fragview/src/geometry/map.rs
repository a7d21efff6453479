//! The map: fragments laid end to end on one line of offsets.
//!
//! Invariant: the starts rise strictly from 0, because no fragment is empty. So one fragment holds an offset:
//! the last one that starts at or before it. [`Map::find`] looks it up in one of three ways:
//!
//! ```text
//! few fragments:  index = the number of starts, but for the first, that are <= offset
//! of one size:    index = offset / size
//! else:           first = directory[offset >> shift]
//!                 count = the number of the WALK starts behind `first` that are <= offset
//!                 index = first + count, if count < WALK; else by a binary search between two buckets
//! ```
//!
//! The counts have no branch on the data: a wrong guess of the processor costs more than four comparisons.
//! For the same reason a hint, the fragment found before, pays only beside a directory, where it saves two
//! reads of memory. The hint is the caller's: one in the map would be shared by all threads.
//!
//! A lookup is O(1) in the mean, and O(log fragments) if most fragments are much shorter than a bucket.

use alloc::boxed::Box;

use once_cell::race::OnceBox;

use super::directory::{Directory, WALK};
use super::divisor::Divisor;

/// Up to this many fragments are counted, which is quicker than the directory and needs no table.
pub(super) const FEW: usize = 6;

/// The start of a fragment, and its payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<P> {
    pub(super) start: usize,
    pub(super) payload: P,
}

/// How an offset's fragment is found.
#[derive(Debug)]
pub(super) enum Search {
    /// Few fragments: those that begin at or before the offset are counted.
    Few,
    /// All fragments but the last have one size: a division.
    Equal(Divisor),
    /// Many fragments of many sizes: a directory, built when it is first needed.
    Many(OnceBox<Directory>),
}

/// A fragment that a lookup found: its index, its range on the line, its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<P> {
    /// The fragment's index.
    pub index: usize,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset one past its last byte.
    pub end: usize,
    /// Its payload.
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
/// assert_eq!(map.len(), 15);
/// let place = map.find(13).unwrap();
/// assert_eq!((place.index, place.start, place.payload), (1, 4, "body"));
/// assert!(map.find(15).is_none());
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Debug)]
pub struct Map<P> {
    /// One entry a fragment and a last one that starts where the line ends; empty for an empty map.
    pub(super) entries: Box<[Entry<P>]>,
    pub(super) search: Search,
}

impl<P: Copy> Map<P> {
    /// Returns the length of the line in bytes. O(1).
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.last().map_or(0, |end| end.start)
    }

    /// Returns true if the line has no byte, and so no fragment. O(1).
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
    /// Cost: O(1) with about two fragments a bucket in the mean; at worst (all fragments but a few tiny)
    /// O(log fragments). The first call on a map of many unequal fragments builds the directory in
    /// O(fragments).
    #[must_use]
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of every access; measured")]
    pub fn find(&self, offset: usize) -> Option<Place<P>> {
        self.find_guessed(None, offset)
    }

    /// As [`find`](Self::find), quicker if the fragment found before, `index`, holds the offset, and
    /// hardly slower elsewhere. Any number will do.
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

    /// As [`find`](Self::find), but never builds the directory: for a walk that looks up once. O(log
    /// fragments).
    #[must_use]
    pub fn find_once(&self, offset: usize) -> Option<Place<P>> {
        match &self.search {
            Search::Many(directory) if directory.get().is_none() => {
                self.fragment(self.index_within(0, self.fragment_count(), offset)?)
            }
            _ => self.find(offset),
        }
    }

    /// As [`find`](Self::find), starting from a fragment found before. O(1) if the offset is near it.
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
        // The fragments that begin at or before the offset are counted, not looked for: the processor cannot
        // guess where a search ends, and each wrong guess costs more than all of this.
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

    // A function that is seldom called returns an index: a `Place` would pass through memory at each `find`.
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

    /// The index of the fragment that holds `offset`, if many of a bucket begin before it.
    #[cold]
    fn index_far(&self, directory: &Directory, offset: usize) -> Option<usize> {
        self.index_within(directory.first(offset)?, directory.last(offset)?, offset)
    }

    /// By a binary search. Pre: if the line has the offset, its fragment is in `first..=last`. O(log
    /// fragments).
    fn index_within(&self, first: usize, last: usize, offset: usize) -> Option<usize> {
        (offset < self.len()).then(|| self.bisect(first, last.min(self.fragment_count() - 1), offset))
    }

    /// Binary search. Pre: the fragment that holds `offset` is in `first..=last`.
    #[inline]
    fn bisect(&self, first: usize, last: usize, offset: usize) -> usize {
        first + self.entries[first + 1..=last].partition_point(|entry| entry.start <= offset)
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
