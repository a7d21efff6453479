//! `v[key] = value`: everything is fetched and checked before the first byte changes.

use fragview::format::Format;
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::errors::{OrRaise, read_only};
use crate::item::{self, check_supported};
use crate::key::{self, Key};
use crate::state::{Shape, State};
use crate::view::FragView;
use crate::{export, input};

pub(crate) fn assign(view: &FragView, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let format = {
        let state = view.enter()?;
        check_supported(&state.format)?;
        if state.is_sealed() {
            return Err(read_only());
        }
        state.format.clone()
    };
    let key = Key::fetch(key)?;
    match (&view.enter()?.shape, &key) {
        (Shape::Line, Key::Slice { .. }) => return assign_slice(view, &key, value),
        (Shape::Line, Key::Index(_))
        | (Shape::Line | Shape::Grid(_), Key::Tuple(_))
        | (Shape::Point, Key::Ellipsis) => {}
        (Shape::Point, Key::Tuple(indices)) if indices.is_empty() => {}
        (Shape::Grid(_), Key::Index(_)) => {
            return Err(PyNotImplementedError::new_err("sub-views are not implemented"));
        }
        (Shape::Grid(_), Key::Slice { .. }) | (Shape::Line | Shape::Grid(_), Key::Slices) => {
            let text = "memoryview slice assignments are currently restricted to ndim = 1";
            return Err(PyNotImplementedError::new_err(text));
        }
        (Shape::Point, _) => return Err(PyTypeError::new_err("invalid indexing of 0-dim memory")),
        _ => return Err(PyTypeError::new_err("memoryview: invalid slice key")),
    }
    // Where the item lies is looked at before its value, as memoryview does, and again after it.
    let offset = |state: &State| match key {
        Key::Index(index) => key::item_offset(&state.window, index),
        Key::Tuple(ref indices) if !matches!(state.shape, Shape::Point) => key::tuple_offset(state, indices),
        _ => Ok(state.window.start()),
    };
    offset(&*view.enter()?)?;
    let packed = item::pack(&format, value)?;
    let state = view.enter()?;
    item::put(&state, offset(&state)?, &packed)
}

fn assign_slice(view: &FragView, key: &Key, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let &Key::Slice { start, stop, step } = key else {
        return Ok(());
    };
    let source = if let Ok(other) = value.cast::<FragView>() {
        other.get().enter()?.duplicate(value.py())
    } else if export::is_buffer(value) {
        structure(view, value)?;
        input::from_source(value)?
    } else {
        let name = value.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "a bytes-like object is required, not '{name}'"
        )));
    };
    let state = view.enter()?;
    let target = key::pick(&state.window, start, stop, step);
    let fits = matches!(source.shape, Shape::Line)
        && source.window.count() == target.count()
        && same_format(&state.format, &source.format);
    if !fits {
        return Err(different_structures());
    }
    if state.sealed {
        return Err(read_only());
    }
    let (target, source) = (crate::state::view_of(state.memory(), target), source.view());
    target.copy_from_view(&source).or_raise()
}

/// Refuses a buffer in several dimensions, whose items a FragView of it would lay in one.
fn structure(view: &FragView, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let one = export::with_layout(value, |layout| Ok(layout.shape.len() == 1))?;
    view.enter()?;
    if one { Ok(()) } else { Err(different_structures()) }
}

fn different_structures() -> PyErr {
    PyValueError::new_err("memoryview assignment: lvalue and rvalue have different structures")
}

/// `memoryview` takes `'@B'` and `'B'` for the same.
fn same_format(left: &Format, right: &Format) -> bool {
    fn bare(format: &Format) -> &str {
        let text = format.text();
        text.strip_prefix('@').unwrap_or(text)
    }
    left.item_size() == right.item_size() && bare(left) == bare(right)
}
