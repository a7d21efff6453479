//! The class `RecordLayout`.

use std::fmt::Write;

use fragview::format::Value;
use fragview::records as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods, PyFrozenSet, PyList, PyString, PyTuple};
use pyo3::{IntoPyObjectExt, intern};

use crate::args::given::Given;
use crate::args::integer::{integer, number_from};
use crate::error::classes::record_error;
use crate::error::wording::{plural, repr_of};
use crate::records::record::{Record, YIELDING};
use crate::records::table::RecordTable;
use crate::records::value::{from_value, to_value};
use crate::runtime::interruptible::interruptible;
use crate::view::bytes_of::bytes_of;

/// The rules of the records of a format: a header of fixed length, a content with a length in the header, a
/// trailer.
///
/// `header` is a format of the struct module, `fields` a name for each of its values (a list, or one string
/// with spaces or commas, by namedtuple's rules; without it they are field0, field1, …). `length` names the
/// field that counts the content, or is a constant; the content has field * `scale` + `bias` bytes, so a
/// length that counts the header too has a negative bias. A length of 24 bits is `3s`: bytes as the length
/// are a number. `trailer`: bytes after the content, as a CRC. `align`: records start at multiples of it,
/// counted from the scan's start. `block`: no record crosses a block, and a rest too small for a header is
/// padding. `until={field: value}`: the last record is the first with this value. `expect={field: value}`:
/// every record has this value, and another one ends the scan with an error. `escapes={1: 'Q', 0: None}`: for
/// these values of the length, it follows the header in this format, or the content goes up to the end.
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
    /// The arguments that are not as they are by default, in their order.
    given: Vec<(&'static str, Argument)>,
}

/// An argument as it was given.
enum Argument {
    Text(String),
    Number(i128),
    Values(Vec<(String, Value)>),
    Escapes(Vec<(i128, Option<String>)>),
}

impl Argument {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Text(text) => text.into_bound_py_any(py),
            Self::Number(number) => number.into_bound_py_any(py),
            Self::Values(values) => {
                let dict = PyDict::new(py);
                for (name, value) in values {
                    let value = match value {
                        Value::Scalar(value) => core::FieldValue::Scalar(*value),
                        Value::Bytes(bytes) => core::FieldValue::Bytes(bytes),
                    };
                    dict.set_item(name, from_value(py, &value)?)?;
                }
                Ok(dict.into_any())
            }
            Self::Escapes(escapes) => {
                let dict = PyDict::new(py);
                for (value, wide) in escapes {
                    dict.set_item(value, wide)?;
                }
                Ok(dict.into_any())
            }
        }
    }
}

