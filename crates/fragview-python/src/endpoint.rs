//! What bytes are written to or read from: a descriptor, or an object with methods of its own.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

#[cfg(unix)]
use crate::descriptor::{self, Descriptor};
use crate::key::is_index;

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

impl Way {
    const fn function(self) -> &'static str {
        match self {
            Self::Out => "write_to",
            Self::In => "read_from",
        }
    }
}

/// One end of a transfer.
pub(crate) enum Endpoint<'py> {
    #[cfg(unix)]
    Descriptor(Descriptor<'py>),
    /// Methods to call with each fragment: the one that moves bytes, and whether the object is a raw file, for which
    /// `None` means that it would block.
    Methods { call: Bound<'py, PyAny>, raw: bool },
    /// `read(size)`, for what has no other way to read.
    Reads(Bound<'py, PyAny>),
}

macro_rules! class {
    ($name:ident, $module:literal, $class:literal) => {
        pub(crate) fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, $module, $class)
        }
    };
}
#[cfg(unix)]
pub(crate) use class;

class!(socket, "_socket", "socket");
class!(raw_io, "io", "RawIOBase");
class!(text_io, "io", "TextIOBase");

/// Finds out what `object` is. A descriptor is used only where nothing stands between the object and it: a `GzipFile` and a
/// TLS socket have one too, whose bytes are others.
pub(crate) fn endpoint<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let py = object.py();
    let out = way == Way::Out;
    if is_index(object) && !object.hasattr(intern!(py, "fileno"))? {
        return numbered(object, way);
    }
    let (name, function) = (object.get_type().name()?, way.function());
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
    #[cfg(unix)]
    if let Some(descriptor) = descriptor::under(object, way)? {
        return Ok(Endpoint::Descriptor(descriptor));
    }
    if object.is_instance(socket(py)?)? {
        let call = object.getattr(transfer)?;
        return Ok(Endpoint::Methods { call, raw: false });
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
        return described(object, way);
    }
    Err(PyTypeError::new_err(format!(
        "{function}() argument must be a binary file, a socket or a file descriptor, not '{name}'"
    )))
}

/// A descriptor by its number.
#[cfg(unix)]
fn numbered<'py>(number: &Bound<'py, PyAny>, _: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::numbered(number).map(Endpoint::Descriptor)
}

/// The descriptor of an object that has nothing but `fileno()`.
#[cfg(unix)]
fn described<'py>(object: &Bound<'py, PyAny>, _: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::of(object).map(Endpoint::Descriptor)
}

/// Without `writev` and `readv` bytes go through files and sockets only, by their methods.
#[cfg(not(unix))]
fn numbered<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let text = format!(
        "{}() takes no file descriptor on this system: pass a file or a socket",
        way.function()
    );
    Err(crate::file::unsupported(object.py(), &text))
}

#[cfg(not(unix))]
use numbered as described;
