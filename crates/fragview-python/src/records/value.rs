//! Values of fields: from Python's objects and back.

use fragview::format::{FieldKind, Kind, ScalarValue, Value};
use fragview::records::FieldValue;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyByteArrayMethods, PyBytes, PyFloat, PyString};
use pyo3::{IntoPyObjectExt, intern};

use crate::args::integer::{integer, is_array, is_number};
use crate::error::wording::type_name;
use crate::items::item::to_python;

/// A Python object as a value of a field; `None` for a number that no field can have.
pub(crate) fn to_value(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Some(Value::Bytes(bytes.as_bytes().to_vec())));
    }
    if let Ok(bytes) = object.cast::<PyByteArray>() {
        return Ok(Some(Value::Bytes(bytes.to_vec())));
    }
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Some(ScalarValue::Bool(truth.is_true()).into()));
    }
    if is_number(object) {
        match integer(object) {
            // NumPy's arrays of one float say that they have an index.
            Err(error) if error.is_instance_of::<PyTypeError>(object.py()) && is_real(object) => {}
            number => return Ok(whole(number?)),
        }
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Some(ScalarValue::Float(number.extract()?).into()));
    }
    if is_real(object) {
        return real(object);
    }
    let name = type_name(object);
    Err(PyTypeError::new_err(format!(
        "a field's value is a number or bytes, not '{name}'"
    )))
}

/// True if the object is one value, and not several.
pub(crate) fn is_value(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyString>()
        || is_number(object)
        || is_real(object)
}

/// True if the object is one number, by `__float__`: NumPy's arrays have it, too.
fn is_real(object: &Bound<'_, PyAny>) -> bool {
    !object.is_instance_of::<PyString>()
        && object
            .get_type()
            .hasattr(intern!(object.py(), "__float__"))
            .unwrap_or(false)
        && !is_array(object)
}

fn whole(number: i128) -> Option<Value> {
    let signed = i64::try_from(number).map(ScalarValue::Signed);
    let value = signed.or_else(|_| u64::try_from(number).map(ScalarValue::Unsigned));
    value.ok().map(Value::Scalar)
}

/// A number of another type, as the float or the integer that equals it, if one does.
fn real(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let py = object.py();
    let number = object.extract::<f64>()?;
    if object.eq(number)? || number.is_nan() {
        return Ok(Some(ScalarValue::Float(number).into()));
    }
    if number.is_infinite() {
        return Ok(None);
    }
    // Rounded: a decimal number may be an integer that no float is.
    let integral = py
        .import(intern!(py, "builtins"))?
        .getattr(intern!(py, "int"))?
        .call1((object,))?;
    if object.eq(&integral)? {
        Ok(whole(integer(&integral)?))
    } else {
        Ok(None)
    }
}

/// A field's value as a Python object.
pub(crate) fn from_value<'py>(py: Python<'py>, value: &FieldValue<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        FieldValue::Scalar(value) => to_python(py, *value),
        FieldValue::Bytes(bytes) => bytes.into_bound_py_any(py),
    }
}

/// Refuses a comparison of bytes with numbers: `value` is wanted in the field `name`.
pub(crate) fn check_comparable(name: &str, kind: FieldKind, value: Option<&Value>) -> PyResult<()> {
    let holds = match kind {
        FieldKind::Scalar(scalar) => match scalar.kind() {
            Kind::Signed | Kind::Unsigned => "integers",
            Kind::Float => "floats",
            Kind::Bool => "truth values",
            Kind::Byte => "bytes",
        },
        FieldKind::String { .. } | FieldKind::Pascal { .. } => "bytes",
    };
    let given = if matches!(value, Some(Value::Bytes(_))) {
        "bytes"
    } else {
        "numbers"
    };
    if (holds == "bytes") == (given == "bytes") {
        return Ok(());
    }
    Err(PyTypeError::new_err(format!(
        "field '{name}' holds {holds}, not {given}"
    )))
}
