//! The bytes of a view in order or backwards, as many at a time as there are in one piece.

use alloc::vec::Vec;
use core::ops::Range;

use crate::memory::{Kind, Reader};

/// What is copied first; each further block is four times as long, up to [`MOST`].
const FIRST: usize = 1 << 8;

/// The scratch. It fits the first-level cache.
const MOST: usize = 1 << 14;

/// Fragments from this many bytes on are read in place, and holes not at all.
const LARGE: usize = 1 << 12;

/// No more bytes than this at a time, so that a search that is to pause does.
const AT_ONCE: usize = 1 << 24;

/// The next bytes.
pub(super) enum Fed<'f> {
    /// Some bytes.
    Bytes(&'f [u8]),
    /// So many zeros.
    Zeros(usize),
}

/// Feeds bytes to automata.
pub(super) struct Feed<'v, K, O> {
    reader: Reader<'v, K, O>,
    scratch: Vec<u8>,
    next: usize,
}

impl<K, O> Feed<'_, K, O> {
    /// The scratch, when the feed is done with it.
    pub(super) fn take_scratch(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.scratch)
    }
}

impl<'v, K: Kind, O> Feed<'v, K, O> {
    /// The scratch may have served before.
    pub(super) const fn new(reader: Reader<'v, K, O>, scratch: Vec<u8>) -> Self {
        Self {
            reader,
            scratch,
            next: FIRST,
        }
    }

    /// The number of bytes.
    pub(super) const fn count(&self) -> usize {
        self.reader.len()
    }

    /// Begins with a small block again.
    pub(super) const fn restart(&mut self) {
        self.next = FIRST;
    }

    /// The byte at `index`, if there is one.
    pub(super) fn byte(&mut self, index: usize) -> Option<u8> {
        if index >= self.count() {
            return None;
        }
        self.copy(index..index + 1);
        self.scratch.first().copied()
    }

    /// The byte before `index`, if there is one.
    pub(super) fn byte_before(&mut self, index: usize) -> Option<u8> {
        self.byte(index.checked_sub(1)?)
    }

    fn copy(&mut self, range: Range<usize>) {
        self.scratch.clear();
        self.scratch.reserve(range.len());
        self.reader.gather(range, usize::MAX, 0, &mut self.scratch);
    }

    fn room(&mut self) -> usize {
        let room = self.next;
        self.next = MOST.min(room * 4);
        room
    }

    /// Bytes from the first of `range` on, which is not empty: at most `most`, or so many zeros as there are.
    pub(super) fn forward(&mut self, range: Range<usize>, most: usize) -> Fed<'_> {
        let section = self.reader.section(range.start);
        let end = section.items.end.min(range.end);
        let length = end - range.start;
        if length >= LARGE {
            if section.is_hole {
                return Fed::Zeros(length);
            }
            let end = range.start + length.min(AT_ONCE).min(most);
            if let Some(bytes) = self.reader.lend(range.start..end) {
                return Fed::Bytes(bytes);
            }
        }
        let count = self.room().min(range.len()).min(most);
        self.scratch.clear();
        self.scratch.reserve(count);
        let range = range.start..range.start + count;
        self.reader.gather(range, LARGE, 0, &mut self.scratch);
        Fed::Bytes(&self.scratch)
    }

    /// Bytes up to the last of `range`, which is not empty: at most `most`, or so many zeros as there are.
    pub(super) fn backward(&mut self, range: Range<usize>, most: usize) -> Fed<'_> {
        let section = self.reader.section(range.end - 1);
        let start = section.items.start.max(range.start);
        let length = range.end - start;
        if length >= LARGE {
            if section.is_hole {
                return Fed::Zeros(length);
            }
            let start = range.end - length.min(AT_ONCE).min(most);
            if let Some(bytes) = self.reader.lend(start..range.end) {
                return Fed::Bytes(bytes);
            }
        }
        let count = self.room().min(range.len()).min(most);
        // What is copied ends before a hole: it may be a large one.
        let mut start = range.end;
        while start > range.end - count {
            let section = self.reader.section(start - 1);
            if section.is_hole && start < range.end {
                break;
            }
            start = section.items.start.max(range.end - count);
        }
        self.copy(start..range.end);
        Fed::Bytes(&self.scratch)
    }
}
