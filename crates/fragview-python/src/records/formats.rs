//! `fragview.formats`: the core's formats on Python's bytes.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::error::classes::format_error;
use crate::error::wording::listed;
use crate::runtime::interruptible::interruptible;
use crate::view::bytes_of::bytes_of;
use crate::view::select::view_of_extents;

/// The format's name and the streams, pairs of name and FragView; what `fragview.formats.open` is made of.
#[pyfunction]
#[pyo3(signature = (source, format, verify, /))]
pub(crate) fn open_format<'py>(
    py: Python<'py>,
    source: &Bound<'py, PyAny>,
    format: Option<&str>,
    verify: bool,
) -> PyResult<(&'static str, Bound<'py, PyList>)> {
    if let Some(name) = format
        && fragview::formats::names().all(|known| known != name)
    {
        let names: Vec<_> = fragview::formats::names().map(String::from).collect();
        return Err(PyValueError::new_err(format!(
            "no format is named '{name}'; {}",
            listed(&names)
        )));
    }
    let bytes = bytes_of("formats.open()", source)?;
    let view = fragview::View::into_cast::<u8>(bytes.view()).map_err(crate::error::exception::exception)?;
    let container = interruptible(py, &view, |bytes| fragview::formats::open(bytes, format, verify))?
        .map_err(|error| {
            // Of a file that no format knows, no offset tells more.
            let text = if error.format == "formats" {
                format!("{}; name it with format=", error.what)
            } else {
                error.to_string()
            };
            format_error(py, &text, error.format, error.offset)
        })?;
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
