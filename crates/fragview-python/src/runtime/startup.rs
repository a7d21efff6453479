//! Work at import: the refusal of a second interpreter, and immortal classes.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// The interpreter that has imported the module, by its number.
static FIRST: AtomicI64 = AtomicI64::new(-1);

/// Raises `ImportError` in every interpreter but the first that imports the module: classes and caches belong
/// to the process. CPython itself refuses interpreters that have a GIL of their own; PyO3 refuses none.
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

#[cfg(all(Py_GIL_DISABLED, Py_3_14))]
unsafe extern "C" {
    /// CPython's own, of 3.14 and later; `PyUnstable_SetImmortal` takes only what one thread holds one
    /// reference to.
    fn _Py_SetImmortal(object: *mut ffi::PyObject);
}

/// Makes classes immortal whose objects a loop makes. O(1).
///
/// Each object refers to its class. CPython counts that reference in the thread, and PyO3 gives it back in
/// the class, where all threads meet. References to an immortal object are not counted. PyO3 keeps the
/// classes for good anyway.
#[cfg(all(Py_GIL_DISABLED, Py_3_14))]
pub(crate) fn make_immortal(classes: &[Bound<'_, pyo3::types::PyType>]) {
    for class in classes {
        // SAFETY: a class is an object. The module is being imported for the first time, or the class is
        // immortal already, which changes nothing; so no other thread counts references to it at the moment.
        unsafe { _Py_SetImmortal(class.as_ptr()) };
    }
}
