//! Reading from a queue: copies, or slices of frozen memory.

use core::mem::MaybeUninit;
use core::slice;

use zerocopy::FromBytes;

use super::Queue;
use crate::error::Error;
use crate::memory::access::fetch;
use crate::memory::lend::slice_or_zeros;
use crate::memory::{Frozen, Kind};

impl<K, O> Queue<K, O> {
    /// How many zeros of a hole lie from `offset` on; 0 if it is not in a hole. As `locate`.
    pub(crate) fn zeros(&self, offset: usize) -> usize {
        let run = self.runs(offset..self.length.max(offset)).next();
        let fragment = |index| {
            self.fragments
                .get(index)
                .filter(|fragment| fragment.address.is_hole())
        };
        run.map_or(0, |(index, _, length)| fragment(index).map_or(0, |_| length))
    }
}

impl<K: Kind, O> Queue<K, O> {
    /// Copies the bytes from `offset` on into `target`, all of which is written. O(log fragments + bytes +
    /// fragments).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; nothing is written then.
    pub(crate) fn copy_out(&self, offset: usize, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let needed = offset.saturating_add(target.len());
        if needed > self.length {
            return Err(Error::NotEnoughData {
                needed,
                available: self.length,
            });
        }
        let mut at = 0;
        for (index, within, length) in self.runs(offset..needed) {
            // The slice checks that no range is written past the target.
            let to = &mut target[at..at + length];
            match self.fragments.get(index) {
                Some(fragment) if !fragment.address.is_hole() => {
                    let from = fragment.address.plus(within).as_ptr();
                    // SAFETY: the range lies in its fragment, which is valid; `to` is as long and private.
                    unsafe { fetch::<K>(from, to.as_mut_ptr().cast(), length) };
                }
                _ => to.fill(MaybeUninit::new(0)),
            }
            at += length;
        }
        Ok(())
    }

    /// As [`copy_out`](Self::copy_out), into memory that is initialised.
    pub(crate) fn copy_to_slice(&self, offset: usize, target: &mut [u8]) -> Result<(), Error> {
        // SAFETY: `copy_out` writes initialised bytes only.
        let target = unsafe { slice::from_raw_parts_mut(target.as_mut_ptr().cast(), target.len()) };
        self.copy_out(offset, target)
    }

    /// The value whose bytes begin at `offset`. As [`copy_out`](Self::copy_out).
    pub(crate) fn read<T: FromBytes>(&self, offset: usize) -> Result<T, Error> {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: the bytes of a `MaybeUninit` may be uninitialised, and there are `size_of::<T>()` of them.
        let bytes = unsafe { slice::from_raw_parts_mut(value.as_mut_ptr().cast(), size_of::<T>()) };
        self.copy_out(offset, bytes)?;
        // SAFETY: `copy_out` has written every byte, and any bytes make a `FromBytes` type.
        Ok(unsafe { value.assume_init() })
    }
}

impl<O> Queue<Frozen<'_>, O> {
    /// The contiguous bytes from `offset` on; empty at the end. O(log fragments).
    pub(crate) fn slice_from(&self, offset: usize) -> &[u8] {
        let Some((index, within, length)) = self.runs(offset..self.length.max(offset)).next() else {
            return &[];
        };
        match self.fragments.get(index) {
            // SAFETY: the range lies in its fragment, which is valid while the queue is borrowed, and its
            // bytes do not change.
            Some(fragment) => unsafe { slice_or_zeros(fragment.address.plus(within), length) },
            None => &[],
        }
    }
}
