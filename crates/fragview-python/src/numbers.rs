//! Masks and integers, from buffers without a Python loop, or from any iterable.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::errors::OrRaise;
use crate::export;
use crate::input::{self, integer};
use crate::item::number;
use fragview::format::Kind;

/// What an index of many records is.
pub(crate) enum Numbers {
    /// A truth value a record.
    Mask(Vec<bool>),
    /// Integers.
    Integers(Vec<i128>),
}

impl Numbers {
    pub(crate) fn fetch(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if export::is_buffer(object) {
            return Self::from_buffer(object);
        }
        let mut numbers = Vec::new();
        let mut truths = 0;
        for item in object.try_iter()? {
            let item = item?;
            // NumPy's truth values are no `bool`, but say so.
            if item.is_instance_of::<PyBool>()
                || item.get_type().name()?.to_string_lossy().starts_with("bool")
            {
                truths += 1;
                numbers.push(i128::from(item.is_truthy()?));
            } else {
                numbers.push(integer(&item)?);
            }
        }
        match truths {
            0 => Ok(Self::Integers(numbers)),
            all if all == numbers.len() => {
                Ok(Self::Mask(numbers.iter().map(|&number| number != 0).collect()))
            }
            _ => Err(PyTypeError::new_err("either truth values or integers, not both")),
        }
    }

    fn from_buffer(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let state = input::from_source(object)?;
        let Some(scalar) = state
            .format
            .scalar()
            .filter(|scalar| scalar.is_integer() || scalar.kind() == Kind::Bool)
        else {
            let text = format!(
                "a mask or integers are required, not items of format '{}'",
                state.format.text()
            );
            return Err(PyTypeError::new_err(text));
        };
        let bytes = state.view().to_vec().or_raise()?;
        let numbers = bytes
            .chunks_exact(state.item_size())
            .map(|item| number(scalar.unpack(item)));
        Ok(if scalar.kind() == Kind::Bool {
            Self::Mask(numbers.map(|number| number != 0).collect())
        } else {
            Self::Integers(numbers.collect())
        })
    }
}
