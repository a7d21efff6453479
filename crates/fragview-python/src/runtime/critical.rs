//! A value that Python objects change in short steps, one thread at a time.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use pyo3::PyClass;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::critical_section::with_critical_section;

/// A value in a Python object, changed in steps that run no Python code: with a GIL nothing else runs
/// meanwhile, and without one the object is locked. So the mutex is free whenever a step begins, and no
/// thread ever waits for it.
pub(crate) struct Section<T>(Mutex<T>);

impl<T> Section<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Changes the value of `object`, to which `section` leads.
    ///
    /// `step` runs no Python code and keeps the interpreter: it drops no Python reference, makes no Python
    /// object, and attaches nothing (which may drop references that other threads left behind). A step within
    /// a step, which only such code could begin, panics.
    pub(crate) fn step<C, R>(
        object: &Bound<'_, C>,
        section: impl FnOnce(&C) -> &Self,
        step: impl FnOnce(&mut T) -> R,
    ) -> R
    where
        C: PyClass<Frozen = True> + Sync,
    {
        with_critical_section(object.as_any(), || {
            let Some(mut value) = section(object.get()).enter() else {
                panic!("a step runs no Python code");
            };
            step(&mut value)
        })
    }

    /// The value, for the garbage collector; `None` in the middle of a step.
    ///
    /// `_visit` witnesses that the collector calls: it holds the GIL, or has stopped all other threads.
    pub(crate) fn peek<'s>(&'s self, _visit: &PyVisit<'_>) -> Option<MutexGuard<'s, T>> {
        self.enter()
    }

    /// The value, unless a step has it. A step that panicked has left it whole: the core's operations are all
    /// or nothing.
    fn enter(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(value) => Some(value),
            Err(TryLockError::Poisoned(value)) => Some(PoisonError::into_inner(value)),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
