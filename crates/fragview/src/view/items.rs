//! Items one at a time: get, set, iterate.

use core::iter::FusedIterator;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::{MemoryRef, View};
use crate::error::Error;
use crate::memory::{Exclusive, Hint, Kind, Shared, UnalignedIter};

impl<K: Kind, T: FromBytes, R: MemoryRef> View<K, T, R> {
    /// Item `index`, also across seams, or `None` if there is no such item. As [`Map::find`], O(1) in the
    /// mean.
    ///
    /// [`Map::find`]: crate::geometry::Map::find
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        if index >= self.len() {
            return None;
        }
        self.memory().read_item(self.window.offset(index))
    }

    /// The items in order. O(1) an item; small items of a view without gaps go fastest by
    /// [`chunks`](View::chunks) if the memory lends them.
    pub fn iter(&self) -> Items<'_, K, T, R> {
        Items {
            view: self,
            next: 0,
            end: self.len(),
            front: Hint::default(),
            back: Hint::default(),
            lent: UnalignedIter::new(&[]),
        }
    }
}

impl<K: Kind, R: MemoryRef> View<K, u8, R> {
    /// A value whose bytes begin at byte `index`, seams or not, or `None` if they reach past the view, or
    /// the view has gaps. As [`get`](View::get).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&[0, 1][..], &[2, 3, 4]])?;
    /// assert_eq!(view.read_at::<[u8; 3]>(1), Some([1, 2, 3]));
    /// assert_eq!(view.read_at::<u32>(2), None);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    #[inline]
    pub fn read_at<T: FromBytes>(&self, index: usize) -> Option<T> {
        let end = index.checked_add(size_of::<T>())?;
        if end > self.len() || !self.is_contiguous() || size_of::<T>() == 0 {
            return None;
        }
        self.memory().read_item(self.window.offset(index))
    }
}

impl<T: IntoBytes + Immutable, R: MemoryRef> View<Shared<'_>, T, R> {
    /// Writes item `index`, seams or not. As [`get`](View::get).
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`]; [`Error::ReadOnly`] if the item touches read-only memory. Nothing is
    /// written then.
    #[inline]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an item is a number; slices take values too"
    )]
    pub fn set(&self, index: usize, value: T) -> Result<(), Error> {
        let length = self.len();
        let range = Error::IndexOutOfRange { index, length };
        let item = self.window.slice_with_step(index, 1, 1).ok_or(range)?;
        self.writable_in(item)?.write(&value).ok_or(range)
    }
}

impl<T: IntoBytes + Immutable, R: MemoryRef> View<Exclusive<'_>, T, R> {
    /// Writes item `index`, seams or not. As [`get`](View::get).
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`].
    #[inline]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an item is a number; slices take values too"
    )]
    pub fn set(&mut self, index: usize, value: T) -> Result<(), Error> {
        let length = self.len();
        let item = self.writable().items(index, 1);
        item.and_then(|item| item.write(&value))
            .ok_or(Error::IndexOutOfRange { index, length })
    }
}

/// The items of a view in order; made by [`View::iter`].
///
/// Invariant: `lent` has items that lie in one fragment, if memory is lent; behind them come those from
/// `next` to `end`.
pub struct Items<'v, K, T, R> {
    view: &'v View<K, T, R>,
    next: usize,
    end: usize,
    front: Hint,
    back: Hint,
    lent: UnalignedIter<'v, T>,
}

/// The next item if no slice was lent, and the place where the iterator continues.
struct Refill<'v, T> {
    item: Option<T>,
    next: usize,
    front: Hint,
    lent: UnalignedIter<'v, T>,
}

impl<'v, K: Kind, T: FromBytes, R: MemoryRef> Items<'v, K, T, R> {
    /// Borrows the items that follow `next` in its fragment, if the memory lends them. It takes values and no
    /// `&mut self`, so that a loop keeps its iterator in registers.
    #[inline(never)]
    fn refill(view: &'v View<K, T, R>, mut next: usize, end: usize, mut front: Hint) -> Refill<'v, T> {
        let mut lent = UnalignedIter::new(&[]);
        let mut item = None;
        if next < end {
            let offset = view.window.offset(next);
            if view.is_contiguous() {
                let items = view.lendable();
                let bytes = items.and_then(|items| items.items_at(&mut front, next, end - next));
                lent = UnalignedIter::new(bytes.unwrap_or(&[]));
                next += lent.len();
                item = lent.next();
            }
            if item.is_none() {
                next += 1;
                item = view.memory().read_item_near_hint(&mut front, offset);
            }
        }
        Refill {
            item,
            next,
            front,
            lent,
        }
    }
}

impl<K: Kind, T: FromBytes, R: MemoryRef> Iterator for Items<'_, K, T, R> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if !K::RACY {
            if let Some(item) = self.lent.next() {
                return Some(item);
            }
            let refill = Self::refill(self.view, self.next, self.end, self.front);
            (self.next, self.front, self.lent) = (refill.next, refill.front, refill.lent);
            return refill.item;
        }
        if self.next >= self.end {
            return None;
        }
        let offset = self.view.window.offset(self.next);
        self.next += 1;
        self.view.memory().read_item_near_hint(&mut self.front, offset)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.lent.len() + (self.end - self.next);
        (left, Some(left))
    }

    fn nth(&mut self, count: usize) -> Option<T> {
        let at = self.next - self.lent.len();
        self.lent = UnalignedIter::new(&[]);
        self.next = at.saturating_add(count).min(self.end);
        self.next()
    }

    fn fold<A, F: FnMut(A, T) -> A>(mut self, start: A, mut add: F) -> A {
        let mut sum = start;
        loop {
            while let Some(item) = self.lent.next() {
                sum = add(sum, item);
            }
            match self.next() {
                Some(item) => sum = add(sum, item),
                None => return sum,
            }
        }
    }
}

impl<K: Kind, T: FromBytes, R: MemoryRef> DoubleEndedIterator for Items<'_, K, T, R> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        if self.next < self.end {
            self.end -= 1;
        } else if self.lent.len() > 0 {
            // The items lent are the last ones.
            self.lent.drop_last();
            self.next -= 1;
            self.end -= 1;
        } else {
            return None;
        }
        self.view
            .memory()
            .read_item_near_hint(&mut self.back, self.view.window.offset(self.end))
    }
}

impl<K: Kind, T: FromBytes, R: MemoryRef> ExactSizeIterator for Items<'_, K, T, R> {}
impl<K: Kind, T: FromBytes, R: MemoryRef> FusedIterator for Items<'_, K, T, R> {}

impl<'v, K: Kind, T: FromBytes, R: MemoryRef> IntoIterator for &'v View<K, T, R> {
    type Item = T;
    type IntoIter = Items<'v, K, T, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
