//! Matches from the last to the first.

use alloc::vec::Vec;
use core::iter::FusedIterator;

use memchr::memmem;

use super::block::{Block, Sizes};
use super::finder::Finder;
use super::step::Step;
use crate::error::Error;
use crate::memory::{Kind, Reader};

/// The matches of a needle from the last on; made by [`Finder::rfind_iter`].
pub struct Backward<'v, K, O> {
    finder: &'v Finder<'v>,
    reversed: memmem::FinderRev<'v>,
    reader: Reader<'v, K, O>,
    sizes: Sizes,
    /// True if the needle is one byte, and is found without a copy.
    by_byte: bool,
    /// No match that is still to come ends behind this index; `None` if an empty needle has been
    /// everywhere.
    end: Option<usize>,
    block: Block<'v>,
    scratch: Vec<u8>,
}

impl<'v, K: Kind, O> Backward<'v, K, O> {
    pub(crate) fn new(finder: &'v Finder<'v>, reader: Reader<'v, K, O>) -> Result<Self, Error> {
        let end = reader.len();
        let sizes = Sizes::new(finder.needle().len(), end);
        Ok(Self {
            finder,
            reversed: memmem::FinderRev::new(finder.needle()),
            by_byte: sizes.needle == 1 && reader.finds_bytes(),
            reader,
            sizes,
            end: Some(end),
            block: Block::Nothing,
            scratch: sizes.room(end)?,
        })
    }

    /// The next match towards the front, as [`Forward::next_within`](super::Forward::next_within) gives those
    /// towards the end.
    pub fn next_within(&mut self, mut bytes: usize) -> Step {
        let needle = self.sizes.needle;
        while let Some(end) = self.end
            && needle <= end
        {
            if needle == 0 {
                self.end = end.checked_sub(1);
                return Step::Found(end);
            }
            if self.by_byte
                && let &[byte] = self.finder.needle()
            {
                if bytes == 0 {
                    return Step::Paused;
                }
                let (found, at) = self.reader.rfind_byte(0..end, byte, &mut bytes);
                self.end = Some(at);
                if found {
                    return Step::Found(at);
                }
                continue;
            }
            if let Some(found) = self.in_block(end) {
                self.end = Some(found);
                return Step::Found(found);
            }
            let Some(end) = self.end.filter(|&end| needle <= end) else {
                break;
            };
            if bytes == 0 {
                return Step::Paused;
            }
            bytes = bytes.saturating_sub(self.read_block(end));
        }
        Step::End
    }

    /// The last match that the block has before `end`; if it has none, the end is moved to where one that
    /// the block has no start of might end.
    fn in_block(&mut self, end: usize) -> Option<usize> {
        let needle = self.sizes.needle;
        let (start, bytes) = match self.block {
            Block::Nothing => return None,
            // Only a needle of zeros makes such a block.
            Block::Zeros(start, _) => return end.checked_sub(needle).filter(|&at| at >= start),
            Block::Lent(start, bytes) => (start, bytes),
            Block::Copied(start) => (start, &self.scratch[..]),
        };
        if end < start + needle {
            return None;
        }
        let found = self.reversed.rfind(&bytes[..end - start]).map(|at| start + at);
        if found.is_none() {
            self.end = Some(start + needle - 1);
        }
        found
    }

    /// Makes the bytes before `end` the block, or skips a hole; returns the number of bytes that it has read.
    ///
    /// Pre: at least as many bytes as the needle has lie before `end`; those behind it are of no interest.
    fn read_block(&mut self, end: usize) -> usize {
        let needle = self.sizes.needle;
        let section = self.reader.section(end - 1);
        let start = section.items.start;
        if self.sizes.stands_alone(&self.reader, &section, end - start) {
            if !section.is_hole {
                let most = end - (end - start).min(self.sizes.most);
                if let Some(bytes) = self.reader.lend(most..end) {
                    self.block = Block::Lent(most, bytes);
                    return bytes.len();
                }
            } else if let Some((first, _)) = self.finder.nonzero {
                // That byte of the needle lies before the hole.
                self.block = Block::Nothing;
                self.end = Some((start + needle).saturating_sub(first + 1));
                return 1;
            } else {
                self.block = Block::Zeros(start, end - start);
                return 1;
            }
        }
        let full = end - self.sizes.take(end);
        let mut at = end;
        while at > full {
            let section = self.reader.section(at - 1);
            let start = section.items.start;
            if at < end && self.sizes.stands_alone(&self.reader, &section, at - start) {
                at = full.max(at - (needle - 1));
                break;
            }
            at = full.max(start);
        }
        self.scratch.clear();
        self.reader.gather(at..end, usize::MAX, 0, &mut self.scratch);
        self.block = Block::Copied(at);
        self.scratch.len()
    }
}

impl<K: Kind, O> Iterator for Backward<'_, K, O> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self.next_within(usize::MAX) {
            Step::Found(at) => Some(at),
            Step::End | Step::Paused => None,
        }
    }
}

impl<K: Kind, O> FusedIterator for Backward<'_, K, O> {}
