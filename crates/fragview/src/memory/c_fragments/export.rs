//! Export: from a memory to the C struct.

use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::vec::Vec;

use super::{CFragments, IoVec, VERSION};
use crate::error::Error;
use crate::geometry::Window;
use crate::memory::{Memory, Shared};

/// The private data of an exported struct: the arrays it points to, and the owners that keep the fragments
/// valid.
///
/// Invariant: the struct's pointers lead into these vectors, which nothing changes.
struct Kept<T> {
    fragments: Vec<IoVec>,
    readonly: Vec<u8>,
    format: CString,
    _keeper: T,
}

impl<O> Memory<Shared<'_>, O> {
    /// Tells where the window's bytes lie, for code in other languages. `keeper` is dropped when the struct
    /// is released, by whichever thread does it. O(fragments of the range).
    ///
    /// `format` is an item's format, `item_size` its bytes. With `readonly` all fragments are told as
    /// read-only.
    ///
    /// # Errors
    /// [`Error::NotContiguous`] if the window has gaps; [`Error::OutOfMemory`].
    ///
    /// # Safety
    /// `keeper` keeps this memory alive.
    pub unsafe fn to_c_fragments<T: Send>(
        &self,
        window: &Window,
        format: CString,
        item_size: usize,
        readonly: bool,
        keeper: T,
    ) -> Result<CFragments, Error> {
        if !window.is_contiguous() {
            return Err(Error::NotContiguous);
        }
        let no_memory = |_| Error::OutOfMemory;
        let span = window.span();
        let indices = self.fragments_in(span.clone());
        let mut fragments = Vec::new();
        fragments.try_reserve_exact(indices.len()).map_err(no_memory)?;
        for (range, place) in self.map.runs(span.clone()) {
            let first = place.payload.plus(range.start - place.start);
            fragments.push(IoVec {
                base: first.as_ptr().cast(),
                len: range.len(),
            });
        }
        let mut flags = Vec::new();
        if readonly || !self.is_writable(window) {
            flags.try_reserve_exact(fragments.len()).map_err(no_memory)?;
            flags.resize(fragments.len(), u8::from(readonly));
            for run in self.readonly.within(&indices) {
                let run = run.start - indices.start..run.end - indices.start;
                if let Some(flags) = flags.get_mut(run) {
                    flags.fill(1);
                }
            }
        }
        let number = |number: usize| i64::try_from(number).map_err(|_| Error::TooLong);
        let (byte_count, item_size) = (number(span.len())?, number(item_size)?);
        let kept = Box::new(Kept {
            fragments,
            readonly: flags,
            format,
            _keeper: keeper,
        });
        Ok(CFragments {
            version: VERSION,
            byte_count,
            item_size,
            format: kept.format.as_ptr(),
            count: number(kept.fragments.len())?,
            fragments: kept.fragments.as_ptr(),
            readonly: if kept.readonly.is_empty() {
                core::ptr::null()
            } else {
                kept.readonly.as_ptr()
            },
            release: Some(release::<T>),
            private_data: Box::into_raw(kept).cast(),
        })
    }
}

/// # Safety
/// The struct is one of [`Memory::to_c_fragments`] with a keeper of type `T`, or a copy that was taken, and
/// not released yet.
unsafe extern "C" fn release<T>(fragments: *mut CFragments) {
    // SAFETY: the caller's.
    let fragments = unsafe { &mut *fragments };
    fragments.release = None;
    // SAFETY: `private_data` is the box of this type, and nothing else has taken it back.
    drop(unsafe { Box::from_raw(fragments.private_data.cast::<Kept<T>>()) });
    fragments.private_data = core::ptr::null_mut();
}
