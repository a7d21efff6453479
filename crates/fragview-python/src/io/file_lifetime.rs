//! `FragFile` as an object: its name, closing, `with`, pickles, garbage collection.

use std::sync::atomic::Ordering;

use pyo3::exceptions::{PyAttributeError, PyBufferError, PyOverflowError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyTuple;

use crate::io::file::FragFile;
use crate::runtime::deferred::Deferred;
use crate::view::handle::FragView;

#[pymethods]
impl FragFile {
    /// True after close(). O(1).
    ///
    /// >>> file = FragView(b'one').open()
    /// >>> file.close()
    /// >>> file.closed
    /// True
    #[getter]
    fn closed(&self) -> bool {
        self.state.is_gone()
    }

    /// Release the memory. Later use of the file raises ValueError; views of it stay valid. O(1).
    ///
    /// >>> file = FragView(b'one').open()
    /// >>> file.close()
    /// >>> file.read()
    /// Traceback (most recent call last):
    /// ValueError: I/O operation on closed file.
    fn close(&self) -> PyResult<()> {
        match self.state.close() {
            // Dropped here, after the file is closed: it may run Python code.
            Ok(state) => {
                drop(state);
                Ok(())
            }
            Err(_) => Err(PyBufferError::new_err(
                "the file is in use by another call; it cannot be closed meanwhile",
            )),
        }
    }

    /// The file's name, for readers that ask for one. Until it is set, AttributeError is raised. O(1).
    ///
    /// >>> file = FragView(b'one').open()
    /// >>> file.name = 'one.txt'
    /// >>> file.name
    /// 'one.txt'
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let name = self.name.lock_py_attached(py).ok();
        let name = name.and_then(|name| name.as_ref().map(|name| name.bind(py).clone()));
        name.ok_or_else(|| PyAttributeError::new_err("name: memory has none until one is set"))
    }

    #[setter]
    fn set_name(&self, py: Python<'_>, name: Py<PyAny>) {
        let name = Deferred::new(name);
        // The old one is dropped after the lock: that may run Python code.
        let old = self.name.lock_py_attached(py).map(|mut slot| slot.replace(name));
        drop(old);
    }

    /// Pickle: the view, the position, and the attributes that were set.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let view = slf.get().view(py)?;
        let attributes = slf.getattr(intern!(py, "__dict__"))?;
        let attributes = (!attributes.is_empty()?).then_some(attributes);
        let function = py
            .import(intern!(py, "fragview._fragview"))?
            .getattr(intern!(py, "reopen_file"))?;
        let position = slf.get().position.load(Ordering::Relaxed);
        (function, (view, position), attributes).into_pyobject(py)
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().enter()?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let file = slf.get();
        let Ok(state) = file.enter() else {
            return format!("<closed fragview.FragFile at {:p}>", slf.as_ptr());
        };
        format!(
            "<fragview.FragFile at byte {} of {}, at {:p}>",
            file.position.load(Ordering::Relaxed),
            state.byte_count(),
            slf.as_ptr()
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // The lock is held for short moments only; if it is held now, the object is in use and not garbage.
        if let Ok(name) = self.name.try_lock() {
            name.as_ref().map_or(Ok(()), |name| name.visit(&visit))?;
        }
        self.state
            .peek(&visit)
            .map_or(Ok(()), |state| state.visit(&visit))
    }

    fn __clear__(&self) {
        drop(self.state.close());
        let name = self.name.try_lock().map(|mut name| name.take());
        drop(name);
    }
}

/// Makes the file of a pickle. Only pickles call it.
#[pyfunction]
#[pyo3(signature = (view, position, /))]
pub(crate) fn reopen_file(view: &Bound<'_, FragView>, position: usize) -> PyResult<FragFile> {
    if isize::try_from(position).is_err() {
        return Err(PyOverflowError::new_err("new position too large"));
    }
    FragFile::open(view.py(), &*view.get().enter()?, position)
}
