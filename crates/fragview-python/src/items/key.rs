//! Keys: the argument of `v[…]`, as an index, a slice, a tuple or an ellipsis.

use pyo3::exceptions::{PyIndexError, PyNotImplementedError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyEllipsis, PySlice, PyTuple};

use crate::args::index;
use crate::args::integer::{self, is_index, unpack};
use crate::error::exception::raised;
use crate::view::state::{Shape, State};
use fragview::geometry::Window;

/// A key with all its numbers fetched, so that no Python code runs after it.
pub(crate) enum Key {
    /// An integer.
    Index(isize),
    /// A slice as Python unpacks it: `None` bounds are `isize::MIN` or `isize::MAX`.
    Slice { start: isize, stop: isize, step: isize },
    /// A tuple of integers, perhaps empty.
    Tuple(Vec<isize>),
    /// A tuple of slices.
    Slices,
    /// `...`
    Ellipsis,
    /// Anything else.
    Other,
}

impl Key {
    /// Fetches a key. This may run Python code (`__index__`).
    #[inline]
    pub(crate) fn fetch(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if is_index(object) {
            return Ok(Self::Index(integer::index(object)?));
        }
        if let Ok(slice) = object.cast::<PySlice>() {
            let (start, stop, step) = unpack(slice)?;
            return Ok(Self::Slice { start, stop, step });
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            if tuple.iter().all(|item| is_index(&item)) {
                return tuple
                    .iter()
                    .map(|item| integer::index(&item))
                    .collect::<PyResult<_>>()
                    .map(Self::Tuple);
            }
            if tuple.iter().all(|item| item.cast::<PySlice>().is_ok()) {
                return Ok(Self::Slices);
            }
        }
        Ok(if object.is(PyEllipsis::get(object.py())) {
            Self::Ellipsis
        } else {
            Self::Other
        })
    }
}

/// The index counted from the front; `memoryview`'s `IndexError` if there is no such item.
#[inline]
fn resolve(index: isize, count: usize, dimension: usize) -> PyResult<usize> {
    index::resolve(index, count).ok_or_else(|| out_of_bounds(dimension))
}

#[cold]
fn out_of_bounds(dimension: usize) -> PyErr {
    raised::<PyIndexError>(&format!("index out of bounds on dimension {dimension}"))
}

/// The place of the item of a view in one dimension.
#[inline]
pub(crate) fn item_offset(window: &Window, index: isize) -> PyResult<usize> {
    Ok(window.offset(resolve(index, window.len(), 1)?))
}

/// Where the item that a tuple of integers names lies.
pub(crate) fn tuple_offset(state: &State, indices: &[isize]) -> PyResult<usize> {
    let dimensions = state.dimensions();
    if indices.len() < dimensions.len() {
        return Err(PyNotImplementedError::new_err("sub-views are not implemented"));
    }
    if indices.len() > dimensions.len() {
        let text = format!(
            "cannot index {}-dimension view with {}-element tuple",
            dimensions.len(),
            indices.len()
        );
        return Err(PyTypeError::new_err(text));
    }
    let mut offset = state.window.start();
    let numbers = indices.iter().zip(dimensions).zip(state.strides());
    for (dimension, ((&index, count), stride)) in numbers.enumerate() {
        let index = resolve(index, count, dimension + 1)?;
        offset = offset.wrapping_add_signed(stride.wrapping_mul(index.cast_signed()));
    }
    Ok(offset)
}

/// The rows that a slice picks.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the heart of `v[a:b]`; measured")]
pub(crate) fn slice(window: &Window, start: isize, stop: isize, step: isize) -> Window {
    let (first, count) = integer::adjust(window.len(), start, stop, step);
    window.slice_with_step(first, count, step).unwrap_or(*window)
}

/// `memoryview`'s refusals of keys.
pub(crate) fn refuse(state: &State, key: &Key) -> PyErr {
    match (&state.shape, key) {
        (Shape::Point, _) => PyTypeError::new_err("invalid indexing of 0-dim memory"),
        (_, Key::Slices) => PyNotImplementedError::new_err("multi-dimensional slicing is not implemented"),
        (_, Key::Index(_)) => {
            PyNotImplementedError::new_err("multi-dimensional sub-views are not implemented")
        }
        _ => PyTypeError::new_err("memoryview: invalid slice key"),
    }
}
