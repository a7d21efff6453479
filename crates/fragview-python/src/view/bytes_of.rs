//! A source as a contiguous view of bytes.

use pyo3::prelude::*;

use crate::view::construct;
use crate::view::state::{Shape, State, flat};

/// A source as a view of bytes without gaps, for the function of this name.
pub(crate) fn bytes_of(function: &str, source: &Bound<'_, PyAny>) -> PyResult<State> {
    let state = construct::source_of(function, source)?;
    let state = flat(source.py(), &state)?;
    debug_assert!(matches!(state.shape, Shape::Line));
    Ok(state)
}
