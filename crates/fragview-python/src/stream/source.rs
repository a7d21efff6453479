//! The bytes of a source as fragments, to be appended to a `FragBuffer`.

use fragview::geometry::Window;
use fragview::memory::Owner;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::export::BufferOwner;
use crate::buffers::layout::{Layout, is_buffer, with_layout};
use crate::error::exception::OrRaise;
use crate::error::wording::type_name;
use crate::stream::frag_buffer::Queue;
use crate::view::assemble::Assembly;
use crate::view::handle::FragView;
use crate::view::state::view_of;

/// The bytes of a buffer or a FragView; `None` for any other object. `last` is the owner of the fragment
/// before them, whose export they may share.
pub(super) fn queue_of(object: &Bound<'_, PyAny>, last: Option<BufferOwner>) -> PyResult<Option<Queue>> {
    let mut queue = Queue::new();
    if let Ok(bytes) = object.cast_exact::<PyBytes>() {
        queue
            .append_owner(BufferOwner::Bytes(bytes.clone().unbind()))
            .or_raise()?;
        return Ok(Some(queue));
    }
    if let Ok(view) = object.cast::<FragView>() {
        let state = view.get().enter()?;
        queue.set_readonly(state.readonly);
        queue.append_view(&state.view()).or_raise()?;
        queue.set_readonly(false);
        return Ok(Some(queue));
    }
    if !is_buffer(object) {
        return Ok(None);
    }
    with_layout(object, |layout| {
        if let Some(last) = last
            && let Some(offset) = offset_in(&last, layout)
        {
            queue.set_readonly(layout.readonly);
            queue.append_extent(last, offset, layout.length).or_raise()?;
            queue.set_readonly(false);
            return Ok(());
        }
        let mut assembly = Assembly::new();
        assembly.push(object, layout)?;
        let memory = assembly.builder.finish();
        queue
            .append_view(&view_of(&memory, Window::whole(memory.len())))
            .or_raise()
    })?;
    Ok(Some(queue))
}

/// Where in an owner's memory these bytes lie, if all of them do and may be written no more than shown there.
fn offset_in(owner: &BufferOwner, layout: &Layout<'_>) -> Option<usize> {
    let (first, size) = owner.memory();
    let offset = layout.address.addr().checked_sub(first.addr())?;
    let within = offset.checked_add(layout.length)? <= size;
    let writable = layout.readonly || owner.is_writable();
    (within && writable && layout.is_contiguous() && layout.length > 0).then_some(offset)
}

pub(super) fn not_a_buffer(function: &str, object: &Bound<'_, PyAny>) -> PyErr {
    let name = type_name(object);
    PyTypeError::new_err(format!(
        "{function}: a bytes-like object is required, not '{name}'"
    ))
}
