//! Blocks: the bytes that are searched at a time.

use alloc::vec::Vec;

use crate::error::Error;
use crate::memory::{Kind, Reader, Section};

/// The size of the scratch, except for long needles: it fits the first-level cache beside the copied bytes.
const SCRATCH: usize = 1 << 14;

/// The bytes of the first copy, which is small, to find a near needle soon. Each further block is four times
/// as long.
const FIRST: usize = 1 << 9;

/// From this many bytes on a fragment is searched in place, and a hole is leapt over.
const LARGE: usize = 1 << 14;

/// No more bytes than this are searched in place at a time, so that a search that is to pause does.
const MOST: usize = 1 << 24;

/// The bytes that are looked at now, by their indices in the view.
#[derive(Clone, Copy)]
pub(super) enum Block<'v> {
    /// No bytes.
    Nothing,
    /// Bytes in place, from this index on.
    Lent(usize, &'v [u8]),
    /// The contents of the scratch, from this index on.
    Copied(usize),
    /// A hole: a number of zeros from this index on.
    Zeros(usize, usize),
}

/// How long a block is, for needles of one length.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// The needle's length.
    pub(super) needle: usize,
    /// A section is a block of its own from this many bytes on.
    pub(super) large: usize,
    /// No block in place is longer.
    pub(super) most: usize,
    /// The length of the next block in the scratch.
    next: usize,
    /// The scratch's length.
    scratch: usize,
}

impl Sizes {
    /// The sizes for a needle and a view of `length` bytes.
    pub(super) fn new(needle: usize, length: usize) -> Self {
        Self {
            needle,
            large: LARGE.max(needle.saturating_mul(2)),
            most: MOST.max(needle.saturating_mul(4)),
            next: FIRST.max(needle.saturating_mul(4)).min(length),
            scratch: SCRATCH.max(needle.saturating_mul(4)).min(length),
        }
    }

    /// A scratch with room for a block; none if there is nothing to find.
    pub(super) fn room(&self, length: usize) -> Result<Vec<u8>, Error> {
        let mut scratch = Vec::new();
        if self.needle > 0 && self.needle <= length {
            scratch
                .try_reserve_exact(self.scratch)
                .map_err(|_| Error::OutOfMemory)?;
        }
        Ok(scratch)
    }

    /// How many of `left` bytes to copy now.
    pub(super) fn take(&mut self, left: usize) -> usize {
        let count = self.next.min(left);
        self.next = self.next.saturating_mul(4).min(self.scratch);
        count
    }

    /// True if `length` bytes of the section are a block of their own.
    pub(super) fn stands_alone<K: Kind, O>(
        &self,
        reader: &Reader<'_, K, O>,
        section: &Section,
        length: usize,
    ) -> bool {
        length >= self.large && (section.is_hole || reader.lends())
    }
}
