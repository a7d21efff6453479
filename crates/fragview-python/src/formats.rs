//! `fragview.formats`: the core's formats on Python's bytes.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::error_class::format_error;
use crate::layout::bytes_of;
use crate::table::view_of_extents;

/// The format's name and the streams, pairs of name and FragView; what `fragview.formats.open` is made of.
#[pyfunction]
#[pyo3(signature = (source, format, verify, /))]
pub(crate) fn open_format<'py>(
    py: Python<'py>,
    source: &Bound<'py, PyAny>,
    format: Option<&str>,
    verify: bool,
) -> PyResult<(&'static str, Bound<'py, PyList>)> {
    let bytes = bytes_of(py, source)?;
    let view = fragview::View::into_cast::<u8>(bytes.view()).map_err(crate::errors::exception)?;
    let container = py
        .detach(|| fragview::formats::open(&view, format, verify))
        .map_err(|error| format_error(py, &error.to_string(), error.format, error.offset))?;
    let streams = PyList::empty(py);
    for stream in &container.streams {
        let view = Bound::new(py, view_of_extents(py, &bytes, &stream.extents)?)?;
        streams.append(PyTuple::new(
            py,
            [
                pyo3::types::PyString::new(py, &stream.name).into_any(),
                view.into_any(),
            ],
        )?)?;
    }
    Ok((container.format, streams))
}

/// The names of the formats.
#[pyfunction]
pub(crate) fn format_names() -> Vec<&'static str> {
    fragview::formats::names().collect()
}
