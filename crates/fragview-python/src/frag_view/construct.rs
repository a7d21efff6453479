//! Constructors: `FragView()`, `from_extents`, `from_blocks`.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::args::given::Given;
use crate::ops::extents::ExtentRows;
use crate::view::construct;
use crate::view::from_extents;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    #[new]
    #[pyo3(signature = (source = Given::NOTHING, /, *more), text_signature = "(source=(), /)")]
    fn py_new(py: Python<'_>, source: Given<'_>, more: &Bound<'_, PyTuple>) -> PyResult<Self> {
        if !more.is_empty() {
            let given = more.len() + 1;
            return Err(PyTypeError::new_err(format!(
                "FragView() takes at most 1 argument ({given} given); join several as FragView([a, b])"
            )));
        }
        let state = match source.0 {
            Some(source) => construct::from_source(&source)?,
            None => construct::from_source(PyTuple::empty(py).as_any())?,
        };
        Ok(Self::new(state))
    }

    /// Return a view of ranges of one source. `extents` is an iterable of pairs (offset, length) in bytes, an
    /// integer buffer of shape (n, 2), or the result of `extents()` on a view of one source. An offset of
    /// None (-1 in a buffer) is a hole: read-only zeros that take no memory. Extents that touch become one
    /// fragment. O(extents).
    ///
    /// An extent out of range raises ValueError, which names the extent's index.
    ///
    /// >>> FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).tobytes()
    /// b'onesome'
    #[classmethod]
    #[pyo3(signature = (source, extents, /))]
    fn from_extents(
        _class: &Bound<'_, PyType>,
        source: &Bound<'_, PyAny>,
        extents: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        if let Ok(extents) = extents.cast::<ExtentRows>() {
            return from_extents::from_rows(source, extents.get().rows()).map(Self::new);
        }
        from_extents::from_extents(source, extents).map(Self::new)
    }

    /// Return a view of equal blocks of one source. Block `i` lies at byte `start + i * block_size`.
    /// `indices` is an iterable of integers or an integer buffer; -1 is a hole. `length` trims the end.
    /// O(blocks).
    ///
    /// A block out of range raises ValueError, which names the block's position in `indices`.
    ///
    /// >>> FragView.from_blocks(b'headBBBBAAAAcc', [1, 0, 2], 4, start=4, length=10).tobytes()
    /// b'AAAABBBBcc'
    #[classmethod]
    #[pyo3(signature = (source, indices, block_size, /, *, start = Given::NOTHING, length = None))]
    #[pyo3(text_signature = "(source, indices, block_size, /, *, start=0, length=None)")]
    fn from_blocks(
        _class: &Bound<'_, PyType>,
        source: &Bound<'_, PyAny>,
        indices: &Bound<'_, PyAny>,
        block_size: &Bound<'_, PyAny>,
        start: Given<'_>,
        length: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        from_extents::from_blocks(source, indices, block_size, start.0.as_ref(), length).map(Self::new)
    }

    #[classmethod]
    #[pyo3(signature = (item, /))]
    fn __class_getitem__<'py>(
        cls: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = cls.py();
        py.import(intern!(py, "types"))?
            .call_method1(intern!(py, "GenericAlias"), (cls, item))
    }
}
