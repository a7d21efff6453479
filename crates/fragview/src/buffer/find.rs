//! Finding bytes in a buffer, seams or not.

use alloc::vec::Vec;

use super::FragBuffer;
use crate::error::Error;
use crate::memory::Kind;
use crate::search::{Finder, Step};

/// Bytes looked through at a time, copied together from the fragments: few enough for the fastest cache.
const WINDOW: usize = 16 << 10;

impl<K: Kind, O> FragBuffer<K, O> {
    /// Where `needle` first is, from offset `start` on, seams or not; an empty needle is everywhere.
    /// O(bytes + fragments).
    ///
    /// If it is not there yet, the next search may begin at `len() + 1 - needle.len()`, so that no byte is
    /// searched twice, however many fragments a message comes in.
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
        let (finder, mut at) = (Finder::new(needle), start);
        loop {
            match self.find_within(&finder, &mut at, usize::MAX)? {
                Step::Found(found) => return Ok(Some(found)),
                Step::End => return Ok(None),
                Step::Paused => {}
            }
        }
    }

    /// As [`find`](Self::find), but stops after about `bytes` bytes and moves `start` to the place where the
    /// next call continues. For callers with other work during a long search. A hole costs nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::{FragBuffer, memory::Frozen};
    /// use fragview::search::{Finder, Step};
    /// let (page, finder) = (vec![b'x'; 1 << 20], Finder::new(b"needle"));
    /// let mut buffer = FragBuffer::<Frozen<'_>>::new();
    /// buffer.append_slice(&page)?;
    /// buffer.append_slice(b"needle")?;
    /// let mut start = 0;
    /// assert_eq!(buffer.find_within(&finder, &mut start, 1000)?, Step::Paused);
    /// assert_eq!(buffer.find_within(&finder, &mut start, usize::MAX)?, Step::Found(1 << 20));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn find_within(
        &self,
        finder: &Finder<'_>,
        start: &mut usize,
        mut bytes: usize,
    ) -> Result<Step, Error> {
        let needle = finder.needle().len();
        let left = |start: usize| self.len().checked_sub(start).filter(|&left| needle <= left);
        let Some(most) = left(*start) else {
            return Ok(Step::End);
        };
        let room = WINDOW.max(needle.saturating_mul(4)).min(most);
        let mut window = Vec::new();
        window.try_reserve_exact(room).map_err(|_| Error::OutOfMemory)?;
        window.resize(room, 0);
        while let Some(left) = left(*start) {
            if bytes == 0 {
                return Ok(Step::Paused);
            }
            let zeros = self.queue.zeros(*start);
            if zeros > room {
                let Some((_, last)) = finder.nonzero else {
                    return Ok(Step::Found(*start));
                };
                // That byte of the needle lies behind the hole.
                *start += zeros - last;
                bytes -= 1;
                continue;
            }
            let window = &mut window[..room.min(left)];
            self.copy_to_slice(*start, window)?;
            if let Some(found) = finder.forward.find(window) {
                return Ok(Step::Found(*start + found));
            }
            if window.len() == left {
                break;
            }
            // The next one begins with the bytes that a needle may begin in and end behind.
            *start += window.len() + 1 - needle.max(1);
            bytes = bytes.saturating_sub(window.len());
        }
        Ok(Step::End)
    }
}
