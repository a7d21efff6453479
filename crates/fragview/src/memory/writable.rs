//! The right to write some items of a memory.

use zerocopy::{Immutable, IntoBytes};

use super::{Kind, Memory};
use crate::error::Error;
use crate::geometry::Window;

/// Items of a memory that may be written for `'m`.
///
/// Invariant: none of their bytes is read-only or in a hole, and the memory is shared, or no other code
/// accesses them for `'m`.
pub(crate) struct Writable<'m, K, O> {
    memory: &'m Memory<K, O>,
    window: Window,
}

impl<'m, K: Kind, O> Writable<'m, K, O> {
    /// # Safety
    /// The invariant.
    #[inline]
    pub(crate) const unsafe fn new(memory: &'m Memory<K, O>, window: Window) -> Self {
        Self { memory, window }
    }

    /// Narrows the right to `count` items from `first` on; `None` if they are not all there. O(1).
    #[inline]
    pub(crate) fn items(self, first: usize, count: usize) -> Option<Self> {
        let window = self.window.slice_with_step(first, count, 1)?;
        Some(Self { window, ..self })
    }

    /// Writes a value's bytes where the first item begins; `None` if they are more than an item.
    #[inline]
    pub(crate) fn write<T: IntoBytes + Immutable>(self, value: &T) -> Option<()> {
        if size_of::<T>() > self.window.width() || self.window.is_empty() {
            return None;
        }
        // SAFETY: the invariant; the bytes are an item's, or fewer.
        unsafe { self.memory.write(self.window.start(), value) }
    }

    /// Copies `source` into the items, in order. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::LengthMismatch`]; nothing is written then.
    pub(crate) fn copy_from_slice(self, source: &[u8]) -> Result<(), Error> {
        // SAFETY: the invariant.
        unsafe { self.memory.copy_in(self.window, source) }
    }

    /// Copies the items of `from` on another memory, as `memmove` does. [`Memory::assign`].
    ///
    /// # Errors
    /// [`Error::LengthMismatch`], [`Error::OutOfMemory`]; nothing is written then.
    pub(crate) fn assign<L: Kind, P>(self, source: &Memory<L, P>, from: Window) -> Result<(), Error> {
        // SAFETY: the invariant.
        unsafe { self.memory.assign(self.window, source, from) }
    }

    /// Sets every byte. O(bytes + fragments).
    pub(crate) fn fill(self, byte: u8) {
        // SAFETY: the invariant.
        unsafe { self.memory.fill(self.window, byte) };
    }

    /// Lends the contiguous fragments to write to; of memory that others may write, none. O(1) a slice.
    pub(crate) fn slices_mut(self) -> impl Iterator<Item = &'m mut [u8]> {
        let window = if K::RACY { Window::whole(0) } else { self.window };
        let memory = self.memory;
        window.rows().flat_map(move |row| {
            // SAFETY: the invariant, of memory that is not shared; rows share no byte.
            unsafe { memory.slices_mut(row) }
        })
    }
}
