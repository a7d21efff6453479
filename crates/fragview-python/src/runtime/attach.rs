//! Detaching from the interpreter for long work, and attaching again for a moment within it.
//!
//! `Python::attach` registers a detached thread again with `PyGILState_Ensure`. At the end of the
//! interpreter, which a daemon thread outlives, that reads freed memory. `PyEval_RestoreThread` does not, so
//! a thread attaches by its own saved state.

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

/// Sets a value aside until it is dropped, and then puts the value before back.
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
        // SAFETY: attached since `come`; the caller continues detached.
        unsafe { ffi::PyEval_SaveThread() };
    }
}

/// Does `work` while other Python threads run. Within it, code that needs the interpreter calls [`attach`].
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
    // SAFETY: `detach` on this thread has saved the state, and the thread has not attached since; else it
    // would be null.
    let _back = unsafe { Back::come(state) };
    // SAFETY: attached until `_back` is dropped.
    work(unsafe { Python::assume_attached() })
}