#[pymethods]
impl RecordLayout {
    #[new]
    #[pyo3(signature = (header, fields = None, *, length = None, bias = Given::NOTHING, scale = Given::NOTHING,
        trailer = Given::NOTHING, align = Given::NOTHING, block = None, until = None, expect = None,
        escapes = None))]
    #[pyo3(
        text_signature = "(header, fields=None, *, length='length', bias=0, scale=1, trailer=0, align=1, block=None, until=None, expect=None, escapes=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn py_new(
        py: Python<'_>,
        header: &str,
        fields: Option<&Bound<'_, PyAny>>,
        length: Option<&Bound<'_, PyAny>>,
        bias: Given<'_>,
        scale: Given<'_>,
        trailer: Given<'_>,
        align: Given<'_>,
        block: Option<&Bound<'_, PyAny>>,
        until: Option<&Bound<'_, PyDict>>,
        expect: Option<&Bound<'_, PyDict>>,
        escapes: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let names = names(py, header, fields)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut layout = core::RecordLayout::new(header, &names).map_err(wrong)?;
        let mut given = Vec::new();
        layout = match length {
            Some(length) => counted(layout, length, &mut given)?,
            None if names.contains(&"length") => layout,
            None => {
                let text = "no field is named 'length': say length='name of the field' or length=a constant";
                return Err(PyValueError::new_err(text));
            }
        };
        layout = layout
            .bias(option(&mut given, "bias", bias, i64::MIN.into(), 0)?)
            .scale(option(&mut given, "scale", scale, 0, 1)?)
            .trailer(option(&mut given, "trailer", trailer, 0, 0)?)
            .align(option(&mut given, "align", align, 1, 1)?)
            .map_err(wrong)?;
        if let Some(block) = block {
            layout = layout
                .block(option(
                    &mut given,
                    "block",
                    Given(Some(block.clone())),
                    0,
                    usize::MAX,
                )?)
                .map_err(wrong)?;
        }
        for (name, dict) in [("until", until), ("expect", expect)] {
            let values = conditions(dict)?;
            for (field, value) in &values {
                layout = match name {
                    "until" => layout.until_value(field, value),
                    _ => layout.expect_value(field, value),
                }
                .map_err(wrong)?;
            }
            if !values.is_empty() {
                given.push((name, Argument::Values(values)));
            }
        }
        let mut numbers = Vec::new();
        // A list of the items: a key's own code may change the dict meanwhile.
        for item in escapes.map(PyDictMethods::items).into_iter().flatten() {
            let (value, wide) = item.extract::<(Bound<'_, PyAny>, Option<String>)>()?;
            let value = integer(&value)?;
            layout = match &wide {
                Some(wide) => layout.escape(value, wide),
                None => layout.escape_to_end(value),
            }
            .map_err(wrong)?;
            numbers.push((value, wide));
        }
        if !numbers.is_empty() {
            given.push(("escapes", Argument::Escapes(numbers)));
        }
        refuse_own_names(py, layout.names())?;
        Ok(Self { layout, given })
    }

    /// The names of the fields. O(fields).
    ///
    /// >>> RecordLayout('>I4s', 'length type').fields
    /// ['length', 'type']
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.layout.names().to_vec()
    }

    /// The header's format, in the struct module's notation. O(1).
    ///
    /// >>> RecordLayout('>I4s', 'length type').header
    /// '>I4s'
    #[getter]
    fn header(&self) -> &str {
        self.layout.header().text()
    }

    /// The number of bytes of a header. O(1).
    ///
    /// >>> RecordLayout('>I4s', 'length type').header_size
    /// 8
    #[getter]
    fn header_size(&self) -> usize {
        self.layout.header_size()
    }

    /// Find the records of `source`, a buffer or a FragView, from byte `start` up to `stop`, and return them
    /// as a RecordTable. Only headers are read. O(records). Other Python threads run meanwhile.
    ///
    /// A truncated record, or one with an invalid length, raises RecordError with `offset`, `index` and
    /// `table`, the records before it. `strict=False` returns that table instead, with the error in `error`.
    /// A `stop` past the source's end means that end, as in a slice; a `start` past it raises ValueError.
    ///
    /// >>> table = RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')
    /// >>> table.lengths.tolist(), table.join().tobytes()
    /// ([2, 1], b'abc')
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\5c', strict=False).error.index
    /// 1
    #[pyo3(signature = (source, start = Given::NOTHING, stop = None, *, strict = true))]
    #[pyo3(text_signature = "($self, source, start=0, stop=None, *, strict=True)")]
    fn scan(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        start: Given<'_>,
        stop: Option<&Bound<'_, PyAny>>,
        strict: bool,
    ) -> PyResult<Py<RecordTable>> {
        let start = start.0.map_or(Ok(0), |start| number_from(&start, "start", 0))?;
        let stop = stop.map_or(Ok(usize::MAX), |stop| number_from(stop, "stop", 0))?;
        let bytes = bytes_of("RecordLayout.scan()", source)?;
        let view =
            fragview::View::into_cast::<u8>(bytes.view()).map_err(crate::error::exception::exception)?;
        if start > view.len() {
            let length = view.len();
            let text = format!(
                "start {start} is past the end of a source of {length} byte{}",
                plural(length)
            );
            return Err(PyValueError::new_err(text));
        }
        let range = start..stop;
        let (table, fault) = interruptible(py, &view, |bytes| self.layout.scan_some(bytes, range))?;
        let error = fault.map(|fault| (fault.offset, fault.index, fault.to_string()));
        let table = Py::new(py, RecordTable::new(table, bytes, error.clone()))?;
        match error {
            Some((offset, index, text)) if strict => {
                Err(record_error(py, &text, offset, index, table.bind(py).as_any()))
            }
            _ => Ok(table),
        }
    }

    /// An expression that makes the same layout.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (header, names) = self.positional(py)?;
        let mut text = format!("RecordLayout({}, {}", repr_of(&header)?, repr_of(&names)?);
        for (name, argument) in &self.given {
            let _ = write!(text, ", {name}={}", repr_of(&argument.to_python(py)?)?);
        }
        text.push(')');
        Ok(text)
    }

    /// Pickles and copies by the arguments.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, layout) = (slf.py(), slf.get());
        let (header, names) = layout.positional(py)?;
        let options = PyDict::new(py);
        for (name, argument) in &layout.given {
            options.set_item(name, argument.to_python(py)?)?;
        }
        let make = py
            .import(intern!(py, "functools"))?
            .getattr(intern!(py, "partial"))?
            .call((slf.get_type(), header, names), Some(&options))?;
        PyTuple::new(py, [make, PyTuple::empty(py).into_any()])
    }
}

