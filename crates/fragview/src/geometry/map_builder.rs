//! The builder of a map: fragments pushed one after the other.

use alloc::vec::Vec;

use once_cell::race::OnceBox;

use super::Map;
use super::divisor::Divisor;
use super::map::{Entry, FEW, Search};
use crate::error::Error;

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
    /// [`Error::TooLong`] if the line would pass `isize::MAX` bytes, [`Error::TooManyFragments`] past
    /// 2^32 - 2 fragments, [`Error::OutOfMemory`]. The builder stays as it was.
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

    /// Returns true if no byte has been pushed. O(1).
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

    /// Returns the map of the pushed fragments. O(1), except for giving spare room back.
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
