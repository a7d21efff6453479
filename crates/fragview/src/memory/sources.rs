//! Which source each fragment lies in.

use alloc::vec::Vec;
use core::ops::Range;

use super::Address;
use crate::error::Error;
use crate::geometry::Place;

/// Memory that one owner keeps valid.
#[derive(Debug)]
pub(super) struct Source<O> {
    pub(super) owner: O,
    pub(super) address: *const u8,
    pub(super) length: usize,
    pub(super) writable: bool,
}

/// Marks fragments that lie in no source: holes, and borrowed slices.
const NONE: u32 = u32::MAX;

/// From fragment `first` on, up to the next span, fragments lie in this source.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: u32,
    source: u32,
}

/// The sources, and spans of fragments that lie in the same one: an alternation costs 8 bytes a span, one source
/// costs nothing a fragment.
#[derive(Debug)]
pub(super) struct Sources<O> {
    sources: Vec<Source<O>>,
    /// Invariant: `first` rises strictly, beginning with 0.
    spans: Vec<Span>,
}

/// Where a run of bytes lies in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Index of the source among [`Memory::owners`](super::Memory::owners) and offset of the run in it; `None` for
    /// a hole, and for a borrowed slice, which nothing owns.
    pub place: Option<(usize, usize)>,
    /// The run's length in bytes.
    pub length: usize,
}

impl<O> Sources<O> {
    pub(super) const fn new() -> Self {
        Self {
            sources: Vec::new(),
            spans: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, source: Source<O>) -> Result<usize, Error> {
        if self.sources.len() >= NONE as usize {
            return Err(Error::TooManyFragments);
        }
        self.sources.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.sources.push(source);
        Ok(self.sources.len() - 1)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Source<O>> {
        self.sources.get(index)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Source<O>> {
        self.sources.iter()
    }

    /// Makes room, so that the next `push` does not fail.
    #[inline]
    pub(super) fn reserve(&mut self) -> Result<(), Error> {
        self.spans.try_reserve(1).map_err(|_| Error::OutOfMemory)
    }

    /// Says that the next fragment, `index`, lies in `source`. Amortised O(1).
    #[inline]
    pub(super) fn push(&mut self, index: usize, source: Option<usize>) -> Result<(), Error> {
        let source = source.map_or(NONE, |source| u32::try_from(source).unwrap_or(NONE));
        if self.spans.last().is_none_or(|span| span.source != source) {
            self.spans.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            self.spans.push(Span {
                first: u32::try_from(index).map_err(|_| Error::TooManyFragments)?,
                source,
            });
        }
        Ok(())
    }

    /// The index of the source of fragment `index`. O(log spans).
    pub(super) fn index_of(&self, index: usize) -> Option<usize> {
        let span = self
            .spans
            .partition_point(|span| span.first as usize <= index)
            .checked_sub(1)?;
        let source = self.spans.get(span)?.source;
        (source != NONE).then_some(source as usize)
    }

    /// The index of the source that the fragment pushed last lies in. O(1).
    pub(super) fn index_of_last(&self) -> Option<usize> {
        let source = self.spans.last()?.source;
        (source != NONE).then_some(source as usize)
    }

    /// Where the run `range` of the fragment `place` lies.
    pub(super) fn extent(&self, range: &Range<usize>, place: Place<Address>) -> Extent {
        let source = self
            .index_of(place.index)
            .and_then(|index| Some((index, self.sources.get(index)?)));
        let place = source.map(|(index, source)| {
            let fragment = place.payload.number().wrapping_sub(source.address.addr());
            (index, fragment + (range.start - place.start))
        });
        Extent {
            place,
            length: range.len(),
        }
    }

    /// The sources of these fragments, each once, in order of first use. O(spans in the range · log).
    pub(super) fn in_fragments(&self, fragments: Range<usize>) -> impl Iterator<Item = &Source<O>> {
        let first = self
            .spans
            .partition_point(|span| span.first as usize <= fragments.start)
            .saturating_sub(1);
        let mut seen = alloc::collections::BTreeSet::new();
        self.spans[first.min(self.spans.len())..]
            .iter()
            .take_while(move |span| (span.first as usize) < fragments.end)
            .filter(move |span| span.source != NONE && seen.insert(span.source))
            .filter_map(|span| self.sources.get(span.source as usize))
    }

    pub(super) fn heap_size(&self) -> usize {
        self.sources.capacity() * size_of::<Source<O>>() + self.spans.capacity() * size_of::<Span>()
    }
}
