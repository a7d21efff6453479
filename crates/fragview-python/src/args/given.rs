//! Arguments for which `None` differs from an absent argument.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::args::integer::{self, is_index};
use crate::error::wording::type_name;

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
            let text = format!("argument should be integer or None, not '{}'", type_name(&*size));
            return Err(PyTypeError::new_err(text));
        }
        Ok(Self(usize::try_from(integer::size(&size)?).ok()))
    }
}
