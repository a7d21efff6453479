//! `View`: a window on a memory.

use alloc::sync::Arc;
use core::marker::PhantomData;

use super::MemoryRef;
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Exclusive, Frozen, Kind, Many, Memory, Shared, SourceExtent};

/// An array of items that lie in fragments: a memory and a window on it.
///
/// `K` is the kind of the memory, and decides what the view may do: [`Frozen`], [`Exclusive`] or [`Shared`].
/// `T` is the type of an item: any that `zerocopy` can make from bytes, or [`Untyped`] for items of any size.
/// `R` is the view's reference to its memory: an `Arc`, or a plain reference.
///
/// Slicing, reversing, stepping and casting are O(1) whatever the number of fragments; they never move a
/// byte.
pub struct View<K, T = u8, R = Arc<Memory<K>>> {
    pub(super) memory: R,
    pub(super) window: Window,
    pub(super) kind: PhantomData<(K, fn() -> T)>,
}

/// A view of bytes that do not change: it lends `&[u8]`.
pub type FrozenView<'a, T = u8> = View<Frozen<'a>, T>;

/// A view of bytes that only it accesses: it lends `&mut [u8]`.
pub type ExclusiveView<'a, T = u8> = View<Exclusive<'a>, T>;

/// A view of bytes that others may write at any time: it moves bytes and lends nothing.
pub type SharedView<'a, T = u8> = View<Shared<'a>, T>;

/// Items whose size is known at run time only.
#[derive(Clone, Copy, Debug)]
pub struct Untyped;

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Pre: the window lies in the memory, its items are `T`s, and `K` promises no more than the memory's
    /// kind.
    pub(super) const fn with(memory: R, window: Window) -> Self {
        Self {
            memory,
            window,
            kind: PhantomData,
        }
    }

    /// The memory behind the view. O(1).
    #[inline]
    pub fn memory(&self) -> &Memory<R::Kind, R::Owner> {
        self.memory.memory()
    }

    /// How the view holds its memory.
    #[cfg(all(feature = "std", unix))]
    pub(crate) const fn memory_ref(&self) -> &R {
        &self.memory
    }

    /// Which bytes of the memory the view shows. O(1).
    #[inline]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// The number of items. O(1).
    #[inline]
    pub const fn len(&self) -> usize {
        self.window.len()
    }

    /// True if there is no item. O(1).
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.window.len() == 0
    }

    /// Bytes an item. O(1).
    pub const fn item_size(&self) -> usize {
        self.window.width()
    }

    /// Bytes of all items together. O(1).
    pub const fn byte_len(&self) -> usize {
        self.window.byte_count()
    }

    /// True if the items follow each other without gaps, seams or not. O(1).
    pub const fn is_contiguous(&self) -> bool {
        self.window.is_contiguous()
    }

    /// Where the bytes lie: an extent for each contiguous range. O(1) an extent.
    pub fn extents(&self) -> impl Iterator<Item = SourceExtent> {
        self.rows().flat_map(|row| self.memory().extents(row.span()))
    }

    /// The bytes of the items as windows without gaps: one if the view has none, else one an item.
    pub(super) fn rows(&self) -> impl Iterator<Item = Window> + use<K, T, R> {
        self.window.rows()
    }
}

/// Frozen and shared views can be cloned. An exclusive view can't: it must be the only one.
macro_rules! many {
    ($kind:ident) => {
        impl<T, R: Clone> Clone for View<$kind<'_>, T, R> {
            fn clone(&self) -> Self {
                Self {
                    memory: self.memory.clone(),
                    window: self.window,
                    kind: PhantomData,
                }
            }
        }
    };
}

many!(Frozen);
many!(Shared);

impl<K: Many, R: MemoryRef<Kind = K>> View<K, Untyped, R> {
    /// The items that `window` shows of a memory; `None` if it does not lie in the memory. O(1).
    #[must_use]
    #[inline]
    pub fn from_window(memory: R, window: Window) -> Option<Self> {
        (window.span().end <= memory.memory().len()).then(|| Self::with(memory, window))
    }

    /// The items as bytes, if each is one: also if they have gaps. O(1).
    ///
    /// # Errors
    /// [`Error::ItemSizeMismatch`].
    pub fn into_bytes(self) -> Result<View<K, u8, R>, Error> {
        let (window, actual) = (self.window, self.item_size());
        if actual == 1 {
            Ok(self.into_window(window))
        } else {
            Err(Error::ItemSizeMismatch { expected: 1, actual })
        }
    }
}
