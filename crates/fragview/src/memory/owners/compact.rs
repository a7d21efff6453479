//! Compaction: bounds the lists of owners of edited memories, and the owners that no fragment needs.

use alloc::vec::Vec;
use core::ops::Range;

use super::sources::{NONE, Part, SMALL, Sources, narrow};
use crate::error::Error;
use crate::memory::OwnerList;

/// The most lists that are kept apart.
const LISTS: usize = 64;

/// The greatest ratio of held sources to used sources.
const SPARSE: usize = 4;

impl<O> Sources<O> {
    /// Bounds the owners that are held for other memories: drops unused owners once they are many times as
    /// many as the used ones, and merges many lists into few. Amortised O(log sources) a source that was
    /// added since.
    pub(in crate::memory) fn compact(&mut self) -> Result<(), Error>
    where
        O: Clone,
    {
        if self.lists.is_empty() {
            return Ok(());
        }
        let added = !self.open.is_empty();
        self.close()?;
        if self.len() > SPARSE * self.spans.len() + SMALL || self.lists.len() > SMALL * LISTS {
            return self.keep_used();
        }
        let size = |index: usize| self.lists[index].list.len();
        let end = self.lists.len();
        // Like the digits of a binary number: sources that edits add one by one end in lists whose sizes fall
        // by half. Lists that other memories hold anyway stay as they are.
        let mut first = end - usize::from(added);
        let mut sum = if added { size(first) } else { 0 };
        while added && first > 0 && size(first - 1) <= sum {
            first -= 1;
            sum += size(first);
        }
        self.merge(first..end)?;
        while self.lists.len() > LISTS {
            let sizes = self.lists.windows(2);
            let sizes = sizes.map(|pair| pair.iter().map(|part| part.list.len()).sum::<usize>());
            let Some((first, _)) = sizes.enumerate().min_by_key(|&(_, size)| size) else {
                break;
            };
            self.merge(first..first + 2)?;
        }
        Ok(())
    }

    /// Makes one list of some that follow each other; no source's index changes. O(their sources).
    fn merge(&mut self, range: Range<usize>) -> Result<(), Error>
    where
        O: Clone,
    {
        let lists = &self.lists[range.clone()];
        let (Some(first), true) = (lists.first().map(|part| part.first), lists.len() > 1) else {
            return Ok(());
        };
        let mut sources = Vec::new();
        sources
            .try_reserve_exact(lists.iter().map(|part| part.list.len()).sum())
            .map_err(|_| Error::OutOfMemory)?;
        sources.extend(lists.iter().flat_map(|part| part.list.0.iter()).cloned());
        let list = OwnerList::new(sources);
        self.lists.splice(range, [Part { first, list }]);
        Ok(())
    }

    /// Makes one list of the sources that a span names.
    fn keep_used(&mut self) -> Result<(), Error>
    where
        O: Clone,
    {
        let (mut places, mut sources) = (Vec::new(), Vec::new());
        places
            .try_reserve_exact(self.len())
            .map_err(|_| Error::OutOfMemory)?;
        places.resize(self.len(), NONE);
        let used = self.spans.len().min(self.len());
        sources.try_reserve_exact(used).map_err(|_| Error::OutOfMemory)?;
        // Read whole before the first span changes.
        for span in &self.spans {
            if let Some(place @ &mut NONE) = places.get_mut(span.source as usize)
                && let Some(source) = self.get(span.source as usize)
            {
                *place = narrow(sources.len());
                sources.push(source.clone());
            }
        }
        for span in &mut self.spans {
            if let Some(&place) = places.get(span.source as usize) {
                span.source = place;
            }
        }
        self.lists.clear();
        self.open_first = 0;
        self.open = sources;
        Ok(())
    }
}
