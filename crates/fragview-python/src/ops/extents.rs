//! The extents of a view, as rows that NumPy reads without a loop.

use std::ffi::c_void;
use std::ptr;

use pyo3::exceptions::{PyBufferError, PyMemoryError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::buffers::request::{Request, Shown};
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

/// The rows (source, offset, length) of a view, one for each contiguous range. It is a sequence of tuples,
/// and an int64 buffer of shape (n, 3).
///
/// >>> rows = FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).extents()
/// >>> len(rows), rows[1], memoryview(rows).shape
/// (2, (0, 7, 4), (2, 3))
#[pyclass(frozen, sequence, module = "fragview", name = "Extents")]
pub(crate) struct ExtentRows {
    rows: Vec<[i64; 3]>,
    shape: [isize; 2],
}

/// Bytes from a row to the next, and from a number to the next.
static STRIDES: [isize; 2] = [24, 8];

impl ExtentRows {
    pub(crate) fn of(py: Python<'_>, state: &State) -> PyResult<Self> {
        let memory = state.memory();
        // The sources' indices in `obj`, where each stands once.
        let places: std::collections::HashMap<usize, i64> = exporters(py, state)
            .iter()
            .zip(0..)
            .map(|(exporter, index)| (exporter.as_ptr().addr(), index))
            .collect();
        let sources: Vec<i64> = memory
            .owners()
            .map(|owner| {
                places
                    .get(&owner.exporter(py).as_ptr().addr())
                    .copied()
                    .unwrap_or(-1)
            })
            .collect();
        let (mut rows, mut pacer) = (Vec::new(), Pacer::QUICK);
        for extent in state.view().extents() {
            let length = extent.length.try_into().unwrap_or(i64::MAX);
            let row = match extent.place {
                Some((source, offset)) => [
                    sources.get(source).copied().unwrap_or(-1),
                    offset.cast_signed() as i64,
                    length,
                ],
                None => [-1, 0, length],
            };
            pacer.turn(py)?;
            rows.try_reserve(1).map_err(|_| PyMemoryError::new_err(()))?;
            rows.push(row);
        }
        let shape = [rows.len().cast_signed(), 3];
        Ok(Self { rows, shape })
    }

    /// Meets a request for the rows as an int64 buffer.
    pub(crate) fn fill(slf: &Bound<'_, Self>, target: &mut ffi::Py_buffer, request: Request) -> PyResult<()> {
        if request.wants(ffi::PyBUF_WRITABLE) {
            return Err(PyBufferError::new_err("extents are read-only"));
        }
        if request.wants(ffi::PyBUF_F_CONTIGUOUS) {
            return Err(PyBufferError::new_err("extents are C-contiguous"));
        }
        // The rows never change and live as long as the object that the buffer refers to.
        let Self { rows, shape } = slf.get();
        let shown = Shown {
            first: rows.as_ptr().cast_mut().cast::<c_void>(),
            length: size_of_val::<[[i64; 3]]>(rows),
            item_size: 8,
            readonly: true,
            format: c"q",
            shape,
            strides: &STRIDES,
            suboffsets: &[],
            internal: ptr::null_mut(),
        };
        request.fill(target, slf.clone().into_any(), &shown);
        Ok(())
    }
}

impl ExtentRows {
    pub(crate) fn rows(&self) -> &[[i64; 3]] {
        &self.rows
    }

    fn row<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyTuple>> {
        let row = self.rows.get(index).copied().unwrap_or_default();
        PyTuple::new(py, row)
    }
}

#[pymethods]
impl ExtentRows {
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match sequence::Selected::by(key, self.rows.len(), "extent")? {
            sequence::Selected::Item(index) => Ok(self.row(py, index)?.into_any()),
            sequence::Selected::Slice(indices) => {
                let rows = indices.map(|index| self.row(py, index));
                Ok(PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)?.into_any())
            }
        }
    }

    fn __iter__(slf: &Bound<'_, Self>) -> PyResult<sequence::SequenceIterator> {
        sequence::SequenceIterator::forward(slf.as_any())
    }

    fn __reversed__(slf: &Bound<'_, Self>) -> PyResult<sequence::SequenceIterator> {
        sequence::SequenceIterator::backward(slf.as_any())
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        sequence::contains(slf.as_any(), value)
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
            .rows
            .iter()
            .take(6)
            .map(|[a, b, c]| format!("({a}, {b}, {c})"))
            .collect();
        let more = if self.rows.len() > rows.len() { ", ..." } else { "" };
        format!("ExtentRows([{}{more}])", rows.join(", "))
    }
}
