//! The read-only fragments of a memory, as a list of ranges.

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::Error;

/// Runs of read-only fragments, as the fragment indices at which such a run begins and ends.
///
/// Invariant: the indices rise strictly; those at even places begin a run, those at odd places end one. A
/// last run that reaches the last fragment has no end. So memory that is all writable, or all read-only,
/// costs nothing.
#[derive(Debug, Default)]
pub(super) struct ReadOnly {
    turns: Vec<u32>,
}

impl ReadOnly {
    /// Nothing is read-only.
    pub(super) const fn new() -> Self {
        Self { turns: Vec::new() }
    }

    /// Makes room for one turn, and no more.
    pub(super) fn reserve_only(&mut self) -> Result<(), Error> {
        self.turns.try_reserve_exact(1).map_err(|_| Error::OutOfMemory)
    }

    /// Makes room, so that the next `push` does not fail.
    #[inline]
    pub(super) fn reserve(&mut self) -> Result<(), Error> {
        self.turns.try_reserve(1).map_err(|_| Error::OutOfMemory)
    }

    /// Whether the fragment pushed last is read-only.
    #[inline]
    pub(super) fn is_last(&self) -> bool {
        self.turns.len() % 2 == 1
    }

    /// Says of the next fragment, `index`, whether it is read-only. Amortised O(1).
    #[inline]
    pub(super) fn push(&mut self, index: usize, readonly: bool) -> Result<(), Error> {
        if readonly != self.is_last() {
            self.turns.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            self.turns
                .push(u32::try_from(index).map_err(|_| Error::TooManyFragments)?);
        }
        Ok(())
    }

    /// As [`push`](Self::push), for the fragments `fragments` of another memory. O(log runs + runs among
    /// them).
    ///
    /// Pre: `reserve_turns` has made room for those, and for two more.
    pub(super) fn extend(
        &mut self,
        index: usize,
        other: &Self,
        fragments: &Range<usize>,
    ) -> Result<(), Error> {
        let mut at = fragments.start;
        for run in other.within(fragments) {
            if at < run.start {
                self.push(index + (at - fragments.start), false)?;
            }
            self.push(index + (run.start - fragments.start), true)?;
            at = run.end;
        }
        if at < fragments.end {
            self.push(index + (at - fragments.start), false)?;
        }
        Ok(())
    }

    /// How many runs begin or end among these fragments; [`extend`](Self::extend) may need two more. O(log
    /// runs).
    pub(super) fn turns_of(&self, fragments: &Range<usize>) -> usize {
        let before = |index: usize| self.turns.partition_point(|&turn| (turn as usize) < index);
        before(fragments.end) - before(fragments.start)
    }

    /// Reserves room for this many more beginnings and ends of ranges.
    pub(super) fn reserve_turns(&mut self, count: usize) -> Result<(), Error> {
        self.turns.try_reserve(count).map_err(|_| Error::OutOfMemory)
    }

    /// True if every fragment is writable.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The read-only runs within `fragments`, cut to it. O(log runs) to begin.
    pub(super) fn within(&self, fragments: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let Range { start, end } = *fragments;
        // The turns at or before `start`; an odd number of them means that a run is open there.
        let before = self.turns.partition_point(|&turn| turn as usize <= start);
        let first = before - before % 2;
        self.turns[first..]
            .chunks(2)
            .map(move |run| {
                let from = (run[0] as usize).max(start);
                from..run.get(1).map_or(end, |&to| to as usize).min(end)
            })
            .take_while(|run| run.start < run.end)
    }

    pub(super) fn heap_size(&self) -> usize {
        self.turns.capacity() * size_of::<u32>()
    }
}
