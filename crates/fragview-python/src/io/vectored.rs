//! Transfers through a descriptor, one system call a step.

use std::io::{Error, ErrorKind};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use fragview::io::{Incoming, Outgoing};
use pyo3::exceptions::PyTimeoutError;
use pyo3::prelude::*;

use crate::buffers::memory::PyMemory;
use crate::error::exception::OrRaise;
use crate::error::os::{os_error, with_moved};
use crate::io::descriptor::Descriptor;
use crate::runtime::attach::detach;
use crate::view::state::State;

pub(crate) fn write_vectored(py: Python<'_>, state: &State, descriptor: &Descriptor<'_>) -> PyResult<usize> {
    let items = state.view();
    transfer(py, descriptor, Step::Out(items.outgoing()))
}

pub(crate) fn read_vectored(py: Python<'_>, state: &State, descriptor: &Descriptor<'_>) -> PyResult<usize> {
    let items = state.view();
    let mut incoming = items.incoming().or_raise()?;
    if let Some(position) = descriptor.position {
        incoming.from_offset(position);
    }
    transfer(py, descriptor, Step::In(incoming))
}

/// A transfer through a descriptor, one system call a step.
enum Step<'v, 'm> {
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

    /// Repeats until all is done, or nothing more is possible. Between two calls Python's signal handlers
    /// run.
    fn all(&mut self, py: Python<'_>, descriptor: &Descriptor<'_>) -> PyResult<()> {
        loop {
            let number = descriptor.borrow()?;
            match detach(py, || self.step(number)) {
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
            match detach(py, || self.wait(descriptor, left)) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => py.check_signals()?,
                Err(error) => return Err(os_error(py, &error)),
            }
        }
    }
}

fn transfer(py: Python<'_>, descriptor: &Descriptor<'_>, mut step: Step<'_, '_>) -> PyResult<usize> {
    let done = step.all(py, descriptor);
    let moved = step.moved();
    // The buffered file learns of what went even if the rest failed.
    let told = descriptor.finish(moved);
    match done.and(told) {
        Ok(()) => Ok(moved),
        Err(error) => Err(with_moved(py, error, moved)),
    }
}
