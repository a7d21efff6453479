//! Bytes in bulk: copy out, copy in, copy from another view, fill.

use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ops::{Range, RangeBounds};

use super::{MemoryRef, View};
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Exclusive, Kind, Memory, Shared};

/// An exclusive view borrowed from another one.
type Reborrowed<'v, T, R> =
    View<Exclusive<'v>, T, &'v Memory<<R as MemoryRef>::Kind, <R as MemoryRef>::Owner>>;

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Copies the items' bytes, in order, into `target`. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`]; nothing is written then.
    pub fn copy_to_slice(&self, target: &mut [u8]) -> Result<(), Error> {
        self.memory().copy_to_slice(self.window, target)
    }

    /// Copies the bytes of the items `range` into `target`, without a view for them. O(bytes + log
    /// fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::LengthMismatch`]; nothing is written then.
    pub(crate) fn copy_range_to_slice(&self, range: Range<usize>, target: &mut [u8]) -> Result<(), Error> {
        let window = self.window_of(&range)?;
        self.memory().copy_to_slice(window, target)
    }

    /// Copies the items' bytes, in order, into memory that need not be initialised; all of it is, afterwards.
    ///
    /// O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`]; nothing is written then.
    pub fn copy_to_uninit(&self, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        self.memory().copy_out(self.window, target)
    }

    /// Copies the items' bytes, in order, into `block`, as many at a time as fit, and shows them to `visit`.
    /// O(bytes + fragments). Pre: the block is not empty.
    pub(crate) fn in_blocks(&self, block: &mut [u8], mut visit: impl FnMut(&[u8])) -> Result<(), Error> {
        let most = block.len();
        let mut copy = |window: Window| {
            let part = &mut block[..window.byte_count()];
            self.memory().copy_to_slice(window, part)?;
            visit(part);
            Ok::<_, Error>(())
        };
        // Items in whole, if they fit and have gaps; else the bytes of a row.
        let size = self.item_size();
        if !self.is_contiguous() && size <= most {
            for first in (0..self.len()).step_by(most / size) {
                let count = (most / size).min(self.len() - first);
                copy(
                    self.window
                        .slice_with_step(first, count, 1)
                        .unwrap_or(Window::whole(0)),
                )?;
            }
            return Ok(());
        }
        for row in self.rows() {
            for first in row.span().step_by(most) {
                copy(Window::bytes(first, most.min(row.span().end - first)))?;
            }
        }
        Ok(())
    }

    /// The items' bytes, in order, copied. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.memory().append_to(self.window, &mut bytes)?;
        Ok(bytes)
    }

    /// Appends the bytes of the items `range` to `target`. O(bytes + log fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::OutOfMemory`]; nothing is written then.
    #[cfg(feature = "std")]
    pub(crate) fn append_range_to(&self, range: Range<usize>, target: &mut Vec<u8>) -> Result<(), Error> {
        self.memory().append_to(self.window_of(&range)?, target)
    }
}

impl<T, R: MemoryRef> View<Shared<'_>, T, R> {
    /// True if all items may be written. O(log fragments) without gaps.
    #[inline]
    pub fn is_writable(&self) -> bool {
        self.memory().is_writable(&self.window)
    }

    /// Copies `source` into the items, in order. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::LengthMismatch`]; nothing is written then.
    pub fn copy_from_slice(&self, source: &[u8]) -> Result<(), Error> {
        self.writable_in(self.window)?.copy_from_slice(source)
    }

    /// Copies `source` into the items `range`, without a view for them. O(bytes + log fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::ReadOnly`], [`Error::LengthMismatch`]; nothing is written then.
    #[cfg(feature = "std")]
    pub(crate) fn copy_range_from_slice(&self, range: Range<usize>, source: &[u8]) -> Result<(), Error> {
        self.writable_in(self.window_of(&range)?)?.copy_from_slice(source)
    }

    /// Copies another view's bytes into the items, as `memmove` does: also if the two overlap, or if
    /// fragments repeat, as if all were read before the first is written. O(bytes + fragments · log
    /// fragments).
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::LengthMismatch`], [`Error::OutOfMemory`] (overlapping views go through a
    /// scratch); nothing is written then.
    pub fn copy_from_view<L: Kind, U, Q: MemoryRef>(&self, source: &View<L, U, Q>) -> Result<(), Error> {
        self.writable_in(self.window)?
            .assign(source.memory(), source.window)
    }

    /// Sets every byte of the items. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; nothing is written then.
    pub fn fill(&self, byte: u8) -> Result<(), Error> {
        self.writable_in(self.window)?.fill(byte);
        Ok(())
    }
}

impl<T, R: MemoryRef> View<Exclusive<'_>, T, R> {
    /// Copies `source` into the items, in order. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`]; nothing is written then.
    pub fn copy_from_slice(&mut self, source: &[u8]) -> Result<(), Error> {
        self.writable().copy_from_slice(source)
    }

    /// Copies another view's bytes into the items. O(bytes + fragments · log fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`]; nothing is written then.
    pub fn copy_from_view<L: Kind, U, Q: MemoryRef>(&mut self, source: &View<L, U, Q>) -> Result<(), Error> {
        self.writable().assign(source.memory(), source.window)
    }

    /// Sets every byte of the items. O(bytes + fragments).
    pub fn fill(&mut self, byte: u8) {
        self.writable().fill(byte);
    }

    /// The items `range`, to read and write while this view is borrowed. O(1).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`].
    pub fn slice_mut(&mut self, range: impl RangeBounds<usize>) -> Result<Reborrowed<'_, T, R>, Error> {
        let window = self.window_of(&range)?;
        Ok(View::with(self.memory.memory(), window))
    }

    /// The items before `index`, and those from it on, both to read and write. O(1).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`].
    #[expect(clippy::type_complexity, reason = "two of the type that `slice_mut` gives")]
    pub fn split_at_mut(
        &mut self,
        index: usize,
    ) -> Result<(Reborrowed<'_, T, R>, Reborrowed<'_, T, R>), Error> {
        let (head, tail) = (self.window_of(&(..index))?, self.window_of(&(index..))?);
        // The two windows share no byte, so each is the one view on its items.
        Ok((
            View::with(self.memory.memory(), head),
            View::with(self.memory.memory(), tail),
        ))
    }
}
