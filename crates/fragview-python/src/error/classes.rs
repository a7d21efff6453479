//! `RecordError`, `FormatError`, `NotEnoughDataError`, `PatternError`: made in Python, where exceptions carry
//! attributes with ease.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyType};

static RECORD_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static FORMAT_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static NOT_ENOUGH_DATA_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static PATTERN_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// A `fragview.RecordError` with its attributes.
pub(crate) fn record_error(
    py: Python<'_>,
    text: &str,
    offset: usize,
    index: usize,
    table: &Bound<'_, PyAny>,
) -> PyErr {
    RECORD_ERROR
        .import(py, "fragview.errors", "RecordError")
        .and_then(|class| class.call1((text, offset, index, table)))
        .map_or_else(|error| error, PyErr::from_value)
}

/// A `fragview.FormatError` with its attributes.
pub(crate) fn format_error(py: Python<'_>, text: &str, format: &str, offset: usize) -> PyErr {
    FORMAT_ERROR
        .import(py, "fragview.errors", "FormatError")
        .and_then(|class| class.call1((text, format, offset)))
        .map_or_else(|error| error, PyErr::from_value)
}

/// A `fragview.NotEnoughDataError` with its attributes.
pub(crate) fn not_enough_data(py: Python<'_>, text: &str, needed: usize, available: usize) -> PyErr {
    NOT_ENOUGH_DATA_ERROR
        .import(py, "fragview.errors", "NotEnoughDataError")
        .and_then(|class| class.call1((text, needed, available)))
        .map_or_else(|error| error, PyErr::from_value)
}

/// A `fragview.re.PatternError` with its attributes.
pub(crate) fn pattern_error(pattern: &Bound<'_, PyBytes>, error: &fragview::regex::PatternError) -> PyErr {
    PATTERN_ERROR
        .import(pattern.py(), "fragview.errors", "PatternError")
        .and_then(|class| class.call1((&error.message, pattern, error.position)))
        .map_or_else(|error| error, PyErr::from_value)
}
