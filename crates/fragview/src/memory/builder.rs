//! Building a memory: fragments in order, and the owners that keep them valid.

use core::marker::PhantomData;
use core::sync::atomic::AtomicU8;

use super::index_table::IndexTable;
use super::owners::sources::Sources;
use super::readonly::ReadOnly;
use super::{Address, Exclusive, Frozen, Kind, Memory, Shared};
use crate::error::Error;
use crate::geometry::MapBuilder;

/// Names a source that a [`Builder`] has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceIndex(pub(super) usize);

/// Lays fragments end to end and makes a [`Memory`] of them.
///
/// Borrowed slices are pushed as they are; owned memory is added as a source once and then pushed by extents,
/// so that a million slices of a source hold it once.
///
/// ```
/// use fragview::memory::{Builder, Frozen};
///
/// let (head, tail) = ([1_u8, 2, 3], [4, 5]);
/// let mut builder = Builder::<Frozen<'_>>::new();
/// builder.push_slice(&head)?;
/// builder.push_hole(2)?;
/// builder.push_slice(&tail)?;
/// assert_eq!(builder.finish().len(), 7);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Debug)]
pub struct Builder<K, O = ()> {
    pub(super) map: MapBuilder<Address>,
    pub(super) sources: Sources<O>,
    pub(super) readonly: ReadOnly,
    /// The sources, found by their identity.
    pub(super) adopted: IndexTable,
    /// Lists of other memories, by their place among the sources' lists.
    pub(super) shared: IndexTable,
    pub(super) sharing: bool,
    pub(super) merging: bool,
    pub(super) appends_readonly: bool,
    kind: PhantomData<K>,
}

// SAFETY: a builder is addresses, which it never follows, and owners, as the memory that it makes is.
unsafe impl<K: Kind, O: Send + Sync> Send for Builder<K, O> {}

impl<K, O> Builder<K, O> {
    /// A builder without fragments.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            map: MapBuilder::new(),
            sources: Sources::new(),
            readonly: ReadOnly::new(),
            adopted: IndexTable::new(),
            shared: IndexTable::new(),
            sharing: false,
            merging: false,
            appends_readonly: false,
            kind: PhantomData,
        }
    }

    /// Says whether, from now on, an extent that begins where the one before it ends, in the same source,
    /// makes that one longer instead of a new fragment. At first it does not.
    pub const fn merge_touching(&mut self, merging: bool) {
        self.merging = merging;
    }

    /// Says whether, from now on, fragments are read-only even if their source is writable. At first they
    /// are not.
    pub const fn set_readonly(&mut self, readonly: bool) {
        self.appends_readonly = readonly;
    }

    /// Makes room for `count` more fragments. O(fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, count: usize) -> Result<(), Error> {
        self.map.reserve(count)
    }

    /// Returns the number of bytes pushed so far. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns true if no byte has been pushed. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Appends a range. The caller sees to it that the address is valid as long as the source's owner lives.
    pub(super) fn push_run(
        &mut self,
        length: usize,
        first: Address,
        source: Option<usize>,
        writable: bool,
    ) -> Result<(), Error> {
        if length == 0 {
            return Ok(());
        }
        let readonly = self.appends_readonly || !writable;
        if let Some((last, address)) = self.map.last()
            && self.sources.index_of_last() == source
            && self.readonly.is_last() == readonly
        {
            // As the fragment before it: nothing but the map grows. Two borrowed slices may touch by chance;
            // a pointer to the one must not reach into the other.
            let one = self.merging && address.plus(last) == first && (source.is_some() || first.is_hole());
            return if one {
                self.map.extend_last(length)
            } else {
                self.map.push(length, first)
            };
        }
        self.push_unlike(length, first, source, readonly)
    }

    /// As [`push_run`](Self::push_run), if the fragment before lies in another source, or is writable and
    /// this one is not.
    fn push_unlike(
        &mut self,
        length: usize,
        first: Address,
        source: Option<usize>,
        readonly: bool,
    ) -> Result<(), Error> {
        let index = self.map.fragment_count();
        // All three or none: a failed push leaves no trace.
        self.sources.reserve()?;
        self.readonly.reserve()?;
        self.map.push(length, first)?;
        self.sources.push(index, source)?;
        self.readonly.push(index, readonly)
    }

    /// Returns the memory of the pushed fragments. O(1), except for giving spare room back.
    #[must_use]
    pub fn finish(self) -> Memory<K, O> {
        Memory {
            map: self.map.finish(),
            sources: self.sources.closed(),
            readonly: self.readonly,
            kind: PhantomData,
        }
    }
}

impl<K, O> Default for Builder<K, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, O> Builder<Frozen<'a>, O> {
    /// Appends a borrowed slice; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    pub fn push_slice(&mut self, slice: &'a [u8]) -> Result<(), Error> {
        self.push_run(slice.len(), Address::new(slice.as_ptr().cast_mut()), None, false)
    }

    /// Appends a hole: `length` zeros without memory. Amortised O(1).
    ///
    /// # Errors
    /// As [`push_slice`](Self::push_slice).
    pub fn push_hole(&mut self, length: usize) -> Result<(), Error> {
        self.push_run(length, Address::HOLE, None, false)
    }
}

impl<'a, O> Builder<Exclusive<'a>, O> {
    /// Appends an exclusively borrowed slice; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    pub fn push_slice(&mut self, slice: &'a mut [u8]) -> Result<(), Error> {
        self.push_run(slice.len(), Address::new(slice.as_mut_ptr()), None, true)
    }
}

impl<'a, O> Builder<Shared<'a>, O> {
    /// Appends a borrowed slice of atomics, which others may write; an empty one drops out. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    pub fn push_slice(&mut self, slice: &'a [AtomicU8]) -> Result<(), Error> {
        self.push_run(
            slice.len(),
            Address::new(slice.as_ptr().cast_mut().cast()),
            None,
            true,
        )
    }

    /// Appends a hole: `length` zeros without memory, read-only. Amortised O(1).
    ///
    /// # Errors
    /// As [`push_slice`](Self::push_slice).
    pub fn push_hole(&mut self, length: usize) -> Result<(), Error> {
        self.push_run(length, Address::HOLE, None, false)
    }
}
