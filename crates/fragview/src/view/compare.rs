//! Equality, order, hash: of the bytes, whatever the fragments.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use alloc::vec::Vec;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::format::{Format, Kind as ScalarKind};
use crate::memory::{Blocks, Exclusive, Frozen, Kind};

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Compares the items' bytes with another view's, as slices of bytes compare. O(bytes + runs), to the first
    /// difference.
    pub fn compare<L: Kind, U, Q: MemoryRef>(&self, other: &View<L, U, Q>) -> Ordering {
        self.memory().compare(self.window, other.memory(), other.window)
    }

    /// True where the items' bytes are those of another view. O(bytes + runs), to the first difference; O(1) where the
    /// lengths differ.
    pub fn same_bytes<L: Kind, U, Q: MemoryRef>(&self, other: &View<L, U, Q>) -> bool {
        if self.byte_len() != other.byte_len() {
            return false;
        }
        // The very same bytes need no look; `addr_eq`, as the memories' types may differ.
        let same = core::ptr::addr_eq(self.memory(), other.memory()) && self.window == other.window;
        same || self.compare(other).is_eq()
    }
}

/// True where two views have the same items, compared as Python compares what `struct` unpacks from them: 1 equals
/// 1.0, a NaN equals nothing, padding does not count. Items of an opaque format equal nothing. O(bytes + runs).
///
/// # Errors
/// [`Error::OutOfMemory`]: items are compared in a scratch as large as one of them.
///
/// ```
/// use fragview::{equal_items, format::Format, FrozenView};
/// let (bytes, shorts) = (FrozenView::from_slices([&[1, 2][..]])?, FrozenView::from_slices([&[0, 1, 0][..], &[2]])?);
/// let (byte, short) = (Format::BYTE, Format::parse(">H").unwrap());
/// assert!(equal_items(&bytes, &byte, &shorts.untyped(2)?, &short)?);
/// # Ok::<(), fragview::Error>(())
/// ```
pub fn equal_items<K: Kind, L: Kind, T, U, R: MemoryRef, Q: MemoryRef>(
    left: &View<K, T, R>,
    left_format: &Format,
    right: &View<L, U, Q>,
    right_format: &Format,
) -> Result<bool, Error> {
    let (left_size, right_size) = (left_format.item_size(), right_format.item_size());
    let items = left.byte_len().checked_div(left_size);
    if items.is_none() || items != right.byte_len().checked_div(right_size) {
        return Ok(false);
    }
    // Integers and characters of one native format are equal where their bytes are. Floats are not, and any byte but 0 is
    // a truth.
    if let (Some(code), Some(scalar)) = (left_format.native_code(), left_format.scalar())
        && Some(code) == right_format.native_code()
        && !matches!(scalar.kind(), ScalarKind::Float | ScalarKind::Bool)
    {
        return Ok(left.same_bytes(right));
    }
    let mut lefts = Blocks::new(left.memory(), left.window);
    let mut rights = Blocks::new(right.memory(), right.window);
    let (mut item, mut other) = (zeros(left_size)?, zeros(right_size)?);
    Ok((0..items.unwrap_or(0)).all(|_| {
        lefts.read(&mut item);
        rights.read(&mut other);
        Format::items_equal(left_format, &item, right_format, &other)
    }))
}

/// Room for one item, which may be larger than memory.
fn zeros(count: usize) -> Result<Vec<u8>, Error> {
    let mut room = Vec::new();
    room.try_reserve_exact(count).map_err(|_| Error::OutOfMemory)?;
    room.resize(count, 0);
    Ok(room)
}

/// By the bytes, whatever the fragments: `memoryview` compares so as well.
impl<K: Kind, L: Kind, R: MemoryRef, Q: MemoryRef> PartialEq<View<L, u8, Q>> for View<K, u8, R> {
    fn eq(&self, other: &View<L, u8, Q>) -> bool {
        self.same_bytes(other)
    }
}

impl<K: Kind, R: MemoryRef> Eq for View<K, u8, R> {}

impl<K: Kind, R: MemoryRef> PartialEq<[u8]> for View<K, u8, R> {
    fn eq(&self, other: &[u8]) -> bool {
        self.len() == other.len() && self.memory().compare_slice(self.window, other).is_eq()
    }
}

impl<K: Kind, R: MemoryRef> PartialEq<&[u8]> for View<K, u8, R> {
    fn eq(&self, other: &&[u8]) -> bool {
        *self == **other
    }
}

impl<K: Kind, R: MemoryRef, const N: usize> PartialEq<&[u8; N]> for View<K, u8, R> {
    fn eq(&self, other: &&[u8; N]) -> bool {
        *self == other[..]
    }
}

impl<K: Kind, R: MemoryRef, const N: usize> PartialEq<[u8; N]> for View<K, u8, R> {
    fn eq(&self, other: &[u8; N]) -> bool {
        *self == other[..]
    }
}

impl<K: Kind, R: MemoryRef> PartialEq<Vec<u8>> for View<K, u8, R> {
    fn eq(&self, other: &Vec<u8>) -> bool {
        *self == other[..]
    }
}

impl<K: Kind, L: Kind, R: MemoryRef, Q: MemoryRef> PartialOrd<View<L, u8, Q>> for View<K, u8, R> {
    fn partial_cmp(&self, other: &View<L, u8, Q>) -> Option<Ordering> {
        Some(self.compare(other))
    }
}

impl<K: Kind, R: MemoryRef> Ord for View<K, u8, R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other)
    }
}

/// Views with the same bytes hash alike, whatever their fragments; a slice's hash is another one.
///
/// Shared memory has none: others may change it.
macro_rules! hash {
    ($kind:ident) => {
        impl<R: MemoryRef> Hash for View<$kind<'_>, u8, R> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_usize(self.len());
                // Blocks of one size whatever the fragments, because hashers may tell two writes from one.
                let mut blocks = Blocks::new(self.memory(), self.window);
                loop {
                    let block = blocks.next();
                    if block.is_empty() {
                        return;
                    }
                    state.write(block);
                }
            }
        }
    };
}

hash!(Frozen);
hash!(Exclusive);

impl<K: Kind, T, R: MemoryRef> fmt::Debug for View<K, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("len", &self.len())
            .field("item_size", &self.item_size())
            .field("fragments", &self.memory().fragment_count())
            .finish_non_exhaustive()
    }
}
