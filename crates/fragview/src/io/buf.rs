//! The traits of `bytes` for a cursor.

use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut, TryGetError};

use super::Cursor;
use crate::memory::{Exclusive, Kind};
use crate::view::MemoryRef;

/// Chunks are what [`chunk`](Cursor::chunk) lends; copies go from the memory at once, whatever its kind.
impl<K: Kind, R: MemoryRef> Buf for Cursor<K, R> {
    #[inline]
    fn remaining(&self) -> usize {
        self.remaining_len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        Self::chunk(self)
    }

    /// All fragments from the position on that find room; of shared memory, one chunk.
    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, target: &mut [std::io::IoSlice<'a>]) -> usize {
        if K::RACY {
            let chunk = Self::chunk(self);
            let Some(first) = target.first_mut().filter(|_| !chunk.is_empty()) else {
                return 0;
            };
            *first = std::io::IoSlice::new(chunk);
            return 1;
        }
        let chunks = self.view.lend_all_from(self.at());
        target
            .iter_mut()
            .zip(chunks)
            .map(|(slot, chunk)| *slot = std::io::IoSlice::new(chunk))
            .count()
    }

    /// # Panics
    /// Where there are fewer than `count` bytes, as `Buf` demands.
    #[inline]
    fn advance(&mut self, count: usize) {
        let left = self.remaining_len();
        assert!(count <= left, "cannot advance by {count} bytes: {left} remain");
        self.step(count);
    }

    /// Takes the bytes out: shared with an owner that is `Bytes`, or says that it can, where they lie in one
    /// fragment, else copied. As [`Map::find`](crate::geometry::Map::find) if they are shared.
    ///
    /// # Panics
    /// Where there are fewer than `count` bytes, as `Buf` demands.
    fn copy_to_bytes(&mut self, count: usize) -> bytes::Bytes {
        let (at, left) = (self.at(), self.remaining_len());
        assert!(count <= left, "cannot take {count} bytes: {left} remain");
        if !K::RACY && count > 0 && self.view.is_contiguous() {
            let start = self.view.window().offset(at);
            if let Some(shared) = self.view.memory().share(start..start + count) {
                self.step(count);
                return shared;
            }
        }
        let mut copied = bytes::BytesMut::zeroed(count);
        // The bytes are there, so this can't fail.
        let _ = self.read_slice(&mut copied);
        copied.freeze()
    }

    #[inline]
    fn try_copy_to_slice(&mut self, target: &mut [u8]) -> Result<(), TryGetError> {
        let (requested, available) = (target.len(), self.remaining_len());
        self.read_slice(target)
            .ok_or(TryGetError { requested, available })
    }
}

// SAFETY: `chunk_mut` lends initialised memory of the view, from the position on, and `remaining_mut` never
// exceeds it.
unsafe impl<R: MemoryRef> BufMut for Cursor<Exclusive<'_>, R> {
    #[inline]
    fn remaining_mut(&self) -> usize {
        self.remaining_len()
    }

    /// # Panics
    /// Where there are fewer than `count` bytes, as `BufMut` demands.
    #[inline]
    unsafe fn advance_mut(&mut self, count: usize) {
        self.advance(count);
    }

    #[inline]
    fn chunk_mut(&mut self) -> &mut UninitSlice {
        let at = self.at();
        UninitSlice::new(self.view.lend_mut_from(at))
    }
}
