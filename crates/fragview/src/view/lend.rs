//! Fragments as slices, if the memory lends them.

use super::{MemoryRef, View};
use crate::memory::{Exclusive, Frozen, Hint, Kind, Memory};

impl<K: Kind, R: MemoryRef> View<K, u8, R> {
    /// The contiguous bytes from `index` on, as far as they go; `None` if the kind lends nothing.
    #[inline]
    pub(crate) fn lend_from(&self, hint: Hint, index: usize) -> Option<&[u8]> {
        Some(self.lendable()?.slice_at(hint, index))
    }

    /// All contiguous chunks from `index` on; nothing if the kind lends nothing.
    #[cfg(all(feature = "bytes", feature = "std"))]
    pub(crate) fn lend_all_from(&self, index: usize) -> impl Iterator<Item = &[u8]> {
        self.lendable()
            .into_iter()
            .flat_map(move |lendable| lendable.slices_from(index))
    }
}

impl<T, R: MemoryRef> View<Frozen<'_>, T, R> {
    /// The contiguous ranges, in order, as slices; a hole gives slices of zeros. O(1) a slice.
    ///
    /// A view with gaps, or in reverse, gives its items one by one.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.frozen_items().slices_from(0)
    }

    /// The contiguous ranges as [`IoSlice`](std::io::IoSlice)s, for vectored writes. O(1) a slice.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// use std::io::Write;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// let mut file = Vec::new();
    /// file.write_vectored(&view.io_slices().collect::<Vec<_>>()).unwrap();
    /// assert_eq!(file, b"abcde");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn io_slices(&self) -> impl Iterator<Item = std::io::IoSlice<'_>> {
        self.chunks().map(std::io::IoSlice::new)
    }
}

impl<T, R: MemoryRef> View<Exclusive<'_>, T, R> {
    /// A view of the same items to read only, of which there may be any number while this one is borrowed.
    /// O(1).
    pub fn as_frozen(&self) -> View<Frozen<'_>, T, &Memory<R::Kind, R::Owner>> {
        View::with(self.memory.memory(), self.window)
    }

    /// The contiguous ranges, in order, as slices to write to. O(1) a slice.
    ///
    /// ```
    /// # use fragview::ExclusiveView;
    /// let (mut head, mut tail) = (*b"abc", *b"de");
    /// let mut view = ExclusiveView::from_slices_mut([&mut head[..], &mut tail])?;
    /// for chunk in view.slice_mut(1..)?.chunks_mut() {
    ///     chunk.make_ascii_uppercase();
    /// }
    /// assert_eq!((&head, &tail), (b"aBC", b"DE"));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn chunks_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        self.writable().slices_mut()
    }

    /// The contiguous ranges as [`IoSliceMut`](std::io::IoSliceMut)s, for vectored reads. O(1) a slice.
    #[cfg(feature = "std")]
    pub fn io_slices_mut(&mut self) -> impl Iterator<Item = std::io::IoSliceMut<'_>> {
        self.chunks_mut().map(std::io::IoSliceMut::new)
    }
}

#[cfg(feature = "bytes")]
impl<R: MemoryRef> View<Exclusive<'_>, u8, R> {
    /// The contiguous bytes from `index` on, as far as they go, to write to.
    pub(crate) fn lend_mut_from(&mut self, index: usize) -> &mut [u8] {
        let left = self.len().saturating_sub(index);
        let count = if self.is_contiguous() { left } else { left.min(1) };
        let items = self.writable().items(index, count);
        items
            .and_then(|items| items.slices_mut().next())
            .unwrap_or_default()
    }
}
