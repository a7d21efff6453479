//! `view.segments()`: addresses and lengths, for code that walks memory itself.

use fragview::memory::Contiguous;
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::buffers::memory::SharedMemory;
use crate::buffers::request::Request;
use crate::buffers::rows::Rows;
use crate::ops::sequence;
use crate::runtime::steps::Pacer;
use crate::view::state::{State, bytes_at};

/// The rows (address, length) of a view's fragments, in order, as an int64 buffer of shape (n, 2). A hole's
/// address is 0.
///
/// `view.segments()` returns it. It holds the memory while it lives, as a slice of the view does.
///
/// >>> segments = FragView([b'abc', b'd']).segments()
/// >>> len(segments), memoryview(segments).shape, segments[1][1]
/// (2, (2, 2), 1)
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct Segments {
    rows: Rows<2>,
    memory: Py<SharedMemory>,
}

impl Segments {
    pub(crate) fn of(py: Python<'_>, state: &State) -> PyResult<Self> {
        if !state.window.is_contiguous() {
            return Err(PyBufferError::new_err(
                "segments(): a view with gaps between its items has no list of fragments; slice it without a step, or take \
                 tobytes()",
            ));
        }
        let memory = state.memory();
        let (mut rows, mut pacer) = (Rows::new(), Pacer::QUICK);
        let mut at = state.window.span().start;
        for extent in state.view().extents() {
            pacer.turn(py)?;
            let first = match memory.contiguous(&bytes_at(memory, at, extent.length)?) {
                Some(Contiguous::Memory(first)) => first.addr(),
                Some(Contiguous::Hole) | None => 0,
            };
            rows.push([first.cast_signed() as i64, extent.length.cast_signed() as i64])?;
            at += extent.length;
        }
        Ok(Self {
            rows,
            memory: state.memory.clone_ref(py),
        })
    }

    /// Meets a request for the rows as an int64 buffer.
    pub(crate) fn fill(slf: &Bound<'_, Self>, target: &mut ffi::Py_buffer, request: Request) -> PyResult<()> {
        let rows = &slf.get().rows;
        rows.fill(slf.clone().into_any(), "segments", target, request)
    }
}

#[pymethods]
impl Segments {
    fn __len__(&self) -> usize {
        self.rows.as_slice().len()
    }

    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<(i64, i64)> {
        let row = match sequence::Selected::by(key, self.rows.as_slice().len(), "segment")? {
            sequence::Selected::Item(index) => self.rows.as_slice().get(index),
            sequence::Selected::Slice(_) => None,
        };
        let &[address, length] = row.ok_or_else(|| {
            PyTypeError::new_err("segments are indexed by integers; np.asarray() slices them")
        })?;
        Ok((address, length))
    }

    fn __iter__(slf: &Bound<'_, Self>) -> PyResult<sequence::SequenceIterator> {
        sequence::SequenceIterator::forward(slf.as_any())
    }

    fn __repr__(&self) -> String {
        let plural = crate::error::wording::plural(self.rows.as_slice().len());
        format!("<Segments of {} fragment{plural}>", self.rows.as_slice().len())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.memory)
    }
}
