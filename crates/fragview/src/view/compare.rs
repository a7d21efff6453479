//! Equality, order and hash by the bytes, independent of the fragments.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use alloc::vec::Vec;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::format::{Format, Kind as ScalarKind};
use crate::geometry::Window;
use crate::memory::{Blocks, Exclusive, Frozen, Kind, PART};

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// Compares the items' bytes with another view's, as slices of bytes compare. O(bytes + fragments), to
    /// the first difference.
    pub fn compare<L: Kind, U, Q: MemoryRef>(&self, other: &View<L, U, Q>) -> Ordering {
        self.memory().compare(self.window, other.memory(), other.window)
    }

    /// True if the items' bytes are those of another view. O(bytes + fragments), to the first difference;
    /// O(1) if the lengths differ.
    pub fn same_bytes<L: Kind, U, Q: MemoryRef>(&self, other: &View<L, U, Q>) -> bool {
        if self.byte_len() != other.byte_len() {
            return false;
        }
        self.is_same(other) || self.compare(other).is_eq()
    }

    /// True if the items' bytes are those of a slice. O(bytes + fragments), to the first difference; O(1)
    /// where the lengths differ.
    ///
    /// ```
    /// use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"one str"[..], b"ing"])?;
    /// assert!(view.same_slice(b"one string") && !view.same_slice(b"one str"));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn same_slice(&self, other: &[u8]) -> bool {
        self.byte_len() == other.len() && self.memory().compare_slice(self.window, other).is_eq()
    }

    /// True for the very same bytes, which need no look. O(1).
    fn is_same<L: Kind, U, Q: MemoryRef>(&self, other: &View<L, U, Q>) -> bool {
        // `addr_eq`, as the memories' types may differ.
        core::ptr::addr_eq(self.memory(), other.memory()) && self.window == other.window
    }
}

/// True if two views have the same items, compared as Python compares what `struct` unpacks from them: 1
/// equals 1.0, a NaN equals nothing, padding does not count. Items of an opaque format equal nothing.
/// O(bytes + fragments).
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
    let mut comparison = ItemComparison::new(left, left_format, right, right_format);
    loop {
        if let Some(equal) = comparison.equal_within(usize::MAX)? {
            return Ok(equal);
        }
    }
}

/// [`equal_items`] in steps, with time for something else between them.
///
/// ```
/// use fragview::{format::Format, FrozenView, ItemComparison};
/// let (left, right) = (FrozenView::from_slices([&[1; 100][..]])?, FrozenView::from_slices([&[1; 60][..], &[1; 40]])?);
/// let mut comparison = ItemComparison::new(&left, &Format::BYTE, &right, &Format::BYTE);
/// let equal = loop {
///     match comparison.equal_within(32)? {
///         Some(equal) => break equal,
///         None => {} // that number of bytes are equal; more in the next step
///     }
/// };
/// assert!(equal);
/// # Ok::<(), fragview::Error>(())
/// ```
pub struct ItemComparison<'c, K, L, T, U, R, Q> {
    left: &'c View<K, T, R>,
    right: &'c View<L, U, Q>,
    formats: (&'c Format, &'c Format),
    /// Items of each side; `None` if they differ in number.
    count: Option<usize>,
    /// Windows of `unit` items an item of theirs; `None` if the gaps of both sides lie differently.
    windows: Option<(Window, Window)>,
    unit: usize,
    /// Units that are equal.
    next: usize,
}

