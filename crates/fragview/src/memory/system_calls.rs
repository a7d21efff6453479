//! The vectored system calls, made past the C library if `ThreadSanitizer` watches.
//!
//! Its stand-ins for `writev` and its like take the kernel's accesses for plain ones of this thread. They are
//! not: the kernel copies as another process would, and to memory that others write at the same time that is
//! allowed.

#[cfg(not(fragview_thread_sanitizer))]
pub(super) use libc::{preadv, readv, sendmsg, writev};

#[cfg(fragview_thread_sanitizer)]
pub(super) use past_the_library::{preadv, readv, sendmsg, writev};

#[cfg(fragview_thread_sanitizer)]
mod past_the_library {
    use libc::{
        SYS_preadv, SYS_readv, SYS_sendmsg, SYS_writev, c_int, iovec, msghdr, off_t, ssize_t, syscall,
    };

    /// # Safety
    /// As `writev(2)`.
    pub(crate) unsafe fn writev(descriptor: c_int, first: *const iovec, count: c_int) -> ssize_t {
        // SAFETY: the caller's.
        unsafe { syscall(SYS_writev, descriptor, first, count) as ssize_t }
    }

    /// # Safety
    /// As `readv(2)`.
    pub(crate) unsafe fn readv(descriptor: c_int, first: *const iovec, count: c_int) -> ssize_t {
        // SAFETY: the caller's.
        unsafe { syscall(SYS_readv, descriptor, first, count) as ssize_t }
    }

    /// # Safety
    /// As `preadv(2)`.
    pub(crate) unsafe fn preadv(
        descriptor: c_int,
        first: *const iovec,
        count: c_int,
        offset: off_t,
    ) -> ssize_t {
        // SAFETY: the caller's; the offset is one register, and the upper half of it, which is not looked at,
        // another.
        unsafe { syscall(SYS_preadv, descriptor, first, count, offset, 0_i64) as ssize_t }
    }

    /// # Safety
    /// As `sendmsg(2)`.
    pub(crate) unsafe fn sendmsg(descriptor: c_int, message: *const msghdr, flags: c_int) -> ssize_t {
        // SAFETY: the caller's.
        unsafe { syscall(SYS_sendmsg, descriptor, message, flags) as ssize_t }
    }
}
