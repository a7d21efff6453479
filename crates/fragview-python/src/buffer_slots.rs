//! `__getbuffer__` and `__releasebuffer__` of each class that has them. PyO3 requires unsafe functions, so
//! they stand together; the implementations are in the rooms of their classes.

#![allow(unsafe_code)]

use std::ffi::c_int;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::buffers::request::Request;
use crate::interop::buffer_protocol::{self, Exported};
use crate::interop::segments::Segments;
use crate::ops::extents::ExtentRows;
use crate::records::column::Column;
use crate::view::handle::FragView;

/// The buffer to fill, which refers to no object so far.
///
/// # Safety
/// `target` is null or a buffer to fill, and stays so during `'t`.
unsafe fn target<'t>(target: *mut ffi::Py_buffer) -> PyResult<&'t mut ffi::Py_buffer> {
    // SAFETY: the caller's.
    let target =
        unsafe { target.as_mut() }.ok_or_else(|| PyBufferError::new_err("NULL view in getbuffer"))?;
    target.obj = std::ptr::null_mut();
    Ok(target)
}

#[pymethods]
impl FragView {
    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        buffer: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        buffer_protocol::fill(slf, unsafe { target(buffer) }?, Request(flags))
    }

    /// # Safety
    /// Called by the interpreter, once for each buffer that was filled.
    unsafe fn __releasebuffer__(&self, buffer: *mut ffi::Py_buffer) {
        // SAFETY: `fill` has put a box there, and only this function frees it.
        unsafe {
            drop(Box::from_raw((*buffer).internal.cast::<Exported>()));
            (*buffer).internal = std::ptr::null_mut();
        }
        self.guard().unpin();
    }
}

#[pymethods]
impl ExtentRows {
    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        buffer: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        Self::fill(slf, unsafe { target(buffer) }?, Request(flags))
    }
}

#[pymethods]
impl Segments {
    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        buffer: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        Self::fill(slf, unsafe { target(buffer) }?, Request(flags))
    }
}

#[pymethods]
impl Column {
    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        buffer: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        Self::fill(slf, unsafe { target(buffer) }?, Request(flags))
    }
}
