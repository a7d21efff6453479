//! One item at a time: the few bytes at an offset.

use core::mem::MaybeUninit;
use core::ops::Range;
use core::slice;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::{Address, Fragment, Kind, Many, Memory, Shared, racy};
use crate::error::Error;
use crate::geometry::{FragmentRun, Place, Window};

/// Remembers the fragment of the last access, so that an access near it needs no lookup.
///
/// Each cursor and iterator has a hint of its own: one that threads share costs more than it gives. It is a
/// number and no address, so that a hint that served another memory is useless and nothing worse.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint(usize);

impl Hint {
    /// Remembers the first fragment.
    pub(crate) const START: Self = Self(0);

    /// A hint at a fragment, by its index. Any number will do.
    #[must_use]
    #[inline]
    pub const fn at(fragment: usize) -> Self {
        Self(fragment)
    }

    /// The index of the fragment of the last access.
    #[must_use]
    #[inline]
    pub const fn fragment(self) -> usize {
        self.0
    }
}

impl<K: Many, O> Memory<K, O> {
    /// The value whose bytes are at `offset`, seams or not; `None` if they are not all in the memory. As
    /// [`Map::find`], plus O(seams in the value). Byte order is the value's type's.
    ///
    /// Not for exclusive memory: the holder of one range of it must not read the others.
    ///
    /// [`Map::find`]: crate::geometry::Map::find
    #[must_use]
    #[inline]
    pub fn read<T: FromBytes>(&self, offset: usize) -> Option<T> {
        self.read_item(offset)
    }

    /// The value at `offset` if it lies wholly in the fragment of the hint, and that is not a hole; else
    /// `None`, although the memory may have it. O(1), a few instructions: for the body of a loop that has
    /// [`read_near_hint`](Self::read_near_hint) besides.
    #[must_use]
    #[inline]
    pub fn read_at_hint<T: FromBytes>(&self, hint: Hint, offset: usize) -> Option<T> {
        let place = self.map.fragment(hint.0)?;
        let inside = place.start <= offset && offset < place.end && place.end - offset >= size_of::<T>();
        if inside && !place.payload.is_hole() {
            self.read_in(place, offset)
        } else {
            None
        }
    }

    /// As [`read`](Self::read), quicker in the fragment of the access before with the same hint, and no
    /// slower elsewhere.
    #[must_use]
    #[inline]
    pub fn read_with_hint<T: FromBytes>(&self, hint: &mut Hint, offset: usize) -> Option<T> {
        self.read_in(self.find_with_hint(hint, offset)?, offset)
    }

    /// As [`read`](Self::read), quicker near the access before with the same hint. O(1) there.
    #[must_use]
    #[inline]
    pub fn read_near_hint<T: FromBytes>(&self, hint: &mut Hint, offset: usize) -> Option<T> {
        self.read_item_near_hint(hint, offset)
    }

    /// Fills `target` with the bytes at `offset`, seams or not; `None` if they are not all in the memory, or
    /// if `offset` is its end. Cost as of [`read_near_hint`](Self::read_near_hint), and O(bytes).
    ///
    /// ```
    /// use fragview::{FrozenView, memory::Hint};
    /// let view = FrozenView::from_slices([&b"one str"[..], b"ing"])?;
    /// let (mut hint, mut bytes) = (Hint::at(0), [0; 6]);
    /// assert!(view.memory().read_bytes_near(&mut hint, 4, &mut bytes).is_some());
    /// assert_eq!(&bytes, b"string");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn read_bytes_near(&self, hint: &mut Hint, offset: usize, target: &mut [u8]) -> Option<()> {
        self.read_bytes_near_hint(hint, offset, target)
    }
}

impl<K, O> Memory<K, O> {
    /// The fragment that holds `offset`, quicker near the access before.
    #[inline]
    pub(super) fn find_near_hint(&self, hint: &mut Hint, offset: usize) -> Option<Place<Address>> {
        let place = match self.map.fragment(hint.0) {
            Some(cached) => self.map.find_from(cached, offset)?,
            None => self.map.find(offset)?,
        };
        hint.0 = place.index;
        Some(place)
    }

    /// The fragment that holds `offset`, quicker if it is that of the access before.
    #[inline]
    fn find_with_hint(&self, hint: &mut Hint, offset: usize) -> Option<Place<Address>> {
        let place = self.map.find_with_hint(hint.0, offset)?;
        hint.0 = place.index;
        Some(place)
    }
}

