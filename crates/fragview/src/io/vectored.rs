//! Vectored writes to any `std::io::Write`, and the progress of a failed transfer.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::vec::Vec;

use crate::memory::Frozen;
use crate::view::{MemoryRef, View};

/// A transfer that failed: the error, and the number of bytes moved before it.
#[derive(Debug, thiserror::Error)]
#[error("{error} (after {moved} bytes)")]
#[non_exhaustive]
pub struct TransferError {
    /// Bytes moved before the error. They are the view's first ones.
    pub moved: usize,
    /// The error.
    #[source]
    pub error: io::Error,
}

impl From<TransferError> for io::Error {
    /// An error of the same kind, with this one in it.
    fn from(error: TransferError) -> Self {
        Self::new(error.error.kind(), error)
    }
}

/// The most slices in one call: the limit of operating systems.
const SLICES: usize = 1024;

impl<T, R: MemoryRef> View<Frozen<'_>, T, R> {
    /// Writes all bytes to a writer, many fragments a call; returns their number. O(fragments), and the
    /// writer's time.
    ///
    /// Partial writes are continued where they stopped, and interrupted ones repeated.
    ///
    /// # Errors
    /// The writer's, and `WriteZero` if it takes nothing; `moved` is the number of bytes it took before.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// let mut file = Vec::new();
    /// assert_eq!(view.write_all_to(&mut file)?, 5);
    /// assert_eq!(file, b"abcde");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_all_to(&self, target: &mut impl Write) -> Result<usize, TransferError> {
        let mut moved = 0;
        let mut chunks = self.io_slices();
        let mut slices: Vec<IoSlice<'_>> = Vec::new();
        loop {
            slices.clear();
            slices.extend(chunks.by_ref().take(SLICES));
            let mut left = slices.as_mut_slice();
            if left.is_empty() {
                return Ok(moved);
            }
            while !left.is_empty() {
                match target.write_vectored(left) {
                    Ok(0) => {
                        let error = ErrorKind::WriteZero.into();
                        return Err(TransferError { moved, error });
                    }
                    Ok(count) => {
                        moved += count;
                        IoSlice::advance_slices(&mut left, count);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(TransferError { moved, error }),
                }
            }
        }
    }
}
