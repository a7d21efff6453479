//! An iterator over items in a slice of bytes of any alignment.

use core::marker::PhantomData;

use zerocopy::FromBytes;

/// The items of type `T` in a slice, in order, as [`slice::Iter`](core::slice::Iter) gives those of an
/// aligned one.
///
/// Invariant: from `next` to `end` lie whole items, valid and unchanged as long as `'s`.
pub(crate) struct UnalignedIter<'s, T> {
    next: *const u8,
    end: *const u8,
    bytes: PhantomData<&'s [u8]>,
    items: PhantomData<T>,
}

impl<'s, T: FromBytes> UnalignedIter<'s, T> {
    /// As many items as there are whole ones at the front of a slice; none of a type without bytes.
    #[inline]
    pub(crate) const fn new(slice: &'s [u8]) -> Self {
        let items = match slice.len().checked_div(size_of::<T>()) {
            Some(count) => slice.split_at(count * size_of::<T>()).0,
            None => slice.split_at(0).0,
        };
        let range = items.as_ptr_range();
        Self {
            next: range.start,
            end: range.end,
            bytes: PhantomData,
            items: PhantomData,
        }
    }

    /// The number of items left.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: both are in one slice, or one past it, the end last.
        let bytes = unsafe { self.end.offset_from_unsigned(self.next) };
        bytes.checked_div(size_of::<T>()).unwrap_or(0)
    }

    /// Takes the next item.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<T> {
        if self.next == self.end {
            return None;
        }
        // SAFETY: a whole item lies there, and any bytes make a `FromBytes` type.
        let item = unsafe { self.next.cast::<T>().read_unaligned() };
        // SAFETY: behind the item is the next one, or the end.
        self.next = unsafe { self.next.add(size_of::<T>()) };
        Some(item)
    }

    /// Leaves the last item out.
    pub(crate) fn drop_last(&mut self) {
        if self.next != self.end {
            // SAFETY: the last item lies before the end.
            self.end = unsafe { self.end.sub(size_of::<T>()) };
        }
    }
}

// SAFETY: it stands for a shared slice, which may be sent, and makes items of type `T` if it is.
unsafe impl<T> Send for UnalignedIter<'_, T> {}
// SAFETY: as above; behind a shared reference it only counts.
unsafe impl<T> Sync for UnalignedIter<'_, T> {}
