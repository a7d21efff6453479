//! `Memory`: fragments of one kind, with their addresses and their owners.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

#[cfg(feature = "bytes")]
use super::Owner;
use super::owners::sources::{SourceExtent, Sources};
use super::readonly::ReadOnly;
use super::{Address, Kind, OwnerList};
use crate::geometry::{Map, Window};

/// Fragments of memory of one kind, and the owners that keep them valid.
///
/// `K` is the kind of the memory ([`Frozen`](crate::memory::Frozen), [`Exclusive`](crate::memory::Exclusive),
/// [`Shared`](crate::memory::Shared)); `O` is the type of its owners (borrowed slices need no owner). 16
/// bytes a fragment, and at most 4 more once a lookup needs the directory.
///
/// A memory is made by a [`Builder`](crate::memory::Builder) and used through [`View`](crate::View)s on it,
/// which share it.
pub struct Memory<K, O = ()> {
    pub(super) map: Map<Address>,
    pub(super) sources: Sources<O>,
    pub(super) readonly: ReadOnly,
    pub(super) kind: PhantomData<K>,
}

impl<K, O> Memory<K, O> {
    /// The length of all fragments together, in bytes. O(1).
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns true if the memory has no byte. O(1).
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The number of fragments. O(1).
    #[must_use]
    pub fn fragment_count(&self) -> usize {
        self.map.fragment_count()
    }

    /// The owners, in the order in which the builder got them; each may be there more than once. O(1).
    pub fn owners(&self) -> impl ExactSizeIterator<Item = &O> {
        self.sources.iter().map(|source| &source.owner)
    }

    /// The lists of owners that this memory may share with others. One after the other, and then
    /// [`unlisted_owners`](Self::unlisted_owners), they are [`owners`](Self::owners). O(1).
    pub fn owner_lists(&self) -> impl ExactSizeIterator<Item = &OwnerList<O>> {
        self.sources.lists().map(|(_, list)| list)
    }

    /// The owners that are this memory's own, because they are few. O(1).
    pub fn unlisted_owners(&self) -> impl ExactSizeIterator<Item = &O> {
        self.sources.unlisted().map(|source| &source.owner)
    }

    /// The bytes of heap the memory takes, with the lists of owners that it shares with others, without what
    /// the owners own. O(1).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        self.map.heap_size() + self.sources.heap_size() + self.readonly.heap_size()
    }

    /// The index of the fragment that holds the byte at `offset`, and where the fragment begins. As
    /// [`Map::find`].
    #[must_use]
    pub fn locate(&self, offset: usize) -> Option<(usize, Range<usize>)> {
        self.map
            .find(offset)
            .map(|place| (place.index, place.start..place.end))
    }

    /// Where the byte at `offset` lies, and how many bytes of its fragment follow from there on, itself
    /// included. O(1) in the mean, as [`Map::find`]; O(log sources) of many sources.
    #[must_use]
    pub fn origin(&self, offset: usize) -> Option<SourceExtent> {
        let place = self.map.find(offset)?;
        Some(self.sources.extent(&(offset..place.end), place))
    }

    /// Where the bytes of `range` lie: an extent for each fragment. O(log fragments) to begin, O(1) a
    /// fragment.
    pub fn extents(&self, range: Range<usize>) -> impl Iterator<Item = SourceExtent> {
        self.map
            .runs(range)
            .map(|(range, place)| self.sources.extent(&range, place))
    }

    /// Returns the bytes of `range` as `Bytes` that share their memory, if they lie in one fragment whose
    /// owner lends itself to that. As [`Map::find`].
    #[cfg(feature = "bytes")]
    pub(crate) fn share(&self, range: Range<usize>) -> Option<bytes::Bytes>
    where
        O: Owner,
    {
        let place = self
            .map
            .find(range.start)
            .filter(|place| range.end <= place.end)?;
        let source = self.sources.get(self.sources.index_of(place.index)?)?;
        let first = place.payload.plus(range.start - place.start).number();
        let shared = source
            .owner
            .share(first.wrapping_sub(source.address.addr()), range.len());
        shared.filter(|bytes| bytes.len() == range.len())
    }

    /// The owners of the bytes of `range`, each once, in order of first use. O(fragments in the range).
    pub fn owners_in(&self, range: Range<usize>) -> impl Iterator<Item = &O> {
        self.sources
            .in_fragments(self.fragments_in(range))
            .map(|source| &source.owner)
    }

    /// The range of bytes that fragment `index` makes, or `None` past the last one. O(1).
    #[must_use]
    pub fn fragment_range(&self, index: usize) -> Option<Range<usize>> {
        self.map.fragment(index).map(|place| place.start..place.end)
    }

    /// The indices of the fragments that `range` touches; none if it is empty. O(log fragments).
    #[must_use]
    pub fn fragments_in(&self, range: Range<usize>) -> Range<usize> {
        self.map.fragments(range)
    }

    /// True if the window touches writable bytes only; an empty window touches nothing.
    ///
    /// O(log fragments) for a window without gaps; with gaps O(read-only runs it passes) at worst.
    #[must_use]
    #[inline]
    pub fn is_writable(&self, window: &Window) -> bool {
        self.readonly.is_empty() || window.is_empty() || self.is_writable_among(window)
    }

    /// True if the window touches a writable byte, or one between its items is. O(log fragments).
    #[must_use]
    pub fn has_writable(&self, window: &Window) -> bool {
        let fragments = self.fragments_in(window.span());
        self.readonly
            .within(&fragments)
            .next()
            .is_none_or(|run| run != fragments)
    }

    fn is_writable_among(&self, window: &Window) -> bool {
        let fragments = self.fragments_in(window.span());
        self.readonly.within(&fragments).all(|fragments| {
            let start = self.map.fragment(fragments.start).map_or(0, |place| place.start);
            let end = self.map.fragment(fragments.end - 1).map_or(0, |place| place.end);
            !touches(window, &(start..end))
        })
    }
}

/// True if an item of the window has a byte in `range`. O(1). Pre: the window and the range are not empty.
fn touches(window: &Window, range: &Range<usize>) -> bool {
    let span = window.span();
    if range.end <= span.start || span.end <= range.start {
        return false;
    }
    if window.is_contiguous() || window.step() == 0 {
        return true;
    }
    // The items seen from the lowest one on; the last item that begins before the range's end is the one to
    // ask.
    let step = window.step().unsigned_abs();
    let item = (range.end - 1 - span.start) / step;
    let item = item.min(window.len() - 1);
    span.start + item * step + window.width() > range.start
}

impl<K, O> fmt::Debug for Memory<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("length", &self.len())
            .field("fragments", &self.fragment_count())
            .finish_non_exhaustive()
    }
}

// SAFETY: a memory is addresses and owners. The addresses are used as the kind allows: like `&[u8]` (frozen),
// like `&mut [u8]` through the one view there is (exclusive), or by racy primitives (shared). Each of these
// may be sent and shared, so the owners alone decide. Memories share their owners, so a thread that is sent
// one memory may use owners at the same time as threads with another.
unsafe impl<K: Kind, O: Send + Sync> Send for Memory<K, O> {}
// SAFETY: as above. A shared memory hands out clones of its `OwnerList`s, so that any thread may be the one
// that drops the owners: they must be `Send` too.
unsafe impl<K: Kind, O: Send + Sync> Sync for Memory<K, O> {}
