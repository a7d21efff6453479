//! Descriptors: files, pipes and sockets that the system's vectored calls write to and read from. Unix only.

use std::cell::Cell;
use std::io::{Error, ErrorKind};
use std::os::fd::{BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use fragview::io::{Incoming, Outgoing};
use pyo3::exceptions::{PyOSError, PyOverflowError, PyTimeoutError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::endpoint::{Way, class, socket};
use crate::file::unsupported;
use crate::state::PyMemory;
use crate::transfer::{os_error, tell};

/// A descriptor, and what its object wants done around a transfer.
pub(crate) struct Descriptor<'py> {
    /// The number; of an object's descriptor, for the first call only.
    number: Cell<Option<RawFd>>,
    /// What has the descriptor. It may be closed during a transfer, and then the number may be another file's.
    object: Option<Bound<'py, PyAny>>,
    /// When a socket's timeout is over; `None` where it waits for ever, or not at all.
    deadline: Option<Instant>,
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

    /// The descriptor that `fileno()` tells.
    pub(crate) fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(Self {
            object: Some(object.clone()),
            ..Self::new(fileno(object)?)
        })
    }

    /// A descriptor by its number.
    pub(crate) fn numbered(number: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = number.py();
        let number: RawFd =
            number
                .extract()
                .map_err(|error: PyErr| match error.is_instance_of::<PyOverflowError>(py) {
                    true => PyOverflowError::new_err("file descriptor is greater than maximum"),
                    false => error,
                })?;
        if number < 0 {
            return Err(PyValueError::new_err(format!(
                "file descriptor cannot be a negative integer ({number})"
            )));
        }
        Ok(Self::new(number))
    }

    /// The descriptor, for one system call. This may run Python code (`fileno`).
    fn borrow(&self) -> PyResult<BorrowedFd<'_>> {
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
    fn finish(&self, moved: usize) -> PyResult<()> {
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

class!(file_io, "io", "FileIO");
class!(buffered_writer, "io", "BufferedWriter");
class!(buffered_reader, "io", "BufferedReader");
class!(buffered_random, "io", "BufferedRandom");

/// True where the object is of the class, and has not another idea of the method.
fn keeps(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>, method: &str) -> PyResult<bool> {
    Ok(object.is_instance(class)? && object.get_type().getattr(method)?.is(class.getattr(method)?))
}

/// The descriptor of an object where nothing stands between the two: a `GzipFile` and a TLS socket have one too, whose bytes
/// are others.
pub(crate) fn under<'py>(object: &Bound<'py, PyAny>, way: Way) -> PyResult<Option<Descriptor<'py>>> {
    let py = object.py();
    let (transfer, method, simple) = match way {
        Way::Out => ("send", "write", buffered_writer(py)?),
        Way::In => ("recv_into", "readinto", buffered_reader(py)?),
    };
    if object.is_instance(socket(py)?)? {
        let plain = keeps(object, socket(py)?, transfer)?;
        return plain.then(|| of_socket(object)).transpose();
    }
    if keeps(object, file_io(py)?, method)? {
        check_open_for(object, way)?;
        return Descriptor::of(object).map(Some);
    }
    if keeps(object, simple, method)? || keeps(object, buffered_random(py)?, method)? {
        return of_buffered(object, way);
    }
    Ok(None)
}

fn fileno(object: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    Ok(object.call_method0(intern!(object.py(), "fileno"))?.extract()?)
}

fn of_socket<'py>(socket: &Bound<'py, PyAny>) -> PyResult<Descriptor<'py>> {
    let timeout: Option<f64> = socket
        .call_method0(intern!(socket.py(), "gettimeout"))?
        .extract()?;
    let mut descriptor = Descriptor::of(socket)?;
    descriptor.deadline = timeout
        .filter(|&seconds| seconds > 0.0)
        .and_then(|seconds| Instant::now().checked_add(Duration::try_from_secs_f64(seconds).ok()?));
    Ok(descriptor)
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

/// A transfer through a descriptor, one system call a step.
pub(crate) enum Step<'v, 'm> {
    Out(Outgoing<'v, &'m PyMemory>),
    In(Incoming<'v, &'m PyMemory>),
}

impl Step<'_, '_> {
    fn step(&mut self, descriptor: BorrowedFd<'_>) -> Result<usize, Error> {
        match self {
            Self::Out(outgoing) => outgoing.step(descriptor),
            Self::In(incoming) => incoming.step(descriptor),
        }
    }

    fn wait(&self, descriptor: BorrowedFd<'_>, timeout: Duration) -> Result<bool, Error> {
        match self {
            Self::Out(_) => Outgoing::<&PyMemory>::wait(descriptor, timeout),
            Self::In(_) => Incoming::<&PyMemory>::wait(descriptor, timeout),
        }
    }

    const fn moved(&self) -> usize {
        match self {
            Self::Out(outgoing) => outgoing.moved(),
            Self::In(incoming) => incoming.moved(),
        }
    }

    /// Repeats until all is done, or nothing more is possible. Between two calls Python's signal handlers run.
    fn all(&mut self, py: Python<'_>, descriptor: &Descriptor<'_>) -> PyResult<()> {
        loop {
            let number = descriptor.borrow()?;
            match py.detach(|| self.step(number)) {
                Ok(0) => return Ok(()),
                Ok(_) => py.check_signals()?,
                Err(error) => match (error.kind(), descriptor.deadline) {
                    (ErrorKind::Interrupted, _) => py.check_signals()?,
                    (ErrorKind::WouldBlock, Some(deadline)) => self.wait_until(py, number, deadline)?,
                    (ErrorKind::WouldBlock, None) if self.moved() > 0 => return Ok(()),
                    _ => return Err(os_error(py, &error)),
                },
            }
        }
    }

    fn wait_until(&self, py: Python<'_>, descriptor: BorrowedFd<'_>, deadline: Instant) -> PyResult<()> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(PyTimeoutError::new_err("timed out"));
            }
            match py.detach(|| self.wait(descriptor, left)) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => py.check_signals()?,
                Err(error) => return Err(os_error(py, &error)),
            }
        }
    }
}

/// Moves all through a descriptor; says how many bytes.
pub(crate) fn through(
    py: Python<'_>,
    descriptor: &Descriptor<'_>,
    mut step: Step<'_, '_>,
) -> PyResult<usize> {
    let done = step.all(py, descriptor);
    let moved = step.moved();
    // The buffered file learns of what went even where the rest failed.
    let told = descriptor.finish(moved);
    match done.and(told) {
        Ok(()) => Ok(moved),
        Err(error) => Err(tell(py, error, moved)),
    }
}
