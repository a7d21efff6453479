//! The queue: fragments with an owner each, laid end to end.

use alloc::collections::VecDeque;
use core::marker::PhantomData;
use core::mem;
use core::ops::Range;

use super::owned_fragment::OwnedFragment;
use crate::error::Error;
use crate::memory::{Address, Kind};

/// Fragments laid end to end on a line of offsets; an offset is found by a binary search.
///
/// Invariant: a fragment's bytes are valid as long as its owner, or as long as the kind says if it has
/// none. The fragments follow each other on the line from `head` on, and have `length` bytes together, which
/// is at most `isize::MAX`.
#[derive(Debug)]
pub(crate) struct Queue<K, O> {
    pub(super) fragments: VecDeque<OwnedFragment<O>>,
    pub(super) head: usize,
    pub(super) length: usize,
    kind: PhantomData<K>,
}

// SAFETY: as for `Memory`: addresses used as the kind allows, and owners that alone decide.
unsafe impl<K: Kind, O: Send + Sync> Send for Queue<K, O> {}
// SAFETY: as above.
unsafe impl<K: Kind, O: Send + Sync> Sync for Queue<K, O> {}

impl<K, O> Queue<K, O> {
    pub(crate) const fn new() -> Self {
        Self {
            fragments: VecDeque::new(),
            head: 0,
            length: 0,
            kind: PhantomData,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn fragment_count(&self) -> usize {
        self.fragments.len()
    }

    /// The owners of the fragments, one for each that has one.
    pub(crate) fn owners(&self) -> impl Iterator<Item = &O> {
        self.fragments
            .iter()
            .filter_map(|fragment| fragment.owner.as_ref())
    }

    /// The owner of the last fragment, and whether that may be written.
    pub(crate) fn last(&self) -> Option<(&O, bool)> {
        let fragment = self.fragments.back()?;
        Some((fragment.owner.as_ref()?, fragment.writable))
    }

    /// Appends a range; an empty one is left out. Amortised O(1).
    ///
    /// The caller sees to it that the address is valid as long as the owner, or as long as the kind says.
    pub(super) fn push(
        &mut self,
        address: Address,
        length: usize,
        owner: Option<O>,
        writable: bool,
    ) -> Result<(), Error> {
        if length == 0 {
            return Ok(());
        }
        let total = self.length_with(length)?;
        self.fragments.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.fragments.push_back(OwnedFragment {
            start: self.head.wrapping_add(self.length),
            length,
            address,
            owner,
            writable,
        });
        self.length = total;
        Ok(())
    }

    fn length_with(&self, length: usize) -> Result<usize, Error> {
        self.length
            .checked_add(length)
            .filter(|&total| isize::try_from(total).is_ok())
            .ok_or(Error::TooLong)
    }

    /// Makes room for the fragments of `other`; the length with them. `None` if there were none and now
    /// there are those.
    fn make_room(&mut self, other: &mut Self) -> Result<Option<usize>, Error> {
        let total = self.length_with(other.length)?;
        if self.fragments.is_empty() {
            mem::swap(self, other);
            return Ok(None);
        }
        self.fragments
            .try_reserve(other.fragments.len())
            .map_err(|_| Error::OutOfMemory)?;
        Ok(Some(total))
    }

    /// Moves all fragments of `other` behind these. O(fragments of `other`).
    pub(crate) fn append(&mut self, other: &mut Self) -> Result<(), Error> {
        let Some(total) = self.make_room(other)? else {
            return Ok(());
        };
        let shift = self.head.wrapping_add(self.length).wrapping_sub(other.head);
        self.fragments
            .extend(other.fragments.drain(..).map(|fragment| OwnedFragment {
                start: fragment.start.wrapping_add(shift),
                ..fragment
            }));
        (self.length, other.length) = (total, 0);
        Ok(())
    }

    /// Moves all fragments of `other` before these. O(fragments of `other`).
    pub(crate) fn prepend(&mut self, other: &mut Self) -> Result<(), Error> {
        let Some(total) = self.make_room(other)? else {
            return Ok(());
        };
        let head = self.head.wrapping_sub(other.length);
        let shift = head.wrapping_sub(other.head);
        for fragment in other.fragments.drain(..).rev() {
            self.fragments.push_front(OwnedFragment {
                start: fragment.start.wrapping_add(shift),
                ..fragment
            });
        }
        self.head = head;
        (self.length, other.length) = (total, 0);
        Ok(())
    }

    /// The index of the fragment that holds the byte at `offset`, and where in it. O(1) in the first
    /// fragment, else O(log fragments).
    ///
    /// Pre: `offset < self.len()`.
    pub(super) fn locate(&self, offset: usize) -> (usize, usize) {
        let begins = |fragment: &OwnedFragment<O>| fragment.start.wrapping_sub(self.head);
        let index = match self.fragments.front() {
            Some(first) if offset < first.length => 0,
            _ => self
                .fragments
                .partition_point(|fragment| begins(fragment) <= offset)
                .saturating_sub(1),
        };
        let within = self
            .fragments
            .get(index)
            .map_or(0, |fragment| offset - begins(fragment));
        (index, within)
    }

    /// The fragments of the bytes `range`: the index of each, where the range begins in it, and the length
    /// there.
    pub(super) fn runs(&self, range: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut left = range.len();
        let (index, mut within) = if left > 0 {
            self.locate(range.start)
        } else {
            (0, 0)
        };
        self.fragments
            .range(index..)
            .zip(index..)
            .map_while(move |(fragment, index)| {
                let run = (index, within, left.min(fragment.length - within));
                (left, within) = (left - run.2, 0);
                (run.2 > 0).then_some(run)
            })
    }
}
