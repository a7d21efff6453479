//! A file's record, and where its bytes lie.

use alloc::vec::Vec;

use super::name::NAME;
use crate::bytes::{Bytes, Within};
use crate::error::Error;
use crate::formats::FormatError;
use crate::geometry::Extents;

/// The bytes that one number of the update sequence guards.
const STRIDE: usize = 512;

/// A record.
pub(super) struct Record {
    /// Its bytes, with those that the update sequence holds put back.
    pub(super) raw: Vec<u8>,
    /// Where it lies in the file.
    extents: Extents,
    /// Where the update sequence is in it.
    sequence: usize,
}

impl Record {
    /// The record in `extents`; `None` if none was ever written.
    pub(super) fn read(bytes: &dyn Bytes, extents: Extents) -> Result<Option<Self>, FormatError> {
        let offset = extents
            .iter()
            .next()
            .and_then(|extent| extent.offset)
            .unwrap_or_default();
        let fault = |what: &'static str| Err(FormatError::new(NAME, offset, what));
        let length = extents.byte_len();
        let mut raw = Vec::new();
        raw.try_reserve_exact(length).map_err(|_| Error::OutOfMemory)?;
        raw.resize(length, 0);
        if Within::new(bytes, &extents).read(0, &mut raw).is_none() {
            return fault("a record is cut off");
        }
        match raw.get(..4) {
            Some(b"FILE") => {}
            Some(b"BAAD") => return fault("a record was torn when it was written"),
            _ => return Ok(None),
        }
        let mut this = Self {
            raw,
            extents,
            sequence: 0,
        };
        let (sequence, count) = (usize::from(this.u16(4)), usize::from(this.u16(6)));
        let end = sequence + count * 2;
        if count != length / STRIDE + 1 || end > length {
            return fault("a record's update sequence is out of range");
        }
        this.sequence = sequence;
        let number = this.u16(sequence);
        for sector in 1..count {
            let (last, kept) = (sector * STRIDE - 2, sequence + sector * 2);
            // Where the sequence itself lies there, nothing was moved away.
            if this.u16(last) != number {
                return fault("a record was torn when it was written");
            }
            this.raw.copy_within(kept..kept + 2, last);
        }
        Ok(Some(this))
    }

    /// Where the record begins in the file.
    pub(super) fn offset(&self) -> usize {
        self.place(0)
    }

    /// Where a byte of it lies in the file.
    pub(super) fn place(&self, at: usize) -> usize {
        let at = at.min(self.raw.len().saturating_sub(1));
        let extent = self.extents.runs(at..at + 1).next();
        extent.and_then(|extent| extent.offset).unwrap_or_default()
    }

    /// The bytes `start..end` of the record as they should be: if the update sequence has moved two away,
    /// these.
    pub(super) fn bytes(&self, start: usize, end: usize) -> Result<Extents, Error> {
        let mut extents = Extents::new();
        let mut at = start;
        while at < end {
            let sector = at / STRIDE + 1;
            let moved = sector * STRIDE - 2;
            let (from, to) = if at < moved {
                (at, end.min(moved))
            } else {
                let kept = self.sequence + sector * 2 + (at - moved);
                (kept, kept + end.min(sector * STRIDE) - at)
            };
            extents.try_extend(self.extents.runs(from..to))?;
            at += to - from;
        }
        Ok(extents)
    }

    /// Whether the record is in use, and whether it is a folder's.
    pub(super) fn is_used(&self) -> bool {
        self.u16(22) & 1 != 0
    }

    pub(super) fn is_folder(&self) -> bool {
        self.u16(22) & 2 != 0
    }

    /// The record that this one is a part of; 0 if it is a file's first one.
    pub(super) fn base(&self) -> u64 {
        self.u64(32) & 0xffff_ffff_ffff
    }

    // Numbers past the end are 0: what counts on them checks its lengths.
    pub(super) fn u16(&self, at: usize) -> u16 {
        self.raw
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |bytes| u16::from_le_bytes(*bytes))
    }

    pub(super) fn u32(&self, at: usize) -> u32 {
        self.raw
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    pub(super) fn u64(&self, at: usize) -> u64 {
        self.raw
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}
