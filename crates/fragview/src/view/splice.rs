//! Edits that move no byte: a new view with items removed, inserted or replaced.
//!
//! The entries of three sequences of fragments are laid end to end in a new map: those before the range,
//! those of the replacements, those behind the range. At most two fragments are cut, at the range's ends; the
//! others are copied in one go, with their starts shifted. The old map and its memory stay as they are, so
//! views and exports of them stay valid.
//!
//! Post: the new view is as flat as one made of its sources, and holds the owners of its fragments; unused
//! owners are dropped once they are many times as many as those in use. O(fragments); no byte is read.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::RangeBounds;

use super::View;
use crate::error::Error;
use crate::memory::{Builder, Kind, Memory, Owner};

impl<K: Kind, T, O: Owner> View<K, T, Arc<Memory<K, O>>>
where
    Self: Clone,
{
    /// A new view without the items `range`, with those of `replacement` in their place: an empty range
    /// inserts, no replacement deletes. No byte moves, and this view stays as it is.
    ///
    /// The new view is as flat as any other: its fragments are copied (16 bytes each, with those that the
    /// edit does not touch in one go), so that lookups cost the same after any number of edits. O(log
    /// fragments + fragments), a few nanoseconds each; owners are shared, not cloned, if they are many.
    /// Each contiguous range of a view with gaps becomes a fragment.
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::ItemSizeMismatch`] if the items are not equally wide,
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"one st"[..], b"ring"])?;
    /// let two = FrozenView::from_slices([&b"two"[..]])?;
    /// assert_eq!(view.splice(0..3, [&two])?, b"two string");
    /// assert_eq!(view.splice(4..8, [])?, b"one ng"); // delete, across the seam
    /// assert_eq!(view.splice(4..4, [&two, &view.slice(3..4)?])?, b"one two string"); // insert
    /// assert_eq!(view, b"one string");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn splice<'v>(
        &self,
        range: impl RangeBounds<usize>,
        replacement: impl IntoIterator<Item = &'v Self>,
    ) -> Result<Self, Error>
    where
        Self: 'v,
    {
        let range = self.range_of(&range)?;
        let (head, tail) = (self.slice(..range.start)?, self.slice(range.end..)?);
        let mut put: Vec<&Self> = Vec::new();
        for view in replacement {
            put.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            put.push(view);
        }
        if let Some(wrong) = put.iter().find(|view| view.item_size() != self.item_size()) {
            return Err(Error::ItemSizeMismatch {
                expected: self.item_size(),
                actual: wrong.item_size(),
            });
        }
        let mut builder = Builder::new();
        builder.share_owners(true);
        let views = || [&head].into_iter().chain(put.iter().copied()).chain([&tail]);
        builder.reserve_views(views())?;
        views().try_for_each(|view| builder.push_view(view))?;
        let bytes = View::<K, u8, _>::from(builder.finish_compact()?);
        let window = bytes.regroup(self.item_size())?;
        Ok(bytes.into_window(window))
    }
}
