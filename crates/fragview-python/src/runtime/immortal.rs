//! Classes that many threads make objects of, without waiting for each other.
//!
//! Each object refers to its class. CPython counts that reference in the thread, and PyO3 gives it back in the class, where
//! all threads meet. No reference to an immortal object is counted. PyO3 keeps the classes for good anyway.

use pyo3::PyTypeInfo;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::records::record::Record;
use crate::search::match_::Match;
use crate::view::handle::FragView;

unsafe extern "C" {
    /// CPython's own, of 3.14 and later; `PyUnstable_SetImmortal` takes only what one thread holds one reference to.
    fn _Py_SetImmortal(object: *mut ffi::PyObject);
}

/// Lets the classes live for ever, whose objects a loop makes. O(1).
pub(crate) fn classes(py: Python<'_>) {
    for class in [
        FragView::type_object_raw(py),
        Match::type_object_raw(py),
        Record::type_object_raw(py),
    ] {
        // SAFETY: a class is an object. The module is being imported for the first time, or the class is immortal already,
        // which changes nothing; so no other thread counts references to it at the moment.
        unsafe { _Py_SetImmortal(class.cast()) };
    }
}
