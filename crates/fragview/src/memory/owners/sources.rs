//! The sources of a memory, and the source of each fragment.

use alloc::vec::Vec;
use core::ops::Range;

use super::list::OwnerList;
use super::source::Source;
use crate::error::Error;
use crate::geometry::Place;
use crate::memory::Address;

/// Marks fragments that lie in no source: holes, and borrowed slices.
pub(in crate::memory) const NONE: u32 = u32::MAX;

/// Up to this many sources are copied rather than shared.
pub(in crate::memory) const SMALL: usize = 64;

/// From fragment `first` on, up to the next span, fragments lie in this source.
#[derive(Clone, Copy, Debug)]
pub(in crate::memory) struct Span {
    first: u32,
    pub(in crate::memory) source: u32,
}

/// The sources, and spans of fragments that lie in the same one: an alternation costs 8 bytes a span, one
/// source costs nothing a fragment.
#[derive(Debug)]
pub(in crate::memory) struct Sources<O> {
    /// Sources that do not change any more, and that other memories may share.
    pub(in crate::memory) lists: Vec<Part<O>>,
    /// Sources that are in no list: still being gathered, or so few that nothing is gained by sharing them.
    /// They come after those of all lists.
    pub(in crate::memory) open: Vec<Source<O>>,
    /// The index of the first open source.
    pub(in crate::memory) open_first: usize,
    /// Invariant: `first` rises strictly, beginning with 0.
    pub(in crate::memory) spans: Vec<Span>,
}

/// A list among others.
#[derive(Debug)]
pub(in crate::memory) struct Part<O> {
    /// The index of its first source.
    pub(in crate::memory) first: usize,
    pub(in crate::memory) list: OwnerList<O>,
}

/// Where a range of bytes lies in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceExtent {
    /// Index of the source among [`Memory::owners`](crate::memory::Memory::owners) and offset of the range in
    /// it; `None` for a hole, and for a borrowed slice, which nothing owns.
    pub place: Option<(usize, usize)>,
    /// The range's length in bytes.
    pub length: usize,
}

impl<O> Sources<O> {
    pub(in crate::memory) const fn new() -> Self {
        Self {
            lists: Vec::new(),
            open: Vec::new(),
            open_first: 0,
            spans: Vec::new(),
        }
    }

    pub(in crate::memory) fn add(&mut self, source: Source<O>) -> Result<usize, Error> {
        let index = self.len();
        if index >= NONE as usize {
            return Err(Error::TooManyFragments);
        }
        self.open.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.open.push(source);
        Ok(index)
    }

    #[inline]
    pub(in crate::memory) fn get(&self, index: usize) -> Option<&Source<O>> {
        if let Some(index) = index.checked_sub(self.open_first) {
            return self.open.get(index);
        }
        let after = self.lists.partition_point(|part| part.first <= index);
        let part = self.lists.get(after.checked_sub(1)?)?;
        part.list.0.get(index - part.first)
    }

    /// The number of sources. O(1).
    pub(in crate::memory) fn len(&self) -> usize {
        self.open_first + self.open.len()
    }

    pub(in crate::memory) fn iter(&self) -> impl ExactSizeIterator<Item = &Source<O>> {
        Counted {
            left: self.len(),
            items: self
                .lists
                .iter()
                .flat_map(|part| part.list.0.iter())
                .chain(&self.open),
        }
    }

    /// The sources that are in no list.
    pub(in crate::memory) fn unlisted(&self) -> impl ExactSizeIterator<Item = &Source<O>> {
        self.open.iter()
    }

    /// The lists, and the index of the first source of each.
    pub(in crate::memory) fn lists(&self) -> impl ExactSizeIterator<Item = (usize, &OwnerList<O>)> {
        self.lists.iter().map(|part| (part.first, &part.list))
    }

    /// Adds a list that others hold too, and gives the index of its first source. O(1).
    pub(in crate::memory) fn share(&mut self, list: &OwnerList<O>) -> Result<usize, Error> {
        self.close()?;
        let first = self.open_first;
        if list.len() > NONE as usize - first {
            return Err(Error::TooManyFragments);
        }
        self.lists.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.lists.push(Part {
            first,
            list: list.clone(),
        });
        self.open_first += list.len();
        Ok(first)
    }

    /// Makes a list of the open sources, which keep their indices. O(1).
    pub(in crate::memory) fn close(&mut self) -> Result<(), Error> {
        self.lists.try_reserve_exact(1).map_err(|_| Error::OutOfMemory)?;
        self.close_into_reserved();
        Ok(())
    }

    fn close_into_reserved(&mut self) {
        if !self.open.is_empty() {
            let mut sources = core::mem::take(&mut self.open);
            sources.shrink_to_fit();
            let first = self.open_first;
            self.open_first += sources.len();
            self.lists.push(Part {
                first,
                list: OwnerList::new(sources),
            });
        }
    }

    /// The same, with the sources in lists if they are many. O(1), but for giving spare room back.
    pub(in crate::memory) fn closed(mut self) -> Self {
        if self.open.len() > SMALL || !self.lists.is_empty() {
            self.close_into_reserved();
        }
        if self.spans.len() < self.spans.capacity() / 2 {
            self.spans.shrink_to_fit();
        }
        self
    }

