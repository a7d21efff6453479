//! Errors of files and of the system: `OSError`, `io.UnsupportedOperation`, and how much was moved before.

use std::io::{Error, ErrorKind};

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// `EAGAIN`, of which `BlockingIOError` is made.
const EAGAIN: i32 = if cfg!(any(target_vendor = "apple", target_os = "freebsd")) {
    35
} else {
    11
};

/// The exception, with the bytes moved before it: as `characters_written`, and as a note.
pub(crate) fn with_moved(py: Python<'_>, error: PyErr, moved: usize) -> PyErr {
    let value = error.value(py);
    // An exception that takes no attribute is raised as it is.
    let _ = value.setattr(intern!(py, "characters_written"), moved);
    if moved > 0 {
        let _ = value.call_method1(
            intern!(py, "add_note"),
            (format!("{moved} bytes were moved before"),),
        );
    }
    error
}

/// The `OSError` of the right class for an error of the system.
pub(crate) fn os_error(py: Python<'_>, error: &Error) -> PyErr {
    let number = match (error.raw_os_error(), error.kind()) {
        (Some(number), _) => number,
        (None, ErrorKind::WouldBlock) => EAGAIN,
        (None, _) => return PyOSError::new_err(error.to_string()),
    };
    let text = py
        .import(intern!(py, "os"))
        .and_then(|os| os.call_method1(intern!(py, "strerror"), (number,)))
        .map(Bound::unbind);
    match text {
        Ok(text) => PyOSError::new_err((number, text)),
        Err(error) => error,
    }
}

static UNSUPPORTED: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// An `io.UnsupportedOperation`.
pub(crate) fn unsupported(py: Python<'_>, text: &str) -> PyErr {
    UNSUPPORTED
        .import(py, "io", "UnsupportedOperation")
        .and_then(|class| class.call1((text,)))
        .map_or_else(|error| error, PyErr::from_value)
}
