//! Matches, and what is between them.

use alloc::boxed::Box;
use core::iter::FusedIterator;
use core::ops::Range;

use super::Search;
use crate::memory::Kind;

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

    /// Where a group matched last, the whole match being group 0; `None` where it did not, or there is no such group.
    /// O(1).
    #[must_use]
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        match index.checked_sub(1) {
            None => Some(self.range()),
            Some(index) => self.groups.get(index)?.map(|(start, end)| start..end),
        }
    }
}

/// The ranges between matches; made by [`Regex::split`](super::Regex::split).
pub struct Split<'v, K, O> {
    matches: Search<'v, K, O>,
    /// Where the next range begins; `None` behind the last one.
    next: Option<usize>,
    length: usize,
}

impl<'v, K: Kind, O> Split<'v, K, O> {
    pub(super) const fn new(matches: Search<'v, K, O>, length: usize) -> Self {
        Self {
            matches,
            next: Some(0),
            length,
        }
    }
}

impl<K: Kind, O> Iterator for Split<'_, K, O> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.next?;
        let found = self.matches.next();
        self.next = found.as_ref().map(Match::end);
        Some(start..found.map_or(self.length, |found| found.start))
    }
}

impl<K: Kind, O> FusedIterator for Split<'_, K, O> {}
