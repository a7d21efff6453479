//! Views through descriptors: sockets, pipes, files.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::time::Duration;

use super::TransferError;
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{self, Channel, Exclusive, Kind, Memory, Shared};
use crate::view::{MemoryRef, View};

/// Bytes of a view on their way out, one system call a [`step`](Self::step). For callers with work between
/// two calls: to wait until a descriptor is ready, or to check signals. For all others there is
/// [`View::write_to`].
pub struct Outgoing<'v, M: MemoryRef> {
    memory: &'v M,
    window: Window,
    moved: usize,
    channel: Channel,
}

/// Bytes on their way into a view, one system call a [`step`](Self::step).
pub struct Incoming<'v, M: MemoryRef> {
    /// Invariant: `window` may be written for `'v`.
    memory: &'v M,
    window: Window,
    moved: usize,
    channel: Channel,
}

macro_rules! progress {
    ($name:ident) => {
        impl<M: MemoryRef> $name<'_, M> {
            /// The bytes moved so far. O(1).
            pub const fn moved(&self) -> usize {
                self.moved
            }

            /// True if all bytes have been moved. O(1).
            pub const fn is_done(&self) -> bool {
                self.moved >= self.window.byte_count()
            }

            fn memory(&self) -> &Memory<M::Kind, M::Owner> {
                self.memory.memory()
            }
        }
    };
}

progress!(Outgoing);
progress!(Incoming);

impl<M: MemoryRef> Outgoing<'_, M> {
    /// Waits until the descriptor takes bytes, or the timeout is over; says whether it does.
    ///
    /// # Errors
    /// The system's, `Interrupted` included.
    pub fn wait(target: impl AsFd, timeout: Duration) -> io::Result<bool> {
        memory::wait(target.as_fd(), true, timeout)
    }

    /// Writes as many bytes as one system call takes; says how many, 0 if all were written before.
    ///
    /// # Errors
    /// The system's, `Interrupted` and `WouldBlock` included. Nothing went then, and the next step begins
    /// where this one did.
    pub fn step(&mut self, target: impl AsFd) -> io::Result<usize> {
        if self.is_done() {
            return Ok(0);
        }
        let mut channel = self.channel;
        let sent = self
            .memory()
            .send(self.window, self.moved, target.as_fd(), &mut channel);
        self.channel = channel;
        let count = sent?;
        self.moved += count;
        Ok(count)
    }
}

impl<M: MemoryRef> Incoming<'_, M> {
    /// Waits until the descriptor has bytes, or is at its end, or the timeout is over; says whether it has.
    ///
    /// # Errors
    /// The system's, `Interrupted` included.
    pub fn wait(source: impl AsFd, timeout: Duration) -> io::Result<bool> {
        memory::wait(source.as_fd(), false, timeout)
    }

    /// From now on reads a file from this offset of it on, and leaves the file's own position where it is.
    pub const fn from_offset(&mut self, offset: u64) {
        // Offsets count from where the view begins.
        self.channel = Channel::At(offset.saturating_sub(self.moved as u64));
    }

    /// Reads as many bytes as one system call gives; says how many, 0 at the end of the file or if the
    /// view is full.
    ///
    /// # Errors
    /// The system's, `Interrupted` and `WouldBlock` included. Nothing came then, and the next step begins
    /// where this one did.
    #[expect(
        unsafe_code,
        reason = "the kernel writes into the memory: the view's kind gives the right to"
    )]
    pub fn step(&mut self, source: impl AsFd) -> io::Result<usize> {
        if self.is_done() {
            return Ok(0);
        }
        // SAFETY: `View::incoming`, which alone makes this, has checked that the items may be written.
        let count = unsafe {
            self.memory()
                .receive(self.window, self.moved, source.as_fd(), self.channel)
        }?;
        self.moved += count;
        Ok(count)
    }
}

