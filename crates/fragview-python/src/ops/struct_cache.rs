//! A cache of compiled `struct` formats.

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};

use crate::buffers::bytes::bytes_from;

/// How many formats are kept, as in the struct module; then it forgets them all.
const MOST: usize = 100;

/// A `struct.Struct`, its methods bound.
#[pyclass(frozen, module = "fragview._fragview", name = "_Struct")]
pub(crate) struct Packing {
    /// In bytes; at most `isize::MAX`.
    pub(crate) size: usize,
    unpack: Py<PyAny>,
    pack: Py<PyAny>,
}

impl Packing {
    /// The compiled form of a format, which is text, bytes or a `struct.Struct`. O(1) for a format in the
    /// cache.
    pub(crate) fn of<'py>(format: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        static KNOWN: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
        static STRUCT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let py = format.py();
        let class = STRUCT.import(py, "struct", "Struct")?;
        let own;
        let text = if let Ok(text) = format.cast_exact::<PyString>() {
            text
        } else if format.get_type().is(class) {
            own = format.getattr(intern!(py, "format"))?.cast_into::<PyString>()?;
            &own
        } else if format.is_instance(class)? {
            return Self::new(format);
        } else {
            // A dictionary that compares bytes with text may warn of it.
            return Self::new(&class.call1((format,))?);
        };
        let known = KNOWN.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
        if let Some(found) = known.get_item(text)? {
            return Ok(found.cast_into::<Self>()?);
        }
        let made = Self::new(&class.call1((text,))?)?;
        if known.len() >= MOST {
            known.clear();
        }
        known.set_item(text, &made)?;
        Ok(made)
    }

    fn new<'py>(made: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let py = made.py();
        // A subclass may say anything.
        let size: isize = made.getattr(intern!(py, "size"))?.extract()?;
        let size = usize::try_from(size)
            .map_err(|_| PyValueError::new_err(format!("a struct can't have a size of {size} bytes")))?;
        Bound::new(
            py,
            Self {
                size,
                unpack: made.getattr(intern!(py, "unpack"))?.unbind(),
                pack: made.getattr(intern!(py, "pack"))?.unbind(),
            },
        )
    }

    pub(crate) fn unpack<'a, 'py>(&'a self, py: Python<'py>) -> &'a Bound<'py, PyAny> {
        self.unpack.bind(py)
    }

    /// The values of `bytes`. A MemoryError is raised as one, which PyO3's own conversions of numbers do
    /// not do.
    pub(crate) fn unpack_bytes<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        self.unpack(py).call1((bytes_from(py, bytes)?,))
    }

    pub(crate) fn pack<'a, 'py>(&'a self, py: Python<'py>) -> &'a Bound<'py, PyAny> {
        self.pack.bind(py)
    }
}

#[pymethods]
impl Packing {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.unpack)?;
        visit.call(&self.pack)
    }
}
