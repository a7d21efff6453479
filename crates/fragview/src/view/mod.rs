//! Views: windows on a memory.

mod build;
mod compare;
mod edit;
mod extents;
mod hex;
mod items;
mod lend;
mod locate;
#[cfg(feature = "std")]
mod remap;
mod search;
mod splice;

use alloc::sync::Arc;
use core::marker::PhantomData;
use core::ops::{Bound, Range, RangeBounds};

pub use compare::{ItemComparison, equal_items};
pub use items::Items;
#[cfg(feature = "std")]
pub use remap::RemappedView;

use crate::error::Error;
use crate::geometry::{Slice, Window};
use crate::memory::{Exclusive, Frozen, Kind, Many, Memory, Shared, SourceExtent};

/// An array of items that lie in fragments: what a memory and a window show.
///
/// `K` says who else may touch the memory, and so what the view may do: [`Frozen`], [`Exclusive`] or [`Shared`].
/// `T` is the type of an item, any that `zerocopy` can make of bytes, or [`Untyped`] for items that are just
/// so many bytes. `R` is how the view holds its memory: an `Arc`, or a reference.
///
/// Slicing, reversing, stepping and casting are O(1) whatever the number of fragments; they never move a byte.
pub struct View<K, T = u8, R = Arc<Memory<K>>> {
    memory: R,
    window: Window,
    kind: PhantomData<(K, fn() -> T)>,
}

/// A view of bytes that nobody writes: it lends `&[u8]`.
pub type FrozenView<'a, T = u8> = View<Frozen<'a>, T>;

/// A view of bytes that nobody else touches: it lends `&mut [u8]`.
pub type ExclusiveView<'a, T = u8> = View<Exclusive<'a>, T>;

/// A view of bytes that others may write at any time: it moves bytes and lends nothing.
pub type SharedView<'a, T = u8> = View<Shared<'a>, T>;

/// Items whose size is known at run time only.
#[derive(Clone, Copy, Debug)]
pub struct Untyped;

/// How a view holds its memory: `Arc<Memory<…>>` or `&Memory<…>`. Nobody else can add one: a view checks against the
/// memory once and counts on getting the same one ever after.
pub trait MemoryRef: sealed::Sealed {
    /// The memory's kind.
    type Kind: Kind;
    /// Who owns the memory.
    type Owner;

    /// The memory. O(1).
    fn memory(&self) -> &Memory<Self::Kind, Self::Owner>;
}

impl<K: Kind, O> MemoryRef for Arc<Memory<K, O>> {
    type Kind = K;
    type Owner = O;

    #[inline]
    fn memory(&self) -> &Memory<K, O> {
        self
    }
}

impl<K: Kind, O> MemoryRef for &Memory<K, O> {
    type Kind = K;
    type Owner = O;

    #[inline]
    fn memory(&self) -> &Memory<K, O> {
        self
    }
}

mod sealed {
    use super::{Arc, Memory};

