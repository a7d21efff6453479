//! Lists of owners that several memories share.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::source::Source;

/// Owners in a row, which memories made of each other share: an edit of a view with a hundred thousand owners
/// clones none of them. To clone the list is to hold all of it.
pub struct OwnerList<O>(pub(in crate::memory) Arc<Vec<Source<O>>>);

// SAFETY: a source is an owner and numbers that describe its memory; the owners alone decide. Any holder of a
// clone of the list may drop them last.
unsafe impl<O: Send + Sync> Send for OwnerList<O> {}
// SAFETY: as above.
unsafe impl<O: Send + Sync> Sync for OwnerList<O> {}

impl<O> OwnerList<O> {
    pub(in crate::memory) fn new(sources: Vec<Source<O>>) -> Self {
        Self(Arc::new(sources))
    }

    /// The owners. O(1).
    pub fn owners(&self) -> impl ExactSizeIterator<Item = &O> {
        self.0.iter().map(|source| &source.owner)
    }

    pub(in crate::memory) fn len(&self) -> usize {
        self.0.len()
    }

    /// A number that is the list's own as long as a clone of it lives. O(1).
    #[must_use]
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl<O> Clone for OwnerList<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O> fmt::Debug for OwnerList<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerList")
            .field("owners", &self.0.len())
            .finish_non_exhaustive()
    }
}
