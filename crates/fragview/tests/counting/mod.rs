//! An allocator that counts the bytes that a thread has in use, and refuses blocks by which they pass a
//! limit.
#![allow(
    clippy::cast_precision_loss,
    reason = "files of the tests' own, of known sizes"
)]
#![allow(dead_code, reason = "each test file uses a part")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use fragview::formats::{self, Container, FormatError, Options};

struct Counting;

// Tests run in threads of their own, and opening takes no other one.
thread_local! {
    static USED: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    /// No more bytes may be in use at once.
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
}

// SAFETY: all is handed to the system's allocator; a null pointer says that memory is short.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.get().wrapping_add(layout.size());
        if used > LIMIT.get() {
            return std::ptr::null_mut();
        }
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

#[global_allocator]
static ALLOCATOR: Counting = Counting;

pub(crate) const MIB: usize = 1 << 20;

/// The most bytes that `work` had in use at once, besides what was in use before.
pub(crate) fn peak<R>(work: impl FnOnce() -> R) -> (R, usize) {
    // Blocks of other threads may have been freed here.
    USED.set(1 << 40);
    PEAK.set(1 << 40);
    let result = work();
    (result, PEAK.get() - (1 << 40))
}

/// Refuses each block by which more than `limit` bytes would be in use besides those that are.
pub(crate) fn limited<R>(limit: usize, work: impl FnOnce() -> R) -> R {
    LIMIT.set(USED.get().saturating_add(limit));
    let result = work();
    LIMIT.set(usize::MAX);
    result
}

/// Opens a file, which must take no more than 4 bytes of memory for each byte of it, and `besides`.
pub(crate) fn opens_within(format: &str, file: &[u8], besides: usize) -> Result<Container, FormatError> {
    let (container, peak) = peak(|| formats::open(file, Some(format), Options::default()));
    println!(
        "{format}: {} bytes, {:?} streams, peak {peak}: {:.2} bytes a byte",
        file.len(),
        container.as_ref().map(Container::len),
        peak as f64 / file.len() as f64
    );
    let bar = 4 * file.len() + besides;
    assert!(
        peak <= bar,
        "{format}: {peak} bytes for a file of {}, over {bar}",
        file.len()
    );
    container
}
