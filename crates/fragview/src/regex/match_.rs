//! A match, and its groups.

use alloc::boxed::Box;
use core::ops::Range;

/// Where a regular expression matches, and each of its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    start: usize,
    end: usize,
    /// The groups from the first on, without the whole match.
    groups: Box<[Option<(usize, usize)>]>,
}

impl Match {
    pub(super) fn new(range: Range<usize>, groups: Box<[Option<(usize, usize)>]>) -> Self {
        Self {
            start: range.start,
            end: range.end,
            groups,
        }
    }

    /// The index of its first byte. O(1).
    #[must_use]
    pub const fn start(&self) -> usize {
        self.start
    }

    /// The index behind its last byte. O(1).
    #[must_use]
    pub const fn end(&self) -> usize {
        self.end
    }

    /// Its bytes' indices. O(1).
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The number of groups, the whole match among them. O(1).
    #[must_use]
    pub const fn group_count(&self) -> usize {
        self.groups.len() + 1
    }

    /// Where a group matched last, the whole match being group 0; `None` if it did not, or there is no
    /// such group. O(1).
    #[must_use]
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        match index.checked_sub(1) {
            None => Some(self.range()),
            Some(index) => self.groups.get(index)?.map(|(start, end)| start..end),
        }
    }
}
