//! Appending fragments of another memory in one go, with its owners by the list: the basis of edits.

use alloc::vec::Vec;
use core::ops::Range;

use super::adopt::key_at;
use super::owners::sources::{NONE, SMALL, Sources, narrow};
use super::{Address, Builder, Memory, Owner, OwnerList};
use crate::error::Error;
use crate::geometry::Window;

impl<K, O: Owner> Builder<K, O> {
    /// Sets whether, from now on, a view with many owners shares them as a list that both memories hold,
    /// instead of clones of those it needs. The default is false. Then end with
    /// [`finish_compact`](Self::finish_compact), which bounds the owners that are held.
    pub const fn share_owners(&mut self, sharing: bool) {
        self.sharing = sharing;
    }

    /// As [`finish`](Self::finish), for a builder that shares owners: if most of them own nothing in the
    /// memory, it keeps clones of those that do. Amortised O(owners added); at most O(fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn finish_compact(mut self) -> Result<Memory<K, O>, Error> {
        self.sources.compact()?;
        Ok(self.finish())
    }

    /// Reserves room for all bytes of these windows, each appended as it is. An edit copies a large table, so
    /// it is copied once, to its final place.
    pub(crate) fn reserve_windows<'m>(
        &mut self,
        windows: impl Iterator<Item = (&'m Memory<K, O>, Window)>,
    ) -> Result<(), Error>
    where
        K: 'm,
        O: 'm,
    {
        let (mut count, mut spans, mut turns) = (0, 0, 0);
        for (memory, window) in windows {
            let fragments = memory.map.fragments(window.span());
            count += fragments.len();
            spans += memory.sources.spans_of(&fragments).len();
            turns += memory.readonly.turns_of(&fragments) + 2;
        }
        self.map.reserve(count)?;
        self.sources.reserve_spans(spans)?;
        self.readonly.reserve_turns(turns)
    }

    /// Makes room for `count` more fragments, each of an owner of its own, so that to append them does not
    /// fail.
    pub(super) fn reserve_chunks(&mut self, count: usize) -> Result<(), Error> {
        if count > u32::MAX as usize - 1 - self.map.fragment_count() {
            return Err(Error::TooManyFragments);
        }
        self.map.reserve(count)?;
        let sources = &self.sources;
        self.adopted.reserve(count, |index| key_at(sources, index))?;
        self.sources.reserve_open(count)?;
        self.sources.reserve_spans(count)?;
        self.readonly.reserve_turns(count)
    }

    /// Makes room for one fragment of one owner, and no more: after `adopt_only` and one `push_run` there is
    /// nothing to give back, and neither fails.
    pub(super) fn reserve_only(&mut self) -> Result<(), Error> {
        self.map.reserve(1)?;
        self.sources.reserve_only()?;
        self.readonly.reserve_only()
    }

    /// Appends the bytes `range` of another memory: its fragments, and its owners if they are not here
    /// yet.
    ///
    /// O(log fragments + fragments), a few nanoseconds each, and O(log sources) an owner that is cloned.
    pub(super) fn push_span<J>(&mut self, memory: &Memory<J, O>, range: Range<usize>) -> Result<(), Error> {
        let fragments = memory.map.fragments(range.clone());
        if fragments.is_empty() {
            return Ok(());
        }
        let spans = memory.sources.spans_of(&fragments).len();
        let places = if spans <= SMALL {
            self.place_each(memory, &fragments)?
        } else if self.sharing && memory.sources.unlisted().len() == 0 {
            self.place_lists(memory)?
        } else {
            self.place_used(memory, &fragments)?
        };
        // All three or none: a failed push leaves no trace, except for owners of no fragment.
        self.sources.reserve_spans(spans)?;
        self.readonly
            .reserve_turns(memory.readonly.turns_of(&fragments) + 2)?;
        let index = self.map.fragment_count();
        self.map.extend(&memory.map, range, Address::plus)?;
        let (sources, from) = (&mut self.sources, &memory.sources);
        match places {
            Places::Shifted(by) => sources.extend(index, from, &fragments, |source| source.wrapping_add(by)),
            Places::Table(table) => sources.extend(index, from, &fragments, |source| {
                table.get(source as usize).copied().unwrap_or(NONE)
            }),
            Places::Each(places) => {
                let mut places = places.into_iter();
                sources.extend(index, from, &fragments, |_| places.next().unwrap_or(NONE));
            }
        }
        if self.appends_readonly {
            return self.readonly.push(index, true);
        }
        self.readonly.extend(index, &memory.readonly, &fragments)
    }

    /// Takes the owners that these few fragments need, each once.
    fn place_each<J>(&mut self, memory: &Memory<J, O>, fragments: &Range<usize>) -> Result<Places, Error> {
        let spans = memory.sources.spans_of(fragments);
        if let &[span] = spans
            && let Some(source) = memory.sources.get(span.source as usize)
        {
            return Ok(Places::Shifted(
                narrow(self.adopt_clone(source)?).wrapping_sub(span.source),
            ));
        }
        let mut places = Vec::new();
        places
            .try_reserve_exact(spans.len())
            .map_err(|_| Error::OutOfMemory)?;
        for span in spans {
            if let Some(source) = memory.sources.get(span.source as usize) {
                places.push(narrow(self.adopt_clone(source)?));
            }
        }
        Ok(Places::Each(places))
    }

    /// Takes the owners that these many fragments need, each once.
    fn place_used<J>(&mut self, memory: &Memory<J, O>, fragments: &Range<usize>) -> Result<Places, Error> {
        let (mut table, count) = (Vec::new(), memory.sources.len());
        table.try_reserve_exact(count).map_err(|_| Error::OutOfMemory)?;
        table.resize(count, NONE);
        for span in memory.sources.spans_of(fragments) {
            if let Some(place @ &mut NONE) = table.get_mut(span.source as usize)
                && let Some(source) = memory.sources.get(span.source as usize)
            {
                *place = narrow(self.adopt_clone(source)?);
            }
        }
        Ok(Places::Table(table))
    }

    /// Takes a list, which may be here already, and gives the index of its first source.
    fn place_list(&mut self, list: &OwnerList<O>) -> Result<usize, Error> {
        let sources = &mut self.sources;
        let identity =
            |sources: &Sources<O>, place: usize| sources.lists.get(place).map(|part| part.list.identity());
        let known = self
            .shared
            .get(&list.identity(), |place| identity(sources, place));
        if let Some(part) = known.and_then(|place| sources.lists.get(place)) {
            return Ok(part.first);
        }
        self.shared.reserve(1, |place| identity(sources, place))?;
        let first = sources.share(list)?;
        // It is the last one, behind those that were still open.
        let place = sources.lists.len().saturating_sub(1);
        self.shared.insert(place, |place| identity(sources, place));
        Ok(first)
    }

    /// Takes all lists of the memory, each once.
    fn place_lists<J>(&mut self, memory: &Memory<J, O>) -> Result<Places, Error> {
        let mut shift = None;
        let mut table = Vec::new();
        for (first, list) in memory.sources.lists() {
            let place = self.place_list(list)?;
            let by = narrow(place).wrapping_sub(narrow(first));
            // All lists move together, unless one of several is here already.
            if *shift.get_or_insert(by) != by || !table.is_empty() {
                let (before, all) = (table.len(), memory.sources.len());
                table
                    .try_reserve_exact(all - before)
                    .map_err(|_| Error::OutOfMemory)?;
                let shift = shift.unwrap_or(0);
                table.extend((narrow(before)..narrow(first)).map(|source| source.wrapping_add(shift)));
                table.extend(
                    (narrow(first)..narrow(first + list.len())).map(|source| source.wrapping_add(by)),
                );
            }
        }
        Ok(if table.is_empty() {
            Places::Shifted(shift.unwrap_or(0))
        } else {
            Places::Table(table)
        })
    }
}

/// Where the sources of another memory are here.
enum Places {
    /// The distance between the indices in the two lists.
    Shifted(u32),
    /// By their index there.
    Table(Vec<u32>),
    /// One after the other, in the order in which spans name them.
    Each(Vec<u32>),
}
