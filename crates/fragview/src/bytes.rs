//! `Bytes`: reading by offset, from slices, views, and extents of either.

use alloc::vec::Vec;

use crate::geometry::Extents;
use crate::memory::{Fragment, Kind};
use crate::view::{MemoryRef, View};

/// Bytes that are read by offset, wherever they lie: scans and formats read headers from them.
///
/// Implemented for slices, arrays, `Vec<u8>` and (feature `bytes`) `bytes::Bytes` and `BytesMut`; for views
/// of bytes in any fragments; and for [`Within`], extents of any of these.
pub trait Bytes {
    /// Returns the number of bytes. O(1).
    fn len(&self) -> usize;

    /// Returns true if there is no byte. O(1).
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `target` with the bytes from `offset` on; `None`, with `target` as it may be, if they are not
    /// all there. O(bytes + log fragments).
    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()>;

    /// The fragment that holds byte `offset`, if it is known: consecutive reads use it without a lookup.
    /// `None` means that it is not known. O(log fragments).
    fn fragment_at(&self, _offset: usize) -> Option<Fragment<'_>> {
        None
    }

    /// Returns the end of the hole that holds byte `offset`, if there is one and it is known. O(log
    /// fragments).
    ///
    /// ```
    /// use fragview::{Bytes, View};
    /// let view = View::from_extents(b"abc", [(Some(0), 2), (None, 5), (Some(2), 1)])?;
    /// assert_eq!((view.hole_end(1), view.hole_end(4)), (None, Some(7)));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    fn hole_end(&self, _offset: usize) -> Option<usize> {
        None
    }
}

/// The `N` bytes at `offset`, or `None` if they are not all there.
///
/// ```
/// let bytes: &dyn fragview::Bytes = b"header";
/// assert_eq!(fragview::array(bytes, 0), Some(*b"head"));
/// ```
pub fn array<const N: usize>(bytes: &(impl Bytes + ?Sized), offset: usize) -> Option<[u8; N]> {
    let mut target = [0; N];
    bytes.read(offset, &mut target)?;
    Some(target)
}

impl Bytes for [u8] {
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let end = offset.checked_add(target.len())?;
        copy_short(self.get(offset..end)?, target);
        Some(())
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        (offset < self.len()).then(|| Fragment::of_slice(self))
    }
}

/// Copies between slices of one length; headers are short, and two moves are quicker than a call.
#[inline]
fn copy_short(from: &[u8], to: &mut [u8]) {
    /// Copies the first `N` bytes and the last ones. Pre: `N..=2 * N` bytes.
    fn ends<const N: usize>(from: &[u8], to: &mut [u8]) {
        if let (Some(&head), Some(&tail)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
            if let Some(to) = to.first_chunk_mut() {
                *to = head;
            }
            if let Some(to) = to.last_chunk_mut() {
                *to = tail;
            }
        }
    }
    match from.len() {
        4..8 => ends::<4>(from, to),
        8..16 => ends::<8>(from, to),
        16..=32 => ends::<16>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Types that deref to `[u8]`, as that slice.
macro_rules! as_slice {
    ($($(#[$attribute:meta])* [$($generics:tt)*] $bytes:ty,)*) => {$(
        $(#[$attribute])*
        impl<$($generics)*> Bytes for $bytes {
            fn len(&self) -> usize {
                self[..].len()
            }

            #[inline]
            fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
                <[u8] as Bytes>::read(self, offset, target)
            }

            fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
                <[u8] as Bytes>::fragment_at(self, offset)
            }
        }
    )*};
}

as_slice! {
    [] Vec<u8>,
    [const N: usize] [u8; N],
    #[cfg(feature = "bytes")]
    [] bytes::Bytes,
    #[cfg(feature = "bytes")]
    [] bytes::BytesMut,
}

impl<B: Bytes + ?Sized> Bytes for &B {
    fn len(&self) -> usize {
        (**self).len()
    }

    #[inline]
    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        (**self).read(offset, target)
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        (**self).fragment_at(offset)
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        (**self).hole_end(offset)
    }
}

impl<K: Kind, R: MemoryRef> Bytes for View<K, u8, R> {
    fn len(&self) -> usize {
        self.len()
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let end = offset.checked_add(target.len())?;
        self.copy_range_to_slice(offset..end, target).ok()
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        self.memory().fragment_at(&self.window().as_bytes()?, offset)
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        self.memory().hole_end(self.window(), offset)
    }
}

/// Extents of some bytes, as bytes of their own: a stream within a file, a structure within a stream.
///
/// ```
/// use fragview::{Bytes, Within, geometry::Extents};
/// let file = b"3:one4:some";
/// let extents: Extents = [(2, 3), (7, 4)].into_iter().collect();
/// let stream = Within::new(file, &extents);
/// assert_eq!((stream.len(), fragview::array(&stream, 1)), (7, Some(*b"neso")));
/// ```
#[derive(Clone, Copy)]
pub struct Within<'a> {
    bytes: &'a dyn Bytes,
    extents: &'a Extents,
}

impl<'a> Within<'a> {
    /// The bytes that `extents` name in `bytes`. O(1).
    #[must_use]
    pub const fn new(bytes: &'a dyn Bytes, extents: &'a Extents) -> Self {
        Self { bytes, extents }
    }
}

impl Bytes for Within<'_> {
    fn len(&self) -> usize {
        self.extents.byte_len()
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let end = offset
            .checked_add(target.len())
            .filter(|&end| end <= self.extents.byte_len())?;
        let mut at = 0;
        for extent in self.extents.runs(offset..end) {
            let part = &mut target[at..at + extent.length];
            match extent.offset {
                Some(offset) => self.bytes.read(offset, part)?,
                None => part.fill(0),
            }
            at += extent.length;
        }
        Some(())
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        let run = self.extents.runs(offset..self.len()).next()?;
        let length = match run.offset {
            None => run.length,
            Some(place) => run.length.min(self.bytes.hole_end(place)? - place),
        };
        Some(offset + length)
    }
}
