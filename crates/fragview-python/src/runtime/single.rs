//! One interpreter: classes and caches are the process's, and another interpreter may not share them.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// The interpreter that has imported the module, by its number.
static FIRST: AtomicI64 = AtomicI64::new(-1);

/// An ImportError in every interpreter but the first that imports the module. CPython itself refuses those that have a GIL of
/// their own; PyO3 refuses none.
pub(crate) fn only_one(_attached: Python<'_>) -> PyResult<()> {
    // SAFETY: the interpreter is attached, and so there is a current one.
    let current = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    match FIRST.compare_exchange(-1, current, Ordering::Relaxed, Ordering::Relaxed) {
        Err(first) if first != current => Err(PyImportError::new_err(
            "fragview works in one interpreter of a process, and another one has imported it; use threads or processes \
             instead of sub-interpreters",
        )),
        _ => Ok(()),
    }
}
