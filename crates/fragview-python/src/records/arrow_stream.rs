//! Arrow's C stream interface: a table as a stream of one batch.
//!
//! The struct is five pointers that Arrow's specification fixes. The crate that has it, `arrow-array`, would
//! bring two dozen others with it.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use arrow_data::ArrayData;
use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::ffi::FFI_ArrowSchema;

/// `struct ArrowArrayStream`. Invariant: while `release` is there, `private_data` is a box of [`Batch`] that
/// no other pointer refers to.
#[repr(C)]
pub(super) struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut Self, *mut FFI_ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Self, *mut FFI_ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Self) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

/// The one batch of a stream, and whether it has been given.
struct Batch {
    array: ArrayData,
    given: bool,
}

impl ArrowArrayStream {
    /// A stream that gives an array of structs, and ends. O(1).
    pub(super) fn of(array: ArrayData) -> Self {
        let batch = Box::new(Batch { array, given: false });
        Self {
            get_schema: Some(get_schema),
            get_next: Some(get_next),
            get_last_error: Some(get_last_error),
            release: Some(release),
            private_data: Box::into_raw(batch).cast(),
        }
    }
}

/// `EINVAL`, as the specification wants an error number.
const INVALID: c_int = 22;

/// # Safety
/// The consumer's: a stream that is not released, and room for a schema.
unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, target: *mut FFI_ArrowSchema) -> c_int {
    // SAFETY: the invariant; the consumer calls one function of a stream at a time.
    let batch = unsafe { &*(*stream).private_data.cast::<Batch>() };
    match FFI_ArrowSchema::try_from(batch.array.data_type()) {
        Ok(schema) => {
            // SAFETY: there is room, and its contents are not initialised.
            unsafe { ptr::write(target, schema) };
            0
        }
        Err(_) => INVALID,
    }
}

/// # Safety
/// The consumer's: a stream that is not released, and room for an array.
unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, target: *mut FFI_ArrowArray) -> c_int {
    // SAFETY: the invariant; the consumer calls one function of a stream at a time.
    let batch = unsafe { &mut *(*stream).private_data.cast::<Batch>() };
    let array = if std::mem::replace(&mut batch.given, true) {
        // A released array is the end of the stream.
        FFI_ArrowArray::empty()
    } else {
        FFI_ArrowArray::new(&batch.array)
    };
    // SAFETY: there is room, and its contents are not initialised.
    unsafe { ptr::write(target, array) };
    0
}

/// # Safety
/// Any stream.
const unsafe extern "C" fn get_last_error(_stream: *mut ArrowArrayStream) -> *const c_char {
    ptr::null()
}

/// # Safety
/// The consumer's: a stream that is not released.
unsafe extern "C" fn release(stream: *mut ArrowArrayStream) {
    // SAFETY: the invariant; without `release` the box is not taken again.
    unsafe {
        (*stream).release = None;
        drop(Box::from_raw((*stream).private_data.cast::<Batch>()));
        (*stream).private_data = ptr::null_mut();
    }
}

impl Drop for ArrowArrayStream {
    fn drop(&mut self) {
        // A consumer that has moved the stream out has taken `release` away.
        if let Some(release) = self.release {
            // SAFETY: it is not released.
            unsafe { release(self) };
        }
    }
}

// SAFETY: the pointer's target is the stream's own, and may be freed by any thread.
unsafe impl Send for ArrowArrayStream {}
