//! The contiguous ranges of a window's items, one after the other, and their number.

use super::transfer::RawSlice;
use super::{Address, Kind, Memory};
use crate::geometry::{FragmentRun, FragmentRuns, Map, Runs, Window};

/// The contiguous ranges of a window's items in order, as [`Memory::for_each_slice`] visits them; made by
/// [`Memory::raw_slices`].
pub(super) struct RawSlices<'m> {
    map: &'m Map<Address>,
    /// Items behind those below.
    items: FragmentRuns<'m, Address>,
    /// Items of one fragment: its address, where in it the next one lies, and how many are left.
    whole: (Address, usize, usize),
    /// The rest of the bytes of an item across seams.
    runs: Option<Runs<'m, Address>>,
    window: Window,
}

impl Iterator for RawSlices<'_> {
    type Item = RawSlice;

    fn next(&mut self) -> Option<RawSlice> {
        loop {
            let (address, offset, left) = self.whole;
            if left > 0 {
                self.whole = (address, offset.wrapping_add_signed(self.window.step()), left - 1);
                return Some((address.plus(offset), self.window.width()));
            }
            if let Some(runs) = &mut self.runs {
                if let Some((range, place)) = runs.next() {
                    return Some((place.payload.plus(range.start - place.start), range.len()));
                }
                self.runs = None;
            }
            match self.items.next()? {
                FragmentRun::Whole { place, offset, count } => {
                    self.whole = (place.payload, offset, count);
                }
                FragmentRun::Seam { offset } => {
                    self.runs = Some(self.map.runs(offset..offset + self.window.width()));
                }
            }
        }
    }
}

impl<K: Kind, O> Memory<K, O> {
    /// The ranges that [`for_each_slice`](Self::for_each_slice) visits, for a loop over two windows. O(1).
    pub(super) fn raw_slices(&self, window: Window) -> RawSlices<'_> {
        // Without a step the runs are the ranges, and no items are left.
        let (runs, items) = if window.is_contiguous() {
            (Some(self.map.runs(window.span())), window.rest(window.len()))
        } else {
            (None, window)
        };
        RawSlices {
            map: &self.map,
            items: self.map.fragment_runs(items),
            whole: (Address::HOLE, 0, 0),
            runs,
            window,
        }
    }

    /// The range that holds the first byte of item `index`, and the offset in it: a builder makes a fragment
    /// of each range, and one of all consecutive items in one hole. O(fragments). Pre: the window has a step,
    /// and there is such an item.
    pub(crate) fn fragment_of_item(&self, window: Window, index: usize) -> (usize, usize) {
        let (mut item, mut fragments) = (0, 0);
        for run in self.map.fragment_runs(window) {
            let left = index - item;
            let (items, more) = match run {
                FragmentRun::Whole { place, count, .. } if place.payload.is_hole() => {
                    if left < count {
                        return (fragments, left * window.width());
                    }
                    (count, 1)
                }
                FragmentRun::Whole { count, .. } => (count, count),
                FragmentRun::Seam { offset } => (1, self.map.runs(offset..offset + window.width()).count()),
            };
            if left < items {
                return (fragments + left, 0);
            }
            (item, fragments) = (item + items, fragments + more);
        }
        (fragments, 0)
    }

    /// True if each item of a window with a step is a range of its own: it lies in one fragment, and that is
    /// no hole. O(fragments).
    pub(crate) fn items_are_fragments(&self, window: Window) -> bool {
        let mut runs = self.map.fragment_runs(window);
        runs.all(|run| matches!(run, FragmentRun::Whole { place, .. } if !place.payload.is_hole()))
    }
}
