//! Memory: the addresses behind a map, who owns them, and every byte that moves. Every access to an address is here;
//! `view` has `unsafe` only to call it, where the kind of memory gives the right to.
//!
//! The rules the `unsafe` code leans on, and where each is kept:
//!
//! 1. **A fragment's bytes are valid as long as the [`Memory`] lives.** [`Builder`] takes only borrowed slices,
//!    whose lifetime is in the kind, and [`Owner`]s, which the memory keeps.
//! 2. **The kind tells who else may touch the bytes** ([`Frozen`]: nobody writes; [`Exclusive`]: nobody else
//!    touches, and no two fragments share a byte; [`Shared`]: anybody may write at any time). References are lent for
//!    the first two only; shared bytes move through the `racy` module alone.
//! 3. **A null address is a hole**: reads give zeros, and no address is formed from it.
//! 4. **An offset is checked once, against the map**, and then added to the address of its fragment.

mod access;
mod address;
mod assign;
mod builder;
mod equal;
mod extents;
mod fragment;
mod index_table;
mod join;
mod kind;
mod lend;
mod owners;
mod queue;
mod racy;
mod raw_slices;
mod reader;
mod readonly;
#[cfg(feature = "std")]
mod remap;
#[cfg(all(feature = "std", unix))]
mod system_calls;
mod table;
mod transfer;
mod unaligned_iter;
#[cfg(all(feature = "std", unix))]
mod vectored;

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use crate::geometry::{Map, Window};
pub(crate) use access::AHEAD;
pub use access::Hint;
pub(crate) use address::Address;
pub use builder::{Builder, SourceIndex};
pub(crate) use equal::{Blocks, PART};
pub use extents::Source;
pub(crate) use extents::{disjoint, sealed};
pub use fragment::Fragment;
pub use kind::{Exclusive, Frozen, Kind, Many, Shared};
pub use owners::list::OwnerList;
pub use owners::owner::Owner;
pub use owners::sources::SourceExtent;
use owners::sources::Sources;
pub(crate) use queue::Queue;
pub(crate) use racy::prefetch;
pub(crate) use reader::{Reader, Section};
use readonly::ReadOnly;
#[cfg(feature = "std")]
pub use remap::{RemapError, RemapFault, Remapped};
pub use table::{Contiguous, ItemTable};
pub(crate) use unaligned_iter::UnalignedIter;
#[cfg(all(feature = "std", unix))]
pub(crate) use vectored::{Channel, wait};

/// Fragments of memory of one kind, and the owners that keep them valid.
///
/// `K` says who else may touch the bytes ([`Frozen`], [`Exclusive`], [`Shared`]), `O` owns them (nobody needs to
/// where slices are borrowed). 16 bytes a fragment, and at most 4 more once a lookup needs the directory.
///
/// A memory is made by a [`Builder`] and used through [`View`](crate::View)s on it, which share it.
pub struct Memory<K, O = ()> {
    map: Map<Address>,
    sources: Sources<O>,
    readonly: ReadOnly,
    kind: PhantomData<K>,
}

impl<K, O> Memory<K, O> {
    /// The length of all fragments together, in bytes. O(1).
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns true where the memory has no byte. O(1).
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

    /// The bytes of heap the memory takes, with the lists of owners that it shares with others, without what the owners own. O(1).
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

    /// Where the bytes of `range` lie, an extent a run. O(log fragments) to begin, O(1) a run.
    pub fn extents(&self, range: Range<usize>) -> impl Iterator<Item = SourceExtent> {
        self.map
            .runs(range)
            .map(|(range, place)| self.sources.extent(&range, place))
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

    /// The indices of the fragments that `range` touches; none where it is empty. O(log fragments).
    #[must_use]
    pub fn fragments_in(&self, range: Range<usize>) -> Range<usize> {
        self.map.fragments(range)
    }

    /// True where the window touches writable bytes only; an empty window touches nothing.
    ///
    /// O(log fragments) for a window without gaps; with gaps O(read-only runs it passes) at worst.
    #[must_use]
    #[inline]
    pub fn is_writable(&self, window: &Window) -> bool {
        self.readonly.is_empty() || window.len() == 0 || self.is_writable_among(window)
    }

    /// True where the window touches a writable byte, or one between its items is. O(log fragments).
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

/// True where an item of the window has a byte in `range`. O(1). Pre: the window and the range are not empty.
fn touches(window: &Window, range: &Range<usize>) -> bool {
    let span = window.span();
    if range.end <= span.start || span.end <= range.start {
        return false;
    }
    if window.is_contiguous() {
        return true;
    }
    // The items seen from the lowest one on; the last item that begins before the range's end is the one to ask.
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
// like `&mut [u8]` through the one view there is (exclusive), or by racy primitives (shared). Each of these may
// be sent and shared, so the owners alone decide. Memories share their owners, so that who is sent one may use them
// together with others.
unsafe impl<K: Kind, O: Send + Sync> Send for Memory<K, O> {}
// SAFETY: as above.
unsafe impl<K: Kind, O: Sync> Sync for Memory<K, O> {}
