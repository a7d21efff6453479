//! Building a memory: fragments in order, and the owners that keep them valid.

use core::marker::PhantomData;
use core::ops::Range;
use core::sync::atomic::AtomicU8;

use super::index_table::IndexTable;
use super::owners::sources::{Source, SourceKey, Sources};
use super::readonly::ReadOnly;
use super::{Address, Exclusive, Frozen, Kind, Memory, Owner, Shared};
use crate::error::Error;
use crate::geometry::{FragmentRun, MapBuilder, Place, Window};

/// Names a source that a [`Builder`] has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceIndex(pub(super) usize);

/// Lays fragments end to end and makes a [`Memory`] of them.
///
/// Borrowed slices are pushed as they are; owned memory is added as a source once and then pushed by extents, so
/// that a million slices of a source hold it once.
///
/// ```
/// use fragview::memory::{Builder, Frozen};
///
/// let (head, tail) = ([1_u8, 2, 3], [4, 5]);
/// let mut builder = Builder::<Frozen<'_>>::new();
/// builder.push_slice(&head)?;
/// builder.push_hole(2)?;
/// builder.push_slice(&tail)?;
/// assert_eq!(builder.finish().length(), 7);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Debug)]
pub struct Builder<K, O = ()> {
    pub(super) map: MapBuilder<Address>,
    pub(super) sources: Sources<O>,
    pub(super) readonly: ReadOnly,
    /// The sources, found by what they are.
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

    /// Says whether, from now on, an extent that begins where the one before it ends, in the same source, makes that
    /// one longer instead of a new fragment. At first it does not.
    pub const fn merge_touching(&mut self, merging: bool) {
        self.merging = merging;
    }

    /// Says whether, from now on, fragments are read-only even where their source is writable. At first they are not.
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

    /// Returns true where no byte has been pushed. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Appends a run. The caller sees to it that the address is valid as long as the source's owner lives.
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
            // As the fragment before it: nothing but the map grows. Two borrowed slices may touch by chance; a pointer to
            // the one must not reach into the other.
            let one = self.merging && address.plus(last) == first && (source.is_some() || first.is_hole());
            return if one {
                self.map.extend_last(length)
            } else {
                self.map.push(length, first)
            };
        }
        self.push_unlike(length, first, source, readonly)
    }

    /// As [`push_run`](Self::push_run), where the fragment before lies in another source, or is writable and this one is not.
    fn push_unlike(
        &mut self,
        length: usize,
        first: Address,
        source: Option<usize>,
        readonly: bool,
    ) -> Result<(), Error> {
        let index = self.map.fragment_count();
        // All three or none: what fails leaves no trace.
        self.sources.reserve()?;
        self.readonly.reserve()?;
        self.map.push(length, first)?;
        self.sources.push(index, source)?;
        self.readonly.push(index, readonly)
    }

    /// The memory of what was pushed. O(1), but for giving spare room back.
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

impl<K, O: Owner<Kind = K>> Builder<K, O> {
    /// Takes an owner, to push extents of its memory; one that is here already is not taken twice. Amortised O(1).
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

    /// Appends `length` bytes at an address that a source's owner keeps valid, wherever it is: an item of a buffer
    /// whose items lie apart. Amortised O(1).
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

    /// Where in a source an address range lies, or `None` where it is not wholly in it. O(1).
    #[must_use]
    #[inline]
    pub fn offset_in(&self, source: SourceIndex, address: *const u8, length: usize) -> Option<usize> {
        let from = self.sources.get(source.0)?;
        let offset = address.addr().checked_sub(from.address.addr())?;
        (offset.checked_add(length)? <= from.length).then_some(offset)
    }
}

impl<K, O: Owner> Builder<K, O> {
    /// Appends the items of `window` on another memory: their fragments, not the view, and its owners where they
    /// are not here yet. O(runs · log sources). A window with gaps gives a fragment a contiguous run. Pre: `K` promises no
    /// more than the memory's kind.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    pub(crate) fn push_window<J>(&mut self, memory: &Memory<J, O>, window: Window) -> Result<(), Error> {
        if window.is_contiguous() {
            if !self.merging {
                return self.push_span(memory, window.span());
            }
            return self.push_range(memory, window.span());
        }
        self.reserve_gappy(memory, window)?;
        for stretch in memory.map.fragment_runs(window) {
            match stretch {
                // Items of a hole are a hole, however many they are.
                FragmentRun::Whole { place, count, .. } if place.payload.is_hole() => {
                    let length = count.checked_mul(window.width()).ok_or(Error::TooLong)?;
                    self.push_run(length, Address::HOLE, None, false)?;
                }
                FragmentRun::Whole {
                    place,
                    mut offset,
                    count,
                } => {
                    let origin = self.origin(memory, place.index)?;
                    for _ in 0..count {
                        self.push_part(place, origin, offset, window.width())?;
                        offset = offset.wrapping_add_signed(window.step());
                    }
                }
                FragmentRun::Seam { offset } => {
                    self.push_range(memory, offset..offset + window.width())?;
                }
            }
        }
        Ok(())
    }

    /// Makes room for the items of a window with gaps, of which there may be more than any memory has room for: that is
    /// told before the first is appended. O(fragments).
    fn reserve_gappy<J>(&mut self, memory: &Memory<J, O>, window: Window) -> Result<(), Error> {
        let mut count = self.map.fragment_count();
        for stretch in memory.map.fragment_runs(window) {
            count = count.saturating_add(match stretch {
                FragmentRun::Whole { place, count, .. } if !place.payload.is_hole() => count,
                FragmentRun::Whole { .. } | FragmentRun::Seam { .. } => 1,
            });
            if !self.merging && count >= u32::MAX as usize {
                return Err(Error::TooManyFragments);
            }
        }
        // Many at a time only: room for exactly a few, again and again, would be moved each time.
        let more = count - self.map.fragment_count();
        if !self.merging && more > self.map.fragment_count() {
            self.map.reserve(more)?;
        }
        Ok(())
    }

    /// Appends a range of another memory, a fragment a run.
    fn push_range<J>(&mut self, memory: &Memory<J, O>, range: Range<usize>) -> Result<(), Error> {
        for (range, place) in memory.map.runs(range) {
            let origin = self.origin(memory, place.index)?;
            self.push_part(place, origin, range.start - place.start, range.len())?;
        }
        Ok(())
    }

    /// Appends a part of a fragment of another memory. Pre: the part lies in the fragment, whose origin this is.
    pub(super) fn push_part(
        &mut self,
        place: Place<Address>,
        origin: Origin,
        offset: usize,
        length: usize,
    ) -> Result<(), Error> {
        self.push_run(length, place.payload.plus(offset), origin.source, origin.writable)
    }

    /// The origin of fragment `index` of another memory; its owner is taken where it is not here yet. O(log sources + log
    /// spans).
    pub(super) fn origin<J>(&mut self, memory: &Memory<J, O>, index: usize) -> Result<Origin, Error> {
        let source = match memory
            .sources
            .index_of(index)
            .and_then(|index| memory.sources.get(index))
        {
            Some(source) => Some(self.adopt_clone(source)?),
            None => None,
        };
        let writable = memory.readonly.within(&(index..index + 1)).next().is_none();
        Ok(Origin { source, writable })
    }

    /// The index here of another memory's source, which may be here already; its owner is cloned only where it is not.
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

/// What a builder must know of a fragment of another memory besides its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// Index here of the source it lies in.
    source: Option<usize>,
    writable: bool,
}
