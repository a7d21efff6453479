//! Conversions and comparison: `cast`, `tobytes`, `hex`, `toreadonly`, `==`, `hash`.

use std::ffi::c_int;

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::args::given::Given;
use crate::error::wording::type_name;
use crate::ops::cast;
use crate::ops::compare;
use crate::ops::fragments;
use crate::ops::hash;
use crate::view::handle::FragView;
use crate::view::state::State;

#[pymethods]
impl FragView {
    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        compare::rich_compare(slf, other, operator)
    }

    fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
        slf.get().cached_hash(|| hash::hash(slf))
    }

    /// Return a view of the same bytes as items of another format, in the dimensions of `shape` if it is
    /// given. O(1).
    ///
    /// In addition to memoryview's native formats it takes the struct module's byte orders (`'<I'`, `'>d'`)
    /// and whole structs (`'<IHH'`: items are tuples). Items may lie across seams. One of the two formats
    /// must be a byte format ('B', 'b' or 'c'). An unknown format raises ValueError; a size that does not fit
    /// raises TypeError.
    ///
    /// >>> FragView([b'\x00\x01\x00', b'\x02']).cast('>H').tolist()
    /// [1, 2]
    #[pyo3(signature = (format, shape = None))]
    #[pyo3(text_signature = "($self, format, shape=None)")]
    fn cast(
        &self,
        py: Python<'_>,
        format: &Bound<'_, PyAny>,
        shape: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        drop(self.enter()?);
        let Ok(format) = format.cast::<PyString>() else {
            let name = type_name(format);
            return Err(PyTypeError::new_err(format!(
                "cast() argument 'format' must be str, not {name}"
            )));
        };
        cast::cast(py, self, &format.to_string_lossy(), shape).map(Self::new)
    }

    /// Return a read-only view of the same items. O(1).
    ///
    /// >>> FragView(bytearray(b'ab')).toreadonly().readonly
    /// True
    fn toreadonly(&self, py: Python<'_>) -> PyResult<Self> {
        let state = self.enter()?;
        Ok(Self::new(State {
            readonly: true,
            ..state.duplicate(py)
        }))
    }

    /// Return a view of the same items that never exports suboffsets. Across seams, `memoryview(view)` then
    /// raises BufferError, as it does for C code that asks for contiguous memory. Use it for consumers that
    /// ignore suboffsets and would read the table of pointers as the bytes. Slices and casts of the view
    /// inherit this. O(1).
    ///
    /// >>> memoryview(FragView([b'ab', b'c']).without_suboffsets())
    /// Traceback (most recent call last):
    /// BufferError: the view lies in 2 fragments...
    fn without_suboffsets(&self, py: Python<'_>) -> PyResult<Self> {
        let state = self.enter()?;
        Ok(Self::new(State {
            no_suboffsets: true,
            ..state.duplicate(py)
        }))
    }

    /// `bytes(view)`: as `tobytes()`. By the buffer protocol it would take a table and go byte by byte.
    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        fragments::to_bytes(py, self, "C")
    }

    /// Return a copy of the items' bytes as a new bytes object, in C order. `order='F'` copies in Fortran
    /// order; `order='A'` does so if the view is Fortran-contiguous. Another order raises ValueError. O(bytes
    /// + fragments).
    ///
    /// >>> FragView([b'ab', b'cd']).tobytes()
    /// b'abcd'
    /// >>> FragView([b'ab', b'cd']).cast('B', (2, 2)).tobytes('F')
    /// b'acbd'
    #[pyo3(signature = (order = None))]
    #[pyo3(text_signature = "($self, order='C')")]
    fn tobytes<'py>(
        &self,
        py: Python<'py>,
        order: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let Some(order) = order else {
            return fragments::to_bytes(py, self, "C");
        };
        let Ok(order) = order.cast::<PyString>() else {
            let name = type_name(order);
            let text = format!("tobytes() argument 'order' must be str or None, not {name}");
            return Err(PyTypeError::new_err(text));
        };
        fragments::to_bytes(py, self, &order.to_string_lossy())
    }

    /// Return the bytes as hexadecimal digits, as bytes.hex() does; `sep` and `bytes_per_sep` are its
    /// arguments too. O(bytes + fragments).
    ///
    /// >>> FragView([b'ab', b'cd']).hex(), FragView([b'ab', b'cd']).hex('-', 2)
    /// ('61626364', '6162-6364')
    #[pyo3(signature = (sep = Given::NOTHING, bytes_per_sep = None))]
    #[pyo3(text_signature = "($self, sep=..., bytes_per_sep=1)")]
    fn hex<'py>(
        &self,
        py: Python<'py>,
        sep: Given<'py>,
        bytes_per_sep: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let (None, Some(every)) = (&sep.0, bytes_per_sep) {
            // Without a separator the number is looked at, and changes nothing.
            every.extract::<c_int>()?;
        }
        let Some(sep) = sep.0 else {
            let text = fragments::to_hex(py, self)?;
            return Ok(PyString::new(py, &text).into_any());
        };
        // Entered to the end: asking the separator for its length must not release the view.
        let _entered = self.enter()?;
        let bytes = fragments::to_bytes(py, self, "C")?;
        match bytes_per_sep {
            None => bytes.call_method1(intern!(py, "hex"), (sep,)),
            Some(every) => bytes.call_method1(intern!(py, "hex"), (sep, every)),
        }
    }
}
