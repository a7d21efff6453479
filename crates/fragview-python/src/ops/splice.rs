//! Edits that move no byte: `a + b` and `splice`, which give new views.

use fragview::Interrupt;
use fragview::format::Format;
use fragview::geometry::{Slice, Window};
use fragview::memory::Builder;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::args::integer;
use crate::buffers::layout::is_buffer;
use crate::buffers::memory::SharedMemory;
use crate::error::exception::OrRaise;
use crate::runtime::interruptible::with_interrupt_for;
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State, one_dimension, view_of};

/// `view + other`; `None` if the other is not a buffer.
pub(crate) fn add(view: &Bound<'_, FragView>, other: &Bound<'_, PyAny>) -> PyResult<Option<FragView>> {
    if other.cast::<FragView>().is_err() && !is_buffer(other) {
        return Ok(None);
    }
    // Both states are held before Python code runs, which may release the view.
    let states = [
        construct::from_source(view.as_any())?,
        construct::from_source(other)?,
    ];
    let format = states[0].format.clone();
    agree(&format, &states[1])?;
    let parts = states.each_ref().map(|state| (state, state.window));
    join(view.py(), format, &parts).map(|state| Some(FragView::new(state)))
}

/// `view.splice(start, stop, replacement)`.
pub(crate) fn splice(
    view: &Bound<'_, FragView>,
    start: &Bound<'_, PyAny>,
    stop: &Bound<'_, PyAny>,
    replacement: Option<&Bound<'_, PyAny>>,
) -> PyResult<FragView> {
    let py = view.py();
    check(&*view.get().enter()?)?;
    // All that may run Python code, and so release the view, comes first.
    let (start, stop) = integer::bounds(start, stop)?;
    let put = replacement
        .map(|source| construct::source_of("splice()", source))
        .transpose()?;
    let state = view.get().enter()?;
    check(&state)?;
    let count = state.window.len();
    let (first, length) = Slice {
        start: Some(start),
        stop: Some(stop),
        step: 1,
    }
    .resolve(count);
    let part = |first, count| {
        state
            .window
            .slice_with_step(first, count, 1)
            .unwrap_or(state.window)
    };
    let mut parts = vec![(&*state, part(0, first))];
    if let Some(put) = &put {
        agree(&state.format, put)?;
        parts.push((put, put.window));
    }
    parts.push((&*state, part(first + length, count - first - length)));
    join(py, state.format.clone(), &parts).map(FragView::new)
}

/// Only items in one dimension can be replaced.
fn check(state: &State) -> PyResult<()> {
    one_dimension(
        state,
        "invalid indexing of 0-dim memory",
        "multi-dimensional slicing is not implemented",
    )
}

/// Nothing at all has no format that could differ.
fn agree(format: &Format, other: &State) -> PyResult<()> {
    if other.byte_count() == 0 {
        return Ok(());
    }
    construct::agree(&mut Some(format.clone()), other.format.text(), other.item_size())
}

/// The items of these windows, one after the other, as items of `format` in one dimension.
fn join(py: Python<'_>, format: Format, parts: &[(&State, Window)]) -> PyResult<State> {
    let memories: Vec<_> = parts
        .iter()
        .map(|&(state, window)| (view_of(state.memory(), window), state.readonly))
        .collect();
    // Each item of a stepped view becomes a fragment.
    let fragments = memories.iter().fold(0_usize, |sum, (view, _)| {
        sum.saturating_add(if view.window().is_contiguous() {
            view.memory().fragments_in(view.window().span()).len()
        } else {
            view.len()
        })
    });
    let mut builder = Builder::new();
    builder.share_owners(true);
    builder
        .reserve_views(memories.iter().map(|(view, _)| view))
        .or_raise()?;
    let push = |interrupt: &mut Interrupt<'_>| {
        memories.iter().try_for_each(|(view, readonly)| {
            builder.set_readonly(*readonly);
            builder.push_view_with(view, interrupt)
        })
    };
    with_interrupt_for(py, fragments, push)?.or_raise()?;
    let memory = builder.finish_compact().or_raise()?;
    let window = Window::whole(memory.len()).regroup(format.item_size());
    let window = window.ok_or_else(|| PyValueError::new_err("not a whole number of items"))?;
    let parents: Vec<_> = parts.iter().map(|(state, _)| &state.memory).collect();
    Ok(State {
        memory: SharedMemory::derive(py, memory, &parents)?,
        window,
        format,
        shape: Shape::Line,
        readonly: false,
        no_suboffsets: parts.iter().any(|(state, _)| state.no_suboffsets),
    })
}
