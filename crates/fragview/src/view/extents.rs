//! Views of extents, as formats and tables give them.

use alloc::sync::Arc;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::geometry::Extent;
use crate::memory::{Builder, Exclusive, Kind, Many, Memory, Owner, Source, disjoint, sealed};

impl<K: Kind, O: Owner> View<K, u8, Arc<Memory<K, O>>> {
    /// A view of extents of a source: the parts of a file that make up a stream, the contents of records.
    ///
    /// [`Source`] lists the sources: borrowed bytes, atomics, an owner, another view. Extents are
    /// [`Extents`](crate::geometry::Extents), as formats and tables give them, or any items that are an
    /// [`Extent`], `(offset, length)`, or `(None, length)` for a hole, in bytes. They may come in any order,
    /// repeat and overlap, except in an exclusive view. Extents that touch become one fragment; holes read as
    /// zeros and are read-only.
    ///
    /// Nothing is copied. O(extents); of a view O(extents · log fragments), exclusive O(extents · log
    /// extents).
    ///
    /// # Errors
    /// [`Error::ExtentOutOfRange`]; [`Error::ExtentsOverlap`] and [`Error::ExclusiveHole`] of exclusive
    /// memory; [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// use fragview::{View, geometry::Extents};
    ///
    /// let file = b"3:one4:some".to_vec();
    /// let contents = View::from_extents(&file, [(2, 3), (7, 4)])?;
    /// assert_eq!(contents, b"onesome");
    /// // A view of the view: its fragments are the file's.
    /// let extents: Extents = [(Some(1), 4), (None, 2)].into_iter().collect();
    /// assert_eq!(View::from_extents(&contents, &extents)?, b"neso\0\0");
    /// let error = View::from_extents(&file, [(2, 3), (7, 5)]).unwrap_err();
    /// assert_eq!(error.to_string(), "extent 1: offset 7 + length 5 is out of range for a source of 11 bytes");
    ///
    /// let mut file = file;
    /// let mut contents = View::from_extents(&mut file, [(7, 4), (2, 3)])?;
    /// contents.copy_from_slice(b"manysix")?;
    /// assert_eq!(file, b"3:six4:many");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn from_extents<S>(source: S, extents: impl IntoIterator<Item: Into<Extent>>) -> Result<Self, Error>
    where
        S: Source<Kind = K, Owner = O>,
    {
        let extents = extents.into_iter();
        let mut builder = Builder::new();
        builder.merge_touching(true);
        builder.reserve(extents.size_hint().0)?;
        builder.push_extents(source, extents)?;
        Ok(builder.finish().into())
    }
}

impl<K, R> sealed::Sealed for &View<K, u8, R> {}

impl<K: Many, O: Owner, R: MemoryRef<Owner = O>> Source for &View<K, u8, R> {
    type Kind = K;
    type Owner = O;

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<K, O>,
    ) -> Result<(), Error> {
        builder.push_extents_within(self.memory(), self.window, extents)
    }
}

impl<R> sealed::Sealed for View<Exclusive<'_>, u8, R> {}

/// Taken whole, so that the new view is the only one.
impl<'a, R: MemoryRef<Owner = ()>> Source for View<Exclusive<'a>, u8, R> {
    type Kind = Exclusive<'a>;
    type Owner = ();

    fn push_to(
        self,
        extents: impl Iterator<Item = Extent>,
        builder: &mut Builder<Exclusive<'a>>,
    ) -> Result<(), Error> {
        let extents = disjoint(extents, self.len())?;
        builder.push_extents_within(self.memory(), self.window, extents.into_iter())
    }
}
