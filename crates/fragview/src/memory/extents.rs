//! Fragments from extents of a source, as formats and tables give them.

use alloc::vec::Vec;
use core::mem;
use core::ops::Range;
use core::sync::atomic::AtomicU8;

use super::owners::source;
use super::{Address, Builder, Exclusive, Frozen, Kind, Memory, Owner, Shared, SourceIndex};
use crate::error::Error;
use crate::geometry::{Extent, Window};
use crate::interrupt::Interrupt;

/// The sources of extents, which [`View::from_extents`](crate::View::from_extents) takes.
///
/// | source | memory of the view |
/// | --- | --- |
/// | `&[u8]`, `&[u8; N]`, `&Vec<u8>` | [`Frozen`], borrowed |
/// | `&[AtomicU8]`, `&[AtomicU8; N]`, `&Vec<AtomicU8>` | [`Shared`], borrowed |
/// | `&mut [u8]`, `&mut [u8; N]`, `&mut Vec<u8>` | [`Exclusive`], borrowed; no overlaps, no holes |
/// | any [`Owner`], as `bytes::Bytes` | the owner's kind, kept valid by the owner |
/// | `&View` of bytes, frozen or shared | the view's; flattened, so that nothing leads through it |
/// | a `View` of bytes, exclusive | exclusive; flattened; no overlaps, no holes |
///
/// The trait is sealed. To see other memory without a copy, implement [`Owner`] for a type of your own.
pub trait Source: sealed::Sealed {
    /// The kind of the memory.
    type Kind: Kind;
    /// The owner that keeps it valid; borrowed memory needs no owner.
    type Owner: Owner;

    /// Appends the extents; [`Builder::push_extents`].
    #[doc(hidden)]
    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<Self::Kind, Self::Owner>,
    ) -> Result<(), Error>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl<K: Kind, O> Builder<K, O> {
    /// Appends extents of a source: an [`Extent`] each, or `(offset, length)`, or `(None, length)` for a
    /// hole. Neighbours that touch make one fragment. O(extents); of a view O(extents · log fragments +
    /// runs), and if there are no overlaps O(extents · log extents).
    ///
    /// # Errors
    /// As [`View::from_extents`](crate::View::from_extents). Some of the fragments before the fault stay.
    ///
    /// ```
    /// use fragview::{View, memory::Builder};
    /// let (one, two) = (b"head....", b"....tail");
    /// let mut builder = Builder::new();
    /// builder.push_extents(one, [(0, 4)])?;
    /// builder.push_extents(two, [(Some(4), 2), (None, 1), (Some(6), 2)])?;
    /// assert_eq!(View::from(builder.finish()), b"headta\0il");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn push_extents<S>(
        &mut self,
        source: S,
        extents: impl IntoIterator<Item: Into<Extent>>,
    ) -> Result<(), Error>
    where
        S: Source<Kind = K, Owner = O>,
    {
        source.push_to(extents.into_iter().map(Into::into), self)
    }

    /// Appends extents of `size` bytes at `first`, which are valid as long as the source's owner lives.
    fn push_extents_at(
        &mut self,
        (first, size): (*const u8, usize),
        source: Option<usize>,
        writable: bool,
        extents: impl Iterator<Item = Extent>,
    ) -> Result<(), Error> {
        // Whether the fragment before lies in this source too: then nothing but the map grows.
        let mut alike = false;
        let mut runs = Runs::new(extents, size);
        while let Some(run) = runs.next()? {
            let Some(offset) = run.offset else {
                alike = false;
                self.push_run(run.length, Address::HOLE, None, false)?;
                continue;
            };
            let first = Address::new(first.wrapping_add(offset).cast_mut());
            if alike {
                self.map.push(run.length, first)?;
            } else {
                alike = true;
                self.push_run(run.length, first, source, writable)?;
            }
        }
        Ok(())
    }
}

