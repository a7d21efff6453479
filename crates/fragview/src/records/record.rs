//! One record of a table.

use alloc::vec::Vec;

use super::column::Column;
use super::table::{RecordTable, try_push};
use crate::error::Error;
use crate::format::{FieldKind, ScalarValue};
use crate::geometry::Extent;

/// A record: its place in the table.
#[derive(Clone, Copy, Debug)]
pub struct Record<'t> {
    pub(super) table: &'t RecordTable,
    pub(super) index: usize,
}

/// A field's value.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue<'t> {
    /// A number, a truth value or one byte.
    Scalar(ScalarValue),
    /// A string's bytes.
    Bytes(&'t [u8]),
}

impl<'t> Record<'t> {
    /// The record's index in its table.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The start of the record, in bytes. O(1).
    #[must_use]
    pub fn offset(&self) -> usize {
        self.table
            .offsets()
            .get(self.index)
            .and_then(|&offset| usize::try_from(offset).ok())
            .unwrap_or(0)
    }

    /// The place of its content. O(1).
    #[must_use]
    pub fn content(&self) -> Extent {
        self.table.content(self.index)
    }

    /// The place of its header, with a length that follows it. O(1).
    #[must_use]
    pub fn header(&self) -> Extent {
        self.table.header(self.index)
    }

    /// The place of its trailer. O(1).
    #[must_use]
    pub fn trailer(&self) -> Extent {
        self.table.trailer(self.index)
    }

    /// The end of the record with its trailer, in bytes. O(1).
    #[must_use]
    pub fn end(&self) -> usize {
        self.table.end_of(self.index)
    }

    /// The value of a field, or `None` if there is no such field. O(fields).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<FieldValue<'t>> {
        value(self.table.column(name)?, self.index)
    }

    /// All values, in the header's order.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldValue<'t>> {
        self.table
            .columns()
            .filter_map(|(_, column)| value(column, self.index))
            .collect()
    }

    /// An integer field's value. O(fields).
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i128> {
        match self.field(name)? {
            FieldValue::Scalar(ScalarValue::Unsigned(number)) => Some(i128::from(number)),
            FieldValue::Scalar(ScalarValue::Signed(number)) => Some(i128::from(number)),
            _ => None,
        }
    }

    /// A string field's bytes. O(fields).
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&'t [u8]> {
        match self.field(name)? {
            FieldValue::Bytes(bytes) => Some(bytes),
            FieldValue::Scalar(_) => None,
        }
    }
}

pub(super) fn value(column: &Column, index: usize) -> Option<FieldValue<'_>> {
    Some(match column.kind() {
        FieldKind::Scalar(_) => FieldValue::Scalar(column.scalar(index)?),
        FieldKind::String { .. } => FieldValue::Bytes(column.bytes(index)?),
        FieldKind::Pascal { .. } => {
            let bytes = column.bytes(index)?;
            let count = bytes
                .first()
                .map_or(0, |&count| usize::from(count))
                .min(bytes.len().saturating_sub(1));
            FieldValue::Bytes(bytes.get(1..=count).unwrap_or(&[]))
        }
    })
}

impl RecordTable {
    /// Record `index`, or `None` past the last one. O(1).
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Record<'_>> {
        (index < self.len()).then_some(Record { table: self, index })
    }

    /// The records in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Record<'_>> {
        (0..self.len()).map(|index| Record { table: self, index })
    }

    /// The records for which `keep` is true. O(records).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn filter(&self, mut keep: impl FnMut(Record<'_>) -> bool) -> Result<Self, Error> {
        let mut indices = Vec::new();
        for record in self.iter() {
            if keep(record) {
                try_push(&mut indices, record.index)?;
            }
        }
        self.select(&indices)
    }
}
