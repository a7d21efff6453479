//! Appending: a range of one map, copied to the end of another in one pass.

use core::ops::Range;

use super::map::Entry;
use super::{Map, MapBuilder};
use crate::error::Error;

impl<P: Copy> Map<P> {
    /// The indices of the fragments that `range` touches; none if it is empty. O(log fragments).
    #[must_use]
    pub fn fragments(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            return 0..0;
        }
        let index = |offset| self.find_once(offset).map(|place| place.index);
        match (index(range.start), index(range.end - 1)) {
            (Some(first), Some(last)) => first..last + 1,
            _ => 0..0,
        }
    }
}

impl<P: Copy> MapBuilder<P> {
    /// Appends the bytes `range` of a map, fragment by fragment. `cut(payload, bytes)` is the payload of a
    /// fragment without its first bytes; only the first one can need it. O(log fragments + fragments of the
    /// range), about a nanosecond each.
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    /// The builder stays as it was.
    ///
    /// ```
    /// use fragview::geometry::MapBuilder;
    /// let mut builder = MapBuilder::new();
    /// builder.push(4, 100)?; // the payload is where the fragment begins in some file
    /// builder.push(3, 200)?;
    /// let map = builder.finish();
    /// let mut builder = MapBuilder::new();
    /// builder.extend(&map, 1..6, |place, bytes| place + bytes)?;
    /// builder.extend(&map, 0..2, |place, bytes| place + bytes)?;
    /// let turned = builder.finish();
    /// let places: Vec<_> = (0..turned.fragment_count()).filter_map(|i| turned.fragment(i)).map(|f| (f.start, f.payload)).collect();
    /// assert_eq!(places, [(0, 101), (3, 200), (5, 100)]);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn extend(
        &mut self,
        map: &Map<P>,
        range: Range<usize>,
        cut: impl FnOnce(P, usize) -> P,
    ) -> Result<(), Error> {
        if range.start > range.end || range.end > map.len() {
            return Err(Error::RangeOutOfRange {
                start: range.start,
                end: range.end,
                length: map.len(),
            });
        }
        let fragments = map.fragments(range.clone());
        let Some([first, rest @ ..]) = map.entries.get(fragments.clone()) else {
            return Ok(());
        };
        let total = self.length_with(range.len())?;
        if fragments.len() > (u32::MAX as usize - 1).saturating_sub(self.entries.len()) {
            return Err(Error::TooManyFragments);
        }
        self.entries
            .try_reserve(fragments.len())
            .map_err(|_| Error::OutOfMemory)?;
        self.equal = self.equal_with(range.start, rest);
        let skip = range.start - first.start;
        self.entries.push(Entry {
            start: self.length,
            payload: if skip > 0 {
                cut(first.payload, skip)
            } else {
                first.payload
            },
        });
        // Wrapping: the line may begin before or behind where it did. The sums are offsets on the new line.
        let shift = self.length.wrapping_sub(range.start);
        self.entries.extend(rest.iter().map(|entry| Entry {
            start: entry.start.wrapping_add(shift),
            payload: entry.payload,
        }));
        self.last = range.end - rest.last().map_or(range.start, |entry| entry.start);
        self.length = total;
        Ok(())
    }

    /// The size of every fragment but the last, if they agree, once a fragment from `start` on and then
    /// `rest` are appended. O(1) if the sizes differ soon.
    fn equal_with(&self, mut start: usize, rest: &[Entry<P>]) -> Option<usize> {
        let mut size = match self.entries.len() {
            0 => None,
            1 => Some(self.last),
            // Once they differ, they do for ever.
            _ => Some(self.equal.filter(|&size| size == self.last)?),
        };
        for entry in rest {
            let length = entry.start - start;
            if *size.get_or_insert(length) != length {
                return None;
            }
            start = entry.start;
        }
        size
    }
}
