//! An object's attributes as its class gives them.

#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The attribute that `object.__getattribute__` finds, whatever the class defines instead.
///
/// # Errors
/// `AttributeError`, and what a descriptor of the class raises.
pub(super) fn own_attribute<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: both objects are valid, and the name is a string; the result is a new reference, or null with
    // an exception set.
    unsafe {
        let found = ffi::PyObject_GenericGetAttr(object.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_err(object.py(), found)
    }
}
