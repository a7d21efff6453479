//! The sources of a builder: owners that it takes or knows already, and extents of their memory.

use core::ops::Range;

use super::owners::source::{Source, SourceKey};
use super::owners::sources::Sources;
use super::{Address, Builder, Memory, Owner, SourceIndex};
use crate::error::Error;

impl<K, O: Owner<Kind = K>> Builder<K, O> {
    /// Takes an owner, to push extents of its memory; one that is here already is not taken twice. Amortised
    /// O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::TooManyFragments`] past 2^32 - 1 sources.
    pub fn add_source(&mut self, owner: O) -> Result<SourceIndex, Error> {
        self.adopt(Source::of(owner)).map(SourceIndex)
    }

    /// Appends `length` bytes of a source from `offset` on; no bytes drop out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::ExtentOutOfRange`], [`Error::NoSuchSource`], [`Error::TooLong`], [`Error::TooManyFragments`],
    /// [`Error::OutOfMemory`].
    #[inline]
    pub fn push(&mut self, source: SourceIndex, offset: usize, length: usize) -> Result<(), Error> {
        let Some(from) = self.sources.get(source.0) else {
            return Err(Error::NoSuchSource { index: source.0 });
        };
        if offset.checked_add(length).is_none_or(|end| end > from.length) {
            return Err(Error::ExtentOutOfRange {
                index: 0,
                offset,
                length,
                size: from.length,
            });
        }
        let (first, writable) = (from.address.wrapping_add(offset), from.writable);
        self.push_run(length, Address::new(first.cast_mut()), Some(source.0), writable)
    }

    /// Appends `length` bytes at an address that a source's owner keeps valid, wherever it is: an item of a
    /// buffer whose items lie apart. Amortised O(1).
    ///
    /// # Errors
    /// As [`push`](Self::push), but for extents.
    ///
    /// # Safety
    /// What [`Owner`] says of its memory is true of these bytes too.
    pub unsafe fn push_address(
        &mut self,
        source: SourceIndex,
        first: *const u8,
        length: usize,
    ) -> Result<(), Error> {
        let Some(from) = self.sources.get(source.0) else {
            return Err(Error::NoSuchSource { index: source.0 });
        };
        let writable = from.writable;
        self.push_run(length, Address::new(first.cast_mut()), Some(source.0), writable)
    }

    /// The owner of a source. O(1).
    #[must_use]
    pub fn owner(&self, source: SourceIndex) -> Option<&O> {
        self.sources.get(source.0).map(|source| &source.owner)
    }

    /// The addresses of a source's memory. O(1).
    #[must_use]
    pub fn source_range(&self, source: SourceIndex) -> Option<Range<usize>> {
        let Source { address, length, .. } = self.sources.get(source.0)?;
        Some(address.addr()..address.addr() + length)
    }

    /// Where in a source an address range lies, or `None` if it is not wholly in it. O(1).
    #[must_use]
    #[inline]
    pub fn offset_in(&self, source: SourceIndex, address: *const u8, length: usize) -> Option<usize> {
        let from = self.sources.get(source.0)?;
        let offset = address.addr().checked_sub(from.address.addr())?;
        (offset.checked_add(length)? <= from.length).then_some(offset)
    }
}

impl<K, O: Owner<Kind = K>> Memory<K, O> {
    /// A memory of all bytes of one owner, as a [`Builder`] makes it, without the builder's tables. O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// # #[cfg(feature = "bytes")] {
    /// use bytes::Bytes;
    /// use fragview::memory::Memory;
    /// let memory = Memory::of_owner(Bytes::from_static(b"string"))?;
    /// assert_eq!((memory.len(), memory.fragment_count()), (6, 1));
    /// # }
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn of_owner(owner: O) -> Result<Self, Error> {
        let mut builder = Builder::new();
        builder.reserve_only()?;
        let source = Source::of(owner);
        let (first, length, writable) = (source.address, source.length, source.writable);
        let index = builder.adopt_only(source)?;
        builder.push_run(length, Address::new(first.cast_mut()), Some(index), writable)?;
        Ok(builder.finish())
    }
}

impl<K, O: Owner> Builder<K, O> {
    /// Takes the only source that there will be: no table finds it again. O(1).
    pub(super) fn adopt_only(&mut self, source: Source<O>) -> Result<usize, Error> {
        debug_assert_eq!(self.sources.len(), 0, "the only source");
        self.sources.add(source)
    }

    /// The index here of another memory's source, which may be here already; its owner is cloned only if
    /// it is not.
    pub(super) fn adopt_clone(&mut self, source: &Source<O>) -> Result<usize, Error> {
        match self
            .adopted
            .get(&source.key(), |index| key_at(&self.sources, index))
        {
            Some(index) => Ok(index),
            None => self.adopt(source.clone()),
        }
    }

    /// The index here of a source that may be here already.
    pub(super) fn adopt(&mut self, source: Source<O>) -> Result<usize, Error> {
        let sources = &mut self.sources;
        let known = self.adopted.get(&source.key(), |index| key_at(sources, index));
        if let Some(index) = known {
            return Ok(index);
        }
        self.adopted.reserve(1, |index| key_at(sources, index))?;
        let index = sources.add(source)?;
        self.adopted.insert(index, |index| key_at(sources, index));
        Ok(index)
    }
}

pub(super) fn key_at<O: Owner>(sources: &Sources<O>, index: usize) -> Option<SourceKey> {
    sources.get(index).map(Source::key)
}
