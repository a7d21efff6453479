//! The trait `Owner`: a value that keeps memory valid.

use crate::memory::Many;

/// A value that keeps one range of memory valid at one address while it, or a clone of it, lives.
///
/// Implemented for `bytes::Bytes` (feature `bytes`). Implement it for a type of your own to see its memory in
/// a view without copying: a mapped file, a pool's page, a buffer of another language.
///
/// # Safety
/// As long as the value or any of its clones lives, wherever it is moved,
/// - [`memory`](Self::memory) gives the same address and length, and those bytes are allocated and
///   initialised;
/// - if [`is_writable`](Self::is_writable) is true they may be written;
/// - `Kind` is true of them: for [`Frozen`](crate::memory::Frozen) they are not written; for
///   [`Shared`](crate::memory::Shared) they are written only in ways that may race with atomic or
///   machine-level reads (another process, another language, atomics);
/// - the length is at most `isize::MAX`.
pub unsafe trait Owner: Clone {
    /// The kind of the memory. Never exclusive: extents may repeat, and would lend the same bytes twice.
    type Kind: Many;

    /// Address and length in bytes. The address may be anything, but null, if the length is 0.
    fn memory(&self) -> (*const u8, usize);

    /// True if the bytes may be written through a view.
    fn is_writable(&self) -> bool;

    /// A number that identifies the owned object: if two owners have the same number and the same memory,
    /// each keeps valid all that the other does, bytes pushed by
    /// [`push_address`](crate::memory::Builder::push_address) included, and joined views keep one of them.
    /// The address of the owned object serves well.
    fn identity(&self) -> usize;

    /// Returns `length` bytes from `offset` of the memory as `Bytes` that share it, or `None` if the owner
    /// can't: `bytes::Buf::copy_to_bytes` copies then. Nothing is trusted but the number of bytes, which is
    /// looked at.
    #[cfg(feature = "bytes")]
    fn share(&self, offset: usize, length: usize) -> Option<bytes::Bytes> {
        let _ = (offset, length);
        None
    }
}

#[cfg(feature = "bytes")]
// SAFETY: `Bytes` are immutable, clones share the memory, and moving one does not move its bytes.
unsafe impl Owner for bytes::Bytes {
    type Kind = crate::memory::Frozen<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }

    fn is_writable(&self) -> bool {
        false
    }

    fn identity(&self) -> usize {
        self.as_ptr().addr()
    }

    fn share(&self, offset: usize, length: usize) -> Option<Self> {
        let end = offset.checked_add(length).filter(|&end| end <= self.len())?;
        Some(self.slice(offset..end))
    }
}

/// Nothing owns borrowed slices; their lifetime is in the kind.
// SAFETY: no memory at all.
unsafe impl Owner for () {
    type Kind = crate::memory::Frozen<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (core::ptr::dangling(), 0)
    }

    fn is_writable(&self) -> bool {
        false
    }

    fn identity(&self) -> usize {
        0
    }
}
