//! Bytes by their offset in the items laid end to end, and the fragment of an item.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Kind, Shared, SourceExtent};

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Copies the bytes at `offset` of the items laid end to end into memory that need not be initialised;
    /// all of it is, afterwards. A view with gaps is not joined first. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`] if the items have fewer bytes; nothing is written then.
    ///
    /// ```
    /// use fragview::{FrozenView, geometry::Slice};
    /// use std::mem::MaybeUninit;
    /// let even = FrozenView::from_slices([&b"a-b-"[..], b"c-d-"])?.slice_with_step(Slice { start: None, stop: None, step: 2 });
    /// let mut target = [MaybeUninit::uninit(); 2];
    /// even.copy_bytes_to_uninit(1, &mut target)?;
    /// assert_eq!(target.map(|byte| unsafe { byte.assume_init() }), *b"bc");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn copy_bytes_to_uninit(&self, offset: usize, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let mut rest = target;
        for part in self.byte_parts(offset, rest.len())? {
            if part.is_empty() {
                continue;
            }
            let (now, behind) = rest.split_at_mut(part.byte_count());
            self.memory().copy_out(part, now)?;
            rest = behind;
        }
        Ok(())
    }

    /// The fragment that holds the first byte of item `index`, counted from the view's first one, and the
    /// offset in it; `None` if there is no such item. In a view with a step each contiguous range counts as a
    /// fragment. O(1) in the mean; O(fragments) in a view with a step.
    pub fn locate(&self, index: usize) -> Option<(usize, usize)> {
        if index >= self.len() {
            return None;
        }
        if !self.is_contiguous() {
            return Some(self.memory().fragment_of_item(self.window, index));
        }
        let (offset, span) = (self.window.offset(index), self.window.span());
        let first = self.memory().fragments_in(span.clone()).start;
        let (fragment, range) = self.memory().locate(offset)?;
        Some((fragment - first, offset - range.start.max(span.start)))
    }

    /// Where the first byte of item `index` lies in its source, and how many bytes of the item lie there
    /// without a seam; `None` if there is no such item. The index that [`extents`](View::extents) would be
    /// searched for, in O(1) in the mean, O(log sources) of many sources.
    ///
    /// ```
    /// # #[cfg(feature = "bytes")] {
    /// use bytes::Bytes;
    /// use fragview::View;
    /// let file = Bytes::from_static(b"3:one4:some");
    /// let view = View::from_extents(file, [(2, 3), (7, 4)])?;
    /// assert_eq!(view.origin(4).and_then(|origin| origin.place), Some((0, 8)));
    /// # }
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn origin(&self, index: usize) -> Option<SourceExtent> {
        if index >= self.len() {
            return None;
        }
        let origin = self.memory().origin(self.window.offset(index))?;
        Some(SourceExtent {
            length: origin.length.min(self.item_size()),
            ..origin
        })
    }

    /// True if the view has a step, and each item is a contiguous range of its own. O(fragments).
    pub fn items_are_fragments(&self) -> bool {
        !self.is_contiguous() && self.memory().items_are_fragments(self.window)
    }

    /// Windows of bytes that follow each other, of which some may be empty.
    pub(super) fn byte_parts(&self, offset: usize, count: usize) -> Result<[Window; 3], Error> {
        let end = offset.saturating_add(count);
        let parts = self.window.byte_parts(Range { start: offset, end });
        parts.ok_or(Error::RangeOutOfRange {
            start: offset,
            end,
            length: self.byte_len(),
        })
    }
}

impl<T, R: MemoryRef> View<Shared<'_>, T, R> {
    /// Copies `source` to `offset` of the items laid end to end. A view with gaps is not joined first.
    /// O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::ReadOnly`]; nothing is written then.
    pub fn copy_bytes_from_slice(&self, offset: usize, source: &[u8]) -> Result<(), Error> {
        let parts = self.byte_parts(offset, source.len())?;
        let memory = self.memory();
        if !parts.iter().all(|part| memory.is_writable(part)) {
            return Err(Error::ReadOnly);
        }
        let mut rest = source;
        for part in parts {
            if part.is_empty() {
                continue;
            }
            let (now, behind) = rest.split_at(part.byte_count());
            self.writable_in(part)?.copy_from_slice(now)?;
            rest = behind;
        }
        Ok(())
    }
}
