//! A view of fragments as a view of one: the same pages, mapped side by side.

use alloc::sync::Arc;

use super::{MemoryRef, View};
use crate::memory::{Memory, RemapError, RemapFault, Remapped, Shared};

/// A view of pages that are mapped side by side.
pub type RemappedView<T = u8> = View<Shared<'static>, T, Arc<Memory<Shared<'static>, Remapped>>>;

impl<'m, T, R: MemoryRef<Kind = Shared<'m>>> View<Shared<'m>, T, R> {
    /// Returns a view of the same items in one fragment: the pages of this view's memory, mapped side by
    /// side. No byte is copied; writes through one view are seen through the other.
    ///
    /// It works on Linux and macOS if the fragments lie in shared mappings (mapped files, `memfd`,
    /// anonymous shared memory) and each seam lies on a border of pages, in the view and in memory. The first
    /// fragment may begin, and the last one end, within a page. Holes become pages of zeros, which are
    /// read-only. The mapping lives as long as the view and what is made of it; it keeps the files' pages,
    /// and does not need this view any more.
    ///
    /// O(fragments): some microseconds a mapping. For many fragments, and on Linux before 6.11, the list of
    /// the process' mappings is read, too. `to_vec` is quicker for fragments of few pages.
    ///
    /// # Errors
    /// [`RemapError`]: which fragment is in the way, and why. Nothing is left mapped then.
    pub fn remap(&self) -> Result<RemappedView<T>, RemapError> {
        let remapped = self.memory.memory().remap(&self.window)?;
        let no_memory = |error| RemapError {
            fragment: 0,
            offset: 0,
            fault: RemapFault::Memory(error),
        };
        let memory = remapped.into_memory().map_err(no_memory)?;
        let window = crate::geometry::Window::whole(self.window.byte_count()).regroup(self.window.width());
        Ok(View {
            memory: Arc::new(memory),
            window: window.unwrap_or(crate::geometry::Window::whole(0)),
            kind: core::marker::PhantomData,
        })
    }

    /// Says whether [`remap`](Self::remap) finds a fragment in its way, without mapping anything. The system
    /// may still refuse. It costs what `remap` costs before it maps.
    ///
    /// # Errors
    /// As [`remap`](Self::remap).
    pub fn can_remap(&self) -> Result<(), RemapError> {
        self.memory.memory().can_remap(&self.window)
    }
}
