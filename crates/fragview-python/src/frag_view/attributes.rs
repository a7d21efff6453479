//! `memoryview`'s attributes: `obj`, `format`, `shape` and the like.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::error::wording::plural;
use crate::ops::extents;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// The object that exports the memory. It is a tuple of objects if there are several, and None if there
    /// is none. O(sources).
    ///
    /// >>> FragView([b'ab', b'c']).obj
    /// (b'ab', b'c')
    #[getter]
    fn obj<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let state = self.enter()?;
        let mut exporters = extents::exporters(py, &state);
        match exporters.len() {
            0 => Ok(py.None().into_bound(py)),
            1 => Ok(exporters.remove(0)),
            _ => Ok(PyTuple::new(py, exporters)?.into_any()),
        }
    }

    /// The number of bytes that the items have together. O(1).
    ///
    /// >>> FragView(b'abcd').cast('H').nbytes
    /// 4
    #[getter]
    fn nbytes(&self) -> PyResult<usize> {
        Ok(self.enter()?.byte_count())
    }

    /// True if an item of the view touches read-only memory. The answer is for this view's range: a slice
    /// that touches only writable fragments is writable. O(log fragments).
    ///
    /// >>> view = FragView([bytearray(b'ab'), b'c'])
    /// >>> view.readonly, view[:2].readonly
    /// (True, False)
    #[getter]
    fn readonly(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_readonly())
    }

    /// The format of an item, in the struct module's notation. O(1).
    ///
    /// >>> FragView(b'abcd').cast('<H').format
    /// '<H'
    #[getter]
    fn format<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        Ok(PyString::new(py, self.enter()?.format.text()))
    }

    /// The number of bytes of an item. O(1).
    ///
    /// >>> FragView(b'abcd').cast('H').itemsize
    /// 2
    #[getter]
    fn itemsize(&self) -> PyResult<usize> {
        Ok(self.enter()?.item_size())
    }

    /// The number of dimensions. O(1).
    ///
    /// >>> FragView(b'abcdef').cast('B', (2, 3)).ndim
    /// 2
    #[getter]
    fn ndim(&self) -> PyResult<usize> {
        Ok(self.enter()?.dimensions().len())
    }

    /// The number of items in each dimension. O(dimensions).
    ///
    /// >>> FragView(b'abcdef').cast('B', (2, 3)).shape
    /// (2, 3)
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.enter()?.dimensions())
    }

    /// The number of bytes from an item to the next, in each dimension, as if there were one fragment.
    /// O(dimensions).
    ///
    /// >>> FragView(b'abcdef')[::2].strides
    /// (2,)
    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.enter()?.strides())
    }

    /// Always an empty tuple, because the view itself hides its fragments. `memoryview(view).suboffsets`
    /// shows them. O(1).
    ///
    /// >>> FragView([b'ab', b'c']).suboffsets, memoryview(FragView([b'ab', b'c'])).suboffsets
    /// ((), (0,))
    #[getter]
    fn suboffsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.enter()?;
        Ok(PyTuple::empty(py))
    }

    /// True if each item follows the item before it without skipped bytes. Seams do not count. O(1).
    ///
    /// >>> view = FragView([b'ab', b'c'])
    /// >>> view.contiguous, view[::2].contiguous
    /// (True, False)
    #[getter]
    fn contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_contiguous())
    }

    /// True if the items follow each other in C order without skipped bytes. Seams do not count. O(1).
    ///
    /// >>> view = FragView([b'ab', b'cdef'])
    /// >>> view.cast('B', (2, 3)).c_contiguous, view[::2].c_contiguous
    /// (True, False)
    #[getter]
    fn c_contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_contiguous())
    }

    /// True if the items follow each other in Fortran order without skipped bytes. Seams do not count.
    /// O(dimensions).
    ///
    /// >>> view = FragView([b'ab', b'cdef'])
    /// >>> view.f_contiguous, view.cast('B', (2, 3)).f_contiguous
    /// (True, False)
    #[getter]
    fn f_contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_fortran_contiguous())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let Ok(state) = slf.get().enter() else {
            return format!("<released memory at {:p}>", slf.as_ptr());
        };
        let fragments = state.memory().fragments_in(state.window.span()).len();
        let bytes = state.byte_count();
        format!(
            "<FragView of {bytes} byte{} in {fragments} fragment{}, format '{}', at {:p}>",
            plural(bytes),
            plural(fragments),
            state.format.text(),
            slf.as_ptr()
        )
    }
}
