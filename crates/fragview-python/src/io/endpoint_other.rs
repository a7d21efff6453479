//! Ends of a transfer without vectored system calls: one Python call a fragment.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::io::classes::{Way, file_io};
use crate::io::endpoint::Endpoint;

/// A descriptor by its number, as a raw file that does not close it.
pub(crate) fn of_number(py: Python<'_>, number: i32, way: Way) -> PyResult<Endpoint<'_>> {
    let mode = match way {
        Way::Out => "wb",
        Way::In => "rb",
    };
    let options = PyDict::new(py);
    options.set_item(intern!(py, "closefd"), false)?;
    of_raw(&file_io(py)?.call((number, mode), Some(&options))?, way)
}

/// An object with a descriptor and no method to read or write.
pub(crate) fn of_fileno<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let py = object.py();
    let number = object.call_method0(intern!(py, "fileno"))?.extract()?;
    of_number(py, number, way)
}

/// A raw file.
pub(crate) fn of_raw<'py>(file: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let call = file.getattr(match way {
        Way::Out => "write",
        Way::In => "readinto",
    })?;
    Ok(Endpoint::Methods { call, raw: true })
}

/// A socket, which keeps its timeout itself, for each call.
pub(crate) fn of_socket<'py>(socket: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let call = socket.getattr(match way {
        Way::Out => "send",
        Way::In => "recv_into",
    })?;
    Ok(Endpoint::Methods { call, raw: false })
}

/// A buffered file has methods.
#[expect(clippy::unnecessary_wraps, reason = "as where there are descriptors")]
pub(crate) fn of_buffered<'py>(_file: &Bound<'py, PyAny>, _way: Way) -> PyResult<Option<Endpoint<'py>>> {
    Ok(None)
}
