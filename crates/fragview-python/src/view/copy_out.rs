//! A view's bytes, copied to private memory while other Python threads run and signals are heeded.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use pyo3::prelude::*;

use crate::error::exception::OrRaise;
use crate::runtime::steps::detach_for;
use crate::view::state::PyView;

/// Bytes copied between two looks at signals: even of fragments of one byte some 100 ms.
pub(crate) const STEP: usize = 1 << 24;

/// Fills `target` with the items' bytes. O(bytes + runs). Over 1 MiB other Python threads run meanwhile.
///
/// # Errors
/// What a signal's handler raises, and the core's, for a target that is not as long as the items.
pub(crate) fn copy_out(py: Python<'_>, items: &PyView<'_>, target: &mut [MaybeUninit<u8>]) -> PyResult<()> {
    let size = items.item_size().max(1);
    if items.byte_len() <= STEP || items.byte_len() != target.len() {
        let length = items.byte_len();
        return detach_for(py, length, || items.copy_to_uninit(target)).or_raise();
    }
    let step = (STEP / size).max(1);
    for (index, room) in target.chunks_mut(step * size).enumerate() {
        py.check_signals()?;
        let first = index * step;
        let part = items.slice(first..items.len().min(first + step)).or_raise()?;
        detach_for(py, room.len(), || part.copy_to_uninit(room)).or_raise()?;
    }
    Ok(())
}

/// As [`copy_out`], into memory that is initialised already.
pub(crate) fn copy_over(py: Python<'_>, items: &PyView<'_>, target: &mut [u8]) -> PyResult<()> {
    // SAFETY: `copy_out` writes initialised bytes only.
    let target = unsafe { std::slice::from_raw_parts_mut(target.as_mut_ptr().cast(), target.len()) };
    copy_out(py, items, target)
}
