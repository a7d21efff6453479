//! A column of a record table, as a buffer that NumPy reads without a copy.

use std::ffi::{CString, c_int, c_void};
use std::ptr;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::input;
use crate::view::FragView;

/// Values of one width, one after the other, which never change; a read-only FragView shows them.
#[pyclass(frozen, module = "fragview._fragview", name = "_Column")]
pub(crate) struct Column {
    data: Vec<u8>,
    format: CString,
    width: isize,
    shape: [isize; 1],
}

impl Column {
    /// A read-only FragView of values of `format`, each `width` bytes. Pre: the data is whole values.
    pub(crate) fn view(py: Python<'_>, data: Vec<u8>, format: &str, width: usize) -> PyResult<FragView> {
        let count = data.len().checked_div(width).unwrap_or(0);
        let format = CString::new(format)?;
        let column = Self {
            data,
            format,
            width: width.cast_signed(),
            shape: [count.cast_signed()],
        };
        let column = Bound::new(py, column)?;
        input::from_source(column.as_any()).map(FragView::new)
    }

    /// As [`view`](Self::view), of 64-bit integers.
    pub(crate) fn of_integers(py: Python<'_>, numbers: &[i64]) -> PyResult<FragView> {
        let data = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
        Self::view(py, data, "q", 8)
    }
}

#[pymethods]
impl Column {
    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        target: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        if target.is_null() {
            return Err(PyBufferError::new_err("NULL view in getbuffer"));
        }
        // SAFETY: the interpreter's.
        let target = unsafe { &mut *target };
        target.obj = ptr::null_mut();
        let wants = |flag: c_int| flags & flag == flag;
        if wants(ffi::PyBUF_WRITABLE) {
            return Err(PyBufferError::new_err("a column is read-only"));
        }
        // The values never change and live as long as the object that the buffer refers to.
        let column = slf.get();
        target.buf = column.data.as_ptr().cast_mut().cast::<c_void>();
        target.len = column.data.len().cast_signed();
        target.itemsize = column.width;
        target.readonly = 1;
        target.ndim = 1;
        let given =
            |wanted: bool, first: *const isize| if wanted { first.cast_mut() } else { ptr::null_mut() };
        target.format = if wants(ffi::PyBUF_FORMAT) {
            column.format.as_ptr().cast_mut()
        } else {
            ptr::null_mut()
        };
        target.shape = given(wants(ffi::PyBUF_ND), column.shape.as_ptr());
        target.strides = given(wants(ffi::PyBUF_STRIDES), &raw const column.width);
        target.suboffsets = ptr::null_mut();
        target.internal = ptr::null_mut();
        target.obj = slf.clone().into_any().into_ptr();
        Ok(())
    }
}
