//! A descriptor as the end of a transfer, and what its object needs before and after. Only Unix has the
//! system calls.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Instant;

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;

/// A descriptor, and what its object wants done around a transfer.
pub(crate) struct Descriptor<'py> {
    /// The number; of an object's descriptor, for the first call only.
    number: Cell<Option<RawFd>>,
    /// The object that has the descriptor. It may be closed during a transfer; then the number may be another
    /// file's.
    object: Option<Bound<'py, PyAny>>,
    /// When a socket's timeout is over; `None` if it waits for ever, or not at all.
    pub(crate) deadline: Option<Instant>,
    /// A buffered reader's position, which stands for the descriptor's own.
    pub(crate) position: Option<u64>,
    /// The buffered file above the descriptor, which must learn that the position has moved.
    pub(crate) buffered: Option<Bound<'py, PyAny>>,
}

impl<'py> Descriptor<'py> {
    pub(crate) fn new(number: RawFd) -> Self {
        Self {
            number: Cell::new(Some(number)),
            object: None,
            deadline: None,
            position: None,
            buffered: None,
        }
    }

    pub(crate) fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
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
        // SAFETY: it is not -1. If another thread closes it meanwhile, the system returns an error, as for
        // `os.write`.
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
                // It asks the raw file again.
                file.call_method0(intern!(py, "tell"))?;
            }
            None => {}
        }
        Ok(())
    }
}

/// The error number of a closed descriptor; it is the same on every Unix.
const EBADF: i32 = 9;

fn fileno(object: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    object.call_method0(intern!(object.py(), "fileno"))?.extract()
}
