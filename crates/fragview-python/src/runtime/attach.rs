//! Work without the interpreter, that may come back to it for a moment.
//!
//! `Python::attach` makes a thread that is detached known anew, with `PyGILState_Ensure`: while the
//! interpreter ends, which a daemon thread outlives, that reads what is freed. `PyEval_RestoreThread` does
//! not, so a thread comes back by its own state.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::AtomicPtr;

use pyo3::ffi;
use pyo3::prelude::*;

thread_local! {
    /// The state of this thread while [`detach`] has put it aside, or null.
    static ASIDE: Cell<*mut ffi::PyThreadState> = const { Cell::new(ptr::null_mut()) };
}

/// Sets what is aside until it is dropped, and then what was before.
struct Aside(*mut ffi::PyThreadState);

impl Aside {
    fn set(state: *mut ffi::PyThreadState) -> Self {
        Self(ASIDE.replace(state))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        ASIDE.set(self.0);
    }
}

/// A thread that came back, until it is dropped.
struct Back;

impl Back {
    /// # Safety
    ///
    /// The state is this thread's, and it is detached.
    unsafe fn come(state: *mut ffi::PyThreadState) -> Self {
        // SAFETY: as the caller says. A thread that comes too late, when the interpreter ends, sleeps in
        // there.
        unsafe { ffi::PyEval_RestoreThread(state) };
        Self
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        // SAFETY: attached since `come`; who called it goes on detached.
        unsafe { ffi::PyEval_SaveThread() };
    }
}

/// Does `work` while other Python threads run. What needs the interpreter in there goes through [`attach`].
pub(crate) fn detach<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> R {
    // SAFETY: attached, so there is a state; the one that `Python::detach` puts aside.
    let state = AtomicPtr::new(unsafe { ffi::PyThreadState_Get() });
    py.detach(move || {
        let _aside = Aside::set(state.into_inner());
        work()
    })
}

/// Does `work` with the interpreter, whether this thread is detached or not.
pub(crate) fn attach<R>(work: impl for<'py> FnOnce(Python<'py>) -> R) -> R {
    let state = ASIDE.get();
    if state.is_null() {
        return Python::attach(work);
    }
    let _attached = Aside::set(ptr::null_mut());
    // SAFETY: `detach` on this thread has put the state aside, and nobody has come back since, for then it
    // were null.
    let _back = unsafe { Back::come(state) };
    // SAFETY: attached until `_back` is dropped.
    work(unsafe { Python::assume_attached() })
}
