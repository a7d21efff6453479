//! Finding bytes in a buffer, seams or not.

use alloc::vec::Vec;

use memchr::memmem::Finder;

use super::FragBuffer;
use crate::error::Error;
use crate::memory::Kind;

/// Bytes looked through at a time, copied together from the fragments: few enough for the fastest cache.
const WINDOW: usize = 16 << 10;

impl<K: Kind, O> FragBuffer<K, O> {
    /// Where `needle` first is, from offset `start` on, seams or not; an empty needle is everywhere. O(bytes + fragments).
    ///
    /// Where it is not there yet, the next search may begin at `len() + 1 - needle.len()`, so that no byte is looked at twice
    /// however many pieces a message comes in.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::{FragBuffer, memory::Frozen};
    /// let mut buffer = FragBuffer::<Frozen<'_>>::new();
    /// let mut searched = 0;
    /// for packet in [&b"GET /"[..], b" HTTP/1.1\r", b"\nHost"] {
    ///     buffer.append_slice(packet)?;
    ///     match buffer.find(b"\r\n", searched)? {
    ///         Some(end) => assert_eq!(buffer.consume(end)?, b"GET / HTTP/1.1"),
    ///         None => searched = buffer.len() - 1,
    ///     }
    /// }
    /// assert_eq!(buffer.len(), 6);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn find(&self, needle: &[u8], start: usize) -> Result<Option<usize>, Error> {
        if start > self.len() || needle.len() > self.len() - start {
            return Ok(None);
        }
        let finder = Finder::new(needle);
        let room = WINDOW.max(needle.len().saturating_mul(4)).min(self.len() - start);
        let mut window = Vec::new();
        window.try_reserve_exact(room).map_err(|_| Error::OutOfMemory)?;
        window.resize(room, 0);
        let mut at = start;
        loop {
            let window = &mut window[..room.min(self.len() - at)];
            self.copy_to_slice(at, window)?;
            if let Some(found) = finder.find(window) {
                return Ok(Some(at + found));
            }
            if at + window.len() == self.len() {
                return Ok(None);
            }
            // The next one begins with the bytes that a needle may begin in and end behind.
            at += window.len() + 1 - needle.len().max(1);
        }
    }
}
