//! The streams of a container, for `fragview.formats.Container`: views are made when they are asked for.

use fragview::formats::Container;
use pyo3::exceptions::PyIndexError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::error::exception::OrRaise;
use crate::records::table::RecordTable;
use crate::runtime::interruptible::with_interrupt;
use crate::view::handle::FragView;
use crate::view::state::State;
use crate::view::view_of_extents::view_of_extents;

/// The streams of a file, by their places; `fragview.formats.Container` is the mapping of their names.
#[pyclass(frozen, module = "fragview")]
pub(crate) struct Streams {
    pub(crate) container: Container,
    /// The file's bytes without gaps.
    pub(crate) source: State,
}

#[pymethods]
impl Streams {
    /// The format's name.
    #[getter]
    fn format(&self) -> &'static str {
        self.container.format
    }

    /// The faults of the file: a description, an offset, and the streams that miss bytes.
    #[getter]
    fn faults(&self) -> Vec<(String, usize, Vec<String>)> {
        let faults = self.container.faults.iter();
        faults
            .map(|fault| (fault.what.to_string(), fault.offset, fault.streams.clone()))
            .collect()
    }

    /// A view of the whole file.
    #[getter]
    fn source(&self, py: Python<'_>) -> FragView {
        FragView::new(self.source.duplicate(py))
    }

    fn __len__(&self) -> usize {
        self.container.len()
    }

    /// The place of the stream of this name, or None.
    #[pyo3(signature = (name, /))]
    fn position(&self, name: &str) -> Option<usize> {
        self.container.position(name)
    }

    /// The name of the stream at a place; IndexError past the last.
    #[pyo3(signature = (position, /))]
    fn name(&self, position: usize) -> PyResult<String> {
        self.container.name(position).ok_or_else(past)
    }

    /// The view of the stream at a place; IndexError past the last.
    #[pyo3(signature = (position, /))]
    fn view(&self, py: Python<'_>, position: usize) -> PyResult<FragView> {
        let extents = self.container.try_extents(position).or_raise()?;
        view_of_extents(py, &self.source, &extents.ok_or_else(past)?)
    }

    /// The number of streams of a family; None if there is no such family.
    #[pyo3(signature = (family, /))]
    fn count(&self, family: &str) -> Option<usize> {
        self.container.numbered(family).map(|family| family.len())
    }

    /// The place of a family's stream by its number, or None.
    #[pyo3(signature = (family, number, /))]
    fn numbered(&self, family: &str, number: usize) -> Option<usize> {
        self.container.numbered(family)?.position(number)
    }

    /// A family's streams as a table: those of the numbers from `start` on, `count` of them, `step` apart.
    /// None where one is not in one place of the file.
    #[pyo3(signature = (family, start, count, step, /))]
    fn table(
        &self,
        py: Python<'_>,
        family: &str,
        start: usize,
        count: usize,
        step: isize,
    ) -> PyResult<Option<RecordTable>> {
        let Some(family) = self.container.numbered(family) else {
            return Ok(None);
        };
        let numbers =
            (0..count).map(|index| start.wrapping_add_signed(step.wrapping_mul(index.cast_signed())));
        let table = with_interrupt(py, |interrupt| family.table(numbers, interrupt))?.or_raise()?;
        Ok(table.map(|table| RecordTable::new(table, self.source.duplicate(py), None)))
    }

    /// The codec of the stream at a place, or None.
    #[pyo3(signature = (position, /))]
    fn codec(&self, position: usize) -> Option<&str> {
        self.container.codec(position)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source.memory)
    }
}

fn past() -> PyErr {
    PyIndexError::new_err("there is no stream at this place")
}
