//! Contiguous blocks of a view's bytes, for consumers that take one range of memory a call.
//!
//! A block that lies in one fragment is lent; the bytes of any other are copied to follow each other. A block
//! is found from the offset of its first byte, so that an iterator keeps a number and nothing else:
//! [`View::blocks`] cuts every `size` bytes; [`View::coalesced`] cuts at seams, and takes neighbours together
//! while they fit.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::mem::MaybeUninit;
use core::num::NonZero;
use core::ops::Range;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Frozen, Kind};

/// A range of a view's bytes that is lent where it lies in one fragment, and else copied.
pub struct Block<'v, K, T, R> {
    view: &'v View<K, T, R>,
    /// Invariant: these bytes are the view's, and there is one at least.
    range: Range<usize>,
    /// Where the range lies in the memory if it lies in one fragment.
    window: Option<Window>,
}

impl<K: Kind, T, R: MemoryRef> Block<'_, K, T, R> {
    /// The bytes of the view that the block has, its items laid end to end. O(1).
    pub const fn range(&self) -> &Range<usize> {
        &self.range
    }

    /// The block in the view's [memory](View::memory) if it lies in one fragment; else `None`. O(1).
    pub const fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// Copies the block to `target`. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::LengthMismatch`] if `target` is not as long.
    pub fn copy_to_uninit(&self, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        if target.len() != self.range.len() {
            return Err(Error::LengthMismatch {
                expected: self.range.len(),
                actual: target.len(),
            });
        }
        self.view.copy_bytes_to_uninit(self.range.start, target)
    }

    /// The block's bytes, copied. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for part in self.view.byte_parts(self.range.start, self.range.len())? {
            self.view.memory().append_to(part, &mut bytes)?;
        }
        Ok(bytes)
    }
}

impl<'v, T, R: MemoryRef> Block<'v, Frozen<'_>, T, R> {
    /// The block's bytes, lent where they lie in one fragment. O(1) then, else O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn to_cow(&self) -> Result<Cow<'v, [u8]>, Error> {
        let lent = self
            .window
            .and_then(|window| self.view.frozen_in(window).slices_from(0).next());
        Ok(match lent {
            Some(slice) => Cow::Borrowed(slice),
            None => Cow::Owned(self.to_vec()?),
        })
    }
}

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// The view's bytes in order as blocks of `size` bytes, the last one shorter. O(1) to make, and O(1) a
    /// block until it is copied.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// use std::borrow::Cow;
    /// let view = FrozenView::from_slices([&b"abcd"[..], b"ef"])?;
    /// let blocks: Result<Vec<_>, _> = view.blocks(3.try_into()?).map(|block| block.to_cow()).collect();
    /// let blocks = blocks?;
    /// assert_eq!(blocks, [&b"abc"[..], b"def"]);
    /// assert!(matches!(blocks[0], Cow::Borrowed(_)) && matches!(blocks[1], Cow::Owned(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn blocks(&self, size: NonZero<usize>) -> Blocks<'_, K, T, R> {
        Blocks {
            view: self,
            size,
            cut: Cut::Evenly,
            offset: 0,
        }
    }

    /// The view's fragments in order, but neighbours together that have at most `size` bytes. O(1) to make,
    /// and O(fragments) in all until blocks are copied. A view with gaps is cut as by
    /// [`blocks`](Self::blocks).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"a"[..], b"bc", b"defgh", b"i"])?;
    /// let lengths: Vec<_> = view.coalesced(4.try_into()?).map(|block| block.range().len()).collect();
    /// assert_eq!(lengths, [3, 5, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn coalesced(&self, size: NonZero<usize>) -> Blocks<'_, K, T, R> {
        Blocks {
            view: self,
            size,
            cut: Cut::AtSeams,
            offset: 0,
        }
    }

    /// The block of [`blocks`](Self::blocks) that begins at byte `offset`; `None` from the view's end on.
    /// O(1) in the mean.
    pub fn block_at(&self, offset: usize, size: NonZero<usize>) -> Option<Block<'_, K, T, R>> {
        let left = self.byte_len().checked_sub(offset).filter(|&left| left > 0)?;
        let range = offset..offset + left.min(size.get());
        let parts = self.window.byte_parts(range.clone())?;
        // Of a view with gaps only what lies within one item follows itself.
        let mut parts = parts.into_iter().filter(|part| !part.is_empty());
        let window = parts
            .next()
            .filter(|part| parts.next().is_none() && (part.is_contiguous() || part.len() == 1))
            .filter(|part| self.memory().fragments_in(part.span()).len() == 1);
        Some(Block {
            view: self,
            range,
            window,
        })
    }

    /// The block of [`coalesced`](Self::coalesced) that begins at byte `offset`; `None` from the view's end
    /// on. O(fragments of the block).
    pub fn coalesced_at(&self, offset: usize, size: NonZero<usize>) -> Option<Block<'_, K, T, R>> {
        let Some(bytes) = self.window.as_bytes() else {
            return self.block_at(offset, size);
        };
        let start = bytes
            .start
            .checked_add(offset)
            .filter(|&start| start < bytes.end)?;
        let first = self.memory().fragments_in(start..bytes.end).start;
        let end_of = |index| Some(self.memory().fragment_range(index)?.end.min(bytes.end));
        let mut end = end_of(first)?;
        let mut next = first + 1;
        while end < bytes.end {
            match end_of(next) {
                Some(further) if further - start <= size.get() => end = further,
                _ => break,
            }
            next += 1;
        }
        Some(Block {
            view: self,
            range: offset..offset + (end - start),
            window: (next == first + 1).then(|| Window::bytes(start, end - start)),
        })
    }
}

/// Where blocks end.
#[derive(Clone, Copy)]
enum Cut {
    Evenly,
    AtSeams,
}

/// The blocks of a view in order: see [`View::blocks`] and [`View::coalesced`].
pub struct Blocks<'v, K, T, R> {
    view: &'v View<K, T, R>,
    size: NonZero<usize>,
    cut: Cut,
    offset: usize,
}

impl<'v, K: Kind, T, R: MemoryRef> Iterator for Blocks<'v, K, T, R> {
    type Item = Block<'v, K, T, R>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = match self.cut {
            Cut::Evenly => self.view.block_at(self.offset, self.size)?,
            Cut::AtSeams => self.view.coalesced_at(self.offset, self.size)?,
        };
        self.offset = block.range.end;
        Some(block)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.view.byte_len() - self.offset;
        match self.cut {
            Cut::Evenly => {
                let blocks = left.div_ceil(self.size.get());
                (blocks, Some(blocks))
            }
            Cut::AtSeams => (usize::from(left > 0), Some(left)),
        }
    }
}

impl<K: Kind, T, R: MemoryRef> FusedIterator for Blocks<'_, K, T, R> {}
