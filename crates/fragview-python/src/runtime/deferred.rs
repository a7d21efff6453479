//! References that come apart in constant stack, however long the chain that they begin.
//!
//! An owner may own another one, and so on: `FragView(np.asarray(FragView(…)))`. CPython's containers put off
//! what lies too deep ("trashcan"); the classes of PyO3 do not. Here, a reference that is dropped [`DEEPEST`]
//! levels deep waits in a list of the thread's own until the outermost one is gone, and then is dropped in a
//! loop.
//!
//! The collector's own walk needs nothing of this: it visits objects one by one, from a list.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

/// The depth to which references are dropped within each other. A level takes at most some KiB of the stack,
/// exporters of other packages included, and the smallest stacks of threads have 64 KiB.
const DEEPEST: u32 = 8;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Py<PyAny>>> = const { RefCell::new(Vec::new()) };
}

/// A reference to an object that may be the beginning of a long chain of owners.
pub(crate) struct Deferred<T>(Option<Py<T>>);

impl<T> Deferred<T> {
    pub(crate) const fn new(reference: Py<T>) -> Self {
        Self(Some(reference))
    }

    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        Self(self.0.as_ref().map(|reference| reference.clone_ref(py)))
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }
}

impl<T> Deref for Deferred<T> {
    type Target = Py<T>;

    #[inline]
    fn deref(&self) -> &Py<T> {
        match &self.0 {
            Some(reference) => reference,
            None => unreachable!("it is taken when it is dropped"),
        }
    }
}

impl<T> Drop for Deferred<T> {
    fn drop(&mut self) {
        if let Some(reference) = self.0.take() {
            let_go(reference.into_any());
        }
    }
}

/// Ends a level of dropping, also if a destructor panics.
struct Level(u32);

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

fn let_go(reference: Py<PyAny>) {
    let depth = DEPTH.get();
    if depth >= DEEPEST {
        put_off(reference);
        return;
    }
    let _level = Level(depth);
    DEPTH.set(depth + 1);
    drop(reference);
    if depth == 0 {
        // One at a time, and the list is not borrowed meanwhile: a drop may defer more drops.
        while let Ok(Some(next)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            drop(next);
        }
    }
}

/// Keeps a reference until the outermost one is gone. Without memory for the list it is never dropped: a
/// leak is better than an overflow of the stack.
fn put_off(reference: Py<PyAny>) {
    // The list is gone only while its thread ends, and then the reference goes at once: nothing is deep
    // there.
    let _ = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        match waiting.try_reserve(1) {
            Ok(()) => waiting.push(reference),
            Err(_) => std::mem::forget(reference),
        }
    });
}
