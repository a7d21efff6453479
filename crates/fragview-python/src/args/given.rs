//! Arguments that may be left out, where `None` is not the same as nothing; numbers within bounds.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::error::wording::type_name;
use crate::items::key::{is_index, is_number};
use crate::view::construct::integer;

/// An argument of any type, or nothing.
pub(crate) struct Given<'py>(pub(crate) Option<Bound<'py, PyAny>>);

impl Given<'_> {
    /// Nothing was given.
    pub(crate) const NOTHING: Self = Self(None);
}

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(Some(object.to_owned())))
    }
}

/// A number of bytes; `None` and negative numbers mean all.
pub(crate) struct Size(pub(crate) Option<usize>);

impl Size {
    /// As many as there are.
    pub(crate) const ALL: Self = Self(None);
}

impl FromPyObject<'_, '_> for Size {
    type Error = PyErr;

    fn extract(size: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if size.is_none() {
            return Ok(Self::ALL);
        }
        if !is_index(&size) {
            let text = format!(
                "argument should be integer or None, not '{}'",
                size.get_type().name()?
            );
            return Err(PyTypeError::new_err(text));
        }
        Ok(Self(usize::try_from(size_index(&size)?).ok()))
    }
}

/// A number that fits a size, else an `OverflowError`. This may run Python code (`__index__`).
pub(crate) fn size_index(number: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: the object is valid, and so is the exception's type; -1 may be a value.
    let index = unsafe { ffi::PyNumber_AsSsize_t(number.as_ptr(), ffi::PyExc_OverflowError) };
    if index == -1
        && let Some(error) = PyErr::take(number.py())
    {
        return Err(error);
    }
    Ok(index)
}

/// An integer from `least` on, for what is called `what`.
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
    fits.ok_or_else(|| {
        // The number as it stands: it may be too large for any type here.
        let given = object
            .str()
            .map_or_else(|_| number.to_string(), |text| text.to_string());
        PyValueError::new_err(if number < least {
            format!("{what} must be {least} or more, not {given}")
        } else {
            format!("{what} is too large: {given}")
        })
    })
}
