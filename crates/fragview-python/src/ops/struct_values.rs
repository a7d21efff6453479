//! The values of a struct's bytes, read by the core: no copy as `bytes`, no call of the struct module.

use fragview::format::{Format, ValueRef};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::error::exception::raised;
use crate::items::item::to_python;

/// Structs up to this size are read by way of the stack.
pub(crate) const SHORT: usize = 64;

/// One value, made when the tuple takes it.
struct Made<'a>(ValueRef<'a>);

impl<'py> IntoPyObject<'py> for Made<'_> {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    #[inline]
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0 {
            ValueRef::Scalar(value) => to_python(py, value),
            ValueRef::Bytes(bytes) => Ok(PyBytes::new(py, bytes).into_any()),
        }
    }
}

/// The values as `struct.unpack` gives them. `bytes` are one item of the format.
pub(crate) fn values<'py>(py: Python<'py>, format: &Format, bytes: &[u8]) -> PyResult<Bound<'py, PyTuple>> {
    let values = format
        .values(bytes)
        .map_err(|error| raised::<pyo3::exceptions::PyValueError>(&error.to_string()))?;
    PyTuple::new(py, values.map(Made))
}
