//! Lending references, if the kind of memory allows it.

use super::{Address, Hint, Kind, Memory};
use crate::geometry::{Place, Window};

/// Zeros that a hole lends, block by block.
pub(super) static ZEROS: [u8; 4096] = [0; 4096];

impl<K, O> Memory<K, O> {
    /// The fragments of a window without a step, as slices; a hole gives slices of zeros. O(1) a slice.
    ///
    /// # Safety
    /// For `'s`, the items of the window are not written.
    pub(crate) unsafe fn slices<'s>(
        &'s self,
        window: Window,
    ) -> impl Iterator<Item = &'s [u8]> + use<'s, K, O> {
        self.map.runs(window.span()).flat_map(|(mut left, place)| {
            core::iter::from_fn(move || {
                // SAFETY: the range lies in its fragment, and its bytes do not change.
                let slice: &'s [u8] = unsafe { lend(place, left.start, left.len()) };
                left.start += slice.len();
                (!slice.is_empty()).then_some(slice)
            })
        })
    }

    /// Up to `most` bytes from `offset` on, as many as lie in one fragment; of a hole some zeros. `None` past
    /// the end. O(1) near the access before.
    ///
    /// # Safety
    /// For `'s`, these bytes are not written.
    pub(crate) unsafe fn lend_near_hint<'s>(
        &'s self,
        hint: &mut Hint,
        offset: usize,
        most: usize,
    ) -> Option<&'s [u8]> {
        let place = self.find_near_hint(hint, offset)?;
        // SAFETY: the bytes lie in their fragment, and do not change.
        Some(unsafe { lend(place, offset, most.min(place.end - offset)) })
    }

    /// The fragments of a window without a step, to write to. O(1) a slice.
    ///
    /// # Safety
    /// The memory was built as exclusive, and while it is borrowed no other code touches the items of the
    /// window.
    pub(crate) unsafe fn slices_mut(
        &self,
        window: Window,
    ) -> impl Iterator<Item = &mut [u8]> + use<'_, K, O> {
        self.map.runs(window.span()).map(|(range, place)| {
            let first = place.payload.plus(range.start - place.start).as_ptr();
            // SAFETY: the range lies in its fragment; fragments of exclusive memory never overlap and are no
            // holes, and the caller has the window to itself.
            unsafe { core::slice::from_raw_parts_mut(first, range.len()) }
        })
    }
}

impl<K: Kind, O> Memory<K, O> {
    /// Up to `limit` contiguous bytes from `offset` on; empty past the end. Quicker near the access that left
    /// the hint.
    ///
    /// # Safety
    /// While it is borrowed, these bytes are not written.
    #[inline]
    pub(crate) unsafe fn slice_near_hint(&self, mut hint: Hint, offset: usize, limit: usize) -> &[u8] {
        let Some(place) = self.find_near_hint(&mut hint, offset) else {
            return &[];
        };
        // SAFETY: the bytes lie in their fragment, and do not change.
        unsafe { lend(place, offset, limit.min(place.end - offset)) }
    }
}

/// Up to `count` bytes from `start` on; of a hole as many as there are zeros to lend.
///
/// # Safety
/// The bytes lie in the fragment `place`, which is valid for `'s`, and they are not written meanwhile.
unsafe fn lend<'s>(place: Place<Address>, start: usize, count: usize) -> &'s [u8] {
    // SAFETY: the caller's. A range of no bytes is at the fragment's end, which is a place in its memory too.
    unsafe { slice_or_zeros(place.payload.plus(start - place.start), count) }
}

/// Up to `count` bytes from `first` on; of a hole as many as there are zeros to lend.
///
/// # Safety
/// The bytes are valid for `'s`, and they are not written meanwhile.
pub(super) unsafe fn slice_or_zeros<'s>(first: Address, count: usize) -> &'s [u8] {
    if first.is_hole() {
        return &ZEROS[..count.min(ZEROS.len())];
    }
    // SAFETY: the caller's.
    unsafe { core::slice::from_raw_parts(first.as_ptr(), count) }
}
