//! Standard traits of buffers: `std::io::Read`, `BufRead`, `bytes::Buf`.

#[cfg(feature = "std")]
use std::io::{self, BufRead, Read};

use super::FragBuffer;
#[cfg(feature = "std")]
use crate::memory::Kind;
use crate::memory::{Frozen, Owner};

impl<O: Owner> FragBuffer<Frozen<'_>, O> {
    /// The contiguous bytes at the front; empty if the buffer is. O(1).
    pub fn first_chunk(&self) -> &[u8] {
        self.queue.slice_from(0)
    }
}

/// Reads consume the buffer; its end is the end of the stream, until more is appended.
#[cfg(feature = "std")]
impl<K: Kind, O: Owner> Read for FragBuffer<K, O> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = target.len().min(self.len());
        self.copy_to_slice(0, &mut target[..count])?;
        self.discard(count)?;
        Ok(count)
    }
}

#[cfg(feature = "std")]
impl<O: Owner> BufRead for FragBuffer<Frozen<'_>, O> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.first_chunk())
    }

    /// More than there is is all there is.
    fn consume(&mut self, count: usize) {
        self.queue.drop_front(count.min(self.len()));
    }
}

#[cfg(feature = "bytes")]
impl<O: Owner> bytes::Buf for FragBuffer<Frozen<'_>, O> {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn chunk(&self) -> &[u8] {
        self.first_chunk()
    }

    /// # Panics
    /// Where `count` is more than what remains, as the trait demands.
    fn advance(&mut self, count: usize) {
        assert!(
            count <= self.len(),
            "cannot advance past `remaining`: {count} <= {}",
            self.len()
        );
        self.queue.drop_front(count);
    }

    /// Takes the bytes out: shared with an owner that is `Bytes`, or says that it can, where they lie in one
    /// fragment, else copied. O(1) if they are shared.
    ///
    /// # Panics
    /// Where `count` is more than what remains, as the trait demands.
    ///
    /// ```
    /// use bytes::{Buf, Bytes};
    /// use fragview::{FragBuffer, memory::Frozen};
    /// let packet = Bytes::from(vec![7; 1000]);
    /// let mut buffer = FragBuffer::<Frozen<'_>, Bytes>::new();
    /// buffer.append_owner(packet.clone())?;
    /// assert_eq!(buffer.copy_to_bytes(10).as_ptr(), packet.as_ptr());
    /// # Ok::<(), fragview::Error>(())
    /// ```
    fn copy_to_bytes(&mut self, count: usize) -> bytes::Bytes {
        let left = self.len();
        assert!(count <= left, "cannot take {count} bytes: {left} remain");
        if let Some(shared) = self.queue.share_front(count) {
            self.queue.drop_front(count);
            return shared;
        }
        let mut copied = bytes::BytesMut::zeroed(count);
        // The bytes are there, so this can't fail.
        let _ = self.queue.copy_to_slice(0, &mut copied);
        self.queue.drop_front(count);
        copied.freeze()
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'b>(&'b self, target: &mut [io::IoSlice<'b>]) -> usize {
        let mut offset = 0;
        for (count, slice) in target.iter_mut().enumerate() {
            let fragment = self.queue.slice_from(offset);
            if fragment.is_empty() {
                return count;
            }
            offset += fragment.len();
            *slice = io::IoSlice::new(fragment);
        }
        target.len()
    }
}
