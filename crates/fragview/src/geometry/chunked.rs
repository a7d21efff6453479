//! A list that grows without being copied.

use alloc::vec::Vec;

use crate::error::Error;

/// Items of a chunk. The first one grows up to it, the others are made whole.
const ITEMS: usize = 1 << 12;

/// A list in chunks: it takes no more memory while it grows than when it has grown.
#[derive(Clone, Debug)]
pub(crate) struct Chunked<T> {
    /// All but the last one are full.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Chunked<T> {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// The number of items. O(1).
    pub(crate) fn len(&self) -> usize {
        match &*self.chunks {
            [] => 0,
            [full @ .., last] => full.len() * ITEMS + last.len(),
        }
    }

    /// Item `index`. O(1).
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / ITEMS)?.get(index % ITEMS)
    }

    /// Item `index`. O(1).
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks.get_mut(index / ITEMS)?.get_mut(index % ITEMS)
    }

    /// The last item. O(1).
    pub(crate) fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    /// The last item. O(1).
    pub(crate) fn last_mut(&mut self) -> Option<&mut T> {
        self.chunks.last_mut()?.last_mut()
    }

    /// Appends an item. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; the list stays as it was.
    pub(crate) fn push(&mut self, item: T) -> Result<(), Error> {
        let short = |_| Error::OutOfMemory;
        match self.chunks.last_mut() {
            Some(last) if last.len() < ITEMS => {
                if last.len() == last.capacity() {
                    let more = (last.len() / 2).max(1).min(ITEMS - last.len());
                    last.try_reserve_exact(more).map_err(short)?;
                }
                last.push(item);
            }
            _ => {
                let mut next = Vec::new();
                let room = if self.chunks.is_empty() { 1 } else { ITEMS };
                next.try_reserve_exact(room).map_err(short)?;
                if self.chunks.is_empty() {
                    // Many lists have one chunk.
                    self.chunks.try_reserve_exact(1).map_err(short)?;
                } else {
                    self.chunks.try_reserve(1).map_err(short)?;
                }
                next.push(item);
                self.chunks.push(next);
            }
        }
        Ok(())
    }

    /// The index of the first item for which `is_before` is false. Pre: those for which it is true come
    /// first. O(log items).
    pub(crate) fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> usize {
        let chunks = self
            .chunks
            .partition_point(|chunk| chunk.first().is_some_and(&is_before));
        let Some(last) = chunks.checked_sub(1) else {
            return 0;
        };
        let within = self
            .chunks
            .get(last)
            .map_or(0, |chunk| chunk.partition_point(is_before));
        last * ITEMS + within
    }

    /// The items in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    /// The items in order; memory goes with them.
    pub(crate) fn into_items(self) -> impl Iterator<Item = T> {
        self.chunks.into_iter().flatten()
    }

    /// The bytes of heap it takes, without those of its items. O(1).
    pub(crate) fn heap_size(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::capacity);
        let full = self.chunks.len().saturating_sub(1) * ITEMS;
        self.chunks.capacity() * size_of::<Vec<T>>() + (full + last) * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_vector() {
        let mut list = Chunked::new();
        let mut model = Vec::new();
        for item in 0..3 * ITEMS + 5 {
            assert_eq!((list.len(), list.last()), (model.len(), model.last()));
            list.push(2 * item).unwrap();
            model.push(2 * item);
        }
        for index in [
            0,
            1,
            ITEMS - 1,
            ITEMS,
            2 * ITEMS + 1,
            3 * ITEMS + 4,
            3 * ITEMS + 5,
            usize::MAX,
        ] {
            assert_eq!(list.get(index), model.get(index));
            assert_eq!(list.get_mut(index).copied(), model.get(index).copied());
        }
        for value in [
            0,
            1,
            2 * ITEMS - 1,
            2 * ITEMS,
            2 * ITEMS + 1,
            6 * ITEMS,
            usize::MAX,
        ] {
            let expected = model.partition_point(|&item| item < value);
            assert_eq!(list.partition_point(|&item| item < value), expected);
        }
        assert!(list.iter().eq(&model));
        assert!(list.heap_size() <= 4 * ITEMS * size_of::<usize>() + 200);
        assert!(list.into_items().eq(model));
        assert_eq!(Chunked::<u8>::new().partition_point(|_| true), 0);
    }
}
