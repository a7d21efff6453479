//! The directory: for each bucket of `2^shift` bytes, the fragment that holds the bucket's first byte.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A table from `offset >> shift` to the first fragment that can hold the offset.
///
/// Invariant: `first` has one entry a bucket plus a last one, all are fragment indices, and they never fall.
/// There are at most as many entries as fragments, so the table costs at most 4 bytes a fragment.
#[derive(Debug)]
pub(super) struct Directory {
    first: Box<[u32]>,
    shift: u32,
}

impl Directory {
    /// Builds the table in O(fragments + buckets), or gives `None` when memory is short.
    ///
    /// `starts` tells where each of the `count` fragments starts; pre: `count >= 2`, the starts rise strictly from 0, the
    /// last fragment ends at `length`.
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
        // Sizes are as good as random, so both loops do without a branch on them. A fragment is the last one that starts at
        // or before a bucket until the next one is.
        let mut last = 0;
        for (fragment, start) in (0..u32::try_from(count).ok()?).zip(starts) {
            let bucket = start.div_ceil(1 << shift);
            *first.get_mut(bucket)? = fragment;
            last = fragment;
        }
        let mut before = 0;
        for fragment in &mut first {
            before = before.max(*fragment);
            *fragment = before;
        }
        *first.last_mut()? = last;
        Some(Self {
            first: first.into_boxed_slice(),
            shift,
        })
    }

    /// The fragments, first and last, among which the one holding `offset` is; `None` past the last bucket. O(1).
    #[inline]
    pub(super) fn candidates(&self, offset: usize) -> Option<(usize, usize)> {
        let &[first, last] = self.first.get(offset >> self.shift..)?.first_chunk()?;
        Some((first as usize, last as usize))
    }

    /// The bytes the table takes.
    pub(super) fn size(&self) -> usize {
        size_of_val::<[u32]>(&self.first)
    }
}
