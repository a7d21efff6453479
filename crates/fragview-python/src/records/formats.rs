//! `fragview.formats`: the core's formats on Python's bytes.

use fragview::formats::{FormatErrorKind, Options};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;

use crate::error::classes::format_error;
use crate::error::wording::listed;
use crate::records::streams::Streams;
use crate::runtime::interruptible::interruptible;
use crate::view::bytes_of::bytes_of;

/// Opens a file's streams; `fragview.formats.open` calls it. `image`: the source is a QCOW2 image of this
/// many bytes, and the disk in its backing file.
#[pyfunction]
#[pyo3(signature = (source, format, strict, verify, image=None, /))]
pub(crate) fn open_format(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    format: Option<&str>,
    strict: bool,
    verify: bool,
    image: Option<usize>,
) -> PyResult<Streams> {
    if let Some(name) = format
        && fragview::formats::names().all(|known| known != name)
    {
        let names: Vec<_> = fragview::formats::names().map(String::from).collect();
        return Err(PyValueError::new_err(format!(
            "no format is named '{name}'; {}",
            listed(&names)
        )));
    }
    let source = bytes_of("formats.open()", source)?;
    let view = fragview::View::into_cast::<u8>(source.view()).map_err(crate::error::exception::exception)?;
    let options = Options { strict, verify };
    let opened = interruptible(py, &view, |bytes| match image {
        None => fragview::formats::open(bytes, format, options),
        Some(image) => fragview::formats::qcow2::open_over(&bytes, image, options),
    })?;
    let container = opened.map_err(|error| match error.kind {
        FormatErrorKind::OutOfMemory => PyMemoryError::new_err(error.what),
        // The fault of an unknown file has no useful offset.
        FormatErrorKind::Unknown => {
            let text = format!("{}; name it with format=", error.what);
            format_error(py, &text, error.format, error.offset)
        }
        _ => format_error(py, &error.to_string(), error.format, error.offset),
    })?;
    Ok(Streams { container, source })
}

/// The format of a QCOW2 image's backing file, as the image has it.
#[pyfunction]
#[pyo3(signature = (source, /))]
pub(crate) fn backing_format(source: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let source = bytes_of("formats.open()", source)?;
    let view = fragview::View::into_cast::<u8>(source.view()).map_err(crate::error::exception::exception)?;
    Ok(fragview::formats::qcow2::backing_format(&view))
}

/// The names of the formats.
#[pyfunction]
pub(crate) fn format_names() -> Vec<&'static str> {
    fragview::formats::names().collect()
}
