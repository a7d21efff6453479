//! The struct as C sees it.

use core::ffi::{c_char, c_void};
use core::ptr;

/// The version of [`CFragments`] that this crate writes and reads.
pub const VERSION: i64 = 1;

/// A range of memory, laid out as POSIX's `struct iovec`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoVec {
    /// The first byte; null for a hole, which is zeros without memory.
    pub base: *mut c_void,
    /// The number of bytes.
    pub len: usize,
}

/// `struct fragview_fragments`: where the bytes of a view lie, in order.
///
/// All pointers are valid until `release` is called. Others may write the fragments at any time.
#[repr(C)]
#[derive(Debug)]
pub struct CFragments {
    /// [`VERSION`].
    pub version: i64,
    /// The bytes of all fragments together.
    pub byte_count: i64,
    /// The bytes of an item.
    pub item_size: i64,
    /// An item's format in the `struct` module's notation, a C string; null for bytes.
    pub format: *const c_char,
    /// The number of fragments.
    pub count: i64,
    /// The fragments, `count` of them.
    pub fragments: *const IoVec,
    /// A byte a fragment, not 0 if it is read-only; null if all are writable.
    pub readonly: *const u8,
    /// Gives all of it back; null if it was taken or released.
    pub release: Option<unsafe extern "C" fn(*mut CFragments)>,
    /// The producer's own.
    pub private_data: *mut c_void,
}

impl CFragments {
    /// A struct that has been released.
    pub const RELEASED: Self = Self {
        version: VERSION,
        byte_count: 0,
        item_size: 1,
        format: ptr::null(),
        count: 0,
        fragments: ptr::null(),
        readonly: ptr::null(),
        release: None,
        private_data: ptr::null_mut(),
    };
}

impl Drop for CFragments {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: the struct is valid, and was not released: `release` is set. The producer promised that
            // any thread may call it.
            unsafe { release(self) };
            self.release = None;
        }
    }
}

// SAFETY: the producer promises that any thread may read the struct and release it.
unsafe impl Send for CFragments {}
// SAFETY: nothing changes it but its release, which takes it mutably.
unsafe impl Sync for CFragments {}
