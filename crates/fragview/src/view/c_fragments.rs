//! Views to and from the C struct of fragments.

use alloc::ffi::CString;
use alloc::sync::Arc;

use super::View;
use crate::error::Error;
use crate::memory::c_fragments::{CFragments, ForeignFragments, ForeignOwner};
use crate::memory::{Memory, Shared};

/// A view of fragments that code in another language owns.
pub type ForeignView = View<Shared<'static>, u8, Arc<Memory<Shared<'static>, ForeignOwner>>>;

impl<O: Send + Sync + 'static> View<Shared<'static>, u8, Arc<Memory<Shared<'static>, O>>> {
    /// Tells code in other languages where the view's bytes lie; the struct keeps the memory until it is
    /// released. O(fragments of the range).
    ///
    /// # Errors
    /// [`Error::NotContiguous`] if the view has gaps; [`Error::OutOfMemory`].
    #[expect(
        unsafe_code,
        reason = "the struct's addresses are valid as long as what it keeps"
    )]
    pub fn to_c_fragments(&self) -> Result<CFragments, Error> {
        let format = CString::from(c"B");
        let keeper = Arc::clone(&self.memory);
        // SAFETY: the keeper is the memory.
        unsafe { self.memory.to_c_fragments(&self.window, format, 1, false, keeper) }
    }
}

impl ForeignFragments {
    /// The fragments as a view of bytes, which releases them with its last clone. O(fragments).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    pub fn into_view(self) -> Result<ForeignView, Error> {
        self.into_memory().map(View::from)
    }
}
