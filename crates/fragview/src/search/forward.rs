//! Matches from the first to the last.
//!
//! ```text
//! while the needle fits between `next` and the end:
//!     if the block has a whole match from `next` on: give it; next = behind it
//!     else next = the first place where a match might begin that goes past the block
//!          block = the bytes from `next` on: lent, copied, or zeros
//! ```
//!
//! Invariant: no match that is still to come begins before `next`. A new block begins at `next`, and so
//! overlaps the one before by at most `needle - 1` bytes: no match across its border is lost. A block is at
//! least four needles long if there are as many bytes, so each byte is searched O(1) times: O(bytes +
//! fragments) in all, with a scratch of fixed size and the needle's.

use alloc::vec::Vec;
use core::iter::FusedIterator;

use super::block::{Block, Sizes};
use super::finder::Finder;
use super::step::Step;
use crate::error::Error;
use crate::memory::{Kind, Reader};

/// The matches of a needle from the first on; made by [`Finder::find_iter`].
pub struct Forward<'v, K, O> {
    finder: &'v Finder<'v>,
    reader: Reader<'v, K, O>,
    sizes: Sizes,
    /// True if the needle is one byte, and is found without a copy.
    by_byte: bool,
    /// No match that is still to come begins before this index.
    next: usize,
    end: usize,
    block: Block<'v>,
    scratch: Vec<u8>,
}

impl<'v, K: Kind, O> Forward<'v, K, O> {
    pub(crate) fn new(finder: &'v Finder<'v>, reader: Reader<'v, K, O>) -> Result<Self, Error> {
        let end = reader.len();
        let sizes = Sizes::new(finder.needle().len(), end);
        Ok(Self {
            finder,
            by_byte: sizes.needle == 1 && reader.finds_bytes(),
            reader,
            sizes,
            next: 0,
            end,
            block: Block::Nothing,
            scratch: sizes.room(end)?,
        })
    }

    /// The next match, or a pause after about `bytes` bytes. For callers with other work during a long
    /// search.
    ///
    /// ```
    /// use fragview::{search::{Finder, Step}, FrozenView};
    /// let (page, finder) = (vec![b'x'; 1 << 20], Finder::new(b"needle"));
    /// let view = FrozenView::from_slices([&page[..], &page, b"a needle"])?;
    /// let mut matches = finder.find_iter(&view)?;
    /// assert_eq!(matches.next_within(1000), Step::Paused);
    /// assert_eq!(matches.next_within(usize::MAX), Step::Found((1 << 21) + 2));
    /// assert_eq!(matches.next_within(0), Step::End);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn next_within(&mut self, mut bytes: usize) -> Step {
        let needle = self.sizes.needle;
        while self.next <= self.end && needle <= self.end - self.next {
            if needle == 0 {
                self.next += 1;
                return Step::Found(self.next - 1);
            }
            if self.by_byte
                && let &[byte] = self.finder.needle()
            {
                if bytes == 0 {
                    return Step::Paused;
                }
                let (found, at) = self.reader.find_byte(self.next..self.end, byte, &mut bytes);
                self.next = at + usize::from(found);
                if found {
                    return Step::Found(at);
                }
                continue;
            }
            if let Some(found) = self.in_block() {
                self.next = found + needle;
                return Step::Found(found);
            }
            if needle > self.end - self.next {
                break;
            }
            if bytes == 0 {
                return Step::Paused;
            }
            bytes = bytes.saturating_sub(self.read_block());
        }
        Step::End
    }

    /// Counts on, for about this many bytes; returns the number of matches, and whether that is all.
    pub fn count_within(&mut self, mut bytes: usize) -> (usize, bool) {
        let needle = self.sizes.needle;
        let mut count = 0;
        if needle == 0 {
            // One before each byte that is left, and one at the end.
            count = (self.end + 1).saturating_sub(self.next);
            self.next = self.end + 1;
            return (count, true);
        }
        while needle <= self.end.saturating_sub(self.next) {
            match (self.block, self.finder.needle()) {
                (Block::Zeros(start, length), _) if self.next < start + length => {
                    let matches = (start + length).saturating_sub(self.next) / needle;
                    count += matches;
                    self.next += matches * needle;
                }
                (_, &[byte]) => {
                    if let Some((start, bytes)) = self.bytes() {
                        count += memchr::memchr_iter(byte, &bytes[self.next - start..]).count();
                        self.next = start + bytes.len();
                    }
                }
                _ => {}
            }
            while let Some(found) = self.in_block() {
                count += 1;
                self.next = found + needle;
            }
            if needle > self.end - self.next {
                break;
            }
            if bytes == 0 {
                return (count, false);
            }
            bytes = bytes.saturating_sub(self.read_block());
        }
        (count, true)
    }

    /// The block's bytes, if it has any from `next` on.
    fn bytes(&self) -> Option<(usize, &[u8])> {
        let (start, bytes) = match self.block {
            Block::Lent(start, bytes) => (start, bytes),
            Block::Copied(start) => (start, &self.scratch[..]),
            Block::Nothing | Block::Zeros(..) => return None,
        };
        (self.next < start + bytes.len()).then_some((start, bytes))
    }

    /// The first match from `next` on that the block has; if it has none, `next` is moved to where one
    /// that the block has no end of might begin.
    fn in_block(&mut self) -> Option<usize> {
        let needle = self.sizes.needle;
        if let Block::Zeros(start, length) = self.block {
            // Only a needle of zeros makes such a block.
            return (self.next + needle <= start + length).then_some(self.next);
        }
        let (start, bytes) = self.bytes()?;
        let rest = &bytes[self.next - start..];
        if rest.len() < needle {
            return None;
        }
        let found = self.finder.forward.find(rest).map(|at| self.next + at);
        if found.is_none() {
            self.next = start + bytes.len() - (needle - 1);
        }
        found
    }

    /// Makes the bytes from `next` on the block, or skips a hole; returns the number of bytes that it has
    /// read.
    ///
    /// Pre: at least as many bytes as the needle has are left. Post: the block has as many, or `next` has
    /// moved.
    fn read_block(&mut self) -> usize {
        let needle = self.sizes.needle;
        let section = self.reader.section(self.next);
        let end = section.items.end.min(self.end);
        let length = end - self.next;
        if self.sizes.stands_alone(&self.reader, &section, length) {
            if !section.is_hole {
                let most = self.next + length.min(self.sizes.most);
                if let Some(bytes) = self.reader.lend(self.next..most) {
                    self.block = Block::Lent(self.next, bytes);
                    return bytes.len();
                }
            } else if let Some((_, last)) = self.finder.nonzero {
                // That byte of the needle lies behind the hole.
                self.block = Block::Nothing;
                self.next = end - last;
                return 1;
            } else {
                self.block = Block::Zeros(self.next, length);
                return 1;
            }
        }
        let first = self.next;
        let full = first + self.sizes.take(self.end - first);
        self.scratch.clear();
        self.reader
            .gather(first..full, self.sizes.large, needle - 1, &mut self.scratch);
        self.block = Block::Copied(first);
        self.scratch.len()
    }
}

impl<K: Kind, O> Iterator for Forward<'_, K, O> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self.next_within(usize::MAX) {
            Step::Found(at) => Some(at),
            Step::End | Step::Paused => None,
        }
    }

    fn count(mut self) -> usize {
        self.count_within(usize::MAX).0
    }
}

impl<K: Kind, O> FusedIterator for Forward<'_, K, O> {}
