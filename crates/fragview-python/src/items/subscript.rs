//! `v[key]` if [`fast`](super::fast) does not serve: slices, tuples, items of other formats, errors.

use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::args::integer;
use crate::items::item;
use crate::items::key::{self, Key};
use crate::runtime::release_guard::Gone;
use crate::view::handle::FragView;
use crate::view::state::Shape;

/// The slice or the item that a key names.
// Apart from the common case, so that this one needs few registers.
#[inline(never)]
pub(crate) fn get<'py>(slf: &Bound<'py, FragView>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (py, view) = (slf.py(), slf.get());
    if let Ok(slice) = key.cast::<PySlice>() {
        // A slice holds the memory before its bounds are fetched, which may release this view.
        let mut part = view.peek_duplicate(py).ok_or(Gone)?;
        let (start, end, step) = integer::unpack(slice)?;
        if matches!(part.shape, Shape::Point) {
            return Err(key::refuse(&part, &Key::Other));
        }
        part.window = key::slice(&part.window, start, end, step);
        return Ok(Bound::new(py, FragView::new(part))?.into_any());
    }
    drop(view.enter()?);
    let key = Key::fetch(key)?;
    let state = view.enter()?;
    match (&state.shape, &key) {
        (Shape::Line, &Key::Index(index)) => item::get(
            py,
            state.memory(),
            &state.format,
            key::item_offset(&state.window, index)?,
        ),
        (Shape::Point, Key::Ellipsis) => Ok(slf.clone().into_any()),
        (Shape::Point, Key::Tuple(indices)) if indices.is_empty() => {
            item::get(py, state.memory(), &state.format, state.window.start())
        }
        (Shape::Line | Shape::Grid(_), Key::Tuple(indices)) => {
            item::check_supported(&state.format)?;
            item::get(
                py,
                state.memory(),
                &state.format,
                key::tuple_offset(&state, indices)?,
            )
        }
        _ => Err(key::refuse(&state, &key)),
    }
}
