//! The sources of a pickled view's bytes, and which range of which source each range of the view is.

use pyo3::prelude::*;
use pyo3::types::PyByteArray;

use crate::buffers::bytes::new_bytes;
use crate::view::copy_out::{copy_out, copy_over};
use crate::view::state::PyView;

/// A range of the view: (source or -1 for a hole, offset in it, length, 1 if read-only).
type Row = [i64; 4];

/// The sources of the bytes of a pickled view.
pub(super) struct Plan<'py> {
    pub(super) sources: Vec<Bound<'py, PyAny>>,
    pub(super) rows: Vec<u8>,
}

impl<'py> Plan<'py> {
    pub(super) const fn new() -> Self {
        Self {
            sources: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.extend(row.into_iter().flat_map(i64::to_le_bytes));
    }

    /// A range of a source that is here already.
    pub(super) fn push_range(&mut self, source: usize, offset: usize, length: usize, readonly: bool) {
        let number = |number: usize| number.cast_signed() as i64;
        self.push([number(source), number(offset), number(length), readonly.into()]);
    }

    /// A new source, all of it.
    pub(super) fn push_source(&mut self, source: Bound<'py, PyAny>, length: usize, readonly: bool) -> usize {
        self.sources.push(source);
        self.push_range(self.sources.len() - 1, 0, length, readonly);
        self.sources.len() - 1
    }
}

/// Items copied: to `bytes` if they are read-only, else to a `bytearray`.
pub(super) fn copied<'py>(
    py: Python<'py>,
    items: &PyView<'_>,
    readonly: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let length = items.byte_len();
    if readonly {
        return Ok(new_bytes(py, length, |target| copy_out(py, items, target))?.into_any());
    }
    let mut done = Ok(());
    let bytes = PyByteArray::new_with(py, length, |target| {
        done = copy_over(py, items, target);
        Ok(())
    })?;
    done?;
    Ok(bytes.into_any())
}
