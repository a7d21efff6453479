//! Items: from bytes to Python objects and back, by `memoryview`'s rules.

use fragview::format::{FieldKind, Format, Kind, PackError, Scalar, ScalarValue, Value};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyMemoryError, PyNotImplementedError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyByteArrayMethods, PyBytes, PyInt, PyList, PyTuple};

use crate::args::integer;
use crate::buffers::memory::PyMemory;
use crate::error::exception::{OrRaise, read_only};
use crate::view::state::{State, bytes_at, not_in_memory, view_of};
use crate::view::width;

/// The item of `format` at `offset`, as a Python object: a value, or a tuple of values.
#[inline]
pub(crate) fn get<'py>(
    py: Python<'py>,
    memory: &PyMemory,
    format: &Format,
    offset: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(scalar) = format.scalar() else {
        return get_struct(py, memory, format, offset);
    };
    let bits = width::read(memory, scalar, offset).ok_or_else(not_in_memory)?;
    to_python(py, width::value(scalar, bits))
}

#[cold]
fn get_struct<'py>(
    py: Python<'py>,
    memory: &PyMemory,
    format: &Format,
    offset: usize,
) -> PyResult<Bound<'py, PyAny>> {
    check_supported(format)?;
    let window = bytes_at(memory, offset, format.item_size())?;
    let bytes = view_of(memory, window).to_vec().or_raise()?;
    struct_to_python(py, format, &bytes)
}

/// `memoryview`'s refusal of formats that it can't unpack.
pub(crate) fn check_supported(format: &Format) -> PyResult<()> {
    if format.is_opaque() {
        let text = format!("memoryview: format {} not supported", format.text());
        return Err(PyNotImplementedError::new_err(text));
    }
    Ok(())
}

/// The bytes of one item as a Python object.
pub(crate) fn item_to_python<'py>(
    py: Python<'py>,
    format: &Format,
    item: &[u8],
) -> PyResult<Bound<'py, PyAny>> {
    match format.scalar() {
        Some(scalar) => to_python(py, scalar.unpack(item)),
        None => struct_to_python(py, format, item),
    }
}

fn struct_to_python<'py>(py: Python<'py>, format: &Format, item: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let values = format
        .unpack(item)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let mut objects = values.into_iter().map(|value| match value {
        Value::Scalar(value) => to_python(py, value),
        Value::Bytes(bytes) => Ok(PyBytes::new(py, &bytes).into_any()),
    });
    if format.value_count() == 1
        && let Some(object) = objects.next()
    {
        return object;
    }
    Ok(PyTuple::new(py, objects.collect::<PyResult<Vec<_>>>()?)?.into_any())
}

