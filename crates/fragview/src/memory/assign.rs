//! Copying from one view's memory into another's, as `memmove` does: as if all were read before the first
//! write.

use alloc::vec::Vec;
use core::ops::Range;

use super::transfer::{RawSlice, same_length};
use super::{Address, Kind, Memory, racy};
use crate::error::Error;
use crate::geometry::Window;

impl<K: Kind, O> Memory<K, O> {
    /// Copies the items of `from` on `source` into the items of `to` on this memory.
    ///
    /// O(bytes + fragments). If the two overlap, the source is first copied into a scratch as long as
    /// itself; to know it costs O(fragments · log fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the bytes differ in number, [`Error::OutOfMemory`]; nothing is written
    /// then.
    ///
    /// # Safety
    /// The caller may write the items of `to`: they are writable (no hole among them), and the memory is
    /// shared or the caller has it exclusively.
    pub(crate) unsafe fn assign<L: Kind, P>(
        &self,
        to: Window,
        source: &Memory<L, P>,
        from: Window,
    ) -> Result<(), Error> {
        same_length(to.byte_count(), from.byte_count())?;
        if self.overlaps(to, source, from)? {
            let mut scratch = Vec::new();
            scratch
                .try_reserve_exact(from.byte_count())
                .map_err(|_| Error::OutOfMemory)?;
            source.copy_out(from, &mut scratch.spare_capacity_mut()[..from.byte_count()])?;
            // SAFETY: `copy_out` has written every byte.
            unsafe { scratch.set_len(from.byte_count()) };
            // SAFETY: the caller's.
            return unsafe { self.copy_in(to, &scratch) };
        }
        if to.is_contiguous() && from.is_contiguous() {
            // SAFETY: the caller's, and the check above.
            unsafe { self.assign_runs(to, source, from) };
            return Ok(());
        }
        let mut slices = source.raw_slices(from);
        let mut left: RawSlice = (Address::HOLE, 0);
        self.for_each_slice(to, |(mut target, mut length)| {
            while length > 0 {
                if left.1 == 0 {
                    let Some(slice) = slices.next() else { return };
                    left = slice;
                }
                let part = left.1.min(length);
                // SAFETY: both ranges have `part` bytes left, they do not overlap, and the caller may write.
                unsafe { copy_slice::<L, K>(left.0, target, part) };
                left = (left.0.plus(part), left.1 - part);
                (target, length) = (target.plus(part), length - part);
            }
        });
        Ok(())
    }

    /// # Safety
    /// As [`assign`](Self::assign); both windows are contiguous, equally long, and do not overlap in memory.
    unsafe fn assign_runs<L: Kind, P>(&self, to: Window, source: &Memory<L, P>, from: Window) {
        let mut runs = source
            .map
            .runs(from.span())
            .map(|(range, place)| (place.payload.plus(range.start - place.start), range.len()));
        let mut left: RawSlice = (Address::HOLE, 0);
        for (range, place) in self.map.runs(to.span()) {
            let mut target = place.payload.plus(range.start - place.start);
            let mut length = range.len();
            while length > 0 {
                if left.1 == 0 {
                    let Some(run) = runs.next() else { return };
                    left = run;
                }
                let part = left.1.min(length);
                // SAFETY: both ranges have `part` bytes left, they do not overlap, and the caller may write.
                unsafe { copy_slice::<L, K>(left.0, target, part) };
                left = (left.0.plus(part), left.1 - part);
                (target, length) = (target.plus(part), length - part);
            }
        }
    }

    /// True if the items of the two windows share an address, or might: gaps between items count too.
    fn overlaps<L: Kind, P>(&self, to: Window, source: &Memory<L, P>, from: Window) -> Result<bool, Error> {
        // The bounds of both tell most cases apart without remembering anything.
        let (target, origin) = (self.bounds(to), source.bounds(from));
        if target.end <= origin.start || origin.end <= target.start {
            return Ok(false);
        }
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut full = false;
        source.address_ranges(from, |range| {
            full |= ranges.try_reserve(1).is_err();
            if !full {
                ranges.push(range);
            }
        });
        if full {
            return Err(Error::OutOfMemory);
        }
        ranges.sort_unstable_by_key(|range| range.start);
        // Joined if they touch, so that their ends rise as their starts do.
        ranges.dedup_by(|next, last| {
            let joined = next.start <= last.end;
            if joined {
                last.end = last.end.max(next.end);
            }
            joined
        });
        let mut found = false;
        self.address_ranges(to, |range| {
            let after = ranges.partition_point(|origin| origin.end <= range.start);
            found |= ranges.get(after).is_some_and(|origin| origin.start < range.end);
        });
        Ok(found)
    }

    fn bounds(&self, window: Window) -> Range<usize> {
        let (mut start, mut end) = (usize::MAX, 0);
        self.address_ranges(window, |range| {
            (start, end) = (start.min(range.start), end.max(range.end));
        });
        start..end
    }

    /// The addresses the window's items lie at, gaps within a fragment included; holes have none.
    fn address_ranges(&self, window: Window, mut visit: impl FnMut(Range<usize>)) {
        for (range, place) in self.map.runs(window.span()) {
            if !place.payload.is_hole() {
                let start = place.payload.plus(range.start - place.start).number();
                visit(start..start + range.len());
            }
        }
    }
}

/// Copies a range of memory of kind `L` into memory of kind `K`; a hole gives zeros.
///
/// # Safety
/// Both sides are valid for `length` bytes as their kinds say, they do not overlap, and the caller may write.
#[inline]
unsafe fn copy_slice<L: Kind, K: Kind>(from: Address, to: Address, length: usize) {
    // SAFETY: the caller's.
    unsafe {
        match (from.is_hole(), L::RACY || K::RACY) {
            (false, true) => racy::copy(from.as_ptr(), to.as_ptr(), length),
            (false, false) => to.as_ptr().copy_from_nonoverlapping(from.as_ptr(), length),
            (true, true) => racy::fill(to.as_ptr(), 0, length),
            (true, false) => to.as_ptr().write_bytes(0, length),
        }
    }
}
