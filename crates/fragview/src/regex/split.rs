//! Splitting: the bytes between matches.

use core::iter::FusedIterator;
use core::ops::Range;

use super::match_::Match;
use super::search::Search;
use crate::memory::Kind;

/// The ranges between matches; made by [`Regex::split`](super::Regex::split).
pub struct Split<'v, K, O> {
    matches: Search<'v, K, O>,
    /// The start of the next range; `None` behind the last one.
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
        Some(start..found.map_or(self.length, |found| found.start()))
    }
}

impl<K: Kind, O> FusedIterator for Split<'_, K, O> {}
