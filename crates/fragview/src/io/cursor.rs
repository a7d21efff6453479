//! `Cursor`: a view with a position, which reads and writes advance.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use crate::memory::{Hint, Kind, Memory};
use crate::view::{MemoryRef, View};

/// The least and the most bytes of shared memory that are copied to be looked at.
const LEAST: usize = 512;
const MOST: usize = 8192;

/// A view with a position: a file of fixed size.
///
/// Reads and writes begin at the position and move it on; they never reach past the view's end, and the view
/// is never longer or shorter. The position may lie past the end, as `std::io::Cursor`'s may: there nothing
/// is read.
///
/// Frozen and exclusive memory is lent as it is ([`chunk`](Self::chunk)). Shared memory lends nothing, so
/// that a chunk of it is a copy of some hundred bytes, made once and kept until the position leaves it;
/// [`read_slice`](Self::read_slice) and the traits' reads into a buffer always see the memory as it is.
///
/// ```
/// use fragview::{FrozenView, io::Cursor};
/// use std::io::{BufRead, Read, Seek, SeekFrom};
///
/// let mut file = Cursor::new(FrozenView::from_slices([&b"one li"[..], b"ne\ntwo", b" lines"])?);
/// let mut line = String::new();
/// file.read_line(&mut line)?;
/// assert_eq!(line, "one line\n");
/// file.seek(SeekFrom::End(-5))?;
/// let mut rest = Vec::new();
/// file.read_to_end(&mut rest)?;
/// assert_eq!(rest, b"lines");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Cursor<K, R = Arc<Memory<K>>> {
    pub(super) view: View<K, u8, R>,
    position: u64,
    hint: Hint,
    /// A copy of some bytes of shared memory from the position on.
    scratch: OnceBox<Scratch>,
    /// Bytes of the next scratch.
    block: usize,
}

struct Scratch {
    start: usize,
    bytes: Vec<u8>,
}

impl<K: Kind, R: MemoryRef> Cursor<K, R> {
    /// A cursor at the first byte. O(1).
    pub const fn new(view: View<K, u8, R>) -> Self {
        Self {
            view,
            position: 0,
            hint: Hint::START,
            scratch: OnceBox::new(),
            block: LEAST,
        }
    }

    /// The view. O(1).
    pub const fn get_ref(&self) -> &View<K, u8, R> {
        &self.view
    }

    /// The view, without the cursor. O(1).
    pub fn into_inner(self) -> View<K, u8, R> {
        self.view
    }

    /// The position, in bytes from the view's start. O(1).
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Sets the position, which may lie past the end. O(1).
    pub fn set_position(&mut self, position: u64) {
        self.position = position;
        self.forget();
    }

    /// The position, or the end if that is nearer. O(1).
    #[inline]
    pub(super) fn at(&self) -> usize {
        usize::try_from(self.position).map_or(self.view.len(), |position| position.min(self.view.len()))
    }

    /// The bytes from the position to the end. O(1).
    #[inline]
    pub fn remaining_len(&self) -> usize {
        self.view.len() - self.at()
    }

    /// Moves the position on. Pre: not past the end.
    #[inline]
    pub(super) fn step(&mut self, count: usize) {
        self.position += count as u64;
        let at = self.at();
        if let Some(scratch) = self.scratch.get()
            && !(scratch.start..scratch.start + scratch.bytes.len()).contains(&at)
        {
            // A sequential reader reads more at a time.
            self.block = (self.block * 4).min(MOST);
            self.scratch = OnceBox::new();
        }
        if !K::RACY && at < self.view.len() {
            let offset = self.view.window().offset(at);
            self.view.memory().move_hint(&mut self.hint, offset);
        }
    }

    /// Drops the copy of shared memory, so that the next look is fresh.
    pub(super) fn forget(&mut self) {
        if self.scratch.get().is_some() {
            self.scratch = OnceBox::new();
            self.block = LEAST;
        }
    }

    /// The contiguous bytes at the position: all there are before a seam or the end, and of shared memory, or
    /// a hole, no more than some thousand. Empty at the end only. As [`Map::find`], and O(1) near the chunk
    /// before.
    ///
    /// [`Map::find`]: crate::geometry::Map::find
    #[inline]
    pub fn chunk(&self) -> &[u8] {
        let at = self.at();
        self.view
            .lend_from(self.hint, at)
            .unwrap_or_else(|| self.copied(at))
    }

    fn copied(&self, at: usize) -> &[u8] {
        let scratch = self.scratch.get_or_init(|| {
            let left = self.view.len() - at;
            let mut bytes = Vec::new();
            // Where memory is short, a few bytes at a time.
            let count = match bytes.try_reserve_exact(self.block.min(left)) {
                Ok(()) => self.block.min(left),
                Err(_) => LEAST.min(left),
            };
            bytes.resize(count, 0);
            // The range lies in the view, so this can't fail.
            let _ = self.view.copy_range_to_slice(at..at + bytes.len(), &mut bytes);
            Box::new(Scratch { start: at, bytes })
        });
        scratch
            .bytes
            .get(at.saturating_sub(scratch.start)..)
            .unwrap_or_default()
    }

    /// Fills `target` from the position on, and moves on; `None`, with nothing moved, if there are fewer
    /// bytes. O(bytes + seams), and as [`Map::find`] if the position is far from the last one.
    ///
    /// [`Map::find`]: crate::geometry::Map::find
    #[inline]
    pub fn read_slice(&mut self, target: &mut [u8]) -> Option<()> {
        let at = self.at();
        if target.len() > self.view.len() - at {
            return None;
        }
        if !target.is_empty() {
            if self.view.is_contiguous() {
                let offset = self.view.window().offset(at);
                self.view
                    .memory()
                    .read_bytes_near_hint(&mut self.hint, offset, target)?;
            } else {
                let range = at..at + target.len();
                self.view.copy_range_to_slice(range, target).ok()?;
            }
            self.step(target.len());
        }
        Some(())
    }
}