#[inline]
pub(crate) fn to_python(py: Python<'_>, value: ScalarValue) -> PyResult<Bound<'_, PyAny>> {
    match value {
        ScalarValue::Unsigned(number) => number.into_bound_py_any(py),
        ScalarValue::Signed(number) => number.into_bound_py_any(py),
        ScalarValue::Float(number) => number.into_bound_py_any(py),
        ScalarValue::Bool(truth) => truth.into_bound_py_any(py),
        ScalarValue::Byte(byte) => Ok(PyBytes::new(py, &[byte]).into_any()),
    }
}

/// An integer of any format as one type.
pub(crate) fn number(value: ScalarValue) -> i128 {
    match value {
        ScalarValue::Unsigned(number) => i128::from(number),
        ScalarValue::Signed(number) => i128::from(number),
        ScalarValue::Bool(truth) => i128::from(truth),
        ScalarValue::Byte(byte) => i128::from(byte),
        ScalarValue::Float(_) => 0,
    }
}

/// The bytes of an item to write.
pub(crate) enum Packed {
    Scalar([u8; 8], usize),
    Struct(Vec<u8>),
}

/// Packs a Python object. This may run Python code (`__index__`, `__float__`, `__bool__`), so nothing is held
/// meanwhile.
pub(crate) fn pack(format: &Format, object: &Bound<'_, PyAny>) -> PyResult<Packed> {
    check_supported(format)?;
    if let Some(scalar) = format.scalar() {
        return pack_scalar(format, scalar, scalar_value(format, scalar, object)?);
    }
    let objects = match format.value_count() {
        1 => vec![object.clone()],
        count => {
            let tuple = object
                .cast::<PyTuple>()
                .map(|tuple| tuple.iter().collect::<Vec<_>>());
            let list = || {
                object
                    .cast::<PyList>()
                    .map(|list| list.iter().collect::<Vec<_>>())
            };
            let objects = tuple.or_else(|_| list()).map_err(|_| wrong_type(format))?;
            if objects.len() != count {
                let (text, given) = (format.text(), objects.len());
                let text = format!(
                    "memoryview: invalid value for format '{text}': {count} values needed, {given} given"
                );
                return Err(PyValueError::new_err(text));
            }
            objects
        }
    };
    let values = format
        .fields()
        .zip(&objects)
        .map(|(field, object)| match field.kind {
            FieldKind::Scalar(scalar) => scalar_value(format, scalar, object).map(Value::Scalar),
            FieldKind::String { .. } | FieldKind::Pascal { .. } => {
                let bytes = object.cast::<PyBytes>().map(|bytes| bytes.as_bytes().to_vec());
                let array = || object.cast::<PyByteArray>().map(PyByteArrayMethods::to_vec);
                bytes
                    .or_else(|_| array())
                    .map(Value::Bytes)
                    .map_err(|_| wrong_type(format))
            }
        });
    let values = values.collect::<PyResult<Vec<_>>>()?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(format.item_size())
        .map_err(|_| PyMemoryError::new_err(()))?;
    bytes.resize(format.item_size(), 0);
    format
        .pack(&values, &mut bytes)
        .map_err(|error| refusal(format, error))?;
    Ok(Packed::Struct(bytes))
}

/// Writes a packed item at `offset`, seams or not.
pub(crate) fn put(state: &State, offset: usize, item: &Packed) -> PyResult<()> {
    if state.readonly {
        return Err(read_only());
    }
    let memory = state.memory();
    match *item {
        Packed::Scalar(bytes, size) => width::write(memory, offset, bytes, size).or_raise(),
        Packed::Struct(ref bytes) => view_of(memory, bytes_at(memory, offset, bytes.len())?)
            .copy_from_slice(bytes)
            .or_raise(),
    }
}

fn wrong_type(format: &Format) -> PyErr {
    PyTypeError::new_err(format!("memoryview: invalid type for format '{}'", format.text()))
}

fn wrong_value(format: &Format) -> PyErr {
    PyValueError::new_err(format!(
        "memoryview: invalid value for format '{}'",
        format.text()
    ))
}

fn refusal(format: &Format, error: PackError) -> PyErr {
    match error {
        PackError::WrongType { .. } => wrong_type(format),
        _ => wrong_value(format),
    }
}

/// The errors that `memoryview` gives words of its own; others come from the object's own code and stay.
fn own_words(py: Python<'_>, format: &Format, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyTypeError>(py) {
        wrong_type(format)
    } else if error.is_instance_of::<PyOverflowError>(py) || error.is_instance_of::<PyValueError>(py) {
        wrong_value(format)
    } else {
        error
    }
}

fn scalar_value(format: &Format, scalar: Scalar, object: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
    let py = object.py();
    match scalar.kind() {
        Kind::Signed | Kind::Unsigned => {
            let number = integer::int(object).map_err(|error| own_words(py, format, error))?;
            integer_value(format, scalar, &number)
        }
        Kind::Float => {
            let number = object.extract::<f64>();
            number
                .map(ScalarValue::Float)
                .map_err(|error| own_words(py, format, error))
        }
        Kind::Bool => object.is_truthy().map(ScalarValue::Bool),
        Kind::Byte => {
            let bytes = object.cast::<PyBytes>().map_err(|_| wrong_type(format))?;
            match bytes.as_bytes() {
                [byte] => Ok(ScalarValue::Byte(*byte)),
                _ => Err(wrong_value(format)),
            }
        }
    }
}

fn integer_value(format: &Format, scalar: Scalar, number: &Bound<'_, PyInt>) -> PyResult<ScalarValue> {
    // A pointer may be written as a negative number.
    let signed = matches!(scalar.kind(), Kind::Signed) || scalar.code() == b'P' && number.lt(0)?;
    let value = if signed {
        number.extract::<i64>().map(ScalarValue::Signed)
    } else {
        number.extract::<u64>().map(ScalarValue::Unsigned)
    };
    value.map_err(|_| wrong_value(format))
}

#[inline]
fn pack_scalar(format: &Format, scalar: Scalar, value: ScalarValue) -> PyResult<Packed> {
    let mut bytes = [0; 8];
    let size = scalar.size();
    scalar
        .pack(value, &mut bytes[..size])
        .map_err(|error| refusal(format, error))?;
    Ok(Packed::Scalar(bytes, size))
}
