//! The right to borrow some items of a memory.

use super::{Hint, Kind, Memory, Reader};
use crate::geometry::Window;

/// Items of a memory that may be lent for `'m`.
///
/// Invariant: the items' bytes do not change during `'m`.
pub(crate) struct Lendable<'m, K, O> {
    memory: &'m Memory<K, O>,
    window: Window,
}

impl<'m, K: Kind, O> Lendable<'m, K, O> {
    /// # Safety
    /// The invariant.
    #[inline]
    pub(crate) const unsafe fn new(memory: &'m Memory<K, O>, window: Window) -> Self {
        Self { memory, window }
    }

    /// Lends the contiguous fragments of the items from `first` on; of a hole, slices of zeros. O(1) a slice.
    pub(crate) fn slices_from(self, first: usize) -> impl Iterator<Item = &'m [u8]> + use<'m, K, O> {
        let (memory, window) = (self.memory, self.window);
        let count = window.len().saturating_sub(first);
        let window = window
            .slice_with_step(first, count, 1)
            .unwrap_or(Window::whole(0));
        window.rows().flat_map(move |row| {
            // SAFETY: the invariant.
            unsafe { memory.slices(row) }
        })
    }

    /// Lends the bytes from item `index` on as far as they are in one fragment and follow each other: none
    /// past the end, and of a hole some zeros. Quicker near the access that left the hint.
    #[inline]
    pub(crate) fn slice_at(self, hint: Hint, index: usize) -> &'m [u8] {
        if index >= self.window.len() {
            return &[];
        }
        let limit = if self.window.is_contiguous() {
            (self.window.len() - index) * self.window.width()
        } else {
            self.window.width()
        };
        // SAFETY: the invariant; the bytes are the items' from `index` on.
        unsafe {
            self.memory
                .slice_near_hint(hint, self.window.offset(index), limit)
        }
    }

    /// As [`slice_at`](Self::slice_at), for the `count` items from `first` on of a window without gaps; it
    /// moves the hint. `None` if they are not all there, or the window has gaps.
    #[inline]
    pub(crate) fn items_at(self, hint: &mut Hint, first: usize, count: usize) -> Option<&'m [u8]> {
        let items = self.window.slice_with_step(first, count, 1)?;
        if !self.window.is_contiguous() {
            return None;
        }
        // SAFETY: the invariant; the bytes are those of `items`.
        unsafe {
            self.memory
                .lend_near_hint(hint, items.start(), items.byte_count())
        }
    }

    /// Reads the items, which are bytes, and lends what it can of them. O(1).
    pub(crate) fn reader(self) -> Reader<'m, K, O> {
        // SAFETY: the invariant.
        unsafe { Reader::new(self.memory, self.window, true) }
    }
}

impl<K: Kind, O> Memory<K, O> {
    /// Reads a window of bytes, which lies in the memory, and lends nothing. O(1).
    pub(crate) fn reader(&self, window: Window) -> Reader<'_, K, O> {
        // SAFETY: a reader that lends nothing asks for nothing.
        unsafe { Reader::new(self, window, false) }
    }
}
