//! The core's errors as Python's exceptions.

use fragview::Error;
use pyo3::PyTypeInfo;
use pyo3::exceptions::{
    PyBufferError, PyIndexError, PyMemoryError, PyOverflowError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::classes;
use crate::runtime::attach::attach;
use crate::runtime::release_guard::Gone;

/// The exception for an error of the core.
pub(crate) fn exception(error: Error) -> PyErr {
    let text = error.to_string();
    match error {
        Error::OutOfMemory => PyMemoryError::new_err(()),
        Error::TooLong | Error::TooManyFragments => PyOverflowError::new_err(text),
        Error::IndexOutOfRange { .. } | Error::RangeOutOfRange { .. } => raised::<PyIndexError>(&text),
        Error::ReadOnly => read_only(),
        Error::AcrossSeam { .. } => PyBufferError::new_err(text),
        Error::NotContiguous => PyTypeError::new_err(text),
        Error::NotEnoughData { needed, available } => {
            attach(|py| classes::not_enough_data(py, &text, needed, available))
        }
        _ => PyValueError::new_err(text),
    }
}

/// An exception with a text, made at once: if there is no memory for it, a MemoryError.
///
/// `E::new_err` makes it when it is raised, and PyO3 ends the process if that fails. So this is for errors
/// that a program meets by design, as the IndexError at a sequence's end.
#[cold]
pub(crate) fn raised<E: PyTypeInfo>(text: &str) -> PyErr {
    attach(|py| {
        PyString::from_bytes(py, text.as_bytes())
            .and_then(|text| E::type_object(py).call1((text,)))
            .map_or_else(|error| error, PyErr::from_value)
    })
}

/// A `MemoryError` that names the number of bytes.
pub(crate) fn no_memory(bytes: usize) -> PyErr {
    PyMemoryError::new_err(format!("no memory for {bytes} bytes"))
}

/// `memoryview`'s refusal to write.
pub(crate) fn read_only() -> PyErr {
    PyTypeError::new_err("cannot modify read-only memory")
}

/// `memoryview`'s refusal of everything after `release()`.
impl From<Gone> for PyErr {
    fn from(_: Gone) -> Self {
        PyValueError::new_err("operation forbidden on released memoryview object")
    }
}

/// Results of the core in functions of Python.
pub(crate) trait OrRaise<T> {
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    #[inline]
    fn or_raise(self) -> PyResult<T> {
        self.map_err(exception)
    }
}
