//! System calls that move many fragments at a time: `sendmsg`, `writev`, `readv`, `preadv`.
//!
//! The kernel gets addresses, and copies from and to them as another process would; no reference to the bytes
//! is formed. So this works for memory of any kind, shared memory included.

use core::mem::MaybeUninit;
use core::time::Duration;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use super::{Memory, lend, system_calls};
use crate::geometry::Window;

/// The most fragments a system call takes (`IOV_MAX`): 1024 on Linux, the BSDs and macOS; POSIX promises 16.
const VECTORS: usize = if cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple"
)) {
    1024
} else {
    16
};

/// The most bytes a system call takes: some systems refuse more than 2^31 - 1.
const BYTES: usize = 1 << 30;

/// The type of a descriptor, as far as the system calls differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Not known yet: tried as a socket first.
    Unknown,
    /// A socket: `sendmsg`, which raises no `SIGPIPE`.
    Socket,
    /// Anything else, at its own position: `writev`, `readv`.
    Stream,
    /// A file at this offset; its own position stays: `preadv`.
    At(u64),
}

/// The vectors of one call, on the stack.
struct Batch {
    vectors: [MaybeUninit<libc::iovec>; VECTORS],
    count: u16,
    bytes: usize,
}

impl Batch {
    const fn new() -> Self {
        Self {
            vectors: [MaybeUninit::uninit(); VECTORS],
            count: 0,
            bytes: 0,
        }
    }

    /// Takes one more vector, cut to the room for bytes; false if the batch is full.
    #[inline]
    fn push(&mut self, first: *mut u8, length: usize) -> bool {
        let length = length.min(BYTES - self.bytes);
        let Some(slot) = self
            .vectors
            .get_mut(usize::from(self.count))
            .filter(|_| length > 0)
        else {
            return false;
        };
        slot.write(libc::iovec {
            iov_base: first.cast(),
            iov_len: length,
        });
        self.count += 1;
        self.bytes += length;
        self.bytes < BYTES
    }

    /// The vectors as a system call takes them: the first, and how many.
    const fn raw(&self) -> (*const libc::iovec, u16) {
        (self.vectors.as_ptr().cast(), self.count)
    }
}

impl<K, O> Memory<K, O> {
    /// The first vectors of the window's bytes from byte `done` of it on. Holes are zeros that are only read.
    fn batch(&self, window: Window, done: usize) -> Batch {
        let mut batch = Batch::new();
        // The item that byte `done` is in, and where in it; if there are no gaps, the window is one item.
        let width = if window.is_contiguous() {
            window.byte_count()
        } else {
            window.width()
        };
        let (row, mut skip) = (done / width.max(1), done % width.max(1));
        for row in window.rows_from(row) {
            let span = row.span();
            for (range, place) in self.map.runs(span.start + skip..span.end) {
                let first = place.payload.plus(range.start - place.start);
                let mut left = range.len();
                while left > 0 {
                    let (address, length) = if first.is_hole() {
                        let zeros = &lend::ZEROS[..left.min(lend::ZEROS.len())];
                        (zeros.as_ptr().cast_mut(), zeros.len())
                    } else {
                        (first.as_ptr(), left)
                    };
                    if !batch.push(address, length) {
                        return batch;
                    }
                    left -= length;
                }
            }
            skip = 0;
        }
        batch
    }

    /// Writes bytes of the window's items, from byte `done` of them on, by one system call; says how many.
    /// Pre: `done` is less than the window's bytes.
    ///
    /// # Errors
    /// The system's, `Interrupted` and `WouldBlock` included; nothing went then.
    pub(crate) fn send(
        &self,
        window: Window,
        done: usize,
        target: BorrowedFd<'_>,
        channel: &mut Channel,
    ) -> Result<usize> {
        let batch = self.batch(window, done);
        let (descriptor, (first, count)) = (target.as_raw_fd(), batch.raw());
        if matches!(channel, Channel::Unknown | Channel::Socket) {
            // SAFETY: each vector is valid memory of this memory, or zeros, and the kernel only reads it.
            match result(unsafe { send_message(descriptor, first, count) }) {
                Err(error)
                    if *channel == Channel::Unknown && error.raw_os_error() == Some(libc::ENOTSOCK) =>
                {
                    *channel = Channel::Stream;
                }
                sent => {
                    *channel = Channel::Socket;
                    return sent;
                }
            }
        }
        // SAFETY: as above.
        let written = result(unsafe { system_calls::writev(descriptor, first, count.into()) })?;
        // A descriptor that takes nothing and says nothing would be tried for ever.
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        Ok(written)
    }

    /// Reads bytes into the window's items, from byte `done` of them on, by one system call; says how many, 0
    /// at the end of the file. Pre: `done` is less than the window's bytes.
    ///
    /// # Errors
    /// The system's, `Interrupted` and `WouldBlock` included; nothing came then.
    ///
    /// # Safety
    /// The caller may write these items: they are writable (no hole among them), and the memory is shared or
    /// the caller has it exclusively.
    pub(crate) unsafe fn receive(
        &self,
        window: Window,
        done: usize,
        source: BorrowedFd<'_>,
        channel: Channel,
    ) -> Result<usize> {
        let batch = self.batch(window, done);
        let (descriptor, (first, count)) = (source.as_raw_fd(), batch.raw());
        // SAFETY: each vector is valid memory of this memory that the caller may write.
        result(unsafe {
            match channel {
                Channel::At(start) => match libc::off_t::try_from(start.saturating_add(done as u64)) {
                    Ok(offset) => system_calls::preadv(descriptor, first, count.into(), offset),
                    Err(_) => 0,
                },
                _ => system_calls::readv(descriptor, first, count.into()),
            }
        })
    }
}

/// # Safety
/// The vectors are valid for reads.
unsafe fn send_message(descriptor: RawFd, first: *const libc::iovec, count: u16) -> libc::ssize_t {
    #[cfg(not(target_vendor = "apple"))]
    const FLAGS: libc::c_int = libc::MSG_NOSIGNAL;
    #[cfg(target_vendor = "apple")]
    const FLAGS: libc::c_int = 0;
    // SAFETY: all zeros is a message without address, data and control.
    let mut message = unsafe { MaybeUninit::<libc::msghdr>::zeroed().assume_init() };
    message.msg_iov = first.cast_mut();
    message.msg_iovlen = count.into();
    // SAFETY: the message is valid, and the caller's vectors are.
    unsafe { system_calls::sendmsg(descriptor, &raw const message, FLAGS) }
}

/// Waits until a descriptor can be written to, or read from, or the timeout is over; says whether it can.
///
/// # Errors
/// The system's, `Interrupted` included.
pub(crate) fn wait(descriptor: BorrowedFd<'_>, write: bool, timeout: Duration) -> Result<bool> {
    let mut poll = libc::pollfd {
        fd: descriptor.as_raw_fd(),
        events: if write { libc::POLLOUT } else { libc::POLLIN },
        revents: 0,
    };
    // Rounded up, so that no call waits again for the rest of a millisecond.
    let milliseconds = timeout
        .as_micros()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(libc::c_int::MAX);
    // SAFETY: one descriptor to look at, which is valid for the call.
    let ready = unsafe { libc::poll(&raw mut poll, 1, milliseconds) };
    Ok(result(ready as libc::ssize_t)? > 0)
}

fn result(returned: libc::ssize_t) -> Result<usize> {
    usize::try_from(returned).map_err(|_| Error::last_os_error())
}
