//! The extents of a view, as rows that NumPy reads without a loop.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::buffers::request::Request;
use crate::buffers::rows::Rows;
use crate::ops::sequence;
use crate::runtime::steps::Pacer;
use crate::view::state::State;

/// The sources of the view's memory, each once, in order of first use; of the whole memory if the view is
/// empty.
pub(crate) fn exporters<'py>(py: Python<'py>, state: &State) -> Vec<Bound<'py, PyAny>> {
    let memory = state.memory();
    let mut exporters: Vec<Bound<'py, PyAny>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut add = |exporter: Bound<'py, PyAny>| {
        if seen.insert(exporter.as_ptr().addr()) {
            exporters.push(exporter);
        }
    };
    if state.window.is_empty() {
        memory.owners().for_each(|owner| add(owner.exporter(py)));
    } else {
        memory
            .owners_in(state.window.span())
            .for_each(|owner| add(owner.exporter(py)));
    }
    exporters
}

/// The index in `obj`, where each exporter stands once, of each source of the view's memory; -1 if the view
/// does not use it. O(1) for the range of the memory that was asked for last, else O(sources + fragments).
pub(crate) fn numbers(py: Python<'_>, state: &State) -> PyResult<Arc<[i64]>> {
    let memory = state.memory();
    if memory.owners().len() == 1 {
        return Ok(Arc::from([0]));
    }
    let range = state.window.span();
    state.memory.get().numbers_in(&range, || {
        let places: std::collections::HashMap<usize, i64> = exporters(py, state)
            .iter()
            .zip(0..)
            .map(|(exporter, index)| (exporter.as_ptr().addr(), index))
            .collect();
        let number = |exporter: Bound<'_, PyAny>| places.get(&exporter.as_ptr().addr()).copied();
        let owners = memory.owners();
        Ok(owners
            .map(|owner| number(owner.exporter(py)).unwrap_or(-1))
            .collect())
    })
}

/// A row's source and offset.
pub(crate) fn row_of(sources: &[i64], place: Option<(usize, usize)>) -> [i64; 2] {
    match place {
        Some((source, offset)) => [
            sources.get(source).copied().unwrap_or(-1),
            offset.cast_signed() as i64,
        ],
        None => [-1, 0],
    }
}

/// The rows (source, offset, length) of a view, one for each contiguous range. It is a sequence of tuples,
/// and an int64 buffer of shape (n, 3).
///
/// >>> rows = FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).extents()
/// >>> len(rows), rows[1], memoryview(rows).shape
/// (2, (0, 7, 4), (2, 3))
#[pyclass(frozen, sequence, module = "fragview", name = "Extents")]
pub(crate) struct ExtentRows(Rows<3>);

impl ExtentRows {
    pub(crate) fn of(py: Python<'_>, state: &State) -> PyResult<Self> {
        let sources = numbers(py, state)?;
        let (mut rows, mut pacer) = (Rows::new(), Pacer::QUICK);
        for extent in state.view().extents() {
            let length = extent.length.try_into().unwrap_or(i64::MAX);
            let [source, offset] = row_of(&sources, extent.place);
            let row = [source, offset, length];
            pacer.turn(py)?;
            rows.push(row)?;
        }
        Ok(Self(rows))
    }

    /// Meets a request for the rows as an int64 buffer.
    pub(crate) fn fill(slf: &Bound<'_, Self>, target: &mut ffi::Py_buffer, request: Request) -> PyResult<()> {
        let rows = &slf.get().0;
        rows.fill(slf.clone().into_any(), "extents", target, request)
    }

    pub(crate) fn rows(&self) -> &[[i64; 3]] {
        self.0.as_slice()
    }

    fn row<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyTuple>> {
        let row = self.rows().get(index).copied().unwrap_or_default();
        PyTuple::new(py, row)
    }
}

sequence::sequence_methods!(ExtentRows);

#[pymethods]
impl ExtentRows {
    fn __len__(&self) -> usize {
        self.rows().len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::get(key, self.rows().len(), "extent", |index| {
            Ok(self.row(py, index)?.into_any())
        })
    }

    /// Return the index of the first row in `start:stop` that equals `value`. If it is not found, ValueError
    /// is raised. O(rows).
    ///
    /// >>> FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).extents().index((0, 7, 4))
    /// 1
    #[pyo3(signature = (value, start = None, stop = None, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let place = sequence::position(slf.as_any(), value, start, stop)?;
        place.ok_or_else(|| PyValueError::new_err("there is no such row"))
    }

    /// Return the number of rows that equal `value`. O(rows).
    ///
    /// >>> FragView.from_extents(b'3:one4:some', [(2, 3), (2, 3)]).extents().count((0, 2, 3))
    /// 2
    #[pyo3(signature = (value, /))]
    fn count(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        sequence::count(slf.as_any(), value)
    }

    fn __repr__(&self) -> String {
        let rows: Vec<String> = self
            .rows()
            .iter()
            .take(6)
            .map(|[a, b, c]| format!("({a}, {b}, {c})"))
            .collect();
        let more = if self.rows().len() > rows.len() {
            ", ..."
        } else {
            ""
        };
        format!("ExtentRows([{}{more}])", rows.join(", "))
    }
}
