//! A volume: its sizes, and where its records lie.

use super::record::Record;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;
use crate::geometry::{Extent, Extents};

/// A volume.
pub(super) struct Volume<'a> {
    pub(super) bytes: &'a dyn Bytes,
    pub(super) input: Input<'a>,
    pub(super) cluster: usize,
    pub(super) record: usize,
    /// Where the master file table lies, as far as it is known.
    pub(super) table: Extents,
    /// Attributes that are in use, by where they are.
    pub(super) seen: SparseSet,
}

impl Volume<'_> {
    /// Where clusters lie; `at` is where the file names them. That they are in the file is not checked.
    pub(super) fn extent(&self, start: Option<u64>, count: u64, at: usize) -> Result<Extent, FormatError> {
        let bytes = |clusters: u64| {
            usize::try_from(clusters)
                .ok()
                .and_then(|clusters| clusters.checked_mul(self.cluster))
                .filter(|&bytes| isize::try_from(bytes).is_ok())
        };
        let offset = match start {
            Some(start) => bytes(start).map(Some),
            None => Some(None),
        };
        match (offset, bytes(count)) {
            (Some(offset), Some(length)) => Ok(Extent { offset, length }),
            _ => self.input.fault(at, "a data run is longer than memory can be"),
        }
    }

    /// The number of records.
    pub(super) fn len(&self) -> usize {
        self.table.byte_len() / self.record
    }

    /// The record of this number; `None` if none was ever written.
    pub(super) fn record(&self, number: usize) -> Result<Option<Record>, FormatError> {
        let start = number.saturating_mul(self.record);
        let end = start.saturating_add(self.record);
        if end > self.table.byte_len() {
            return self.input.fault(
                self.table
                    .iter()
                    .next()
                    .and_then(|first| first.offset)
                    .unwrap_or(0),
                "a record's number is out of range",
            );
        }
        let extents = self.table.try_slice(start..end).map_err(|_| Error::OutOfMemory)?;
        Record::read(self.bytes, extents)
    }
}
