//! Conversions of a queue: from owners and slices, into memories.

use core::ops::Range;
use core::sync::atomic::AtomicU8;

use super::Queue;
use super::owned_fragment::OwnedFragment;
use crate::error::Error;
use crate::memory::owners::source::Source;
use crate::memory::{Address, Builder, Frozen, Memory, Owner, Shared};

impl<K, O: Owner> Queue<K, O> {
    /// Appends `length` bytes of an owner's memory from `offset` on.
    pub(crate) fn push_extent(
        &mut self,
        owner: O,
        offset: usize,
        length: usize,
        readonly: bool,
    ) -> Result<(), Error> {
        let ((address, size), writable) = (owner.memory(), owner.is_writable() && !readonly);
        if offset.checked_add(length).is_none_or(|end| end > size) {
            let index = 0;
            return Err(Error::ExtentOutOfRange {
                index,
                offset,
                length,
                size,
            });
        }
        let first = Address::new(address.wrapping_add(offset).cast_mut());
        self.push(first, length, Some(owner), writable)
    }

    /// Appends the bytes `range` of a memory. O(fragments of the range · log).
    pub(crate) fn push_span(
        &mut self,
        memory: &Memory<K, O>,
        range: Range<usize>,
        readonly: bool,
    ) -> Result<(), Error> {
        for (run, place) in memory.map.runs(range) {
            let source = memory
                .sources
                .index_of(place.index)
                .and_then(|index| memory.sources.get(index));
            let owner = source.map(|source| source.owner.clone());
            let fragment = place.index..place.index + 1;
            let writable = !readonly && memory.readonly.within(&fragment).next().is_none();
            self.push(
                place.payload.plus(run.start - place.start),
                run.len(),
                owner,
                writable,
            )?;
        }
        Ok(())
    }

    /// The fragments as a memory, which gets their owners. O(fragments · log owners). If there is no room
    /// for it, the fragments come back.
    pub(crate) fn into_memory(mut self) -> Result<Memory<K, O>, (Error, Self)> {
        let mut builder = Builder::new();
        if let Err(error) = builder.reserve_chunks(self.fragments.len()) {
            return Err((error, self));
        }
        while let Some(fragment) = self.pop_front() {
            if let Err(error) = fragment.push_to(&mut builder, Builder::adopt) {
                return Err((error, self));
            }
        }
        Ok(builder.finish())
    }
}

impl<K, O: Owner> Queue<K, O> {
    /// Takes the first `count` bytes out as a memory if they lie in the first fragment; else `None`, and
    /// nothing is taken. `clone` is called for the owner of a fragment that is cut in two. O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ForeignOwner`]; nothing is taken then, nor where `clone` panics.
    pub(crate) fn take_one(
        &mut self,
        count: usize,
        clone: impl FnOnce(&O) -> O,
    ) -> Result<Option<Memory<K, O>>, Error> {
        let length = self.fragments.front().map_or(0, |first| first.length);
        if count == 0 || count > length {
            return Ok(None);
        }
        // There is room for the fragment before it is taken, and no table to find its owner again.
        let mut builder = Builder::new();
        builder.reserve_only()?;
        let fragment = if count == length {
            self.pop_front()
        } else {
            self.cut_front(count, clone)?
        };
        if let Some(fragment) = fragment {
            fragment.push_to(&mut builder, Builder::adopt_only)?;
        }
        Ok(Some(builder.finish()))
    }
}

#[cfg(feature = "bytes")]
impl<K, O: Owner> Queue<K, O> {
    /// Returns the first `count` bytes as `Bytes` that share their memory, if they lie in one fragment
    /// whose owner lends itself to that. O(1).
    pub(crate) fn share_front(&self, count: usize) -> Option<bytes::Bytes> {
        let first = self.fragments.front().filter(|first| count <= first.length)?;
        let owner = first.owner.as_ref()?;
        let offset = first.address.number().wrapping_sub(owner.memory().0.addr());
        owner.share(offset, count).filter(|bytes| bytes.len() == count)
    }
}

impl<O: Owner> OwnedFragment<O> {
    /// Appends the range to a memory. It fails only if the memory has no room reserved.
    fn push_to<K>(
        self,
        builder: &mut Builder<K, O>,
        adopt: impl FnOnce(&mut Builder<K, O>, Source<O>) -> Result<usize, Error>,
    ) -> Result<(), Error> {
        let source = match self.owner {
            Some(owner) => {
                let ((address, length), writable) = (owner.memory(), owner.is_writable());
                let source = Source {
                    owner,
                    address,
                    length,
                    writable,
                };
                Some(adopt(builder, source)?)
            }
            None => None,
        };
        builder.push_run(self.length, self.address, source, self.writable)
    }
}

impl<'a, O> Queue<Frozen<'a>, O> {
    pub(crate) fn push_slice(&mut self, slice: &'a [u8]) -> Result<(), Error> {
        self.push(Address::new(slice.as_ptr().cast_mut()), slice.len(), None, false)
    }
}

impl<'a, O> Queue<Shared<'a>, O> {
    pub(crate) fn push_slice(&mut self, slice: &'a [AtomicU8], readonly: bool) -> Result<(), Error> {
        let first = Address::new(slice.as_ptr().cast_mut().cast());
        self.push(first, slice.len(), None, !readonly)
    }
}
