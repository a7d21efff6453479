//! Descriptors as ends of a transfer, and what their objects want done around it. Only Unix has the system calls.

use std::cell::Cell;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;

use crate::io::endpoint::{Endpoint, Way, check_open_for, file_io, keeps};

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

/// A descriptor by its number. Pre: it is not negative.
#[expect(
    clippy::unnecessary_wraps,
    reason = "systems without descriptors may fail here"
)]
pub(crate) fn of_number(_py: Python<'_>, number: RawFd, _way: Way) -> PyResult<Endpoint<'_>> {
    Ok(Endpoint::Descriptor(Descriptor::new(number)))
}

/// What has a descriptor and nothing else to read or write by.
pub(crate) fn of_fileno<'py>(object: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::of(object).map(Endpoint::Descriptor)
}

/// A raw file.
pub(crate) fn of_raw<'py>(file: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::of(file).map(Endpoint::Descriptor)
}

fn fileno(object: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    object.call_method0(intern!(object.py(), "fileno"))?.extract()
}

pub(crate) fn of_socket<'py>(socket: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    let timeout: Option<f64> = socket
        .call_method0(intern!(socket.py(), "gettimeout"))?
        .extract()?;
    let mut descriptor = Descriptor::of(socket)?;
    descriptor.deadline = timeout
        .filter(|&seconds| seconds > 0.0)
        .and_then(|seconds| Instant::now().checked_add(Duration::try_from_secs_f64(seconds).ok()?));
    Ok(Endpoint::Descriptor(descriptor))
}

/// The descriptor under a buffered file, which is flushed first; `None` where something else lies under it, or where what
/// has been read ahead can't be put back.
pub(crate) fn of_buffered<'py>(file: &Bound<'py, PyAny>, way: Way) -> PyResult<Option<Endpoint<'py>>> {
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
    Ok(Some(Endpoint::Descriptor(descriptor)))
}
