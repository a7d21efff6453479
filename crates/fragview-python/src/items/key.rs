//! What stands between the brackets of `v[…]`.

use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyIndexError, PyNotImplementedError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyTuple};

use crate::buffers::export;
use crate::view::state::{Shape, State};
use fragview::geometry::Window;

/// A key with all its numbers fetched, so that no Python code runs after it.
pub(crate) enum Key {
    /// An integer.
    Index(isize),
    /// A slice as Python unpacks it; absent bounds are the farthest there are.
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

/// True where the object is an integer, or says that it can be one. O(1).
#[inline]
pub(crate) fn is_index(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is valid.
    unsafe { ffi::PyIndex_Check(object.as_ptr()) != 0 }
}

/// As [`is_index`], for one number only: NumPy's arrays say of themselves that they can be an index.
pub(crate) fn is_number(object: &Bound<'_, PyAny>) -> bool {
    let one = || export::with_layout(object, |layout| Ok(layout.shape.is_empty())).unwrap_or(true);
    is_index(object) && (!export::is_buffer(object) || one())
}

/// An index of any size; one that no sequence can have is an `IndexError`.
#[inline]
pub(crate) fn fetch_index(object: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: the object is valid, and so is the exception's type; -1 may be a value.
    let index = unsafe { ffi::PyNumber_AsSsize_t(object.as_ptr(), ffi::PyExc_IndexError) };
    if index == -1
        && let Some(error) = PyErr::take(object.py())
    {
        return Err(error);
    }
    Ok(index)
}

/// The numbers of a slice, absent bounds being the farthest there are. This may run Python code (`__index__`).
#[inline]
pub(crate) fn unpack(slice: &Bound<'_, PySlice>) -> PyResult<(isize, isize, isize)> {
    let (mut start, mut stop, mut stride) = (0, 0, 0);
    // SAFETY: a slice, and three places to write to.
    let status =
        unsafe { ffi::PySlice_Unpack(slice.as_ptr(), &raw mut start, &raw mut stop, &raw mut stride) };
    if status < 0 {
        Err(PyErr::fetch(slice.py()))
    } else {
        Ok((start, stop, stride))
    }
}

/// The bounds of a slice given as two objects: integers, or `None` for the farthest there are. This may run Python code.
pub(crate) fn bounds(start: &Bound<'_, PyAny>, stop: &Bound<'_, PyAny>) -> PyResult<(isize, isize)> {
    let slice = PySlice::type_object(start.py()).call1((start, stop))?;
    let (start, stop, _) = unpack(slice.cast::<PySlice>()?)?;
    Ok((start, stop))
}

impl Key {
    /// Fetches a key. This may run Python code (`__index__`).
    #[inline]
    pub(crate) fn fetch(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if is_index(object) {
            return Ok(Self::Index(fetch_index(object)?));
        }
        if let Ok(slice) = object.cast::<PySlice>() {
            let (start, stop, step) = unpack(slice)?;
            return Ok(Self::Slice { start, stop, step });
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            if tuple.iter().all(|item| is_index(&item)) {
                return tuple
                    .iter()
                    .map(|item| fetch_index(&item))
                    .collect::<PyResult<_>>()
                    .map(Self::Tuple);
            }
            if tuple.iter().all(|item| item.cast::<PySlice>().is_ok()) {
                return Ok(Self::Slices);
            }
        }
        // SAFETY: the singleton lives as long as the interpreter.
        let ellipsis = unsafe { ffi::Py_Ellipsis() };
        Ok(if object.as_ptr() == ellipsis {
            Self::Ellipsis
        } else {
            Self::Other
        })
    }
}

/// The index counted from the front, if there is such an item.
#[inline]
fn resolve(index: isize, count: usize, dimension: usize) -> PyResult<usize> {
    let from_front = if index < 0 {
        index.wrapping_add_unsigned(count)
    } else {
        index
    };
    match usize::try_from(from_front) {
        Ok(index) if index < count => Ok(index),
        _ => Err(PyIndexError::new_err(format!(
            "index out of bounds on dimension {dimension}"
        ))),
    }
}

/// Where the item of a view in one dimension lies.
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
#[inline]
pub(crate) fn pick(window: &Window, mut start: isize, mut end: isize, step: isize) -> Window {
    let length = window.len().cast_signed();
    // SAFETY: two places to read and write; the step is not 0, as `PySlice_Unpack` has seen to.
    let count = unsafe { ffi::PySlice_AdjustIndices(length, &raw mut start, &raw mut end, step) };
    // The bounds are within the length now, but for the one before the first where the step is negative.
    let (first, count) = (
        usize::try_from(start).unwrap_or(0),
        usize::try_from(count).unwrap_or(0),
    );
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
