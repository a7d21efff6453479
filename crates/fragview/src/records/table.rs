//! Tables of records.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::column::Column;
use super::layout::{RecordLayout, encode};
use crate::format::{Field, Value};
use crate::geometry::{Extent, Extents};

/// Records found by a scan: where each lies, and a column for each field of their headers.
///
/// 24 bytes a record and the header's fields; offsets are those of the bytes that were scanned.
#[derive(Clone, Debug)]
pub struct RecordTable {
    names: Vec<String>,
    columns: Vec<Column>,
    /// Where each record begins; signed, as array libraries and Arrow like offsets.
    offsets: Vec<i64>,
    /// Where each content begins.
    starts: Vec<i64>,
    /// Bytes of each content.
    lengths: Vec<i64>,
}

impl RecordTable {
    pub(super) fn new(layout: &RecordLayout) -> Self {
        Self {
            names: layout.names.clone(),
            columns: layout
                .fields
                .iter()
                .map(|field| Column::new(field.kind))
                .collect(),
            offsets: Vec::new(),
            starts: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Where each record begins and the bytes of its content, to append to; the headers must follow in
    /// [`push_headers`](Self::push_headers).
    pub(super) const fn places(&mut self) -> (&mut Vec<i64>, &mut Vec<i64>) {
        (&mut self.offsets, &mut self.lengths)
    }

    /// Takes the headers, `header` bytes each, of the records pushed since the last call. Pre: there is room.
    #[expect(clippy::cast_possible_wrap, reason = "no header is longer than isize::MAX")]
    pub(super) fn push_headers(&mut self, headers: &[u8], header: usize, fields: &[Field]) {
        let offsets = &self.offsets[self.starts.len()..];
        self.starts
            .extend(offsets.iter().map(|offset| offset + header as i64));
        for (column, field) in self.columns.iter_mut().zip(fields) {
            column.extend(headers, header, field.offset);
        }
    }

    /// Makes room for `count` more records; `None`, with the table as it was, where memory is short. It grows
    /// to what is expected, but at least by a quarter, so that the cost stays linear, and at most to eight
    /// times what there is, so that a lie takes no memory out of proportion.
    pub(super) fn make_room(&mut self, count: usize, expected: usize) -> Option<()> {
        let wanted = self.len().checked_add(count)?;
        if wanted <= self.offsets.capacity() {
            return Some(());
        }
        let most = expected.min(wanted.saturating_mul(8));
        let more = wanted.max(self.len() / 4 * 5).max(most) - self.len();
        for column in &mut self.columns {
            column.reserve(more)?;
        }
        for numbers in [&mut self.starts, &mut self.lengths, &mut self.offsets] {
            numbers.try_reserve_exact(more).ok()?;
        }
        Some(())
    }

    /// Gives back the room that growing has left over.
    pub(super) fn shrink(&mut self) {
        for numbers in [&mut self.offsets, &mut self.starts, &mut self.lengths] {
            numbers.shrink_to_fit();
        }
        for column in &mut self.columns {
            column.shrink();
        }
    }

    /// The number of records. O(1).
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// True where there is no record. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The fields' names, in the header's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column of a field. O(fields).
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .get(self.names.iter().position(|field| field == name)?)
    }

    /// All columns with their names, in the header's order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }

    /// Where each record begins, in bytes. O(1).
    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// Where each content begins, in bytes. O(1).
    #[must_use]
    pub fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// Bytes of each content. O(1).
    #[must_use]
    pub fn lengths(&self) -> &[i64] {
        &self.lengths
    }

    /// Where the content of record `index` lies; nothing past the last one. O(1).
    #[must_use]
    pub fn content(&self, index: usize) -> Extent {
        let number = |column: &[i64]| column.get(index).and_then(|&number| usize::try_from(number).ok());
        Extent {
            offset: number(&self.starts),
            length: number(&self.lengths).unwrap_or(0),
        }
    }

    /// The contents laid end to end. O(records).
    #[must_use]
    pub fn join(&self) -> Extents {
        let mut all = Extents::new();
        for index in 0..self.len() {
            let content = self.content(index);
            all.push(content.offset, content.length);
        }
        all
    }

    /// The records at `indices`, which may repeat; indices past the last record are left out. O(indices).
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let pick = |column: &[i64]| {
            indices
                .iter()
                .filter_map(|&index| column.get(index).copied())
                .collect()
        };
        Self {
            names: self.names.clone(),
            columns: self.columns.iter().map(|column| column.select(indices)).collect(),
            offsets: pick(&self.offsets),
            starts: pick(&self.starts),
            lengths: pick(&self.lengths),
        }
    }

