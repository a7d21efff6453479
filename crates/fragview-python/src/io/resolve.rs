//! From the argument of `write_to` and `read_from` to the end of a transfer.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;

use crate::args::integer::is_index;
use crate::error::wording::type_name;
use crate::io::classes::{
    Way, buffered_random, buffered_reader, buffered_writer, check_open_for, file_io, keeps, raw_io, socket,
    text_io,
};
use crate::io::endpoint::Endpoint;
#[cfg(not(unix))]
use crate::io::endpoint_other::{of_buffered, of_fileno, of_number, of_raw, of_socket};
#[cfg(unix)]
use crate::io::endpoint_unix::{of_buffered, of_fileno, of_number, of_raw, of_socket};

/// Finds out what `object` is. A descriptor is used only if nothing stands between the object and it: a
/// `GzipFile` and a TLS socket have one too, whose bytes are others.
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
    let (name, function) = (type_name(object), if out { "write_to" } else { "read_from" });
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
