//! What bytes are written to or read from: a descriptor, or an object with methods of its own.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

#[cfg(unix)]
use crate::io::descriptor::{Descriptor, of_buffered, of_fileno, of_number, of_raw, of_socket};
#[cfg(not(unix))]
use crate::io::endpoint_other::{of_buffered, of_fileno, of_number, of_raw, of_socket};
use crate::io::file::unsupported;
use crate::items::key::is_index;

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

/// One end of a transfer.
pub(crate) enum Endpoint<'py> {
    /// Moved by vectored system calls, which only Unix has.
    #[cfg(unix)]
    Descriptor(Descriptor<'py>),
    /// Methods to call with each fragment: the one that moves bytes, and whether the object is a raw file, for which
    /// `None` means that it would block.
    Methods { call: Bound<'py, PyAny>, raw: bool },
    /// `read(size)`, for what has no other way to read.
    Reads(Bound<'py, PyAny>),
}

macro_rules! class {
    ($visible:vis $name:ident, $module:literal, $class:literal) => {
        $visible fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, $module, $class)
        }
    };
}

class!(socket, "_socket", "socket");
class!(pub(crate) file_io, "io", "FileIO");
class!(raw_io, "io", "RawIOBase");
class!(text_io, "io", "TextIOBase");
class!(buffered_writer, "io", "BufferedWriter");
class!(buffered_reader, "io", "BufferedReader");
class!(buffered_random, "io", "BufferedRandom");

/// True where the object is of the class, and has not another idea of the method.
pub(crate) fn keeps(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>, method: &str) -> PyResult<bool> {
    Ok(object.is_instance(class)? && object.get_type().getattr(method)?.is(class.getattr(method)?))
}

/// Finds out what `object` is. A descriptor is used only where nothing stands between the object and it: a `GzipFile` and a
/// TLS socket have one too, whose bytes are others.
pub(crate) fn endpoint<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let py = object.py();
    let out = way == Way::Out;
    if is_index(object) && !object.hasattr(intern!(py, "fileno"))? {
        let number: i32 = object.extract().map_err(|error: PyErr| {
            if error.is_instance_of::<PyOverflowError>(py) {
                PyOverflowError::new_err("file descriptor is greater than maximum")
            } else {
                error
            }
        })?;
        if number < 0 {
            return Err(PyValueError::new_err(format!(
                "file descriptor cannot be a negative integer ({number})"
            )));
        }
        return of_number(py, number, way);
    }
    let (name, function) = (
        object.get_type().name()?,
        if out { "write_to" } else { "read_from" },
    );
    if object.is_instance(text_io(py)?)? {
        let instead = if object.hasattr(intern!(py, "buffer"))? {
            "; its buffer is one"
        } else {
            ""
        };
        return Err(PyTypeError::new_err(format!(
            "{function}() argument must be a binary file, not a text file ('{name}'){instead}"
        )));
    }
    let (transfer, method) = if out {
        ("send", "write")
    } else {
        ("recv_into", "readinto")
    };
    if object.is_instance(socket(py)?)? {
        return if keeps(object, socket(py)?, transfer)? {
            of_socket(object, way)
        } else {
            let call = object.getattr(transfer)?;
            Ok(Endpoint::Methods { call, raw: false })
        };
    }
    if keeps(object, file_io(py)?, method)? {
        check_open_for(object, way)?;
        return of_raw(object, way);
    }
    let simple = if out {
        buffered_writer(py)?
    } else {
        buffered_reader(py)?
    };
    if (keeps(object, simple, method)? || keeps(object, buffered_random(py)?, method)?)
        && let Some(endpoint) = of_buffered(object, way)?
    {
        return Ok(endpoint);
    }
    if object.hasattr(method)? {
        let raw = object.is_instance(raw_io(py)?)?;
        let call = object.getattr(method)?;
        return Ok(Endpoint::Methods { call, raw });
    }
    if !out && object.hasattr(intern!(py, "read"))? {
        return Ok(Endpoint::Reads(object.getattr(intern!(py, "read"))?));
    }
    if object.hasattr(intern!(py, "fileno"))? {
        return of_fileno(object, way);
    }
    Err(PyTypeError::new_err(format!(
        "{function}() argument must be a binary file, a socket or a file descriptor, not '{name}'"
    )))
}

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
