//! Blocks of a view's bytes, forward or backward, for the automata.

use alloc::vec::Vec;
use core::ops::Range;

use crate::memory::{Kind, Reader};

/// The bytes of the first copy; each further block is four times as long, up to [`MOST`].
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
    /// A number of zeros.
    Zeros(usize),
}

/// Bytes of a view that were copied, and are looked at more than once.
#[derive(Default)]
struct Block {
    /// The first one's index.
    start: usize,
    bytes: Vec<u8>,
}

impl Block {
    fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    fn has(&self, index: usize) -> bool {
        self.start <= index && index < self.end()
    }

    fn get(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range.start - self.start..range.end - self.start]
    }

    /// Pre: the range lies in the view.
    fn read<K: Kind, O>(&mut self, reader: &mut Reader<'_, K, O>, range: Range<usize>, large: usize) {
        self.bytes.clear();
        self.bytes.reserve(range.len());
        self.start = range.start;
        reader.gather(range, large, 0, &mut self.bytes);
    }
}

/// The scratch of a feed, which serves one after the other.
#[derive(Default)]
pub(super) struct Blocks {
    /// The farthest bytes that were looked at. If matches are close together, many lie in it.
    ahead: Block,
    /// Bytes before those, for matches that begin there.
    back: Block,
    /// One byte beside.
    single: Block,
}

impl Blocks {
    /// Forgets the bytes, and keeps the memory.
    fn clear(&mut self) {
        for block in [&mut self.ahead, &mut self.back, &mut self.single] {
            block.bytes.clear();
        }
    }
}

/// Feeds bytes to automata.
///
/// A block that was copied is kept until the feed has to look elsewhere: the search for a match's end, that
/// for its start, and the one for the next match mostly look at the same block, so that each byte is copied
/// once. If others write the memory meanwhile, a search sees some mix of old and new bytes.
pub(super) struct Feed<'v, K, O> {
    reader: Reader<'v, K, O>,
    blocks: Blocks,
    /// How long the next block ahead is.
    next_ahead: usize,
    /// How long the next one back is.
    next_back: usize,
}

impl<K, O> Feed<'_, K, O> {
    /// The scratch, when the feed is done with it.
    pub(super) fn take_blocks(&mut self) -> Blocks {
        core::mem::take(&mut self.blocks)
    }
}

impl<'v, K: Kind, O> Feed<'v, K, O> {
    /// The scratch may have served before.
    pub(super) fn new(reader: Reader<'v, K, O>, mut blocks: Blocks) -> Self {
        blocks.clear();
        Self {
            reader,
            blocks,
            next_ahead: FIRST,
            next_back: FIRST,
        }
    }

    /// The number of bytes.
    pub(super) const fn len(&self) -> usize {
        self.reader.len()
    }

    /// Begins with a small block again, if bytes looked at before are looked at.
    pub(super) const fn restart(&mut self) {
        self.next_back = FIRST;
    }

    /// The byte at `index`, if there is one.
    pub(super) fn byte(&mut self, index: usize) -> Option<u8> {
        if index >= self.len() {
            return None;
        }
        let Blocks { ahead, back, single } = &mut self.blocks;
        if let Some(block) = [&*ahead, &*back].into_iter().find(|block| block.has(index)) {
            return Some(block.bytes[index - block.start]);
        }
        single.read(&mut self.reader, index..index + 1, usize::MAX);
        single.bytes.first().copied()
    }

    /// The byte before `index`, if there is one.
    pub(super) fn byte_before(&mut self, index: usize) -> Option<u8> {
        self.byte(index.checked_sub(1)?)
    }

    /// Bytes from the first of `range` on, which is not empty: at most `most`, or the zeros of a hole.
    pub(super) fn forward(&mut self, range: Range<usize>, most: usize) -> Fed<'_> {
        let Blocks { ahead, back, .. } = &mut self.blocks;
        let end = range.end.min(range.start.saturating_add(most));
        if ahead.has(range.start) {
            return Fed::Bytes(ahead.get(range.start..end.min(ahead.end())));
        }
        if back.has(range.start) {
            return Fed::Bytes(back.get(range.start..end.min(back.end())));
        }
        let section = self.reader.section(range.start);
        let length = section.items.end.min(range.end) - range.start;
        if length >= LARGE {
            if section.is_hole {
                return Fed::Zeros(length);
            }
            let end = range.start + length.min(AT_ONCE).min(most);
            if let Some(bytes) = self.reader.lend(range.start..end) {
                return Fed::Bytes(bytes);
            }
        }
        let (block, room) = if range.start >= ahead.end() {
            (ahead, grow(&mut self.next_ahead))
        } else {
            (back, grow(&mut self.next_back))
        };
        let count = room.min(range.len()).min(most);
        block.read(&mut self.reader, range.start..range.start + count, LARGE);
        Fed::Bytes(&block.bytes)
    }

    /// Bytes up to the last of `range`, which is not empty: at most `most`, or the zeros of a hole.
    pub(super) fn backward(&mut self, range: Range<usize>, most: usize) -> Fed<'_> {
        let Blocks { ahead, back, .. } = &mut self.blocks;
        let start = range.start.max(range.end.saturating_sub(most));
        if ahead.has(range.end - 1) {
            return Fed::Bytes(ahead.get(start.max(ahead.start)..range.end));
        }
        if back.has(range.end - 1) {
            return Fed::Bytes(back.get(start.max(back.start)..range.end));
        }
        let section = self.reader.section(range.end - 1);
        let length = range.end - section.items.start.max(range.start);
        if length >= LARGE {
            if section.is_hole {
                return Fed::Zeros(length);
            }
            let start = range.end - length.min(AT_ONCE).min(most);
            if let Some(bytes) = self.reader.lend(start..range.end) {
                return Fed::Bytes(bytes);
            }
        }
        let count = grow(&mut self.next_back).min(range.len()).min(most);
        // The copy ends before a hole, which may be a large one.
        let mut start = range.end;
        while start > range.end - count {
            let section = self.reader.section(start - 1);
            if section.is_hole && start < range.end {
                break;
            }
            start = section.items.start.max(range.end - count);
        }
        back.read(&mut self.reader, start..range.end, usize::MAX);
        Fed::Bytes(&back.bytes)
    }
}

/// The length of a block; the next one is four times as long.
fn grow(next: &mut usize) -> usize {
    let room = *next;
    *next = MOST.min(room * 4);
    room
}
