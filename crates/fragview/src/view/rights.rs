//! Rights to write or to borrow a view's items: the only unsafe code of views. The kind in a view's type
//! allows them, and `memory` relies on them.

use super::{MemoryRef, View};
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Exclusive, Frozen, Kind, Lendable, Shared, Writable};

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// The right to borrow the items as long as the view is borrowed; `None` if the kind lends nothing.
    /// O(1).
    #[inline]
    pub(super) fn lendable(&self) -> Option<Lendable<'_, R::Kind, R::Owner>> {
        if K::RACY {
            return None;
        }
        // SAFETY: memory that is not racy does not change while the view, the one view of it if it is
        // exclusive, is borrowed.
        Some(unsafe { Lendable::new(self.memory(), self.window) })
    }
}

impl<T, R: MemoryRef> View<Frozen<'_>, T, R> {
    /// The right to borrow the items as long as the view is borrowed. O(1).
    #[inline]
    pub(super) fn frozen_items(&self) -> Lendable<'_, R::Kind, R::Owner> {
        self.frozen_in(self.window)
    }

    /// As [`frozen_items`](Self::frozen_items), of what `window` shows of the view's memory; pre: it lies
    /// within what the view shows.
    #[inline]
    pub(super) fn frozen_in(&self, window: Window) -> Lendable<'_, R::Kind, R::Owner> {
        debug_assert!(window.span().end <= self.memory().len(), "not in the memory");
        // SAFETY: frozen memory does not change, all of it, while the view lives, which is borrowed.
        unsafe { Lendable::new(self.memory(), window) }
    }
}

impl<T, R: MemoryRef> View<Shared<'_>, T, R> {
    /// The right to write what `window` shows of the view's memory. O(log fragments) without gaps.
    ///
    /// # Errors
    /// [`Error::ReadOnly`].
    #[inline]
    pub(super) fn writable_in(&self, window: Window) -> Result<Writable<'_, R::Kind, R::Owner>, Error> {
        if !self.memory().is_writable(&window) {
            return Err(Error::ReadOnly);
        }
        // SAFETY: the memory is shared, and these bytes of it are writable.
        Ok(unsafe { Writable::new(self.memory(), window) })
    }
}

impl<T, R: MemoryRef> View<Exclusive<'_>, T, R> {
    /// The right to write the items as long as the view is borrowed. O(1).
    #[inline]
    pub(super) fn writable(&mut self) -> Writable<'_, R::Kind, R::Owner> {
        // SAFETY: exclusive memory is writable and has no holes, and `&mut self` is the one view on these
        // items.
        unsafe { Writable::new(self.memory(), self.window) }
    }
}
