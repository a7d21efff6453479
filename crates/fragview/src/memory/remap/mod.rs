//! Remapping: the pages of a view's fragments, mapped side by side as one fragment.
//!
//! A shared mapping may be mapped a second time, anywhere. So fragments whose borders lie on borders of pages
//! can be seen in the order of the view by an ordinary pointer: nothing is copied, and both mappings show the
//! same pages.
//!
//! 1. `plan` checks the alignment of each fragment and joins those that follow each other in memory.
//!    Arithmetic only.
//! 2. `places` looks up the mappings of the parts, and splits the plan at their borders.
//! 3. `mapping` reserves one range of addresses and maps each part into it.
//!
//! `linux` and `macos` are what differs between the two systems: how they tell their mappings, and the call
//! that maps a mapping again. Elsewhere all of it is an error.

mod error;
#[cfg_attr(
    not(any(target_os = "linux", target_os = "macos")),
    expect(dead_code, reason = "other systems do not map a mapping a second time")
)]
mod plan;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as system;

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod mapping;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod places;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod process;

#[cfg(all(test, target_os = "linux"))]
mod pages;

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod elsewhere;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
use elsewhere as mapping;

pub use error::{RemapError, RemapFault};
pub use mapping::Remapped;

use alloc::vec::Vec;

use super::{Builder, Memory, Shared};
use crate::error::Error;
use crate::geometry::Window;
use plan::{Fragment, Plan};

impl<O> Memory<Shared<'_>, O> {
    /// Maps the pages of the window's bytes side by side. The result is an owner of one run of memory, which
    /// shows the same pages: writes through one are seen through the other. O(fragments); if the list of
    /// mappings must be read, for many fragments and on Linux before 6.11, also O(mappings of the process).
    ///
    /// # Errors
    /// [`RemapError`], which names the first fragment in the way; nothing is left mapped.
    pub fn remap(&self, window: &Window) -> Result<Remapped, RemapError> {
        mapping::map(&self.remap_plan(window)?)
    }

    /// Does what [`remap`](Self::remap) does before it maps anything, at the cost of [`remap`](Self::remap)
    /// without the mapping.
    ///
    /// # Errors
    /// As [`remap`](Self::remap), but for what only the system knows.
    pub fn can_remap(&self, window: &Window) -> Result<(), RemapError> {
        mapping::check(&self.remap_plan(window)?)
    }

    fn remap_plan(&self, window: &Window) -> Result<Plan, RemapError> {
        if !window.is_contiguous() {
            return Err(RemapError::new(0, 0, RemapFault::Gaps));
        }
        let span = window.span();
        let mut fragments = Vec::new();
        for (range, place) in self.map.runs(span.clone()) {
            let first = place.payload.plus(range.start - place.start);
            let own = Window::bytes(range.start, range.len());
            fragments
                .try_reserve(1)
                .map_err(|_| RemapError::new(0, 0, RemapFault::Memory(Error::OutOfMemory)))?;
            fragments.push(Fragment {
                offset: range.start - span.start,
                length: range.len(),
                address: (!first.is_hole()).then(|| first.as_ptr().addr()),
                writable: self.is_writable(&own),
            });
        }
        plan::plan(&fragments, mapping::page_size()).map_err(|mut error| {
            // Memory that can't be mapped again at all is the better reason.
            let fragment = fragments.get(error.fragment);
            if matches!(error.fault, RemapFault::Unaligned { .. })
                && let Some(address) = fragment.and_then(|fragment| fragment.address)
                && mapping::is_private(address)
            {
                error.fault = RemapFault::Private;
            }
            error
        })
    }
}

impl Remapped {
    /// The memory of the pages: one fragment, or one a run of the same access if some of it is read-only.
    /// O(runs).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn into_memory(self) -> Result<Memory<Shared<'static>, Self>, Error> {
        let mut builder = Builder::new();
        let source = builder.add_source(self.clone())?;
        let mut offset = 0;
        for (length, writable) in self.access() {
            builder.set_readonly(!writable);
            builder.push(source, offset, length)?;
            offset += length;
        }
        Ok(builder.finish())
    }
}