impl<K: Kind, O> Memory<K, O> {
    /// As [`read`](Self::read), of memory of any kind.
    #[inline]
    pub(crate) fn read_item<T: FromBytes>(&self, offset: usize) -> Option<T> {
        self.read_in(self.map.find(offset)?, offset)
    }

    /// As [`read_near_hint`](Self::read_near_hint), of memory of any kind.
    #[inline]
    pub(crate) fn read_item_near_hint<T: FromBytes>(&self, hint: &mut Hint, offset: usize) -> Option<T> {
        let place = self.find_near_hint(hint, offset)?;
        self.read_in(place, offset)
    }

    /// The contiguous bytes around byte `offset` of the bytes `span`, cut to the span, by offsets in it;
    /// `None` past the end, and in a hole.
    pub(crate) fn fragment_at(&self, span: &Range<usize>, offset: usize) -> Option<Fragment<'_>> {
        let at = span.start.checked_add(offset).filter(|&at| at < span.end)?;
        let place = self.map.find(at).filter(|place| !place.payload.is_hole())?;
        let (start, end) = (place.start.max(span.start), place.end.min(span.end));
        let first = place.payload.plus(start - place.start).as_ptr();
        // SAFETY: the fragment's bytes are valid as long as the memory, which is borrowed, and the range is
        // part of it.
        Some(unsafe { Fragment::new(start - span.start..end - span.start, first) })
    }

    /// Where the hole that item `offset` of a window lies in ends, at most at the window's end, in items;
    /// `None` where the item lies in no hole, or not in one alone.
    pub(crate) fn hole_end(&self, window: &Window, offset: usize) -> Option<usize> {
        let rest = (offset < window.len()).then(|| window.rest(offset))?;
        match self.map.fragment_runs(rest).next()? {
            FragmentRun::Whole { place, count, .. } if place.payload.is_hole() => Some(offset + count),
            _ => None,
        }
    }

    /// Remembers the fragment of `offset`.
    #[inline]
    pub(crate) fn move_hint(&self, hint: &mut Hint, offset: usize) {
        self.find_near_hint(hint, offset);
    }

    /// Fills `target` with the bytes at `offset`, seams or not; `None` if they are not all in the memory.
    #[inline]
    pub(crate) fn read_bytes_near_hint(
        &self,
        hint: &mut Hint,
        offset: usize,
        target: &mut [u8],
    ) -> Option<()> {
        let place = self.find_near_hint(hint, offset)?;
        if place.end - offset < target.len() || place.payload.is_hole() {
            return self.read_bytes_across(offset, target);
        }
        let from = place.payload.plus(offset - place.start).as_ptr();
        // SAFETY: `offset` is in the fragment, whose bytes are valid as long as the memory, and the target's
        // length fits it; the target is private.
        unsafe { fetch::<K>(from, target.as_mut_ptr(), target.len()) };
        Some(())
    }

    #[cold]
    fn read_bytes_across(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let window = self.window_at(offset, target.len())?;
        // SAFETY: `copy_out` writes initialised bytes only.
        let target = unsafe { slice::from_raw_parts_mut(target.as_mut_ptr().cast(), target.len()) };
        self.copy_out(window, target).ok()
    }

    #[inline]
    fn read_in<T: FromBytes>(&self, place: Place<Address>, offset: usize) -> Option<T> {
        if place.end - offset < size_of::<T>() || place.payload.is_hole() {
            return self.read_across(offset);
        }
        let mut value = MaybeUninit::<T>::uninit();
        let from = place.payload.plus(offset - place.start).as_ptr();
        // SAFETY: `offset` is in the fragment, whose bytes are valid as long as the memory, and the value's
        // bytes fit it. After the copy every byte of the value is written, and any bytes make a `FromBytes`
        // type.
        unsafe {
            fetch::<K>(from, value.as_mut_ptr().cast(), size_of::<T>());
            Some(value.assume_init())
        }
    }

    #[cold]
    fn read_across<T: FromBytes>(&self, offset: usize) -> Option<T> {
        let window = self.window_at(offset, size_of::<T>())?;
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: the bytes of a `MaybeUninit` may be uninitialised, and there are `size_of::<T>()` of them.
        let bytes = unsafe { slice::from_raw_parts_mut(value.as_mut_ptr().cast(), size_of::<T>()) };
        self.copy_out(window, bytes).ok()?;
        // SAFETY: `copy_out` has written every byte, and any bytes make a `FromBytes` type.
        Some(unsafe { value.assume_init() })
    }

    /// Writes the value's bytes at `offset`; gives `None`, with nothing written, if they are not all in
    /// the memory.
    ///
    /// # Safety
    /// The caller may write these bytes: they are writable (no hole among them), and the memory is shared or
    /// the caller has it exclusively.
    #[inline]
    pub(crate) unsafe fn write<T: IntoBytes + Immutable>(&self, offset: usize, value: &T) -> Option<()> {
        let place = self.map.find(offset)?;
        if place.end - offset < size_of::<T>() {
            // SAFETY: the caller's.
            return unsafe { self.write_across(offset, value.as_bytes()) };
        }
        let to = place.payload.plus(offset - place.start).as_ptr();
        // SAFETY: `offset` is in the fragment and the value's bytes fit it; the caller may write them.
        unsafe { put::<K>((&raw const *value).cast(), to, size_of::<T>()) };
        Some(())
    }

    /// # Safety
    /// As [`write`](Self::write).
    #[cold]
    unsafe fn write_across(&self, offset: usize, bytes: &[u8]) -> Option<()> {
        let window = self.window_at(offset, bytes.len())?;
        // SAFETY: the caller's.
        unsafe { self.copy_in(window, bytes) }.ok()
    }

    fn window_at(&self, offset: usize, count: usize) -> Option<Window> {
        offset.checked_add(count).filter(|&end| end <= self.len())?;
        Some(Window::bytes(offset, count))
    }
}

