//! The directory: a table from a bucket of `2^shift` bytes to the fragments where a lookup begins.
//!
//! `shift` is the least for which the table has no more numbers than the map has fragments. So a bucket has
//! between one and two fragments in the mean. The table is built in one pass over the starts and one over the
//! buckets: first each bucket gets the last fragment that starts at or before it and behind the bucket
//! before; then those that got none take the number of the bucket before. O(fragments) once; 4 bytes a
//! bucket.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A lookup compares an offset with this many starts: a bucket has between one and two fragments in the mean,
/// so more of them seldom begin at or before the offset.
pub(super) const WALK: usize = 4;

/// A table from `offset >> shift` to a fragment from which on [`WALK`] starts tell which one holds the
/// offset.
///
/// Invariant: `first` has one number a bucket plus a last one, which never fall. The fragment begins at or
/// before the bucket, and behind its entry the map has `WALK` more, the one at the end of the line included.
/// There are at most as many numbers as fragments, so the table costs at most 4 bytes a fragment.
#[derive(Debug)]
pub(super) struct Directory {
    first: Box<[u32]>,
    shift: u32,
}

impl Directory {
    /// Builds the table in O(fragments + buckets), or gives `None` when memory is short.
    ///
    /// `starts` tells where each of the `count` fragments starts; pre: `count >= WALK`, the starts rise
    /// strictly from 0, the last fragment ends at `length`.
    pub(super) fn build(count: usize, length: usize, starts: impl Iterator<Item = usize>) -> Option<Self> {
        let last = length.checked_sub(1)?;
        let mut shift = 0;
        while (last >> shift).checked_add(2)? > count {
            shift += 1;
        }
        let buckets = (last >> shift) + 1;
        let mut first = Vec::new();
        first.try_reserve_exact(buckets + 1).ok()?;
        first.resize(buckets + 1, 0);
        // Sizes are as good as random, so both loops do without a branch on them. A fragment is the last one
        // that starts at or before a bucket until the next one is.
        let mut last = 0;
        for (fragment, start) in (0..u32::try_from(count).ok()?).zip(starts) {
            let bucket = start.div_ceil(1 << shift);
            *first.get_mut(bucket)? = fragment;
            last = fragment;
        }
        *first.last_mut()? = last;
        // The map has an entry more than fragments.
        let most = u32::try_from(count.checked_sub(WALK)?).ok()?;
        let mut before = 0;
        for fragment in &mut first {
            before = before.max(*fragment);
            *fragment = most.min(before);
        }
        Some(Self {
            first: first.into_boxed_slice(),
            shift,
        })
    }

    /// The fragment at which the search for `offset` begins, or `None` past the last bucket. O(1).
    #[inline]
    pub(super) fn first(&self, offset: usize) -> Option<usize> {
        Some(*self.first.get(offset >> self.shift)? as usize)
    }

    /// An entry that is not before the fragment that holds `offset`, or `None` past the last bucket. O(1).
    pub(super) fn last(&self, offset: usize) -> Option<usize> {
        let next = (offset >> self.shift).checked_add(1)?;
        Some(*self.first.get(next)? as usize + WALK)
    }

    /// The bytes the table takes.
    pub(super) fn size(&self) -> usize {
        size_of_val::<[u32]>(&self.first)
    }
}