    pub trait Sealed {}
    impl<K, O> Sealed for Arc<Memory<K, O>> {}
    impl<K, O> Sealed for &Memory<K, O> {}
}

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Pre: the window lies in the memory, its items are `T`s, and `K` promises no more than the memory's kind.
    const fn with(memory: R, window: Window) -> Self {
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

    /// True where there is no item. O(1).
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

    /// True where the items follow each other without gaps, seams or not. O(1).
    pub const fn is_contiguous(&self) -> bool {
        self.window.is_contiguous()
    }

    /// Where the bytes lie, an extent a contiguous run. O(1) a run.
    pub fn extents(&self) -> impl Iterator<Item = SourceExtent> {
        self.rows().flat_map(|row| self.memory().extents(row.span()))
    }

    /// The bytes of the items as windows without gaps: one where the view has none, else one an item.
    fn rows(&self) -> impl Iterator<Item = Window> + use<K, T, R> {
        self.window.rows()
    }

    /// The items that a range names, which are all there.
    fn range_of(&self, range: &impl RangeBounds<usize>) -> Result<Range<usize>, Error> {
        let length = self.len();
        // A bound past usize::MAX is out of range as well; saturating keeps it so.
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => length,
        };
        if start > end || end > length {
            return Err(Error::RangeOutOfRange { start, end, length });
        }
        Ok(start..end)
    }

    fn window_of(&self, range: &impl RangeBounds<usize>) -> Result<Window, Error> {
        let Range { start, end } = self.range_of(range)?;
        self.window
            .slice_with_step(start, end - start, 1)
            .ok_or(Error::RangeOutOfRange {
                start,
                end,
                length: self.len(),
            })
    }

    /// The view with another window on the same memory. Pre: the window lies within this view's.
    fn into_window<U>(self, window: Window) -> View<K, U, R> {
        View::with(self.memory, window)
    }

    /// The items `range` of the view; it takes the view, so that an exclusive one stays the only one. O(1).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`].
    pub fn into_slice(self, range: impl RangeBounds<usize>) -> Result<Self, Error> {
        let window = self.window_of(&range)?;
        Ok(self.into_window(window))
    }

    /// The same bytes as items of `item_size` bytes. O(1).
    ///
    /// # Errors
    /// [`Error::NotContiguous`] where the items have gaps, [`Error::NotDivisible`].
    pub fn into_untyped(self, item_size: usize) -> Result<View<K, Untyped, R>, Error> {
        let window = self.regroup(item_size)?;
        Ok(self.into_window(window))
    }

    /// The same bytes as items of another type. O(1). Items may lie across seams and need no alignment.
    ///
    /// # Errors
    /// [`Error::NotContiguous`] where the items have gaps, [`Error::NotDivisible`].
    pub fn into_cast<U>(self) -> Result<View<K, U, R>, Error> {
        let window = self.regroup(size_of::<U>())?;
        Ok(self.into_window(window))
    }

    fn regroup(&self, item_size: usize) -> Result<Window, Error> {
        if !self.is_contiguous() {
            return Err(Error::NotContiguous);
        }
        self.window.regroup(item_size).ok_or(Error::NotDivisible {
            bytes: self.byte_len(),
            item_size,
        })
    }

    /// The items in reverse order. O(1).
    #[must_use]
    pub fn into_reversed(self) -> Self {
        let window = self
            .window
            .slice_with_step(self.len().saturating_sub(1), self.len(), -1)
            .unwrap_or(self.window);
        self.into_window(window)
    }
}

impl<K: Kind, T, R: MemoryRef + Clone> View<K, T, R>
where
    Self: Clone,
{
    /// The items `range`. O(1).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`].
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// assert_eq!(view.slice(1..4)?, b"bcd");
    /// assert_eq!(view.slice(4..6).unwrap_err().to_string(), "range 4..6 is out of range for a view of 5 items");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Result<Self, Error> {
        self.clone().into_slice(range)
    }

    /// The items that a slice with a step picks, as Python's slices do: bounds are cut to the view. O(1).
    ///
    /// ```
    /// # use fragview::{FrozenView, geometry::Slice};
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// assert_eq!(view.pick(Slice { start: None, stop: None, step: -2 }), b"eca");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    #[must_use]
    pub fn slice_with_step(&self, slice: Slice) -> Self {
        let (first, count) = slice.resolve(self.len());
        let window = self
            .window
            .slice_with_step(first, count, slice.step)
            .unwrap_or(self.window);
        self.clone().into_window(window)
    }

    /// The items in reverse order. O(1).
    #[must_use]
    pub fn reversed(&self) -> Self {
        self.clone().into_reversed()
    }

    /// The items before `index`, and those from it on. O(1).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`].
    pub fn split_at(&self, index: usize) -> Result<(Self, Self), Error> {
        Ok((self.slice(..index)?, self.slice(index..)?))
    }

    /// The same bytes as items of another type. O(1). Items may lie across seams and need no alignment.
    ///
    /// # Errors
    /// [`Error::NotContiguous`] where the items have gaps, [`Error::NotDivisible`].
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// use zerocopy::byteorder::big_endian::U16;
    /// let view = FrozenView::from_slices([&[1, 2, 3][..], &[4]])?;
    /// let numbers = view.cast::<U16>()?;
    /// assert_eq!(numbers.get(1).map(U16::get), Some(0x0304)); // across the seam
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn cast<U>(&self) -> Result<View<K, U, R>, Error> {
        self.clone().into_cast()
    }

    /// The same bytes as items of `item_size` bytes. O(1).
    ///
    /// # Errors
    /// [`Error::NotContiguous`] where the items have gaps, [`Error::NotDivisible`].
    pub fn untyped(&self, item_size: usize) -> Result<View<K, Untyped, R>, Error> {
        self.clone().into_untyped(item_size)
    }
}

/// Frozen and shared views may be many; an exclusive one is the only one, and so is no clone.
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
    /// The items that `window` shows of a memory; `None` where it does not lie in the memory. O(1).
    #[must_use]
    #[inline]
    pub fn from_window(memory: R, window: Window) -> Option<Self> {
        (window.span().end <= memory.memory().len()).then(|| Self::with(memory, window))
    }

    /// The items as bytes, where each is one: also where they have gaps. O(1).
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
