//! An extension in Rust that knows fragview's core, and none of its Python classes.

use std::os::fd::BorrowedFd;
use std::sync::Mutex;
use std::thread;

use fragview::ffi::{CFragments, ForeignFragments, ForeignView};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

/// Any object's fragments as a view of Rust's.
fn view_of(object: &Bound<'_, PyAny>, writable: bool) -> PyResult<ForeignView> {
    let options = PyDict::new(object.py());
    options.set_item("writable", writable)?;
    let capsule = object.call_method("__fragview_c_fragments__", (), Some(&options))?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let fragments = capsule.pointer_checked(Some(c"fragview_fragments"))?.cast::<CFragments>();
    let raise = |error: &dyn std::error::Error| PyValueError::new_err(error.to_string());
    // SAFETY: a capsule of this name holds such a struct, which its producer vouches for.
    let foreign = unsafe { ForeignFragments::take(fragments.as_ptr()) }.map_err(|error| raise(&error))?;
    foreign.into_view().map_err(|error| raise(&error))
}

/// The sum of a view's bytes.
#[pyfunction]
fn total(object: &Bound<'_, PyAny>) -> PyResult<u64> {
    let view = view_of(object, false)?;
    Ok(object.py().detach(|| view.iter().map(u64::from).sum()))
}

/// Writes a byte everywhere.
#[pyfunction]
fn fill(object: &Bound<'_, PyAny>, byte: u8) -> PyResult<()> {
    let view = view_of(object, true)?;
    view.fill(byte).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Where `needle` is in a view, seams or not.
#[pyfunction]
fn find(object: &Bound<'_, PyAny>, needle: &[u8]) -> PyResult<Option<usize>> {
    view_of(object, false)?
        .find(needle)
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Writes a view to a descriptor by `writev`; returns the number of bytes.
#[pyfunction]
fn write_out(object: &Bound<'_, PyAny>, descriptor: i32) -> PyResult<usize> {
    let view = view_of(object, false)?;
    // SAFETY: the caller has it open during the call.
    let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
    Ok(object.py().detach(|| view.write_to(descriptor)).map_err(std::io::Error::from)?)
}

static KEPT: Mutex<Option<ForeignView>> = Mutex::new(None);

/// Keeps a view's fragments; returns the number of bytes.
#[pyfunction]
fn keep(object: &Bound<'_, PyAny>) -> PyResult<usize> {
    let view = view_of(object, false)?;
    let length = view.len();
    let mut kept = KEPT.lock().map_err(|_| PyRuntimeError::new_err("a thread panicked"))?;
    *kept = Some(view);
    Ok(length)
}

/// Releases what was kept, in a thread that Python has never seen; returns the sum of its bytes.
#[pyfunction]
fn drop_in_thread(py: Python<'_>) -> PyResult<u64> {
    let kept = KEPT.lock().ok().and_then(|mut kept| kept.take());
    let view = kept.ok_or_else(|| PyRuntimeError::new_err("nothing is kept"))?;
    // The thread waits for the interpreter when it releases.
    py.detach(|| thread::spawn(move || view.iter().map(u64::from).sum()).join())
        .map_err(|_| PyRuntimeError::new_err("a thread panicked"))
}

/// An extension module.
#[pymodule(gil_used = false)]
mod pyo3_reader {
    #[pymodule_export]
    use super::{drop_in_thread, fill, find, keep, total, write_out};
}
