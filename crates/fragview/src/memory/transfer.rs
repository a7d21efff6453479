//! Bulk transfers: copying out, copying in, filling.

use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::slice;

use super::access::{fetch, put};
use super::{Address, Kind, Memory, racy};
use crate::error::Error;
use crate::geometry::{FragmentRun, Window};

/// One contiguous range of a window's items: its address and its length.
pub(super) type RawSlice = (Address, usize);

impl<K: Kind, O> Memory<K, O> {
    /// Calls `visit` for each contiguous range of the window's items, in order.
    ///
    /// Post: each range lies in one fragment; together they are `window.byte_count()` bytes, if the window
    /// lies in the memory.
    pub(super) fn for_each_slice(&self, window: Window, mut visit: impl FnMut(RawSlice)) {
        if window.is_contiguous() {
            self.map.runs(window.span()).for_each(|(range, place)| {
                visit((place.payload.plus(range.start - place.start), range.len()));
            });
            return;
        }
        for stretch in self.map.fragment_runs(window) {
            match stretch {
                FragmentRun::Whole {
                    place,
                    mut offset,
                    count,
                } => {
                    for _ in 0..count {
                        visit((place.payload.plus(offset), window.width()));
                        offset = offset.wrapping_add_signed(window.step());
                    }
                }
                FragmentRun::Seam { offset } => {
                    for (range, place) in self.map.runs(offset..offset + window.width()) {
                        visit((place.payload.plus(range.start - place.start), range.len()));
                    }
                }
            }
        }
    }

    /// Copies the window's items, in order, into `target`, all of which is written. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `target` is not as long as the items together; nothing is written
    /// then.
    pub(crate) fn copy_out(&self, window: Window, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        same_length(window.byte_count(), target.len())?;
        let mut at = 0;
        self.for_each_slice(window, |(from, length)| {
            // The slice checks that no range is written past the target, whatever the window says.
            let to = &mut target[at..at + length];
            if from.is_hole() {
                to.fill(MaybeUninit::new(0));
            } else {
                // SAFETY: the range lies in its fragment, which is valid; `to` is as long and private.
                unsafe { fetch::<K>(from.as_ptr(), to.as_mut_ptr().cast(), length) };
            }
            at += length;
        });
        assert_eq!(at, target.len(), "a window lies in its memory");
        Ok(())
    }

    /// As [`copy_out`](Self::copy_out), into memory that is initialised.
    pub(crate) fn copy_to_slice(&self, window: Window, target: &mut [u8]) -> Result<(), Error> {
        // SAFETY: `copy_out` writes initialised bytes only.
        let target = unsafe { slice::from_raw_parts_mut(target.as_mut_ptr().cast(), target.len()) };
        self.copy_out(window, target)
    }

    /// Appends the window's items, in order, to `target`. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; nothing is written then.
    pub(crate) fn append_to(&self, window: Window, target: &mut Vec<u8>) -> Result<(), Error> {
        let (count, length) = (window.byte_count(), target.len());
        target.try_reserve_exact(count).map_err(|_| Error::OutOfMemory)?;
        self.copy_out(window, &mut target.spare_capacity_mut()[..count])?;
        // SAFETY: `copy_out` has written `count` bytes.
        unsafe { target.set_len(length + count) };
        Ok(())
    }

    /// Copies `source` into the window's items, in order. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `source` is not as long as the items together; nothing is written
    /// then.
    ///
    /// # Safety
    /// The caller may write these items: they are writable (no hole among them), and the memory is shared or
    /// the caller has it exclusively.
    pub(crate) unsafe fn copy_in(&self, window: Window, source: &[u8]) -> Result<(), Error> {
        same_length(window.byte_count(), source.len())?;
        let mut at = 0;
        self.for_each_slice(window, |(to, length)| {
            let from = &source[at..at + length];
            // SAFETY: the range lies in its fragment, the caller may write it; `from` is as long.
            unsafe { put::<K>(from.as_ptr(), to.as_ptr(), length) };
            at += length;
        });
        Ok(())
    }

    /// Sets every byte of the window's items. O(bytes + fragments).
    ///
    /// # Safety
    /// As [`copy_in`](Self::copy_in).
    pub(crate) unsafe fn fill(&self, window: Window, byte: u8) {
        self.for_each_slice(window, |(to, length)| {
            // SAFETY: the range lies in its fragment and the caller may write it.
            unsafe {
                if K::RACY {
                    racy::fill(to.as_ptr(), byte, length);
                } else {
                    to.as_ptr().write_bytes(byte, length);
                }
            }
        });
    }
}

pub(super) fn same_length(expected: usize, actual: usize) -> Result<(), Error> {
    if expected == actual {
        Ok(())
    } else {
        Err(Error::LengthMismatch { expected, actual })
    }
}
