//! The lifetime of a view: `release`, `with`, the garbage collector.

use pyo3::exceptions::PyBufferError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::wording::plural;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Release the memory. Later use of the view raises ValueError. While a buffer of the view is exported,
    /// or a block of gather() runs, BufferError is raised. O(1), and O(sources) if no other view holds the
    /// memory.
    ///
    /// >>> data = bytearray(b'ab')
    /// >>> view = FragView(data)
    /// >>> view.release()
    /// >>> data.append(99)                     # no export holds it any more
    /// >>> view[0]
    /// Traceback (most recent call last):
    /// ValueError: operation forbidden on released memoryview object
    fn release(&self) -> PyResult<()> {
        match self.guard().close() {
            // Dropped here, after the view is released: it may run Python code.
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

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.guard()
            .peek(&visit)
            .map_or(Ok(()), |state| state.visit(&visit))
    }

    fn __clear__(&self) {
        // A view with exports stays; the collector also clears the objects that hold them, which releases
        // them.
        drop(self.guard().close());
    }
}