    /// The records whose field has one of these values, as Python compares: numbers by value, whatever their
    /// type; `None` where there is no such field. O(records · log values).
    #[must_use]
    pub fn where_(&self, name: &str, values: &[Value]) -> Option<Self> {
        let column = self.column(name)?;
        // A value that does not fit the field is in no record.
        let wanted: BTreeSet<Vec<u8>> = values
            .iter()
            .filter_map(|value| encode(column.kind(), value))
            .filter_map(|encoded| column.wanted(&encoded))
            .collect();
        let synonyms = Column::has_synonyms(column.kind());
        let matches = |index: &usize| match column.bytes(*index) {
            Some(bytes) if synonyms => wanted.contains(&column.canonical(bytes)),
            Some(bytes) => wanted.contains(bytes),
            None => false,
        };
        let indices: Vec<usize> = (0..self.len()).filter(matches).collect();
        Some(self.select(&indices))
    }

    /// The same records with `front` bytes less at the beginning of each content, and `back` at its end.
    ///
    /// Both are asked with each record's index. O(records).
    ///
    /// # Errors
    /// The index of the first record whose content is shorter than what is to be trimmed.
    pub fn trim(&self, front: impl Fn(usize) -> usize, back: impl Fn(usize) -> usize) -> Result<Self, usize> {
        let mut trimmed = self.clone();
        for (index, (start, length)) in trimmed.starts.iter_mut().zip(&mut trimmed.lengths).enumerate() {
            let front = i64::try_from(front(index)).map_err(|_| index)?;
            let less = i64::try_from(back(index))
                .ok()
                .and_then(|back| back.checked_add(front))
                .ok_or(index)?;
            if less > *length {
                return Err(index);
            }
            *start += front;
            *length -= less;
        }
        Ok(trimmed)
    }

    /// The records by the value of a field, in order of first appearance: each value's bytes in this
    /// machine's byte order, and the indices of its records. `None` where there is no such field. O(records ·
    /// log values).
    #[must_use]
    pub fn group_by(&self, name: &str) -> Option<Vec<(Vec<u8>, Vec<usize>)>> {
        let column = self.column(name)?;
        let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let mut groups: Vec<(Vec<u8>, Vec<usize>)> = Vec::new();
        let synonyms = Column::has_synonyms(column.kind());
        for index in 0..self.len() {
            let bytes = column.bytes(index).unwrap_or(&[]);
            let canonical = synonyms.then(|| column.canonical(bytes));
            let value = canonical.as_deref().unwrap_or(bytes);
            let place = if let Some(&place) = places.get(value) {
                place
            } else {
                places.insert(value.to_vec(), groups.len());
                groups.push((value.to_vec(), Vec::new()));
                groups.len() - 1
            };
            groups[place].1.push(index);
        }
        Some(groups)
    }

    /// The contents joined from each start to the next: a message over several records. Records before the
    /// first start belong to none. O(records).
    #[must_use]
    pub fn messages(&self, starts: impl Fn(usize) -> bool) -> Vec<Extents> {
        let mut messages: Vec<Extents> = Vec::new();
        for index in 0..self.len() {
            if starts(index) {
                messages.push(Extents::new());
            }
            if let Some(message) = messages.last_mut() {
                let content = self.content(index);
                message.push(content.offset, content.length);
            }
        }
        messages
    }

    /// The bytes of heap the table takes. O(fields).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let numbers = self.offsets.capacity() + self.starts.capacity() + self.lengths.capacity();
        numbers * size_of::<i64>()
            + self
                .columns
                .iter()
                .map(|column| column.data().len())
                .sum::<usize>()
    }
}