impl<K: Kind, O: Owner<Kind = K>> Builder<K, O> {
    /// Appends extents of the bytes `range` of a source; neighbours that touch make one fragment. Otherwise
    /// as [`push_extents`](Self::push_extents), for more extents of a source that is here already.
    /// O(extents).
    ///
    /// # Errors
    /// As [`push_extents`](Self::push_extents), and [`Error::NoSuchSource`]; [`Error::ExtentOutOfRange`] also
    /// if `range` is not within the source. Some of the fragments before the fault stay.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use fragview::{View, memory::{Builder, Frozen}};
    /// let mut builder = Builder::<Frozen<'_>, Bytes>::new();
    /// let source = builder.add_source(Bytes::from_static(b"some 3:one4:four"))?;
    /// builder.push_extents_of(source, 5..16, [(2, 3), (7, 4)])?;
    /// builder.push_extents_of(source, 0..4, [(0, 4)])?;
    /// assert_eq!(View::from(builder.finish()), b"onefoursome");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn push_extents_of(
        &mut self,
        source: SourceIndex,
        range: Range<usize>,
        extents: impl IntoIterator<Item: Into<Extent>>,
    ) -> Result<(), Error> {
        let Some(from) = self.sources.get(source.0) else {
            return Err(Error::NoSuchSource { index: source.0 });
        };
        let (address, writable) = (from.address.wrapping_add(range.start), from.writable);
        if range.start > range.end || range.end > from.length {
            return Err(Error::ExtentOutOfRange {
                index: 0,
                offset: range.start,
                length: range.len(),
                size: from.length,
            });
        }
        let extents = extents.into_iter().map(Into::into);
        self.push_extents_at((address, range.len()), Some(source.0), writable, extents)
    }
}

impl<K, O: Owner> Builder<K, O> {
    /// Appends extents of the bytes that `window` shows of another memory. Pre: items are bytes, and `K`
    /// promises no more than the memory's kind.
    pub(crate) fn push_extents_within<J>(
        &mut self,
        memory: &Memory<J, O>,
        window: Window,
        extents: impl Iterator<Item = Extent>,
    ) -> Result<(), Error> {
        // The fragment met last: most extents lie in the same one, or in the next.
        let mut last = None;
        let mut runs = Runs::new(extents, window.len());
        while let Some(run) = runs.next()? {
            let Some(offset) = run.offset else {
                self.push_run(run.length, Address::HOLE, None, false)?;
                continue;
            };
            if !window.is_contiguous() {
                let part = window
                    .slice_with_step(offset, run.length, 1)
                    .unwrap_or(Window::whole(0));
                self.push_window(memory, part, &mut Interrupt::never())?;
                continue;
            }
            let mut at = window.start() + offset;
            let end = at + run.length;
            while at < end {
                let found = match last {
                    Some((place, _)) => memory.map.find_from(place, at),
                    None => memory.map.find_once(at),
                };
                // There is one: the window lies in the memory, and the range in the window.
                let Some(place) = found else { break };
                let origin = match last {
                    Some((known, origin)) if known.index == place.index => origin,
                    _ => self.origin(memory, place.index)?,
                };
                last = Some((place, origin));
                let length = place.end.min(end) - at;
                self.push_part(place, origin, at - place.start, length)?;
                at += length;
            }
        }
        Ok(())
    }
}

/// Extents of a source of `size` bytes, checked; extents that touch become one, and no extent is empty.
struct Runs<I> {
    extents: I,
    /// The extents looked at.
    index: usize,
    size: usize,
    /// The extent so far, which the next one may continue.
    run: Extent,
}

impl<I: Iterator<Item = Extent>> Runs<I> {
    fn new(extents: I, size: usize) -> Self {
        Self {
            extents,
            index: 0,
            size,
            run: Extent::EMPTY,
        }
    }

    #[inline]
    fn next(&mut self) -> Result<Option<Extent>, Error> {
        for extent in self.extents.by_ref() {
            check(self.index, extent, self.size)?;
            self.index += 1;
            if extent.length == 0 {
                continue;
            }
            if self.run.touches(extent) {
                // An extent that is no hole lies in the source, and so does the sum.
                self.run.length = self.run.length.checked_add(extent.length).ok_or(Error::TooLong)?;
                continue;
            }
            let run = mem::replace(&mut self.run, extent);
            if run.length > 0 {
                return Ok(Some(run));
            }
        }
        let run = mem::replace(&mut self.run, Extent::EMPTY);
        Ok((run.length > 0).then_some(run))
    }
}

