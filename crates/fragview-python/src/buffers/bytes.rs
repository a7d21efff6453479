//! New `bytes` objects, filled in place.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ptr;

use pyo3::exceptions::{PyMemoryError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::{PyTypeCheck, ffi};

use crate::error::exception::no_memory;

/// A MemoryError of the interpreter, with the bytes that were asked for.
pub(crate) fn told(py: Python<'_>, error: PyErr, bytes: usize) -> PyErr {
    if error.is_instance_of::<PyMemoryError>(py) {
        no_memory(bytes)
    } else {
        error
    }
}

/// A new `bytes` object of `length` bytes that `fill` writes, all of them.
pub(crate) fn new_bytes(
    py: Python<'_>,
    length: usize,
    fill: impl FnOnce(&mut [MaybeUninit<u8>]) -> PyResult<()>,
) -> PyResult<Bound<'_, PyBytes>> {
    let size = isize::try_from(length).map_err(|_| no_memory(length))?;
    // SAFETY: null asks for uninitialised bytes; the result is a new reference, or null with an exception
    // set.
    let bytes = unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(ptr::null(), size))
            .map_err(|error| told(py, error, length))?
            .cast_into::<PyBytes>()
            .map_err(|_| PyTypeError::new_err("bytes expected"))?
    };
    debug_assert!(PyBytes::type_check(bytes.as_any()));
    if length > 0 {
        // SAFETY: the object is new, no other reference to it exists, and it has room for `length` bytes.
        let target = unsafe {
            let first = ffi::PyBytes_AsString(bytes.as_ptr());
            std::slice::from_raw_parts_mut(first.cast::<MaybeUninit<u8>>(), length)
        };
        fill(target)?;
    }
    Ok(bytes)
}

/// A copy of a slice; a `MemoryError` where PyO3's own function would panic.
pub(crate) fn bytes_from<'py>(py: Python<'py>, slice: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    new_bytes(py, slice.len(), |room| {
        room.write_copy_of_slice(slice);
        Ok(())
    })
}
