//! `v[key] = value`: everything is fetched and checked before the first byte changes.

use fragview::Error;
use fragview::format::Format;
use fragview::geometry::Window;
use fragview::memory::Contiguous;
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::layout::{is_buffer, with_layout};
use crate::error::exception::{exception, read_only};
use crate::error::wording::{plural, type_name};
use crate::items::item::{self, check_supported};
use crate::items::key::{self, Key};
use crate::runtime::steps::detach_for;
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

/// `bytes` up to this length are copied at once; for more, other threads run meanwhile.
const SHORT: usize = 1 << 16;

pub(crate) fn assign(view: &FragView, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let format = {
        let state = view.enter()?;
        check_supported(&state.format)?;
        if state.is_wholly_readonly() {
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
    let at = offset(&state)?;
    item::put(&state, at, &packed).map_err(|error| {
        let item = Window::whole(state.memory().len()).slice_with_step(at, state.item_size(), 1);
        match item.filter(|_| error.is_instance_of::<PyTypeError>(value.py())) {
            Some(item) => read_only_in(&state, item),
            None => error,
        }
    })
}

fn assign_slice(view: &FragView, key: &Key, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let &Key::Slice { start, stop, step } = key else {
        return Ok(());
    };
    if let Ok(bytes) = value.cast_exact::<PyBytes>()
        && let Some(done) = assign_bytes(view, (start, stop, step), bytes.as_bytes())?
    {
        return Ok(done);
    }
    let source = if let Ok(other) = value.cast::<FragView>() {
        other.get().enter()?.duplicate(value.py())
    } else if is_buffer(value) {
        buffer(view, value)?
    } else {
        let name = type_name(value);
        return Err(PyTypeError::new_err(format!(
            "a bytes-like object is required, not '{name}'"
        )));
    };
    let state = view.enter()?;
    let target = key::slice(&state.window, start, stop, step);
    let fits = matches!(source.shape, Shape::Line)
        && source.window.len() == target.len()
        && same_format(&state.format, &source.format);
    if !fits {
        return Err(unlike(&state, &target, &source));
    }
    if state.readonly {
        return Err(read_only());
    }
    let (source, target_view) = (source.view(), crate::view::state::view_of(state.memory(), target));
    let copied = detach_for(value.py(), source.byte_len(), || {
        target_view.copy_from_view(&source)
    });
    copied.map_err(|error| match error {
        Error::ReadOnly => read_only_in(&state, target),
        error => exception(error),
    })
}

/// Assigns `bytes`, which need no export, if all is as usual. What is not, errors included, is `None`.
fn assign_bytes(
    view: &FragView,
    (start, stop, step): (isize, isize, isize),
    bytes: &[u8],
) -> PyResult<Option<()>> {
    let state = view.enter()?;
    let target = key::slice(&state.window, start, stop, step);
    let usual = bytes.len() <= SHORT
        && target.len() == bytes.len()
        && state.format.native_code() == Some(b'B')
        && !state.readonly;
    if !usual {
        return Ok(None);
    }
    let target = crate::view::state::view_of(state.memory(), target);
    Ok(target.copy_from_slice(bytes).ok())
}

/// The refusal of a source whose number of items or format differs from the target's.
#[cold]
fn unlike(state: &State, target: &Window, source: &State) -> PyErr {
    let (needed, given) = match &source.shape {
        Shape::Line => {
            let (count, format) = (target.len(), state.format.text());
            let needed = format!("{count} item{} of '{format}'", plural(count));
            let given = format!("{} of '{}'", source.window.len(), source.format.text());
            (needed, given)
        }
        _ => (dimensions(1), dimensions(source.dimensions().len())),
    };
    different_structures(&needed, &given)
}

/// The refusal to write `window`, with the item that is read-only, and its fragment. O(log items · log
/// fragments).
#[cold]
fn read_only_in(state: &State, window: Window) -> PyErr {
    let memory = state.memory();
    let span = state.window.span();
    let fragments = memory.fragments_in(span.clone());
    // With one fragment the message needs no index; in several dimensions there is none to name.
    if fragments.len() < 2 || !matches!(state.shape, Shape::Line) {
        return read_only();
    }
    let writable = |first, count| {
        let part = window.slice_with_step(first, count, 1);
        part.is_none_or(|part| memory.is_writable(&part))
    };
    // The longest part from the front that may be written.
    let (mut known, mut wrong) = (0, window.len());
    while known + 1 < wrong {
        let middle = known + (wrong - known) / 2;
        if writable(0, middle) {
            known = middle;
        } else {
            wrong = middle;
        }
    }
    let offset = window.offset(known);
    let bytes = Window::whole(memory.len());
    let mut item =
        (offset..offset + window.width()).map_while(|at| Some((at, bytes.slice_with_step(at, 1, 1)?)));
    let Some((at, byte)) = item.find(|(_, byte)| !memory.is_writable(byte)) else {
        return read_only();
    };
    let what = match memory.contiguous(&byte) {
        Some(Contiguous::Hole) => "a hole",
        _ => "read-only",
    };
    let distance = at.cast_signed() - state.window.start().cast_signed();
    let index = distance.checked_div_euclid(state.window.step()).unwrap_or(0);
    let fragment = match memory.locate(at) {
        Some((fragment, _)) if state.is_contiguous() => {
            format!(
                "item {index} is in fragment {}, which is",
                fragment - fragments.start
            )
        }
        _ => format!("item {index} is"),
    };
    PyTypeError::new_err(format!("cannot modify read-only memory: {fragment} {what}"))
}

/// A buffer to assign. One in several dimensions is refused: a FragView of it would lay its items in one.
fn buffer(view: &FragView, value: &Bound<'_, PyAny>) -> PyResult<State> {
    with_layout(value, |layout| {
        let count = layout.shape.len();
        // The source's code may have released the view.
        drop(view.enter()?);
        if count == 1 {
            construct::from_layout(value, layout)
        } else {
            Err(different_structures(&dimensions(1), &dimensions(count)))
        }
    })
}

fn dimensions(count: usize) -> String {
    format!("{count} dimension{}", plural(count))
}

#[cold]
fn different_structures(needed: &str, given: &str) -> PyErr {
    PyValueError::new_err(format!(
        "memoryview assignment: lvalue and rvalue have different structures ({needed}, given {given})"
    ))
}

/// `memoryview` takes `'@B'` and `'B'` for the same.
fn same_format(left: &Format, right: &Format) -> bool {
    fn bare(format: &Format) -> &str {
        let text = format.text();
        text.strip_prefix('@').unwrap_or(text)
    }
    left.item_size() == right.item_size() && bare(left) == bare(right)
}
