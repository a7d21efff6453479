//! A consumer's request for a buffer, and its answer: `__getbuffer__` of every class fills the buffer here.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;

/// The flags that a request consists of, some of which contain others.
#[derive(Clone, Copy)]
pub(crate) struct Request(pub(crate) c_int);

/// The contents of a buffer. All of it stays valid until the buffer is released: it belongs to the exporting
/// object, or to the memory behind `internal`.
pub(crate) struct Shown<'e> {
    pub(crate) first: *mut c_void,
    /// In bytes.
    pub(crate) length: usize,
    pub(crate) item_size: usize,
    pub(crate) readonly: bool,
    pub(crate) format: &'e CStr,
    pub(crate) shape: &'e [isize],
    pub(crate) strides: &'e [isize],
    /// Empty if there are no suboffsets.
    pub(crate) suboffsets: &'e [isize],
    pub(crate) internal: *mut c_void,
}

impl Request {
    /// True if the request has all bits of `flag`.
    pub(crate) const fn wants(self, flag: c_int) -> bool {
        self.0 & flag == flag
    }

    /// Fills `target` as the request asks, with a reference to `exporter`.
    pub(crate) fn fill(self, target: &mut ffi::Py_buffer, exporter: Bound<'_, PyAny>, shown: &Shown<'_>) {
        let numbers = |wanted: bool, numbers: &[isize]| {
            if wanted && !numbers.is_empty() {
                numbers.as_ptr().cast_mut()
            } else {
                ptr::null_mut()
            }
        };
        target.buf = shown.first;
        target.len = shown.length.cast_signed();
        target.itemsize = shown.item_size.cast_signed();
        target.readonly = shown.readonly.into();
        target.ndim = if self.wants(ffi::PyBUF_ND) {
            shown.shape.len().try_into().unwrap_or(1)
        } else {
            1
        };
        target.format = if self.wants(ffi::PyBUF_FORMAT) {
            shown.format.as_ptr().cast_mut()
        } else {
            ptr::null_mut()
        };
        target.shape = numbers(self.wants(ffi::PyBUF_ND), shown.shape);
        target.strides = numbers(self.wants(ffi::PyBUF_STRIDES), shown.strides);
        target.suboffsets = numbers(true, shown.suboffsets);
        target.internal = shown.internal;
        target.obj = exporter.into_ptr();
    }
}
