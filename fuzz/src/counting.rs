//! An allocator that counts the bytes that a thread has in use. A target that asks for [`peak`] installs it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count.
pub struct Counting;

// Tests and targets run in a thread each, and opening takes no other one.
thread_local! {
    static USED: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The count at the start of [`peak`], so that blocks of before may be freed.
const START: usize = 1 << 40;

// SAFETY: all is handed to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.get().wrapping_add(layout.size());
        USED.set(used);
        PEAK.set(PEAK.get().max(used));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.set(USED.get().wrapping_sub(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The result of `work`, and the most bytes that it had in use at once; 0 bytes where [`Counting`] is not the
/// allocator.
pub fn peak<R>(work: impl FnOnce() -> R) -> (R, usize) {
    USED.set(START);
    PEAK.set(START);
    let result = work();
    (result, PEAK.get() - START)
}