fn check(index: usize, extent: Extent, size: usize) -> Result<(), Error> {
    match extent.offset {
        Some(offset) if offset.checked_add(extent.length).is_none_or(|end| end > size) => {
            Err(Error::ExtentOutOfRange {
                index,
                offset,
                length: extent.length,
                size,
            })
        }
        _ => Ok(()),
    }
}

/// Extents of exclusive memory of `size` bytes, no two of which share a byte. O(extents · log extents).
pub(crate) fn disjoint(extents: impl Iterator<Item = Extent>, size: usize) -> Result<Vec<Extent>, Error> {
    let mut all = Vec::new();
    let mut ranges = Vec::new();
    for (index, extent) in extents.enumerate() {
        check(index, extent, size)?;
        if extent.length == 0 {
            continue;
        }
        let offset = extent.offset.ok_or(Error::ExclusiveHole { index })?;
        all.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        ranges.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        all.push(extent);
        ranges.push((offset, offset + extent.length, index));
    }
    // If any two overlap, two that begin one after the other do.
    ranges.sort_unstable();
    for pair in ranges.windows(2) {
        if let [(_, end, first), (offset, _, second)] = *pair
            && end > offset
        {
            return Err(Error::ExtentsOverlap {
                first,
                second,
                offset,
            });
        }
    }
    Ok(all)
}

impl<O: Owner> sealed::Sealed for O {}

impl<O: Owner> Source for O {
    type Kind = O::Kind;
    type Owner = O;

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<O::Kind, O>,
    ) -> Result<(), Error> {
        let source = source::Source::of(self);
        let (memory, writable) = ((source.address, source.length), source.writable);
        let index = builder.adopt(source)?;
        builder.push_extents_at(memory, Some(index), writable, extents)
    }
}

impl sealed::Sealed for &[u8] {}

impl<'a> Source for &'a [u8] {
    type Kind = Frozen<'a>;
    type Owner = ();

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<Frozen<'a>>,
    ) -> Result<(), Error> {
        builder.push_extents_at((self.as_ptr(), self.len()), None, false, extents)
    }
}

impl sealed::Sealed for &[AtomicU8] {}

impl<'a> Source for &'a [AtomicU8] {
    type Kind = Shared<'a>;
    type Owner = ();

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<Shared<'a>>,
    ) -> Result<(), Error> {
        builder.push_extents_at((self.as_ptr().cast(), self.len()), None, true, extents)
    }
}

impl sealed::Sealed for &mut [u8] {}

impl<'a> Source for &'a mut [u8] {
    type Kind = Exclusive<'a>;
    type Owner = ();

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<Exclusive<'a>>,
    ) -> Result<(), Error> {
        let extents = disjoint(extents, self.len())?;
        let memory = (self.as_mut_ptr().cast_const(), self.len());
        builder.push_extents_at(memory, None, true, extents.into_iter())
    }
}

/// Types that deref to a slice, as that slice.
macro_rules! as_slice {
    ($([$($generics:tt)*] $source:ty => $slice:ty,)*) => {$(
        impl<$($generics)*> sealed::Sealed for $source {}

        impl<$($generics)*> Source for $source {
            type Kind = <$slice as Source>::Kind;
            type Owner = ();

            fn push_to(
                self,
                extents: impl Iterator<Item = Extent>,
                builder: &mut Builder<Self::Kind>,
            ) -> Result<(), Error> {
                <$slice as Source>::push_to(self, extents, builder)
            }
        }
    )*};
}

as_slice! {
    ['a] &'a Vec<u8> => &'a [u8],
    ['a] &'a Vec<AtomicU8> => &'a [AtomicU8],
    ['a] &'a mut Vec<u8> => &'a mut [u8],
    ['a, const N: usize] &'a [u8; N] => &'a [u8],
    ['a, const N: usize] &'a [AtomicU8; N] => &'a [AtomicU8],
    ['a, const N: usize] &'a mut [u8; N] => &'a mut [u8],
}
