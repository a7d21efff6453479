//! Taking bytes from a queue's front: into a queue of their own, to be dropped, or to be shared.

use core::mem;
use core::ops::Range;

use super::Queue;
use super::owned_fragment::OwnedFragment;
use crate::error::Error;
use crate::memory::Owner;

/// A queue with room for more fragments than this, most of it unused, gives room back.
const ROOMY: usize = 64;

impl<K, O> Queue<K, O> {
    /// Drops the first `count` bytes. O(log fragments + fragments dropped); needs no memory.
    ///
    /// Pre: `count <= self.len()`.
    pub(crate) fn drop_front(&mut self, count: usize) {
        if count == self.length {
            return self.clear();
        }
        let (whole, within) = self.locate(count);
        if let Some(first) = self.fragments.get_mut(whole) {
            first.cut_front(within);
        }
        self.head = self.head.wrapping_add(count);
        self.length -= count;
        // Owners go last: their `drop` may panic, and then finds the queue as it is to be.
        drop(self.fragments.drain(..whole));
        self.give_room_back();
    }

    /// Drops all bytes. O(fragments).
    pub(crate) fn clear(&mut self) {
        drop(mem::replace(self, Self::new()));
    }

    /// Takes the first fragment out. O(1).
    pub(super) fn pop_front(&mut self) -> Option<OwnedFragment<O>> {
        let first = self.fragments.pop_front()?;
        self.head = self.head.wrapping_add(first.length);
        self.length -= first.length;
        Some(first)
    }

    fn give_room_back(&mut self) {
        if self.fragments.capacity() > ROOMY && self.fragments.len() < self.fragments.capacity() / 8 {
            self.fragments.shrink_to(self.fragments.len() * 2);
        }
    }
}

impl<K, O: Owner> Queue<K, O> {
    /// Takes the first `count` bytes out; `clone` is called for the owner of a fragment that is cut in two.
    /// O(log fragments
    /// + fragments taken).
    ///
    /// Pre: `count <= self.len()`.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ForeignOwner`]; nothing is taken then, nor if `clone` panics.
    pub(crate) fn split_to(&mut self, count: usize, clone: impl FnOnce(&O) -> O) -> Result<Self, Error> {
        if count == self.length {
            return Ok(mem::replace(self, Self::new()));
        }
        let (whole, within) = self.locate(count);
        let mut taken = Self::new();
        taken
            .fragments
            .try_reserve_exact(whole + 1)
            .map_err(|_| Error::OutOfMemory)?;
        let head = match self.fragments.get(whole) {
            Some(first) if within > 0 => Some(first.part(0, within, clone)?),
            _ => None,
        };
        // From here on nothing fails, and no foreign code runs.
        (taken.head, taken.length) = (self.head, count);
        taken.fragments.extend(self.fragments.drain(..whole));
        taken.fragments.extend(head);
        if let Some(first) = self.fragments.front_mut() {
            first.cut_front(within);
        }
        self.head = self.head.wrapping_add(count);
        self.length -= count;
        self.give_room_back();
        Ok(taken)
    }

    /// Cuts the first `count` bytes off the first fragment. O(1). Pre: it has more.
    ///
    /// # Errors
    /// [`Error::ForeignOwner`]; nothing is cut then, nor where `clone` panics.
    pub(super) fn cut_front(
        &mut self,
        count: usize,
        clone: impl FnOnce(&O) -> O,
    ) -> Result<Option<OwnedFragment<O>>, Error> {
        let Some(first) = self.fragments.front_mut() else {
            return Ok(None);
        };
        let part = first.part(0, count, clone)?;
        first.cut_front(count);
        self.head = self.head.wrapping_add(count);
        self.length -= count;
        Ok(Some(part))
    }

    /// Returns the fragments of the bytes `range`, with clones of their owners. O(log fragments + fragments
    /// of the range).
    ///
    /// Pre: the range lies in the queue.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ForeignOwner`].
    pub(crate) fn part(&self, range: Range<usize>, mut clone: impl FnMut(&O) -> O) -> Result<Self, Error> {
        let mut part = Self::new();
        for (index, within, length) in self.runs(range) {
            if let Some(fragment) = self.fragments.get(index) {
                let OwnedFragment {
                    address,
                    owner,
                    writable,
                    ..
                } = fragment.part(within, length, &mut clone)?;
                part.push(address, length, owner, writable)?;
            }
        }
        Ok(part)
    }
}
