//! A part of a packet: what is left of it behind the headers so far.

use crate::bytes::{Bytes, array};
use crate::geometry::Extents;

/// A part of a packet: the file itself, or what fragments were put together to.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) bytes: &'a dyn Bytes,
    /// Where `bytes` lies in the file, if it is not the file.
    pub(super) extents: Option<&'a Extents>,
    pub(super) start: usize,
    /// Where the part ends in `bytes`.
    pub(super) end: usize,
    /// Where it would end had it been captured whole.
    pub(super) full_end: usize,
}

impl Part<'_> {
    /// The array `at` bytes into the part.
    pub(super) fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let start = self.start.checked_add(at)?;
        (start.checked_add(N)? <= self.end).then(|| array(self.bytes, start))?
    }

    /// The 16-bit number in network order `at` bytes into the part.
    pub(super) fn short(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    /// The bytes that the part would have had it been captured whole.
    pub(super) const fn full_len(&self) -> usize {
        self.full_end.saturating_sub(self.start)
    }

    /// The part cut to a length, and without its first bytes. `None` if the length is less than these.
    pub(super) fn narrow(self, front: usize, length: usize) -> Option<Self> {
        let full_end = self.full_end.min(self.start.checked_add(length)?);
        let start = self.start.checked_add(front).filter(|&start| start <= full_end)?;
        Some(Self {
            start,
            end: self.end.min(full_end),
            full_end,
            ..self
        })
    }

    /// The part without its first bytes.
    pub(super) fn skip(self, front: usize) -> Option<Self> {
        let length = self.full_len();
        self.narrow(front, length)
    }

    /// The bytes that were captured. The part may begin past them.
    pub(super) const fn captured(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The bytes, if the capture has all.
    pub(super) fn whole(&self) -> Option<Extents> {
        (self.end == self.full_end).then(|| self.in_file())
    }

    /// Where the bytes are in the file.
    pub(super) fn in_file(&self) -> Extents {
        match self.extents {
            Some(extents) => extents.slice(self.start..self.start + self.captured()),
            None => [(self.start, self.captured())].into_iter().collect(),
        }
    }
}
