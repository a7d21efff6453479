//! The class `RecordLayout`.

use fragview::format::{ScalarValue, Value};
use fragview::records as core;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyByteArrayMethods, PyBytes, PyDict, PyDictMethods, PyFloat, PyString};
use pyo3::{IntoPyObjectExt, intern};

use crate::error_class::record_error;
use crate::input;
use crate::key::is_number;
use crate::state::{Shape, State};
use crate::table::RecordTable;

/// How the records of a format look: a header of fixed length, a content whose length the header tells, a trailer.
///
/// `header` is a format of the struct module, `fields` a name for each of its values (a list, or one string with
/// spaces or commas, by namedtuple's rules; without it they are field0, field1, …). `length` names the field that counts
/// the content, or is a constant; the content has field * `scale` + `bias` bytes, so a length that counts the header too
/// has a negative bias. `trailer`: bytes after the content, as a CRC. `align`: records start at multiples of it, counted
/// from the scan's start. `block`: no record crosses a block, and a rest too small for a header is padding.
/// `until={field: value}`: the last record is the first with this value.
///
/// >>> from fragview import RecordLayout
/// >>> png = RecordLayout(">I4s", "length type", trailer=4, until={"type": b"IEND"})
/// >>> file = b"\0\0\0\3IDATabcCRC.\0\0\0\2IDATdeCRC.\0\0\0\0IENDCRC."
/// >>> table = png.scan(file)
/// >>> table.where(type=b"IDAT").join().tobytes()
/// b'abcde'
#[pyclass(frozen, module = "fragview")]
pub(crate) struct RecordLayout {
    pub(crate) layout: core::RecordLayout,
}

#[pymethods]
impl RecordLayout {
    #[new]
    #[pyo3(signature = (header, fields = None, *, length = None, bias = 0, scale = 1, trailer = 0, align = 1, block = None, until = None))]
    #[pyo3(
        text_signature = "(header, fields=None, *, length='length', bias=0, scale=1, trailer=0, align=1, block=None, until=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn py_new(
        py: Python<'_>,
        header: &str,
        fields: Option<&Bound<'_, PyAny>>,
        length: Option<&Bound<'_, PyAny>>,
        bias: i64,
        scale: u64,
        trailer: usize,
        align: usize,
        block: Option<usize>,
        until: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let names = names(py, header, fields)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let wrong = |error: core::LayoutError| PyValueError::new_err(error.to_string());
        let mut layout = core::RecordLayout::new(header, &names).map_err(wrong)?;
        layout = match length {
            None if names.contains(&"length") => layout,
            None => {
                let text = "no field is named 'length': say length='name of the field' or length=a constant";
                return Err(PyValueError::new_err(text));
            }
            Some(length) => match length.cast::<PyString>() {
                Ok(name) => layout.length_field(&name.to_string_lossy()).map_err(wrong)?,
                Err(_) => layout.constant_length(length.extract::<u64>()?),
            },
        };
        layout = layout
            .bias(bias)
            .scale(scale)
            .trailer(trailer)
            .align(align)
            .map_err(wrong)?;
        if let Some(block) = block {
            layout = layout.block(block).map_err(wrong)?;
        }
        // A list of the items: a value's own code may change the dict meanwhile.
        for item in until.map(PyDictMethods::items).into_iter().flatten() {
            let (name, value) = item.extract::<(String, Bound<'_, PyAny>)>()?;
            let value = to_value(&value)?;
            let fits = value.ok_or_else(|| core::LayoutError::ValueDoesNotFit { name: name.clone() });
            layout = fits
                .and_then(|value| layout.until_value(&name, &value))
                .map_err(wrong)?;
        }
        Ok(Self { layout })
    }

    /// The names of the fields.
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.layout.names().to_vec()
    }

    /// The header's format.
    #[getter]
    fn header(&self) -> &str {
        self.layout.header().text()
    }

    /// Bytes a header.
    #[getter]
    fn header_size(&self) -> usize {
        self.layout.header_size()
    }

    /// The records of `source`, a buffer or a FragView, from byte `start` up to `stop`. O(records): only headers are
    /// read. Other Python threads run meanwhile.
    ///
    /// A record that is cut off, or whose length makes no sense, is a RecordError, with `offset`, `index` and `table`,
    /// the records before it; with `strict=False` that table is returned, with the error in `error`.
    #[pyo3(signature = (source, start = 0, stop = None, *, strict = true))]
    fn scan(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        start: usize,
        stop: Option<usize>,
        strict: bool,
    ) -> PyResult<Py<RecordTable>> {
        let bytes = bytes_of(py, source)?;
        let view = fragview::View::into_cast::<u8>(bytes.view()).map_err(crate::errors::exception)?;
        let range = start..stop.unwrap_or(usize::MAX);
        let (table, fault) = py.detach(|| self.layout.scan_some(&view, range));
        let error = fault.map(|fault| (fault.offset, fault.index, fault.to_string()));
        let table = Py::new(py, RecordTable::new(table, bytes, error.clone()))?;
        match error {
            Some((offset, index, text)) if strict => Err(record_error(py, &text, offset, index, &table)),
            _ => Ok(table),
        }
    }

    fn __repr__(&self) -> String {
        format!(
            "RecordLayout('{}', {:?})",
            self.layout.header().text(),
            self.layout.names()
        )
    }
}

/// A source as a view of bytes without gaps.
pub(crate) fn bytes_of(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<State> {
    let state = input::from_source(source)?;
    let state = crate::fragments::flat(py, &state)?;
    debug_assert!(matches!(state.shape, Shape::Line));
    Ok(state)
}

/// The fields' names by namedtuple's rules.
fn names(py: Python<'_>, header: &str, fields: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(fields) = fields else {
        let format = fragview::format::Format::parse(header);
        let count = format
            .map_err(|error| PyValueError::new_err(format!("header format: {error}")))?
            .value_count();
        return Ok((0..count).map(|index| format!("field{index}")).collect());
    };
    // The standard library knows the rules: identifiers, no keywords, no underscore in front, no name twice.
    let class = py
        .import(intern!(py, "collections"))?
        .call_method1(intern!(py, "namedtuple"), ("Record", fields))?;
    class.getattr(intern!(py, "_fields"))?.extract()
}

/// A Python object as a value of a field; `None` for a number that no field can have.
pub(crate) fn to_value(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Some(Value::Bytes(bytes.as_bytes().to_vec())));
    }
    if let Ok(bytes) = object.cast::<PyByteArray>() {
        return Ok(Some(Value::Bytes(bytes.to_vec())));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Some(Value::Scalar(ScalarValue::Float(number.extract()?))));
    }
    if !is_number(object) {
        let name = object.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "a field's value is a number or bytes, not '{name}'"
        )));
    }
    let number = input::integer(object)?;
    let signed = i64::try_from(number).map(ScalarValue::Signed);
    let value = signed.or_else(|_| u64::try_from(number).map(ScalarValue::Unsigned));
    Ok(value.ok().map(Value::Scalar))
}

/// A field's value as a Python object.
pub(crate) fn from_value<'py>(py: Python<'py>, value: &core::FieldValue<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        core::FieldValue::Scalar(value) => crate::item::to_python(py, *value),
        core::FieldValue::Bytes(bytes) => bytes.into_bound_py_any(py),
    }
}