impl RecordLayout {
    fn positional<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyString>, Bound<'py, PyList>)> {
        let header = PyString::new(py, self.layout.header().text());
        Ok((header, PyList::new(py, self.layout.names())?))
    }
}

pub(super) fn wrong(error: core::LayoutError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The fields and values of a dict.
pub(super) fn conditions(dict: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(String, Value)>> {
    let mut values = Vec::new();
    // A list of the items: a value's own code may change the dict meanwhile.
    for item in dict.map(PyDictMethods::items).into_iter().flatten() {
        let (name, value) = item.extract::<(String, Bound<'_, PyAny>)>()?;
        let value = to_value(&value)?;
        let value = value.ok_or_else(|| wrong(core::LayoutError::ValueDoesNotFit { name: name.clone() }))?;
        values.push((name, value));
    }
    Ok(values)
}

/// The layout with the length that was given: the name of a field, or a constant.
fn counted(
    layout: core::RecordLayout,
    length: &Bound<'_, PyAny>,
    given: &mut Vec<(&'static str, Argument)>,
) -> PyResult<core::RecordLayout> {
    if let Ok(name) = length.cast::<PyString>() {
        let name = name.to_string_lossy().into_owned();
        let layout = layout.length_field(&name).map_err(wrong)?;
        if name != "length" {
            given.push(("length", Argument::Text(name)));
        }
        return Ok(layout);
    }
    let length = number_from(length, "length", 0)?;
    given.push(("length", Argument::Number(i128::from(length))));
    Ok(layout.constant_length(length))
}

/// A number among the options, noted where it is not as it is by default.
fn option<N>(
    given: &mut Vec<(&'static str, Argument)>,
    name: &'static str,
    argument: Given<'_>,
    least: i128,
    default: N,
) -> PyResult<N>
where
    N: Copy + PartialEq + TryFrom<i128>,
    i128: TryFrom<N>,
{
    let Some(argument) = argument.0 else {
        return Ok(default);
    };
    let number = number_from(&argument, name, least)?;
    if number != default
        && let Ok(number) = i128::try_from(number)
    {
        given.push((name, Argument::Number(number)));
    }
    Ok(number)
}

/// Refuses names that a record has for something else, so that `record.name` always is the field. Of
/// [`YIELDING`] names it is the field too.
fn refuse_own_names(py: Python<'_>, names: &[String]) -> PyResult<()> {
    let attributes = PyFrozenSet::new(py, py.get_type::<Record>().dir()?)?;
    for name in names {
        if attributes.contains(name)? && !YIELDING.contains(&name.as_str()) {
            let text = format!("a field can't be named '{name}': it is the record's own attribute");
            return Err(PyValueError::new_err(text));
        }
    }
    Ok(())
}

/// The fields' names by namedtuple's rules.
fn names(py: Python<'_>, header: &str, fields: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(fields) = fields else {
        let format = fragview::format::Format::parse(header);
        let count = format
            .map_err(|error| PyValueError::new_err(format!("header format: {error}")))?
            .value_count();
        core::RecordLayout::check_field_count(count).map_err(wrong)?;
        return Ok((0..count).map(|index| format!("field{index}")).collect());
    };
    // The standard library knows the rules: identifiers, no keywords, no underscore in front, no name twice.
    let class = py
        .import(intern!(py, "collections"))?
        .call_method1(intern!(py, "namedtuple"), ("Record", fields))?;
    class.getattr(intern!(py, "_fields"))?.extract()
}
