//! A fragment for consecutive reads without a lookup.

use core::marker::PhantomData;
use core::ops::Range;

use super::{AHEAD, prefetch, racy};

/// Contiguous bytes of a longer line, by the offsets they have there. Reads within it need no lookup.
///
/// It lends nothing: others may write the bytes at any time, and a read copies them as they are then.
///
/// Invariant: the bytes of `range` lie from `first` on, and are valid for reads, but for races, as long as
/// `'a`.
#[derive(Clone, Debug)]
pub struct Fragment<'a> {
    range: Range<usize>,
    first: *const u8,
    borrowed: PhantomData<&'a ()>,
}

impl<'a> Fragment<'a> {
    /// # Safety
    /// The invariant: `range.len()` bytes from `first` on are valid for reads, but for races, for `'a`.
    pub(crate) const unsafe fn new(range: Range<usize>, first: *const u8) -> Self {
        Self {
            range,
            first,
            borrowed: PhantomData,
        }
    }

    /// A slice, whose first byte has offset 0. O(1).
    #[must_use]
    pub const fn of_slice(slice: &'a [u8]) -> Self {
        // SAFETY: a slice's bytes are valid as long as it is borrowed.
        unsafe { Self::new(0..slice.len(), slice.as_ptr()) }
    }

    /// The offsets of the fragment's bytes. O(1).
    #[must_use]
    pub const fn range(&self) -> &Range<usize> {
        &self.range
    }

    /// Fills `target` with the bytes at `offset`; `None`, and nothing is written, if they are not all in the
    /// fragment. O(bytes). It prefetches, for readers that go from record to record.
    #[inline]
    pub fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        if offset < self.range.start || offset > self.range.end || self.range.end - offset < target.len() {
            return None;
        }
        let from = self.first.wrapping_add(offset - self.range.start);
        prefetch(from.wrapping_add(AHEAD));
        // SAFETY: the bytes are within the fragment, by the check above; the target is private.
        unsafe { racy::copy_out(from, target.as_mut_ptr(), target.len()) };
        Some(())
    }
}

// SAFETY: it gives copies of bytes that any thread may read, but for races.
unsafe impl Send for Fragment<'_> {}
// SAFETY: as above.
unsafe impl Sync for Fragment<'_> {}
