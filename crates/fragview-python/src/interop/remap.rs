//! `view.remap()`: the pages of a view's fragments, side by side.

use fragview::geometry::Window;
use fragview::memory::{Builder, RemapError, RemapFault};
use pyo3::exceptions::{PyBufferError, PyMemoryError};
use pyo3::prelude::*;

use crate::buffers::export::BufferOwner;
use crate::buffers::memory::SharedMemory;
use crate::buffers::native::{NativeMemory, Origin};
use crate::error::exception::OrRaise;
use crate::runtime::attach::detach;
use crate::runtime::deferred::Deferred;
use crate::view::handle::FragView;
use crate::view::state::State;

/// A view of one fragment, of the same pages.
pub(crate) fn remap(py: Python<'_>, view: &FragView) -> PyResult<FragView> {
    let state = view.enter()?;
    if state.byte_count() == 0 {
        return Ok(FragView::new(state.duplicate(py)));
    }
    let (memory, window) = (state.memory(), &state.window);
    let pages = detach(py, || memory.remap(window)).map_err(refusal)?;
    let access: Vec<_> = pages.access().collect();
    // A view of its own, so that no release of the user's takes it away.
    let original = Py::new(py, FragView::new(state.duplicate(py)))?.into_any();
    let native = NativeMemory::new(Origin::Pages(pages), original);
    let mut builder = Builder::new();
    let source = builder
        .add_source(BufferOwner::Native(Deferred::new(Py::new(py, native)?)))
        .or_raise()?;
    let mut offset = 0;
    for (length, writable) in access {
        builder.set_readonly(!writable);
        builder.push(source, offset, length).or_raise()?;
        offset += length;
    }
    // The rows of the new memory are as wide as those of the old one.
    let window = Window::whole(offset).regroup(state.window.width());
    Ok(FragView::new(State {
        memory: SharedMemory::hold(py, builder.finish())?,
        window: window.unwrap_or(Window::whole(offset)),
        format: state.format.clone(),
        shape: state.shape.clone(),
        readonly: state.readonly,
        no_suboffsets: state.no_suboffsets,
    }))
}

/// Whether `remap` finds nothing in its way.
pub(crate) fn can_remap(py: Python<'_>, view: &FragView) -> PyResult<bool> {
    let state = view.enter()?;
    let (memory, window) = (state.memory(), &state.window);
    Ok(state.byte_count() == 0 || detach(py, || memory.can_remap(window)).is_ok())
}

fn refusal(error: RemapError) -> PyErr {
    match error.fault {
        RemapFault::Memory(_) => PyMemoryError::new_err(()),
        _ => PyBufferError::new_err(format!(
            "remap(): {error}; gather() gives a contiguous copy, written back when its block ends"
        )),
    }
}
