//! Tables of some of a table's records: by index, by the value of a field, grouped.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::column::Column;
use super::encode::encode;
use super::table::{RecordTable, collected, try_push};
use crate::error::Error;
use crate::format::Value;
use crate::interrupt::Interrupt;

/// A value of a field, as its bytes, and the indices of the records that have it.
pub type Group = (Vec<u8>, Vec<usize>);

impl RecordTable {
    /// The records at `indices`, which may repeat; indices past the last record are left out. O(indices).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn select(&self, indices: &[usize]) -> Result<Self, Error> {
        self.select_with(indices, &mut Interrupt::never())
    }

    /// As [`select`](Self::select); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn select_with(&self, indices: &[usize], interrupt: &mut Interrupt<'_>) -> Result<Self, Error> {
        let mut pick = |column: &[i64]| {
            let mut values = Vec::new();
            values
                .try_reserve_exact(indices.len())
                .map_err(|_| Error::OutOfMemory)?;
            for part in indices.chunks(Interrupt::EVERY) {
                interrupt.turns(part.len())?;
                values.extend(part.iter().filter_map(|&index| column.get(index).copied()));
            }
            Ok::<_, Error>(Arc::new(values))
        };
        let offsets = pick(&self.offsets)?;
        let starts = pick(&self.starts)?;
        let lengths = pick(&self.lengths)?;
        let scanned = match &self.scanned {
            Some([starts, lengths]) => Some([pick(starts)?, pick(lengths)?]),
            None => None,
        };
        let columns = self
            .columns
            .iter()
            .map(|column| column.select(indices, interrupt));
        Ok(Self {
            names: self.names.clone(),
            columns: columns.collect::<Result<_, _>>()?,
            offsets,
            starts,
            lengths,
            scanned,
            trailer: self.trailer,
            begin: self.begin,
        })
    }

    /// The records whose field has one of these values, as Python compares: numbers by value, whatever their
    /// type; `None` if there is no such field. O(records · log values).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn where_(&self, name: &str, values: &[Value]) -> Result<Option<Self>, Error> {
        self.where_with(name, values, &mut Interrupt::never())
    }

    /// As [`where_`](Self::where_); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn where_with(
        &self,
        name: &str,
        values: &[Value],
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(column) = self.column(name) else {
            return Ok(None);
        };
        // A value that does not fit the field is in no record.
        let wanted: BTreeSet<Vec<u8>> = values
            .iter()
            .filter_map(|value| encode(column.kind(), value))
            .filter_map(|encoded| column.wanted(&encoded))
            .collect();
        let synonyms = Column::has_synonyms(column.kind());
        let mut indices = Vec::new();
        for part in Interrupt::parts(self.len()) {
            interrupt.turns(part.len())?;
            for index in part {
                let is_wanted = match column.bytes(index) {
                    Some(bytes) if synonyms => wanted.contains(&column.canonical(bytes)),
                    Some(bytes) => wanted.contains(bytes),
                    None => false,
                };
                if is_wanted {
                    try_push(&mut indices, index)?;
                }
            }
        }
        self.select_with(&indices, interrupt).map(Some)
    }

    /// The records by the value of a field, in order of first appearance: each value's bytes in this
    /// machine's byte order, and the indices of its records. `None` if there is no such field. O(records ·
    /// log values).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn group_by(&self, name: &str) -> Result<Option<Vec<Group>>, Error> {
        self.group_by_with(name, &mut Interrupt::never())
    }

    /// As [`group_by`](Self::group_by); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn group_by_with(
        &self,
        name: &str,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Option<Vec<Group>>, Error> {
        let Some(column) = self.column(name) else {
            return Ok(None);
        };
        let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let synonyms = Column::has_synonyms(column.kind());
        for part in Interrupt::parts(self.len()) {
            interrupt.turns(part.len())?;
            for index in part {
                let bytes = column.bytes(index).unwrap_or(&[]);
                let canonical = synonyms.then(|| column.canonical(bytes));
                let value = canonical.as_deref().unwrap_or(bytes);
                let place = if let Some(&place) = places.get(value) {
                    place
                } else {
                    let place = groups.len();
                    let key = || collected(value.len(), value.iter().copied());
                    try_push(&mut groups, (key()?, Vec::new()))?;
                    places.insert(key()?, place);
                    place
                };
                if let Some((_, indices)) = groups.get_mut(place) {
                    try_push(indices, index)?;
                }
            }
        }
        Ok(Some(groups))
    }
}
