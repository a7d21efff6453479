//! The fragments of a range, each cut to it.

use core::iter::FusedIterator;
use core::ops::Range;

use super::{Map, Place};

impl<P: Copy> Map<P> {
    /// The fragments that hold the bytes of `range`, in order, each with its part of the range.
    ///
    /// O(log fragments) to begin, O(1) a fragment. A range that reaches past the line is cut to it.
    #[must_use]
    pub fn runs(&self, range: Range<usize>) -> Runs<'_, P> {
        let end = range.end.min(self.len());
        let index = if range.start < end {
            self.find_once(range.start).map_or(0, |place| place.index)
        } else {
            0
        };
        Runs {
            map: self,
            index,
            start: range.start,
            end,
        }
    }
}

/// The fragments of a range; made by [`Map::runs`].
#[derive(Clone, Debug)]
pub struct Runs<'m, P> {
    map: &'m Map<P>,
    index: usize,
    start: usize,
    end: usize,
}

impl<P: Copy> Iterator for Runs<'_, P> {
    /// The bytes of `range` that a fragment holds, and the fragment.
    type Item = (Range<usize>, Place<P>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.start >= self.end {
            return None;
        }
        let place = self.map.fragment(self.index)?;
        let range = self.start..place.end.min(self.end);
        self.start = range.end;
        self.index += 1;
        Some((range, place))
    }

    /// All at once: of each fragment only the end is read.
    #[inline]
    fn fold<A, F: FnMut(A, Self::Item) -> A>(self, start: A, mut add: F) -> A {
        let mut sum = start;
        let mut from = self.start;
        let entries = self.map.entries.get(self.index..).unwrap_or(&[]);
        for (index, pair) in (self.index..).zip(entries.windows(2)) {
            if from >= self.end {
                break;
            }
            let [entry, next] = pair else { break };
            let place = Place {
                index,
                start: entry.start,
                end: next.start,
                payload: entry.payload,
            };
            let range = from..place.end.min(self.end);
            from = range.end;
            sum = add(sum, (range, place));
        }
        sum
    }
}

impl<P: Copy> FusedIterator for Runs<'_, P> {}
