//! Mappings for the tests of this folder.

use core::ffi::{CStr, c_int};
use core::ptr;

/// Pages of a file in memory: the address of the first one, and their bytes. They are unmapped at the end.
pub(super) struct Pages(pub(super) usize, pub(super) usize);

impl Pages {
    /// Pages of a new file, whose name tells a test's mappings from those of others.
    pub(super) fn new(name: &CStr, kind: c_int, length: usize) -> Self {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a file and addresses of our own.
        let first = unsafe {
            let file = libc::memfd_create(name.as_ptr(), 0);
            assert_eq!(libc::ftruncate(file, 1 << 20), 0);
            let first = libc::mmap(ptr::null_mut(), length, access, kind, file, 0);
            libc::close(file);
            first
        };
        assert_ne!(first, libc::MAP_FAILED);
        Self(first.addr(), length)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: our own pages.
        unsafe { libc::munmap(ptr::without_provenance_mut(self.0), self.1) };
    }
}
