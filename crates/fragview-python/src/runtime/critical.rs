//! A value that Python objects change in short steps, one thread at a time.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::PyClass;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::critical_section::with_critical_section;

/// A value in a Python object, changed in steps that run no Python code: with a GIL nothing else runs meanwhile, and without
/// one the object is locked.
pub(crate) struct Section<T> {
    /// True during a step. It is read and written under the lock.
    busy: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time has the value, by `step`.
unsafe impl<T: Send> Sync for Section<T> {}

/// Marks the section free again, also where a step panics.
struct Busy<'s>(&'s AtomicBool);

impl Drop for Busy<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Section<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            busy: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Changes the value of `object`, to which `section` leads.
    ///
    /// `step` runs no Python code and does not let go of the interpreter: it drops no Python reference, makes no Python
    /// object, and attaches nothing (which may drop what other threads left behind). A step within a step, which only such
    /// code could begin, panics.
    pub(crate) fn step<C, R>(
        object: &Bound<'_, C>,
        section: impl FnOnce(&C) -> &Self,
        step: impl FnOnce(&mut T) -> R,
    ) -> R
    where
        C: PyClass<Frozen = True> + Sync,
    {
        with_critical_section(object.as_any(), || {
            let section = section(object.get());
            // Nothing comes between the two: this thread has the GIL, or the object's lock.
            assert!(
                !section.busy.load(Ordering::Acquire),
                "a step runs no Python code"
            );
            section.busy.store(true, Ordering::Relaxed);
            let _busy = Busy(&section.busy);
            // SAFETY: only who has set `busy` has the value, until it is cleared.
            step(unsafe { &mut *section.value.get() })
        })
    }

    /// The value, for the garbage collector; `None` in the middle of a step.
    ///
    /// `_visit` witnesses that the collector calls: it holds the GIL, or has stopped all other threads.
    pub(crate) fn peek<'s>(&'s self, _visit: &PyVisit<'_>) -> Option<&'s T> {
        if self.busy.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: no step is under way, and none begins while the collector runs.
        Some(unsafe { &*self.value.get() })
    }
}