impl<O> Memory<Shared<'_>, O> {
    /// Writes the value's bytes at `offset`, seams or not. As [`read`](Self::read).
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`] if they are not all in the memory, [`Error::ReadOnly`]; nothing is
    /// written then.
    #[inline]
    pub fn write_at<T: IntoBytes + Immutable>(&self, offset: usize, value: &T) -> Result<(), Error> {
        let range = Error::IndexOutOfRange {
            index: offset,
            length: self.len(),
        };
        let window = self.window_at(offset, size_of::<T>()).ok_or(range)?;
        if !self.is_writable(&window) {
            return Err(Error::ReadOnly);
        }
        // SAFETY: the memory is shared, and these bytes of it are writable.
        unsafe { self.write(offset, value) }.ok_or(range)
    }
}

/// Copies memory of kind `K` into private memory.
///
/// # Safety
/// `from` is valid for reads of `count` bytes as the kind says, `to` for writes, and is private.
#[inline]
pub(super) unsafe fn fetch<K: Kind>(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's; private memory overlaps no fragment.
    unsafe {
        if K::RACY {
            racy::copy_out(from, to, count);
        } else {
            copy_short(from, to, count);
        }
    }
}

/// Copies `count` bytes; few of them by two moves that may overlap, which is quicker than a call.
///
/// # Safety
/// `from` is valid for reads, `to` for writes of `count` bytes; they do not overlap.
#[inline]
unsafe fn copy_short(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the first and the last bytes of both sides are within `count`, which is as many or more.
    unsafe {
        macro_rules! ends {
            ($integer:ty) => {{
                let last = count - size_of::<$integer>();
                let head = from.cast::<$integer>().read_unaligned();
                let tail = from.add(last).cast::<$integer>().read_unaligned();
                to.cast::<$integer>().write_unaligned(head);
                to.add(last).cast::<$integer>().write_unaligned(tail);
            }};
        }
        match count {
            4..8 => ends!(u32),
            8..16 => ends!(u64),
            16..=32 => ends!(u128),
            _ => to.copy_from_nonoverlapping(from, count),
        }
    }
}

/// Copies private memory into memory of kind `K`.
///
/// # Safety
/// `from` is valid for reads of `count` bytes, which are not written; the caller may write `count` bytes at
/// `to`.
#[inline]
pub(super) unsafe fn put<K: Kind>(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's; private memory overlaps no fragment.
    unsafe {
        if K::RACY {
            racy::copy_in(from, to, count);
        } else {
            copy_short(from, to, count);
        }
    }
}
