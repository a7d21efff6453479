//! Items: `len(v)`, `v[i]`, `v[i] = x`, iteration, `tolist`, `count`, `index`, `in`.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::args::given::Given;
use crate::error::exception::read_only;
use crate::items::assign;
use crate::items::fast;
use crate::items::item;
use crate::items::iterator;
use crate::items::subscript;
use crate::search::items;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    #[inline]
    fn __len__(&self) -> PyResult<usize> {
        if let Some(length) = self.peek_len() {
            return Ok(length);
        }
        self.enter()?;
        Err(PyTypeError::new_err("0-dim memory has no length"))
    }

    #[inline]
    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match fast::get(slf.get(), key) {
            Some(item) => Ok(item),
            None => subscript::get(slf, key),
        }
    }

    #[inline]
    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match fast::put(self, key, value) {
            Some(()) => Ok(()),
            None => assign::assign(self, key, value),
        }
    }

    fn __delitem__(&self, _key: &Bound<'_, PyAny>) -> PyResult<()> {
        let state = self.enter()?;
        item::check_supported(&state.format)?;
        if state.is_wholly_readonly() {
            return Err(read_only());
        }
        Err(PyTypeError::new_err("cannot delete memory"))
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        iterator::forward(slf)
    }

    fn __reversed__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        iterator::backward(slf)
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        items::contains(slf, value)
    }

    /// Return the number of items in `start:stop` that equal `value`. In a view of bytes, a bytes-like
    /// `value` is counted without overlap, as bytes.count() counts it. O(bytes + fragments).
    ///
    /// >>> view = FragView([b'tic t', b'ac tic'])
    /// >>> view.count(b'tic'), view.count(ord('t'))
    /// (2, 3)
    #[pyo3(signature = (value, start = Given::NOTHING, stop = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn count(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Given<'_>,
        stop: Given<'_>,
    ) -> PyResult<usize> {
        items::count(slf, value, start.0.as_ref(), stop.0.as_ref())
    }

    /// Return the index of the first item in `start:stop` that equals `value`. In a view of bytes, a
    /// bytes-like `value` is searched as bytes.index() does. If it is not found, ValueError is raised.
    /// O(bytes + fragments).
    ///
    /// >>> FragView([b'one str', b'ing']).index(b'string')
    /// 4
    #[pyo3(signature = (value, start = Given::NOTHING, stop = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Given<'_>,
        stop: Given<'_>,
    ) -> PyResult<usize> {
        items::index(slf, value, start.0.as_ref(), stop.0.as_ref())
    }

    /// Return the items as a list; as nested lists in several dimensions. O(items).
    ///
    /// >>> FragView([b'ab', b'c']).tolist()
    /// [97, 98, 99]
    fn tolist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        items::to_list(py, self)
    }
}
