//! A value that Python objects change in short steps, one thread at a time.

use std::cell::UnsafeCell;

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::critical_section::with_critical_section;

/// A value in a Python object, changed in steps that run no Python code: with a GIL nothing else runs meanwhile, and without
/// one the object is locked. The garbage collector never meets it in the middle of a step, because both need the
/// interpreter, or wait for it to stop.
pub(crate) struct Section<T>(UnsafeCell<T>);

// SAFETY: one thread at a time has the value, by `step`.
unsafe impl<T: Send> Sync for Section<T> {}

impl<T> Section<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Changes the value of `object`, to which `section` leads.
    ///
    /// # Safety
    /// `step` neither runs Python code nor lets go of the interpreter: it drops no Python reference, makes no Python object,
    /// and attaches nothing (which may drop what other threads left behind).
    pub(crate) unsafe fn step<C, R>(
        object: &Bound<'_, C>,
        section: impl FnOnce(&C) -> &Self,
        step: impl FnOnce(&mut T) -> R,
    ) -> R
    where
        C: PyClass<Frozen = True> + Sync,
    {
        with_critical_section(object.as_any(), || {
            // SAFETY: nobody else is in a step on this object, by the caller's promise and the lock.
            step(unsafe { &mut *section(object.get()).0.get() })
        })
    }

    /// The value, for the garbage collector.
    ///
    /// # Safety
    /// No step is under way: the collector holds the GIL, or has stopped the world.
    pub(crate) unsafe fn peek(&self) -> &T {
        // SAFETY: the caller's.
        unsafe { &*self.0.get() }
    }
}
