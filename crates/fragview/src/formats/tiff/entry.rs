//! A directory's entries, and the values that they name.

use alloc::vec::Vec;

use super::reading::{Entry, JPEG, NAME, Reading, SIZES, STRIPS, SUB_DIRECTORIES, TILES, Table, VALUES};
use crate::formats::FormatError;

impl Reading<'_> {
    /// The entries from `first` to `end` that are used here, the first of each tag.
    pub(super) fn entries(&self, first: usize, end: usize) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::<Entry>::new();
        let (size, inline) = if self.big { (20, 8) } else { (12, 4) };
        for offset in (first..end).step_by(size) {
            let tag = self.input.u16(offset)?;
            let is_used = [STRIPS, TILES, JPEG]
                .iter()
                .any(|tags| tag == tags.0 || tag == tags.1)
                || tag == SUB_DIRECTORIES
                || SIZES.contains(&tag)
                || VALUES.iter().any(|value| tag == value.0);
            if !is_used || entries.iter().any(|entry| entry.tag == tag) {
                continue;
            }
            let mut entry = Entry {
                tag,
                kind: self.input.u16(offset + 2)?,
                count: self.number(offset + 4)?,
                values: offset + size - inline,
                offset,
            };
            let size = match self.size(&entry) {
                Ok(size) => size,
                Err(error) => {
                    self.faults.pass(error)?;
                    continue;
                }
            };
            if size > inline as u64 {
                let Ok(values) = usize::try_from(self.number(entry.values)?) else {
                    self.faults
                        .pass(FormatError::new(NAME, offset, "values past the end"))?;
                    continue;
                };
                entry.values = values;
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The bytes of an entry's values.
    pub(super) fn size(&self, entry: &Entry) -> Result<u64, FormatError> {
        let width = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return self.input.fault(entry.offset + 2, "an unknown type"),
        };
        match entry.count.checked_mul(width) {
            Some(size) => Ok(size),
            None => self.input.fault(entry.offset + 4, "values past the end"),
        }
    }

    /// Where an entry's values lie, which are offsets or lengths.
    pub(super) fn table(&mut self, entry: &Entry) -> Result<Table, FormatError> {
        let width = match entry.kind {
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => {
                return self
                    .input
                    .fault(entry.offset + 2, "a type that is not an offset or a length");
            }
        };
        let end = self.spend(entry.values, self.size(entry)?)?;
        Ok(Table {
            start: entry.values,
            width,
            count: (end - entry.values) / width,
        })
    }

    /// The number of this index in a table.
    pub(super) fn entry_of(&self, table: Table, index: usize) -> Result<u64, FormatError> {
        let at = table.start + index * table.width;
        match table.width {
            2 => self.input.u16(at).map(u64::from),
            4 => self.input.u32(at).map(u64::from),
            _ => self.input.u64(at),
        }
    }

    /// The first value of an entry, if it is a number.
    pub(super) fn first_value(&self, entry: &Entry) -> Option<u64> {
        match entry.kind {
            1 if entry.count > 0 => self.input.u8(entry.values).ok().map(u64::from),
            3 if entry.count > 0 => self.input.u16(entry.values).ok().map(u64::from),
            4 if entry.count > 0 => self.input.u32(entry.values).ok().map(u64::from),
            16 if entry.count > 0 => self.input.u64(entry.values).ok(),
            _ => None,
        }
    }
}