/// Repeats a step until it has done all, or can do no more.
fn finish(mut step: impl FnMut() -> io::Result<usize>) -> Result<usize, TransferError> {
    let mut moved = 0;
    loop {
        match step() {
            Ok(0) => return Ok(moved),
            Ok(count) => moved += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && moved > 0 => return Ok(moved),
            Err(error) => return Err(TransferError { moved, error }),
        }
    }
}

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// The view's bytes, to be written step by step. O(1).
    pub const fn outgoing(&self) -> Outgoing<'_, R> {
        Outgoing {
            memory: self.memory_ref(),
            window: *self.window(),
            moved: 0,
            channel: Channel::Unknown,
        }
    }

    /// Writes all bytes to a descriptor (a socket, a pipe, a file), up to `IOV_MAX` fragments a system call;
    /// returns their number. O(fragments), and the system's time. Holes are written as zeros.
    ///
    /// Partial and interrupted writes are continued. A descriptor that does not block gives what went, as
    /// `send` does.
    ///
    /// # Errors
    /// The system's; `moved` is the number of bytes moved before. `WouldBlock` only if none did.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// use std::io::Read;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// let (mut here, there) = std::os::unix::net::UnixStream::pair()?;
    /// assert_eq!(view.write_to(&there)?, 5);
    /// drop(there);
    /// let mut received = Vec::new();
    /// here.read_to_end(&mut received)?;
    /// assert_eq!(received, b"abcde");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_to(&self, target: impl AsFd) -> Result<usize, TransferError> {
        let (mut outgoing, target) = (self.outgoing(), target.as_fd());
        finish(|| outgoing.step(target))
    }
}

impl<T, R: MemoryRef> View<Shared<'_>, T, R> {
    /// The view's items, to be read into step by step. O(log fragments).
    ///
    /// # Errors
    /// [`Error::ReadOnly`] if an item may not be written.
    pub fn incoming(&self) -> Result<Incoming<'_, R>, Error> {
        if !self.is_writable() {
            return Err(Error::ReadOnly);
        }
        Ok(Incoming {
            memory: self.memory_ref(),
            window: *self.window(),
            moved: 0,
            channel: Channel::Stream,
        })
    }

    /// Reads bytes from a descriptor (a socket, a pipe, a file) until the view is full or the file ends, up
    /// to `IOV_MAX` fragments a system call; returns their number. O(fragments), and the system's time.
    ///
    /// Partial and interrupted reads are continued. A descriptor that does not block gives what came, as
    /// `recv` does.
    ///
    /// # Errors
    /// The system's; `moved` is the number of bytes moved before. `WouldBlock` only if none did.
    /// `PermissionDenied` if an item of the view may not be written; nothing is read then.
    pub fn read_from(&self, source: impl AsFd) -> Result<usize, TransferError> {
        let (mut incoming, source) = (self.incoming().map_err(denied)?, source.as_fd());
        finish(|| incoming.step(source))
    }
}

impl<T, R: MemoryRef> View<Exclusive<'_>, T, R> {
    /// The view's items, to be read into step by step. O(1).
    pub const fn incoming(&mut self) -> Incoming<'_, R> {
        // Exclusive memory is writable and has no holes, and `&mut self` is the one view on these items.
        Incoming {
            memory: self.memory_ref(),
            window: *self.window(),
            moved: 0,
            channel: Channel::Stream,
        }
    }

    /// As [`read_from`](View::read_from) of a shared view.
    ///
    /// # Errors
    /// The system's; `moved` is the number of bytes moved before. `WouldBlock` only if none did.
    ///
    /// ```
    /// # use fragview::ExclusiveView;
    /// let (mut head, mut tail) = ([0; 2], [0; 3]);
    /// let mut view = ExclusiveView::from_slices_mut([&mut head[..], &mut tail])?;
    /// let (here, mut there) = std::os::unix::net::UnixStream::pair()?;
    /// std::io::Write::write_all(&mut there, b"abcde")?;
    /// assert_eq!(view.read_from(&here)?, 5);
    /// assert_eq!((&head, &tail), (b"ab", b"cde"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_from(&mut self, source: impl AsFd) -> Result<usize, TransferError> {
        let (mut incoming, source) = (self.incoming(), source.as_fd());
        finish(|| incoming.step(source))
    }
}

fn denied(error: Error) -> TransferError {
    TransferError {
        moved: 0,
        error: io::Error::new(ErrorKind::PermissionDenied, error),
    }
}
