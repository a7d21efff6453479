//! Search for bytes in a view, by the module `search`.

use super::{MemoryRef, View};
use crate::error::Error;
use crate::memory::{Kind, Reader};
use crate::search::{Backward, Finder, Forward};

impl<K: Kind, R: MemoryRef> View<K, u8, R> {
    /// The bytes in order or backwards, in place if the memory lends them.
    pub(crate) fn reader(&self) -> Reader<'_, R::Kind, R::Owner> {
        match self.lendable() {
            Some(lendable) => lendable.reader(),
            None => self.memory().reader(self.window),
        }
    }

    /// The index of the first byte of the first `needle` in the view, seams or not.
    ///
    /// O(bytes + needle + fragments) whatever the bytes; a hole of any size costs O(needle). Frozen and
    /// exclusive memory is searched in place if the fragments are large; shared memory and small fragments
    /// are copied through a scratch of 32 KiB or four needles. [`Finder`] searches many views for the same
    /// needle.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], for the scratch.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"one str"[..], b"ing, two str", b"ings"])?;
    /// assert_eq!(view.find(b"string")?, Some(4));
    /// assert_eq!(view.find(b"three")?, None);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn find(&self, needle: &[u8]) -> Result<Option<usize>, Error> {
        Finder::new(needle).find(self)
    }

    /// The index of the first byte of the last `needle` in the view. As [`find`](Self::find), from the end.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"one str"[..], b"ing, two str", b"ings"])?;
    /// assert_eq!(view.rfind(b"string")?, Some(16));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn rfind(&self, needle: &[u8]) -> Result<Option<usize>, Error> {
        Finder::new(needle).rfind(self)
    }

    /// True if `needle` is in the view. As [`find`](Self::find).
    ///
    /// # Errors
    /// As [`find`](Self::find).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// assert!(view.contains(b"bc")? && !view.contains(b"ac")?);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn contains(&self, needle: &[u8]) -> Result<bool, Error> {
        Ok(self.find(needle)?.is_some())
    }

    /// How many times `needle` is in the view without overlap, counted from the front; an empty one is
    /// between all bytes and around them. As [`find`](Self::find).
    ///
    /// # Errors
    /// As [`find`](Self::find).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"aa"[..], b"aaa"])?;
    /// assert_eq!((view.count(b"aa")?, view.count(b"")?), (2, 6));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn count(&self, needle: &[u8]) -> Result<usize, Error> {
        Finder::new(needle).count(self)
    }

    /// True if the view begins with `needle`. O(needle + its fragments).
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// assert!(view.starts_with(b"abc") && view.ends_with(b"bcde"));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn starts_with(&self, needle: &[u8]) -> bool {
        self.is_at(0, needle)
    }

    /// True if the view ends with `needle`. O(needle + its fragments).
    pub fn ends_with(&self, needle: &[u8]) -> bool {
        self.len()
            .checked_sub(needle.len())
            .is_some_and(|start| self.is_at(start, needle))
    }

    /// True if `needle` begins at `start`.
    fn is_at(&self, start: usize, needle: &[u8]) -> bool {
        self.window
            .slice_with_step(start, needle.len(), 1)
            .is_some_and(|part| self.memory().compare_slice(part, needle).is_eq())
    }
}

/// Searches of views.
impl Finder<'_> {
    /// The first match. As [`View::find`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn find<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Result<Option<usize>, Error> {
        Ok(self.find_iter(view)?.next())
    }

    /// The last match. As [`View::rfind`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn rfind<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Result<Option<usize>, Error> {
        Ok(self.rfind_iter(view)?.next())
    }

    /// How many matches there are that do not overlap. As [`View::count`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn count<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Result<usize, Error> {
        Ok(self.find_iter(view)?.count())
    }

    /// The matches from the first on, none of which overlaps the one before. O(needle) to begin.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]: all the scratch that the search needs is taken now.
    pub fn find_iter<'v, K: Kind, R: MemoryRef>(
        &'v self,
        view: &'v View<K, u8, R>,
    ) -> Result<Forward<'v, R::Kind, R::Owner>, Error> {
        Forward::new(self, view.reader())
    }

    /// The matches from the last on, none of which overlaps the one before. O(needle) to begin.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]: all the scratch that the search needs is taken now.
    pub fn rfind_iter<'v, K: Kind, R: MemoryRef>(
        &'v self,
        view: &'v View<K, u8, R>,
    ) -> Result<Backward<'v, R::Kind, R::Owner>, Error> {
        Backward::new(self, view.reader())
    }
}