impl<'c, K: Kind, L: Kind, T, U, R: MemoryRef, Q: MemoryRef> ItemComparison<'c, K, L, T, U, R, Q> {
    /// A comparison of all items. O(1).
    #[must_use]
    pub fn new(
        left: &'c View<K, T, R>,
        left_format: &'c Format,
        right: &'c View<L, U, Q>,
        right_format: &'c Format,
    ) -> Self {
        let (left_size, right_size) = (left_format.item_size(), right_format.item_size());
        let count = left.byte_len().checked_div(left_size);
        let count = count.filter(|_| count == right.byte_len().checked_div(right_size));
        // Rows with gaps between them have several items, and none of the items lies in two of them.
        let items_in = |window: Window, size: usize| match window.regroup(size) {
            Some(_) => Some(1),
            None => window.width().checked_div(size),
        };
        let unit = items_in(left.window, left_size)
            .max(items_in(right.window, right_size))
            .unwrap_or(1);
        let units = |window: Window, size: usize| {
            let width = size.checked_mul(unit)?;
            window
                .regroup(width)
                .or_else(|| (window.width() == width).then_some(window))
        };
        let windows = units(left.window, left_size).zip(units(right.window, right_size));
        Self {
            left,
            right,
            formats: (left_format, right_format),
            count,
            windows,
            unit,
            next: 0,
        }
    }

    /// Compares some more items, of `bytes` bytes or a few more: `Some` if that decides it, `None` if
    /// there is more to compare. O(bytes + fragments); items that lie in holes on both sides cost nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]: items are compared in a scratch as large as one of them.
    pub fn equal_within(&mut self, bytes: usize) -> Result<Option<bool>, Error> {
        let Some(count) = self.count else {
            return Ok(Some(false));
        };
        let by_bytes = bytes_decide(self.formats.0, self.formats.1);
        if by_bytes && self.next == 0 && self.left.is_same(self.right) {
            return Ok(Some(true));
        }
        let Some((left, right)) = self.windows else {
            return self
                .equal_part(self.left.window, self.right.window, count)
                .map(Some);
        };
        let width = left.width().max(right.width());
        let (memory, other, mut budget) = (self.left.memory(), self.right.memory(), bytes);
        while self.next < left.len() {
            let (lefts, rights) = (left.rest(self.next), right.rest(self.next));
            // A short comparison costs less than a lookup.
            let holes = if lefts.len().saturating_mul(width) > PART {
                memory.hole_items(lefts).min(other.hole_items(rights))
            } else {
                0
            };
            // All units in holes compare as the first of them does.
            let units = match holes {
                0 => (PART / width).max(1).min(lefts.len()),
                _ => 1,
            };
            let (lefts, rights) = (lefts.part(0, units), rights.part(0, units));
            let equal = if by_bytes {
                memory.compare(lefts, other, rights).is_eq()
            } else {
                self.equal_part(lefts, rights, units * self.unit)?
            };
            if !equal {
                return Ok(Some(false));
            }
            self.next += units.max(holes);
            budget = budget.saturating_sub(units.saturating_mul(width).max(LEAST));
            if budget == 0 && self.next < left.len() {
                return Ok(None);
            }
        }
        Ok(Some(true))
    }

    /// True if the first `count` items of two windows are equal. O(bytes + fragments).
    fn equal_part(&self, lefts: Window, rights: Window, count: usize) -> Result<bool, Error> {
        let (left_format, right_format) = self.formats;
        let mut lefts = Blocks::new(self.left.memory(), lefts);
        let mut rights = Blocks::new(self.right.memory(), rights);
        let (mut item, mut other) = (zeros(left_format.item_size())?, zeros(right_format.item_size())?);
        Ok((0..count).all(|_| {
            lefts.read(&mut item);
            rights.read(&mut other);
            Format::items_equal(left_format, &item, right_format, &other)
        }))
    }
}

/// The least cost of a step, in bytes: a lookup takes as long.
const LEAST: usize = 64;

/// True for integers and characters of one native format, which are equal if their bytes are. Floats are
/// not, and any byte but 0 is a truth.
fn bytes_decide(left: &Format, right: &Format) -> bool {
    match (left.native_code(), left.scalar()) {
        (Some(code), Some(scalar)) => {
            Some(code) == right.native_code()
                && !matches!(scalar.kind(), ScalarKind::Float | ScalarKind::Bool)
        }
        _ => false,
    }
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
        self.same_slice(other)
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
