//! A needle, and what was found out about it beforehand.

use memchr::memmem;

use super::{Backward, Forward};
use crate::error::Error;
use crate::memory::Kind;
use crate::view::{MemoryRef, View};

/// A needle, made ready for any number of searches. O(needle) to make.
///
/// ```
/// use fragview::{search::Finder, FrozenView};
/// let finder = Finder::new(b"ab");
/// let view = FrozenView::from_slices([&b"xa"[..], b"bab", b"a"])?;
/// assert_eq!(finder.find(&view)?, Some(1));
/// assert_eq!(finder.find_iter(&view)?.collect::<Vec<_>>(), [1, 3]);
/// assert_eq!(finder.rfind_iter(&view)?.collect::<Vec<_>>(), [3, 1]);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Finder<'n> {
    needle: &'n [u8],
    pub(crate) forward: memmem::Finder<'n>,
    /// The first byte that is not zero, and the last one.
    pub(crate) nonzero: Option<(usize, usize)>,
}

/// How far a search has come; see [`Forward::next_within`]. A match is told by the index where it begins, that of a
/// regular expression by more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<T = usize> {
    /// A match.
    Found(T),
    /// There is no further match.
    End,
    /// Enough bytes were looked at for now; the next call goes on.
    Paused,
}

impl<'n> Finder<'n> {
    /// A finder of `needle`. O(needle).
    #[must_use]
    pub fn new(needle: &'n [u8]) -> Self {
        let nonzero = |&byte: &u8| byte != 0;
        let ends = needle
            .iter()
            .position(nonzero)
            .zip(needle.iter().rposition(nonzero));
        Self {
            needle,
            forward: memmem::Finder::new(needle),
            nonzero: ends,
        }
    }

    /// The needle. O(1).
    #[must_use]
    pub const fn needle(&self) -> &'n [u8] {
        self.needle
    }

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
