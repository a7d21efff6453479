//! Rows of 64-bit integers, which never change: a read-only buffer that NumPy reads without a loop.

use std::ffi::c_void;
use std::ptr;

use pyo3::exceptions::{PyBufferError, PyMemoryError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::buffers::request::{Request, Shown};

/// Rows of `N` numbers, shown as an int64 buffer of shape (rows, `N`).
pub(crate) struct Rows<const N: usize> {
    numbers: Vec<[i64; N]>,
    shape: [isize; 2],
    strides: [isize; 2],
}

impl<const N: usize> Rows<N> {
    pub(crate) const fn new() -> Self {
        Self {
            numbers: Vec::new(),
            shape: [0, N.cast_signed()],
            strides: [
                size_of::<[i64; N]>().cast_signed(),
                size_of::<i64>().cast_signed(),
            ],
        }
    }

    /// Appends a row. Amortised O(1).
    pub(crate) fn push(&mut self, row: [i64; N]) -> PyResult<()> {
        self.numbers
            .try_reserve(1)
            .map_err(|_| PyMemoryError::new_err(()))?;
        self.numbers.push(row);
        self.shape[0] += 1;
        Ok(())
    }

    pub(crate) fn as_slice(&self) -> &[[i64; N]] {
        &self.numbers
    }

    /// Meets a request for the rows. `owner` is the object that they are in; errors call the rows `what`.
    pub(crate) fn fill(
        &self,
        owner: Bound<'_, PyAny>,
        what: &str,
        target: &mut ffi::Py_buffer,
        request: Request,
    ) -> PyResult<()> {
        if request.wants(ffi::PyBUF_WRITABLE) {
            return Err(PyBufferError::new_err(format!("{what} are read-only")));
        }
        if request.wants(ffi::PyBUF_F_CONTIGUOUS) {
            return Err(PyBufferError::new_err(format!("{what} are C-contiguous")));
        }
        // The rows never change and live as long as the object that the buffer refers to.
        let shown = Shown {
            first: self.numbers.as_ptr().cast_mut().cast::<c_void>(),
            length: size_of_val::<[[i64; N]]>(&self.numbers),
            item_size: size_of::<i64>(),
            readonly: true,
            format: c"q",
            shape: &self.shape,
            strides: &self.strides,
            suboffsets: &[],
            internal: ptr::null_mut(),
        };
        request.fill(target, owner, &shown);
        Ok(())
    }
}
