//! `release`, `with`, the buffer protocol, the garbage collector.

use std::ffi::c_int;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::wording::plural;
use crate::interop::buffer_protocol;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Lets go of the memory; the view is of no use afterwards. BufferError while a buffer of it is exported, or a block
    /// of gather() runs.
    fn release(&self) -> PyResult<()> {
        match self.guard().close() {
            // Dropped here, after the gate is closed: it may run Python code.
            Ok(state) => {
                drop(state);
                Ok(())
            }
            Err(users) => {
                let plural = plural(users.unsigned_abs());
                Err(PyBufferError::new_err(format!(
                    "memoryview has {users} exported buffer{plural}"
                )))
            }
        }
    }

    /// The view itself; the block's end releases it.
    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        drop(slf.get().enter()?);
        Ok(slf)
    }

    /// Releases the view; BufferError while a buffer of it is exported.
    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.release()
    }

    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        target: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        unsafe { buffer_protocol::fill(slf, target, flags) }
    }

    /// # Safety
    /// Called by the interpreter, once for each buffer that was filled.
    unsafe fn __releasebuffer__(&self, target: *mut ffi::Py_buffer) {
        // SAFETY: the interpreter's.
        unsafe { buffer_protocol::release(target) };
        self.guard().unpin();
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the interpreter to itself.
        unsafe { self.guard().peek() }.map_or(Ok(()), |state| state.visit(&visit))
    }

    fn __clear__(&self) {
        // A view with exports stays; whoever holds them is cleared too, and releases them.
        drop(self.guard().close());
    }
}
