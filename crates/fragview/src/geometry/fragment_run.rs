//! Fragment runs: the items of a window, grouped by the fragment they lie in.

use core::iter::FusedIterator;

use super::{Map, Place, Window};

/// Items that lie wholly in one fragment, or one item that lies across a seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FragmentRun<P> {
    /// `count` items in the fragment; the first begins `offset` bytes into it, the next a window's step
    /// further.
    Whole {
        /// The fragment.
        place: Place<P>,
        /// The start of the first item, from the fragment's first byte on.
        offset: usize,
        /// How many items.
        count: usize,
    },
    /// One item across a seam, at this offset on the line.
    Seam {
        /// The start of the item on the line.
        offset: usize,
    },
}

/// The fragment runs of a window in the order of its items; made by [`Map::fragment_runs`].
#[derive(Clone, Debug)]
pub struct FragmentRuns<'m, P> {
    map: &'m Map<P>,
    window: Window,
    next: usize,
    hint: Option<Place<P>>,
}

impl<P: Copy> Map<P> {
    /// Groups the items of `window` by fragment. O(1) to begin, O(1) a run if the step is small.
    ///
    /// An item that lies past the line ends the iteration.
    #[must_use]
    pub const fn fragment_runs(&self, window: Window) -> FragmentRuns<'_, P> {
        FragmentRuns {
            map: self,
            window,
            next: 0,
            hint: None,
        }
    }
}

impl<P: Copy> Iterator for FragmentRuns<'_, P> {
    type Item = FragmentRun<P>;

    #[inline]
    fn next(&mut self) -> Option<FragmentRun<P>> {
        let left = self.window.len() - self.next;
        if left == 0 {
            return None;
        }
        let offset = self.window.offset(self.next);
        let place = match self.hint {
            Some(hint) => self.map.find_from(hint, offset)?,
            None => self.map.find_once(offset)?,
        };
        self.hint = Some(place);
        let (width, step) = (self.window.width(), self.window.step());
        // Room behind the item's first byte in the fragment; the item needs `width`.
        let room = place.end - offset;
        if room < width {
            self.next += 1;
            return Some(FragmentRun::Seam { offset });
        }
        let space = if step < 0 {
            offset - place.start
        } else {
            room - width
        };
        let count = match step.unsigned_abs() {
            0 => left,
            1 => left.min(space + 1),
            step => left.min(space / step + 1),
        };
        self.next += count;
        Some(FragmentRun::Whole {
            place,
            offset: offset - place.start,
            count,
        })
    }
}

impl<P: Copy> FusedIterator for FragmentRuns<'_, P> {}
