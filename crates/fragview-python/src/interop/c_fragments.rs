//! `view.__fragview_c_fragments__()`: the view's fragments as a C struct in a capsule.

use std::ffi::CString;

use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::buffers::export;
use crate::buffers::memory::SharedMemory;
use crate::runtime::attach::attach;
use crate::view::handle::FragView;

/// A view that counts an export until this is dropped, by whichever thread.
struct Pinned(Option<Py<FragView>>);

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(view) = self.0.take() {
            attach(|py| {
                view.get().guard().unpin();
                drop(view.into_bound(py));
            });
        }
    }
}

/// A capsule with the struct, which releases it if no consumer takes it.
pub(crate) fn capsule<'py>(view: &Bound<'py, FragView>, writable: bool) -> PyResult<Bound<'py, PyCapsule>> {
    let py = view.py();
    let state = view.get().enter()?;
    if !state.window.is_contiguous() {
        return Err(PyBufferError::new_err(
            "__fragview_c_fragments__(): a view with gaps between its items has no list of fragments; slice it without a \
             step, or take tobytes()",
        ));
    }
    if writable && state.byte_count() > 0 && state.is_readonly() {
        return Err(PyBufferError::new_err(
            "__fragview_c_fragments__(writable=True): the view is read-only, or some of its fragments are",
        ));
    }
    let format = CString::new(state.format.text().as_bytes())
        .map_err(|_| PyBufferError::new_err("NUL in the format"))?;
    view.get().enter()?.pin();
    let keeper = Pinned(Some(view.clone().unbind()));
    let item = (format, state.item_size());
    export::capsule(
        state.memory.bind(py),
        SharedMemory::memory,
        &state.window,
        item,
        state.readonly,
        keeper,
    )
}
