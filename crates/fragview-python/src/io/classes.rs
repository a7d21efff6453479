//! Classes of files and sockets of the standard library, and checks for overridden methods.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::error::os::unsupported;

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

macro_rules! class {
    ($visible:vis $name:ident, $module:literal, $class:literal) => {
        $visible fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, $module, $class)
        }
    };
}

class!(pub(crate) socket, "_socket", "socket");
class!(pub(crate) file_io, "io", "FileIO");
class!(pub(crate) raw_io, "io", "RawIOBase");
class!(pub(crate) text_io, "io", "TextIOBase");
class!(pub(crate) buffered_writer, "io", "BufferedWriter");
class!(pub(crate) buffered_reader, "io", "BufferedReader");
class!(pub(crate) buffered_random, "io", "BufferedRandom");

/// True if the object is of the class and does not override the method.
pub(crate) fn keeps(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>, method: &str) -> PyResult<bool> {
    Ok(object.is_instance(class)? && object.get_type().getattr(method)?.is(class.getattr(method)?))
}

/// Raises `io.UnsupportedOperation` where a file is not open for this way.
pub(crate) fn check_open_for(file: &Bound<'_, PyAny>, way: Way) -> PyResult<()> {
    let (question, text) = match way {
        Way::Out => ("writable", "File not open for writing"),
        Way::In => ("readable", "File not open for reading"),
    };
    if file.call_method0(question)?.is_truthy()? {
        Ok(())
    } else {
        Err(unsupported(file.py(), text))
    }
}
