//! Wording of error messages: names, plurals, advice.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

/// The ending that makes the word before it a plural.
pub(crate) const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The names of fields, for an error that lists them.
pub(crate) fn listed(names: &[String]) -> String {
    format!("there are '{}'", names.join("', '"))
}

/// The name of an object's type.
pub(crate) fn type_name<T>(object: &Bound<'_, T>) -> String {
    object.as_any().get_type().name().map_or_else(
        |_| String::from("object"),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// `repr(object)`. A Python string is never shown by `Display`: that calls `str()`, which runs the handlers
/// of signals, and swallows what they raise.
pub(crate) fn repr_of<T>(object: &Bound<'_, T>) -> PyResult<String> {
    Ok(object.as_any().repr()?.to_string_lossy().into_owned())
}

/// True if the object is one of ours that makes views: its class is `fragview`'s and has a method `view`.
pub(crate) fn has_view(object: &Bound<'_, PyAny>) -> bool {
    let class = object.get_type();
    let ours = || class.module().is_ok_and(|module| module == "fragview");
    class.hasattr(intern!(object.py(), "view")).unwrap_or(false) && ours()
}

/// Advice for an object that is not a source, if there is any: `"; pass …"`.
pub(crate) fn instead(object: &Bound<'_, PyAny>) -> &'static str {
    if has_view(object) {
        "; pass its view()"
    } else if object.is_instance_of::<PyString>() {
        "; encode() a text, and open a file with fragview.open(path)"
    } else if object
        .hasattr(intern!(object.py(), "__fspath__"))
        .unwrap_or(false)
    {
        "; open a file with fragview.open(path)"
    } else {
        ""
    }
}

/// The refusal of an open file: it is an iterable of lines, which are copies of its bytes.
pub(crate) fn refuse_file(function: &str, object: &Bound<'_, PyAny>) -> Option<PyErr> {
    let py = object.py();
    let has = |name| object.hasattr(name).unwrap_or(false);
    if object.is_exact_instance_of::<PyList>()
        || object.is_exact_instance_of::<PyTuple>()
        || !has(intern!(py, "readline"))
    {
        return None;
    }
    let instead = if has_view(object) {
        "its view()"
    } else if has(intern!(py, "getbuffer")) {
        "its getbuffer()"
    } else {
        "fragview.open(path), or mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)"
    };
    let name = type_name(object);
    Some(PyTypeError::new_err(format!(
        "{function}: '{name}' is a file, whose lines would be copies; pass {instead}"
    )))
}
