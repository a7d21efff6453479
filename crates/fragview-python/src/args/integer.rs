//! Integers, slices and attributes from Python objects: every call into C that fetches them.
//!
//! All but the checks may run Python code (`__index__`, `__float__`), which may release a view.

#![allow(unsafe_code)]

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PySlice, PyString};
use pyo3::{PyTypeInfo, ffi};

use crate::buffers::layout::{is_buffer, with_layout};
use crate::error::wording::type_name;

/// The attribute that `object.__getattribute__` finds, whatever the class defines instead.
///
/// # Errors
/// `AttributeError`, and what a descriptor of the class raises.
pub(crate) fn own_attribute<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: both objects are valid, and the name is a string; the result is a new reference, or null with
    // an exception set.
    unsafe {
        let found = ffi::PyObject_GenericGetAttr(object.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_err(object.py(), found)
    }
}

/// True if the object is an integer, or says that it can be one. O(1).
#[inline]
pub(crate) fn is_index(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is valid.
    unsafe { ffi::PyIndex_Check(object.as_ptr()) != 0 }
}

/// As [`is_index`], for one number only: NumPy's arrays say of themselves that they can be an index.
pub(crate) fn is_number(object: &Bound<'_, PyAny>) -> bool {
    is_index(object) && !is_array(object)
}

/// True if the object is a buffer with a dimension. One that can't be exported counts as a single value.
pub(crate) fn is_array(object: &Bound<'_, PyAny>) -> bool {
    is_buffer(object) && !with_layout(object, |layout| Ok(layout.shape.is_empty())).unwrap_or(true)
}

/// The value of an exact integer that fits; `None` for any other object. Runs no Python code.
#[inline]
pub(crate) fn exact(object: &Bound<'_, PyAny>) -> Option<isize> {
    if !object.is_exact_instance_of::<PyInt>() {
        return None;
    }
    // SAFETY: the object is an integer; if it does not fit, -1 is returned and an exception set.
    let number = unsafe { ffi::PyLong_AsSsize_t(object.as_ptr()) };
    if number == -1 && PyErr::take(object.py()).is_some() {
        return None;
    }
    Some(number)
}

/// How an integer that does not fit `isize` is treated.
#[derive(Clone, Copy)]
enum TooLarge {
    Cut,
    IndexError,
    OverflowError,
}

#[inline]
fn as_isize(number: &Bound<'_, PyAny>, too_large: TooLarge) -> PyResult<isize> {
    // SAFETY: the object is valid, and the exception is null or a type that lives for ever; -1 may be a
    // value.
    let index = unsafe {
        let exception = match too_large {
            TooLarge::Cut => std::ptr::null_mut(),
            TooLarge::IndexError => ffi::PyExc_IndexError,
            TooLarge::OverflowError => ffi::PyExc_OverflowError,
        };
        ffi::PyNumber_AsSsize_t(number.as_ptr(), exception)
    };
    if index == -1
        && let Some(error) = PyErr::take(number.py())
    {
        return Err(error);
    }
    Ok(index)
}

/// An index; one that no sequence can have is an `IndexError`.
#[inline]
pub(crate) fn index(object: &Bound<'_, PyAny>) -> PyResult<isize> {
    as_isize(object, TooLarge::IndexError)
}

/// A number that fits a size, else an `OverflowError`.
pub(crate) fn size(number: &Bound<'_, PyAny>) -> PyResult<isize> {
    as_isize(number, TooLarge::OverflowError)
}

/// An index of any size, cut to what an index can be; an object that is no integer raises `TypeError`.
pub(crate) fn cut(object: &Bound<'_, PyAny>) -> PyResult<isize> {
    as_isize(object, TooLarge::Cut)
}

/// As [`cut`], for a bound, with a slice's message for an object that is not an integer.
pub(crate) fn bound(object: &Bound<'_, PyAny>) -> PyResult<isize> {
    if !is_index(object) {
        return Err(PyTypeError::new_err(
            "slice indices must be integers or None or have an __index__ method",
        ));
    }
    cut(object)
}

/// The `int` that an object stands for, by `__index__`.
pub(crate) fn int<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyInt>> {
    // SAFETY: the object is valid; the result is a new reference, or null with an exception set.
    let number = unsafe { Bound::from_owned_ptr_or_err(object.py(), ffi::PyNumber_Index(object.as_ptr()))? };
    Ok(number.cast_into::<PyInt>()?)
}

/// A Python integer of any size, cut to what 128 bits hold: whatever is larger is out of every range.
pub(crate) fn integer(object: &Bound<'_, PyAny>) -> PyResult<i128> {
    let number = int(object)?;
    match number.extract::<i128>() {
        Ok(number) => Ok(number),
        Err(_) if number.lt(0)? => Ok(i128::MIN),
        Err(_) => Ok(i128::MAX),
    }
}

/// Fetches an integer of at least `least`; error messages call it `what`.
pub(crate) fn number_from<N: TryFrom<i128>>(
    object: &Bound<'_, PyAny>,
    what: &str,
    least: i128,
) -> PyResult<N> {
    if !is_number(object) {
        let name = type_name(object);
        return Err(PyTypeError::new_err(format!(
            "{what} must be an integer, not '{name}'"
        )));
    }
    let number = integer(object)?;
    let fits = N::try_from(number).ok().filter(|_| number >= least);
    if let Some(number) = fits {
        return Ok(number);
    }
    // The number as it stands: it may be too large for any type here, and for `str()` too.
    let given = match object.str() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(error) if error.is_instance_of::<PyValueError>(object.py()) => number.to_string(),
        Err(error) => return Err(error),
    };
    Err(PyValueError::new_err(if number < least {
        format!("{what} must be {least} or more, not {given}")
    } else {
        format!("{what} is too large: {given}")
    }))
}

/// The numbers of a slice. `None` bounds become `isize::MIN` or `isize::MAX`, as in `PySlice_Unpack`; the
/// step is not 0.
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

/// The bounds of a slice given as two objects, integers or `None`, as [`unpack`] gives them.
pub(crate) fn bounds(start: &Bound<'_, PyAny>, stop: &Bound<'_, PyAny>) -> PyResult<(isize, isize)> {
    let slice = PySlice::type_object(start.py()).call1((start, stop))?;
    let (start, stop, _) = unpack(slice.cast::<PySlice>()?)?;
    Ok((start, stop))
}

/// The first index that a slice picks of `length`, and how many. A step of 0 picks nothing.
#[inline]
pub(crate) fn adjust(length: usize, mut start: isize, mut stop: isize, step: isize) -> (usize, usize) {
    if step == 0 {
        return (0, 0);
    }
    // SAFETY: two places to read and write, and the step is not 0.
    let count =
        unsafe { ffi::PySlice_AdjustIndices(length.cast_signed(), &raw mut start, &raw mut stop, step) };
    // The bounds are within the length now, but for the one before the first where the step is negative.
    (
        usize::try_from(start).unwrap_or(0),
        usize::try_from(count).unwrap_or(0),
    )
}
