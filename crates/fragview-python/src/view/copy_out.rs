//! A view's bytes, copied to private memory while other Python threads run and signals are heeded.

use std::mem::MaybeUninit;

use fragview::Error;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::bytes::new_bytes;
use crate::error::exception::OrRaise;
use crate::runtime::steps::detach_for;
use crate::view::state::PyView;

/// Bytes copied between two checks for signals: some 100 ms even of fragments of one byte.
pub(crate) const STEP: usize = 1 << 24;

/// Fills `target` with the items' bytes. O(bytes + fragments). Over 1 MiB other Python threads run meanwhile.
///
/// # Errors
/// The exception of a signal's handler, and the core's errors, for a target that is not as long as the items.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's path is not general over the view's lifetime"
)]
pub(crate) fn copy_out(py: Python<'_>, items: &PyView<'_>, target: &mut [MaybeUninit<u8>]) -> PyResult<()> {
    in_parts(py, items, target, |part, room| part.copy_to_uninit(room))
}

/// `count` bytes at `offset` of the items laid end to end, as new bytes. A view with gaps is not joined
/// first. O(bytes + fragments), with other threads and signals as [`copy_out`] has them.
///
/// # Errors
/// As for [`copy_out`], and the core's for bytes that are not there.
pub(crate) fn bytes_within<'py>(
    py: Python<'py>,
    items: &PyView<'_>,
    offset: usize,
    count: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    new_bytes(py, count, |target| {
        for (index, room) in target.chunks_mut(STEP).enumerate() {
            if index > 0 {
                py.check_signals()?;
            }
            let offset = offset + index * STEP;
            detach_for(py, room.len(), || items.copy_bytes_to_uninit(offset, room)).or_raise()?;
        }
        Ok(())
    })
}

/// As [`copy_out`], into memory that is initialised already.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's path is not general over the view's lifetime"
)]
pub(crate) fn copy_over(py: Python<'_>, items: &PyView<'_>, target: &mut [u8]) -> PyResult<()> {
    in_parts(py, items, target, |part, room| part.copy_to_slice(room))
}

/// As [`copy_out`], into a view of bytes that no other code has yet.
///
/// # Errors
/// As for [`copy_out`].
pub(crate) fn copy_into(py: Python<'_>, items: &PyView<'_>, target: &PyView<'_>) -> PyResult<()> {
    let size = items.item_size().max(1);
    if items.byte_len() <= STEP {
        return detach_for(py, items.byte_len(), || target.copy_from_view(items)).or_raise();
    }
    let step = (STEP / size).max(1);
    for first in (0..items.len()).step_by(step) {
        py.check_signals()?;
        let last = items.len().min(first + step);
        let part = items.slice(first..last).or_raise()?;
        let room = target.slice(first * size..last * size).or_raise()?;
        detach_for(py, part.byte_len(), || room.copy_from_view(&part)).or_raise()?;
    }
    Ok(())
}

fn in_parts<T: Send>(
    py: Python<'_>,
    items: &PyView<'_>,
    target: &mut [T],
    copy: impl Fn(&PyView<'_>, &mut [T]) -> Result<(), Error> + Sync,
) -> PyResult<()> {
    let size = items.item_size().max(1);
    if items.byte_len() <= STEP || items.byte_len() != target.len() {
        return detach_for(py, items.byte_len(), || copy(items, target)).or_raise();
    }
    let step = (STEP / size).max(1);
    for (index, room) in target.chunks_mut(step * size).enumerate() {
        py.check_signals()?;
        let first = index * step;
        let part = items.slice(first..items.len().min(first + step)).or_raise()?;
        detach_for(py, room.len(), || copy(&part, room)).or_raise()?;
    }
    Ok(())
}
