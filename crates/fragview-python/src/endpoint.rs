//! What bytes are written to or read from: a descriptor, or an object with methods of its own.

use std::cell::Cell;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyOSError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::file::unsupported;
use crate::key::is_index;

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

/// One end of a transfer.
pub(crate) enum Endpoint<'py> {
    Descriptor(Descriptor<'py>),
    /// Methods to call with each fragment: the one that moves bytes, and whether the object is a raw file, for which
    /// `None` means that it would block.
    Methods {
        call: Bound<'py, PyAny>,
        raw: bool,
    },
    /// `read(size)`, for what has no other way to read.
    Reads(Bound<'py, PyAny>),
}

/// A descriptor, and what its object wants done around a transfer.
pub(crate) struct Descriptor<'py> {
    /// The number; of an object's descriptor, for the first call only.
    number: Cell<Option<RawFd>>,
    /// What has the descriptor. It may be closed during a transfer, and then the number may be another file's.
    object: Option<Bound<'py, PyAny>>,
    /// When a socket's timeout is over; `None` where it waits for ever, or not at all.
    pub(crate) deadline: Option<Instant>,
    /// A buffered reader's position, which stands for the descriptor's own.
    pub(crate) position: Option<u64>,
    /// The buffered file above the descriptor, which must learn that the position has moved.
    buffered: Option<Bound<'py, PyAny>>,
}

impl<'py> Descriptor<'py> {
    fn new(number: RawFd) -> Self {
        Self {
            number: Cell::new(Some(number)),
            object: None,
            deadline: None,
            position: None,
            buffered: None,
        }
    }

    fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(Self {
            object: Some(object.clone()),
            ..Self::new(fileno(object)?)
        })
    }

    /// The descriptor, for one system call. This may run Python code (`fileno`).
    pub(crate) fn borrow(&self) -> PyResult<BorrowedFd<'_>> {
        let number = match (&self.object, self.number.take()) {
            (Some(object), None) => fileno(object)?,
            (Some(_), Some(number)) => number,
            (None, number) => {
                self.number.set(number);
                number.unwrap_or(-1)
            }
        };
        if number < 0 {
            return Err(PyOSError::new_err((EBADF, "Bad file descriptor")));
        }
        // SAFETY: it is not -1. As with `os.write`, who closes it meanwhile gets the system's error.
        Ok(unsafe { BorrowedFd::borrow_raw(number) })
    }

    /// Tells a buffered file that `moved` bytes went past it.
    pub(crate) fn finish(&self, moved: usize) -> PyResult<()> {
        let Some(file) = &self.buffered else { return Ok(()) };
        let py = file.py();
        match self.position {
            Some(position) => {
                file.call_method1(intern!(py, "seek"), (position + moved as u64,))?;
            }
            None if file.call_method0(intern!(py, "seekable"))?.is_truthy()? => {
                // It asks the raw file anew.
                file.call_method0(intern!(py, "tell"))?;
            }
            None => {}
        }
        Ok(())
    }
}

/// What a closed file's descriptor gives; it has this number on every Unix.
const EBADF: i32 = 9;

macro_rules! class {
    ($name:ident, $module:literal, $class:literal) => {
        fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, $module, $class)
        }
    };
}

class!(socket, "_socket", "socket");
class!(file_io, "io", "FileIO");
class!(raw_io, "io", "RawIOBase");
class!(text_io, "io", "TextIOBase");
class!(buffered_writer, "io", "BufferedWriter");
class!(buffered_reader, "io", "BufferedReader");
class!(buffered_random, "io", "BufferedRandom");

/// True where the object is of the class, and has not another idea of the method.
fn keeps(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>, method: &str) -> PyResult<bool> {
    Ok(object.is_instance(class)? && object.get_type().getattr(method)?.is(class.getattr(method)?))
}

/// Finds out what `object` is. A descriptor is used only where nothing stands between the object and it: a `GzipFile` and a
/// TLS socket have one too, whose bytes are others.
pub(crate) fn endpoint<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Endpoint<'py>> {
    let py = object.py();
    let out = way == Way::Out;
    if is_index(object) && !object.hasattr(intern!(py, "fileno"))? {
        let number: RawFd = object.extract().map_err(|error: PyErr| {
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
        return Ok(Endpoint::Descriptor(Descriptor::new(number)));
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
            of_socket(object)
        } else {
            let call = object.getattr(transfer)?;
            Ok(Endpoint::Methods { call, raw: false })
        };
    }
    if keeps(object, file_io(py)?, method)? {
        check_open_for(object, way)?;
        return Descriptor::of(object).map(Endpoint::Descriptor);
    }
    let simple = if out {
        buffered_writer(py)?
    } else {
        buffered_reader(py)?
    };
    if (keeps(object, simple, method)? || keeps(object, buffered_random(py)?, method)?)
        && let Some(descriptor) = of_buffered(object, way)?
    {
        return Ok(Endpoint::Descriptor(descriptor));
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
        return Descriptor::of(object).map(Endpoint::Descriptor);
    }
    Err(PyTypeError::new_err(format!(
        "{function}() argument must be a binary file, a socket or a file descriptor, not '{name}'"
    )))
}

fn fileno(object: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    object.call_method0(intern!(object.py(), "fileno"))?.extract()
}

fn of_socket<'py>(socket: &Bound<'py, PyAny>) -> PyResult<Endpoint<'py>> {
    let timeout: Option<f64> = socket
        .call_method0(intern!(socket.py(), "gettimeout"))?
        .extract()?;
    let mut descriptor = Descriptor::of(socket)?;
    descriptor.deadline = timeout
        .filter(|&seconds| seconds > 0.0)
        .and_then(|seconds| Instant::now().checked_add(Duration::try_from_secs_f64(seconds).ok()?));
    Ok(Endpoint::Descriptor(descriptor))
}

fn check_open_for(file: &Bound<'_, PyAny>, way: Way) -> PyResult<()> {
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

/// The descriptor under a buffered file, which is flushed first; `None` where something else lies under it, or where what
/// has been read ahead can't be put back.
fn of_buffered<'py>(file: &Bound<'py, PyAny>, way: Way) -> PyResult<Option<Descriptor<'py>>> {
    let py = file.py();
    let raw = file.getattr(intern!(py, "raw"))?;
    let (method, seekable) = match way {
        Way::Out => ("write", true),
        Way::In => (
            "readinto",
            file.call_method0(intern!(py, "seekable"))?.is_truthy()?,
        ),
    };
    if !seekable || !keeps(&raw, file_io(py)?, method)? {
        return Ok(None);
    }
    check_open_for(file, way)?;
    file.call_method0(intern!(py, "flush"))?;
    let mut descriptor = Descriptor::of(file)?;
    if way == Way::In {
        descriptor.position = Some(file.call_method0(intern!(py, "tell"))?.extract()?);
    }
    descriptor.buffered = Some(file.clone());
    Ok(Some(descriptor))
}
