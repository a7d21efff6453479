//! Views as files: a [`Cursor`] with the traits of `std::io`, `bytes` and `tokio`; bytes to and from
//! descriptors.
//!
//! | feature | what a [`Cursor`] has |
//! | --- | --- |
//! | | [`position`](Cursor::position), [`chunk`](Cursor::chunk), [`read_slice`](Cursor::read_slice) |
//! | `std` | `std::io::{Read, BufRead, Write, Seek}` |
//! | `bytes` | `bytes::{Buf, BufMut}` |
//! | `tokio` | `tokio::io::{AsyncRead, AsyncBufRead, AsyncWrite, AsyncSeek}` |
//!
//! On Unix, [`View::write_to`](crate::View::write_to) and `read_from` move a view of any kind through a
//! socket, a pipe or a file, many fragments a system call.

#![deny(unsafe_code)]

#[cfg(feature = "bytes")]
#[expect(unsafe_code, reason = "`bytes::BufMut` is an unsafe trait")]
mod buf;
mod cursor;
#[cfg(feature = "std")]
mod standard;
#[cfg(feature = "tokio")]
mod tokio;
#[cfg(all(feature = "std", unix))]
mod transfer;
#[cfg(feature = "std")]
mod vectored;

pub use cursor::Cursor;
#[cfg(all(feature = "std", unix))]
pub use transfer::{Incoming, Outgoing};
#[cfg(feature = "std")]
pub use vectored::TransferError;
