//! Appending to a buffer: views, owners, borrowed slices.

use core::sync::atomic::AtomicU8;

use super::FragBuffer;
use crate::error::Error;
use crate::memory::{Builder, Frozen, Kind, Owner, Queue, Shared};
use crate::view::{MemoryRef, View};

impl<K: Kind, O: Owner> FragBuffer<K, O> {
    /// Appends a view's bytes: its fragments, and a clone of the owner of each. O(fragments · log).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`]; the buffer stays as it was
    /// then.
    pub fn append_view<T, R>(&mut self, view: &View<K, T, R>) -> Result<(), Error>
    where
        R: MemoryRef<Kind = K, Owner = O>,
        View<K, T, R>: Clone,
    {
        let mut part = self.part_of(view)?;
        self.append(&mut part)
    }

    /// Prepends a view's bytes. As [`append_view`](Self::append_view).
    ///
    /// # Errors
    /// As [`append_view`](Self::append_view).
    pub fn prepend_view<T, R>(&mut self, view: &View<K, T, R>) -> Result<(), Error>
    where
        R: MemoryRef<Kind = K, Owner = O>,
        View<K, T, R>: Clone,
    {
        let mut part = self.part_of(view)?;
        self.prepend(&mut part)
    }

    fn part_of<T, R>(&self, view: &View<K, T, R>) -> Result<Self, Error>
    where
        R: MemoryRef<Kind = K, Owner = O>,
        View<K, T, R>: Clone,
    {
        let mut queue = Queue::new();
        if view.is_contiguous() {
            queue.push_span(view.memory(), view.window().span(), self.readonly)?;
        } else {
            let mut builder = Builder::new();
            builder.push_view(view)?;
            let memory = builder.finish();
            queue.push_span(&memory, 0..memory.len(), self.readonly)?;
        }
        Ok(Self::of(queue))
    }
}

impl<K: Kind, O: Owner<Kind = K>> FragBuffer<K, O> {
    /// Appends all memory of an owner; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::OutOfMemory`]; the buffer stays as it was then.
    pub fn append_owner(&mut self, owner: O) -> Result<(), Error> {
        let (_, length) = owner.memory();
        self.append_extent(owner, 0, length)
    }

    /// Prepends all memory of an owner; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// As [`append_owner`](Self::append_owner).
    pub fn prepend_owner(&mut self, owner: O) -> Result<(), Error> {
        let mut part = Self::new();
        part.set_readonly(self.readonly);
        part.append_owner(owner)?;
        self.prepend(&mut part)
    }

    /// Appends `length` bytes of an owner's memory from `offset` on. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::ExtentOutOfRange`], [`Error::TooLong`], [`Error::OutOfMemory`]; the buffer stays as it was
    /// then.
    pub fn append_extent(&mut self, owner: O, offset: usize, length: usize) -> Result<(), Error> {
        self.queue.push_extent(owner, offset, length, self.readonly)
    }
}

impl<'a, O> FragBuffer<Frozen<'a>, O> {
    /// Appends a borrowed slice; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::OutOfMemory`]; the buffer stays as it was then.
    pub fn append_slice(&mut self, slice: &'a [u8]) -> Result<(), Error> {
        self.queue.push_slice(slice)
    }

    /// Prepends a borrowed slice; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// As [`append_slice`](Self::append_slice).
    pub fn prepend_slice(&mut self, slice: &'a [u8]) -> Result<(), Error> {
        let mut part = Self::new();
        part.append_slice(slice)?;
        self.prepend(&mut part)
    }
}

impl<'a, O> FragBuffer<Shared<'a>, O> {
    /// Appends a borrowed slice of atomics, which others may write; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::OutOfMemory`]; the buffer stays as it was then.
    pub fn append_slice(&mut self, slice: &'a [AtomicU8]) -> Result<(), Error> {
        self.queue.push_slice(slice, self.readonly)
    }

    /// Prepends a borrowed slice of atomics; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// As [`append_slice`](Self::append_slice).
    pub fn prepend_slice(&mut self, slice: &'a [AtomicU8]) -> Result<(), Error> {
        let mut part = Self::new();
        part.set_readonly(self.readonly);
        part.append_slice(slice)?;
        self.prepend(&mut part)
    }
}
