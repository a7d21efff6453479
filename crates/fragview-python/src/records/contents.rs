//! The iterator of a table's contents as `bytes`.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::bytes::new_bytes;
use crate::ops::fragments::to_bytes;
use crate::records::table::RecordTable;
use crate::view::copy_out::copy_out;
use crate::view::state::view_of;

/// An iterator over the contents of a table's records, each as new bytes.
#[pyclass(frozen, module = "fragview._fragview", name = "_Contents")]
pub(crate) struct Contents {
    table: Py<RecordTable>,
    next: AtomicUsize,
}

impl Contents {
    pub(super) const fn new(table: Py<RecordTable>) -> Self {
        Self {
            table,
            next: AtomicUsize::new(0),
        }
    }
}

#[pymethods]
impl Contents {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let RecordTable { table, source, .. } = self.table.get();
        let index = self.next.load(Ordering::Relaxed);
        if index >= table.len() {
            return Ok(None);
        }
        self.next.store(index + 1, Ordering::Relaxed);
        let content = table.content(index);
        let window = content
            .offset
            .and_then(|first| source.window.slice_with_step(first, content.length, 1));
        let Some(window) = window else {
            return to_bytes(py, &self.table.get().content(py, index)?, "C").map(Some);
        };
        let items = view_of(source.memory(), window);
        new_bytes(py, content.length, |target| copy_out(py, &items, target)).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        let length = self.table.get().table.len();
        length.saturating_sub(self.next.load(Ordering::Relaxed))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.table)
    }
}
