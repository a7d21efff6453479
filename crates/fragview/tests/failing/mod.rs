//! An allocator that refuses one allocation of this thread: the next but so many.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;

/// Blocks of fewer bytes are never refused: those of fixed size are.
const FIXED: usize = 1000;

struct Failing;

#[global_allocator]
static ALLOCATOR: Failing = Failing;

thread_local! {
    /// Allocations until one is refused; none is where there is no number.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
}

fn refuse(size: usize) -> bool {
    if size < FIXED {
        return false;
    }
    let left = LEFT.get();
    LEFT.set(left.and_then(|left| left.checked_sub(1)));
    if left == Some(0) {
        REFUSED.set(REFUSED.get() + 1);
        return true;
    }
    false
}

// SAFETY: blocks are `System`'s; to refuse one is to return null.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if refuse(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > layout.size() && refuse(size) {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// What came of refusing.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    /// Allocations that were refused, each in a call of its own.
    pub(crate) refused: usize,
    /// Calls that gave an error then; the others did without the memory.
    pub(crate) errors: usize,
}

/// Calls `operation` with its first large allocation refused, with its second… until none is left to refuse.
/// Whoever is not refused must not fail.
pub(crate) fn each_failure<T, E: Debug>(mut operation: impl FnMut() -> Result<T, E>) -> Failures {
    let mut failures = Failures::default();
    for left in 0.. {
        REFUSED.set(0);
        LEFT.set(Some(left));
        let outcome = operation();
        LEFT.set(None);
        if REFUSED.get() == 0 {
            outcome.expect("an error with all the memory it wants");
            return failures;
        }
        failures.refused += 1;
        failures.errors += usize::from(outcome.is_err());
    }
    failures
}

/// Calls what refuses nothing: a test's own work within an operation.
pub(crate) fn spared<T>(work: impl FnOnce() -> T) -> T {
    let left = LEFT.replace(None);
    let outcome = work();
    LEFT.set(left);
    outcome
}

/// True where an allocation of this call was refused.
pub(crate) fn refused() -> bool {
    REFUSED.get() > 0
}
