//! Other windows on the same memory: slices, casts, reversal. All of them are O(1).

use core::ops::{Bound, Range, RangeBounds};

use super::{MemoryRef, Untyped, View};
use crate::error::Error;
use crate::geometry::{Slice, Window};
use crate::memory::Kind;

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// The items that a range names, which are all there.
    pub(super) fn range_of(&self, range: &impl RangeBounds<usize>) -> Result<Range<usize>, Error> {
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

    pub(super) fn window_of(&self, range: &impl RangeBounds<usize>) -> Result<Window, Error> {
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
    pub(super) fn into_window<U>(self, window: Window) -> View<K, U, R> {
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
    /// [`Error::NotContiguous`] if the items have gaps, [`Error::NotDivisible`].
    pub fn into_untyped(self, item_size: usize) -> Result<View<K, Untyped, R>, Error> {
        let window = self.regroup(item_size)?;
        Ok(self.into_window(window))
    }

    /// The same bytes as items of another type. O(1). Items may lie across seams and need no alignment.
    ///
    /// # Errors
    /// [`Error::NotContiguous`] if the items have gaps, [`Error::NotDivisible`].
    pub fn into_cast<U>(self) -> Result<View<K, U, R>, Error> {
        let window = self.regroup(size_of::<U>())?;
        Ok(self.into_window(window))
    }

    pub(super) fn regroup(&self, item_size: usize) -> Result<Window, Error> {
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
    /// assert_eq!(view.slice_with_step(Slice { start: None, stop: None, step: -2 }), b"eca");
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
    /// [`Error::NotContiguous`] if the items have gaps, [`Error::NotDivisible`].
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
    /// [`Error::NotContiguous`] if the items have gaps, [`Error::NotDivisible`].
    pub fn untyped(&self, item_size: usize) -> Result<View<K, Untyped, R>, Error> {
        self.clone().into_untyped(item_size)
    }
}