    /// Appends the spans of the fragments `fragments` of other sources; `place` tells the index here of the
    /// source of each span in turn, but for spans of none. `index` is that of the first fragment here. O(log
    /// spans + spans).
    ///
    /// Pre: `reserve_spans` has made room, and the indices fit 32 bits.
    pub(in crate::memory) fn extend(
        &mut self,
        index: usize,
        other: &Self,
        fragments: &Range<usize>,
        mut place: impl FnMut(u32) -> u32,
    ) {
        let [first, rest @ ..] = other.spans_of(fragments) else {
            return;
        };
        let mut known = |source| if source == NONE { NONE } else { place(source) };
        let source = known(first.source);
        if self.spans.last().is_none_or(|span| span.source != source) {
            self.spans.push(Span {
                first: narrow(index),
                source,
            });
        }
        let shift = narrow(index).wrapping_sub(narrow(fragments.start));
        self.spans.extend(rest.iter().map(|span| Span {
            first: span.first.wrapping_add(shift),
            source: known(span.source),
        }));
    }

    /// The spans of these fragments; the first may begin before them.
    pub(in crate::memory) fn spans_of(&self, fragments: &Range<usize>) -> &[Span] {
        let first = self
            .spans
            .partition_point(|span| span.first as usize <= fragments.start);
        let end = self
            .spans
            .partition_point(|span| (span.first as usize) < fragments.end);
        self.spans.get(first.saturating_sub(1)..end).unwrap_or(&[])
    }

    /// Reserves room for this many more sources.
    pub(in crate::memory) fn reserve_open(&mut self, count: usize) -> Result<(), Error> {
        self.open.try_reserve(count).map_err(|_| Error::OutOfMemory)
    }

    /// Reserves room for this many more spans.
    pub(in crate::memory) fn reserve_spans(&mut self, count: usize) -> Result<(), Error> {
        self.spans.try_reserve(count).map_err(|_| Error::OutOfMemory)
    }

    /// Makes room for one source and one span, and no more.
    pub(in crate::memory) fn reserve_only(&mut self) -> Result<(), Error> {
        let open = self.open.try_reserve_exact(1);
        open.and_then(|()| self.spans.try_reserve_exact(1))
            .map_err(|_| Error::OutOfMemory)
    }

    /// Makes room, so that the next `push` does not fail.
    #[inline]
    pub(in crate::memory) fn reserve(&mut self) -> Result<(), Error> {
        self.spans.try_reserve(1).map_err(|_| Error::OutOfMemory)
    }

    /// Says that the next fragment, `index`, lies in `source`. Amortised O(1).
    #[inline]
    pub(in crate::memory) fn push(&mut self, index: usize, source: Option<usize>) -> Result<(), Error> {
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
    pub(in crate::memory) fn index_of(&self, index: usize) -> Option<usize> {
        let span = self
            .spans
            .partition_point(|span| span.first as usize <= index)
            .checked_sub(1)?;
        let source = self.spans.get(span)?.source;
        (source != NONE).then_some(source as usize)
    }

    /// The index of the source that the fragment pushed last lies in. O(1).
    #[inline]
    pub(in crate::memory) fn index_of_last(&self) -> Option<usize> {
        let source = self.spans.last()?.source;
        (source != NONE).then_some(source as usize)
    }

    /// The extent of the run `range` of the fragment `place`.
    pub(in crate::memory) fn extent(&self, range: &Range<usize>, place: Place<Address>) -> SourceExtent {
        let source = self
            .index_of(place.index)
            .and_then(|index| Some((index, self.get(index)?)));
        let place = source.map(|(index, source)| {
            let fragment = place.payload.number().wrapping_sub(source.address.addr());
            (index, fragment + (range.start - place.start))
        });
        SourceExtent {
            place,
            length: range.len(),
        }
    }

    /// The sources of these fragments, each once, in order of first use. O(spans in the range · log).
    pub(in crate::memory) fn in_fragments(
        &self,
        fragments: Range<usize>,
    ) -> impl Iterator<Item = &Source<O>> {
        let first = self
            .spans
            .partition_point(|span| span.first as usize <= fragments.start)
            .saturating_sub(1);
        let mut seen = alloc::collections::BTreeSet::new();
        self.spans[first.min(self.spans.len())..]
            .iter()
            .take_while(move |span| (span.first as usize) < fragments.end)
            .filter(move |span| span.source != NONE && seen.insert(span.source))
            .filter_map(|span| self.get(span.source as usize))
    }

    /// Shared lists are counted here too.
    pub(in crate::memory) fn heap_size(&self) -> usize {
        let lists: usize = self
            .lists
            .iter()
            .map(|part| size_of::<Vec<Source<O>>>() + part.list.0.capacity() * size_of::<Source<O>>())
            .sum();
        lists
            + self.lists.capacity() * size_of::<Part<O>>()
            + self.open.capacity() * size_of::<Source<O>>()
            + self.spans.capacity() * size_of::<Span>()
    }
}

/// Pre: it is the index of a fragment or a source, and so fits 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "no memory has more of either")]
pub(in crate::memory) const fn narrow(index: usize) -> u32 {
    index as u32
}

/// An iterator whose items are counted.
struct Counted<I> {
    left: usize,
    items: I,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let item = self.items.next()?;
        self.left = self.left.saturating_sub(1);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}
