//! The classes `RecordTable` and `Record`.

use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::geometry::Extents;
use fragview::memory::Builder;
use fragview::records as core;
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyKeyError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyCapsule, PyDict, PyFloat, PyIterator, PyList, PySlice, PyString, PyTuple,
};

use crate::column::{Column, Which};
use crate::errors::OrRaise;
use crate::input::integer;
use crate::key::{fetch_index, is_number};
use crate::layout::{from_value, to_value};
use crate::numbers::Numbers;
use crate::state::{Held, Shape, State};
use crate::view::FragView;

/// Records found by a scan: where each lies, and a column for each field of their headers.
///
/// `table[i]` is a Record, `table[slice]`, `table[mask]` and `table[indices]` are tables, `table["field"]` is a column,
/// a read-only FragView that NumPy reads without a copy, as are `offsets` and `lengths`.
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct RecordTable {
    pub(crate) table: core::RecordTable,
    /// The source's bytes without gaps.
    source: State,
    /// The fault that ended a scan that was not strict: offset, index, words.
    error: Option<(usize, usize, String)>,
}

impl RecordTable {
    pub(crate) const fn new(
        table: core::RecordTable,
        source: State,
        error: Option<(usize, usize, String)>,
    ) -> Self {
        Self { table, source, error }
    }

    /// Another table on the same source.
    fn derived(&self, py: Python<'_>, table: core::RecordTable) -> Self {
        Self {
            table,
            source: self.source.duplicate(py),
            error: None,
        }
    }

    fn select(&self, py: Python<'_>, indices: &[usize]) -> Self {
        self.derived(py, self.table.take(indices))
    }

    /// The indices that a mask (as many truth values as records) or integers pick.
    fn picked(&self, key: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let length = self.table.len();
        match Numbers::fetch(key)? {
            Numbers::Mask(mask) if mask.len() == length => Ok(mask
                .iter()
                .enumerate()
                .filter_map(|(index, &keep)| keep.then_some(index))
                .collect()),
            Numbers::Mask(mask) => {
                let text = format!("a mask of {} truth values for {length} records", mask.len());
                Err(PyIndexError::new_err(text))
            }
            Numbers::Integers(numbers) => numbers
                .into_iter()
                .map(|number| {
                    let index = if number < 0 {
                        number + length as i128
                    } else {
                        number
                    };
                    usize::try_from(index)
                        .ok()
                        .filter(|&index| index < length)
                        .ok_or_else(|| {
                            PyIndexError::new_err(format!(
                                "record index {number} is out of range ({length} records)"
                            ))
                        })
                })
                .collect(),
        }
    }
}

/// The bytes of `source` that `extents` name, as a view.
pub(crate) fn view_of_extents(py: Python<'_>, source: &State, extents: &Extents) -> PyResult<FragView> {
    let mut builder = Builder::new();
    builder.merge_touching(true);
    builder.seal(source.sealed);
    let bytes = fragview::View::into_cast::<u8>(source.view()).or_raise()?;
    builder.push_extents(&bytes, extents).or_raise()?;
    let memory = builder.finish();
    let window = fragview::geometry::Window::whole(memory.length());
    Ok(FragView::new(State {
        memory: Held::hold(py, memory)?,
        window,
        format: fragview::format::Format::BYTE,
        shape: Shape::Line,
        sealed: source.sealed,
    }))
}

#[pymethods]
impl RecordTable {
    /// Where each record begins, in bytes from the source's start: a column of 64-bit integers.
    #[getter]
    fn offsets(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Offsets)
    }

    /// Where each content begins, in bytes from the source's start.
    #[getter]
    fn starts(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Starts)
    }

    /// Bytes of each content.
    #[getter]
    fn lengths(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Lengths)
    }

    /// The names of the fields.
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.table.names().to_vec()
    }

    /// The RecordError that ended a scan that was not strict, else None.
    #[getter]
    fn error<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        let (offset, index, text) = slf.get().error.as_ref()?;
        let error = crate::error_class::record_error(slf.py(), text, *offset, *index, &slf.clone().unbind());
        Some(error.into_value(slf.py()).into_bound(slf.py()).into_any())
    }

    fn __len__(&self) -> usize {
        self.table.len()
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        let length = this.table.len();
        if let Ok(name) = key.cast::<PyString>() {
            let (name, names) = (name.to_string_lossy(), this.table.names());
            let Some(index) = names.iter().position(|field| *field == name) else {
                let names = names.join("', '");
                return Err(PyKeyError::new_err(format!(
                    "no field is named '{name}'; there are '{names}'"
                )));
            };
            return Ok(Bound::new(py, Column::view(slf, Which::Field(index))?)?.into_any());
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            let slice = slice.indices(length.cast_signed())?;
            let indices: Vec<usize> = (0..slice.slicelength.cast_signed())
                .map(|nth| (slice.start + nth * slice.step).cast_unsigned())
                .collect();
            return Ok(Bound::new(py, this.select(py, &indices))?.into_any());
        }
        if is_number(key) && !key.is_instance_of::<PyBool>() {
            let index = fetch_index(key)?;
            let place = if index < 0 {
                index.wrapping_add_unsigned(length)
            } else {
                index
            };
            return match usize::try_from(place) {
                Ok(place) if place < length => Ok(Bound::new(
                    py,
                    Record {
                        table: slf.clone().unbind(),
                        index: place,
                    },
                )?
                .into_any()),
                _ => Err(PyIndexError::new_err(format!(
                    "record index {index} is out of range ({length} records)"
                ))),
            };
        }
        let indices = this.picked(key)?;
        Ok(Bound::new(py, this.select(py, &indices))?.into_any())
    }

    /// The records whose fields have these values: one, or any of several. O(records).
    ///
    /// >>> table.where(type=b"IDAT")  # doctest: +SKIP
    /// >>> table.where(flags=[1, 2], kind=7)  # doctest: +SKIP
    #[pyo3(signature = (**fields))]
    fn r#where(&self, py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut table = self.table.clone();
        for (name, wanted) in fields.into_iter().flatten() {
            let name = name.cast_into::<PyString>()?;
            let bytes = wanted.is_instance_of::<PyBytes>() || wanted.is_instance_of::<PyByteArray>();
            let values = if bytes || is_number(&wanted) || wanted.is_instance_of::<PyFloat>() {
                vec![to_value(&wanted)?]
            } else {
                wanted
                    .try_iter()?
                    .map(|value| to_value(&value?))
                    .collect::<PyResult<_>>()?
            };
            // A number that no field can have is in no record.
            let values: Vec<_> = values.into_iter().flatten().collect();
            table = table
                .filter_values(&name.to_string_lossy(), &values)
                .ok_or_else(|| {
                    PyKeyError::new_err(format!("no field is named '{}'", name.to_string_lossy()))
                })?;
        }
        Ok(self.derived(py, table))
    }

    /// The same records with `front` bytes less at the beginning of each content and `back` at its end: numbers, or
    /// one a record. ValueError where a content is shorter. O(records).
    #[pyo3(signature = (front, back = None))]
    #[pyo3(text_signature = "($self, front, back=0)")]
    fn trim(
        &self,
        py: Python<'_>,
        front: &Bound<'_, PyAny>,
        back: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let front = self.amounts("front", front)?;
        let back = back.map_or_else(|| Ok(vec![0]), |back| self.amounts("back", back))?;
        let pick = |amounts: &[usize], index: usize| {
            amounts
                .get(index)
                .or_else(|| amounts.first())
                .copied()
                .unwrap_or(0)
        };
        let table = self
            .table
            .trim(|index| pick(&front, index), |index| pick(&back, index))
            .map_err(|index| {
                let length = self.table.lengths().get(index).copied().unwrap_or(0);
                let less = pick(&front, index).saturating_add(pick(&back, index));
                PyValueError::new_err(format!(
                    "record {index}: {less} bytes to trim from a content of {length}"
                ))
            })?;
        Ok(self.derived(py, table))
    }

    /// The contents of all records as one FragView; nothing is copied. O(records).
    fn join(&self, py: Python<'_>) -> PyResult<FragView> {
        view_of_extents(py, &self.source, &self.table.join())
    }

    /// The content of each record as a FragView, in a list. O(records).
    fn views<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let views = (0..self.table.len())
            .map(|index| self.content(py, index))
            .collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, views)
    }

    /// A dict from each value of a field, in order of first appearance, to the table of its records. O(records).
    #[pyo3(signature = (field, /))]
    fn group_by<'py>(&self, py: Python<'py>, field: &str) -> PyResult<Bound<'py, PyDict>> {
        let groups = self.table.group_by(field);
        let groups = groups.ok_or_else(|| PyKeyError::new_err(format!("no field is named '{field}'")))?;
        let dict = PyDict::new(py);
        for (_, indices) in groups {
            let record = indices.first().and_then(|&index| self.table.get(index));
            let Some(value) = record.and_then(|record| record.field(field)) else {
                continue;
            };
            dict.set_item(
                from_value(py, &value)?,
                Bound::new(py, self.select(py, &indices))?,
            )?;
        }
        Ok(dict)
    }

    /// A FragView of the contents from each start to the next, in a list: messages over several records. `starts` is a
    /// mask, one truth value a record; records before the first start belong to no message. O(records).
    #[pyo3(signature = (starts, /))]
    fn messages<'py>(&self, py: Python<'py>, starts: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let mut mask = vec![false; self.table.len()];
        for index in self.picked(starts)? {
            mask[index] = true;
        }
        let messages = self.table.messages(|index| mask[index]);
        let views = messages
            .iter()
            .map(|message| view_of_extents(py, &self.source, message));
        PyList::new(py, views.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let rows = self.rows(py)?;
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|column| {
                rows.iter()
                    .map(|row| row[column].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let lines = rows.iter().map(|row| {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, &width)| format!("{cell:>width$}"));
            cells.collect::<Vec<_>>().join("  ")
        });
        let lines: Vec<String> = lines.collect();
        Ok(format!("{}\n{}", self.summary(), lines.join("\n")))
    }

    /// The table as an Arrow struct array, by Arrow's PyCapsule interface: `pyarrow.table(t)`, `polars.DataFrame(t)`. The
    /// columns are `_offset` and `_length` of each content, and the fields.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        // The interface lets a producer ignore the schema asked for.
        let _ = requested_schema;
        crate::arrow::array(py, &self.table)
    }

    /// The columns' types, by Arrow's PyCapsule interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        crate::arrow::schema(py, &self.table)
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let escape = |cell: &String| {
            cell.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        };
        let line = |row: &Vec<String>, tag: &str| {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| format!("<{tag}>{}</{tag}>", escape(cell)))
                .collect();
            format!("<tr>{}</tr>", cells.concat())
        };
        let rows = self.rows(py)?;
        let body: String = rows[1..].iter().map(|row| line(row, "td")).collect();
        let (head, summary) = (line(&rows[0], "th"), self.summary());
        Ok(format!(
            "<table><caption>{summary}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"
        ))
    }

    /// The records, one after the other.
    fn __iter__(slf: Py<Self>) -> Records {
        Records {
            table: slf,
            next: AtomicUsize::new(0),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.source.visit(&visit)
    }
}

/// An iterator over the records of a table.
#[pyclass(frozen, module = "fragview._fragview", name = "_Records")]
pub(crate) struct Records {
    table: Py<RecordTable>,
    next: AtomicUsize,
}

#[pymethods]
impl Records {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> Option<Record> {
        let index = self.next.load(Ordering::Relaxed);
        if index >= self.table.get().table.len() {
            return None;
        }
        self.next.store(index + 1, Ordering::Relaxed);
        Some(Record {
            table: self.table.clone_ref(py),
            index,
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.table)
    }
}

/// Rows that a `repr` shows.
const SHOWN: usize = 10;

impl RecordTable {
    fn summary(&self) -> String {
        let (length, plural) = (self.table.len(), if self.table.len() == 1 { "" } else { "s" });
        let fault = self
            .error
            .as_ref()
            .map_or_else(String::new, |(_, _, text)| format!(" ({text})"));
        format!("RecordTable of {length} record{plural}{fault}")
    }

    /// The first rows as texts, the names of the columns on top.
    fn rows(&self, py: Python<'_>) -> PyResult<Vec<Vec<String>>> {
        let names = ["", "offset", "content"].into_iter().map(String::from);
        let mut rows = vec![
            names
                .chain(self.table.names().iter().cloned())
                .collect::<Vec<_>>(),
        ];
        for record in self.table.iter().take(SHOWN) {
            let mut row = vec![
                record.index().to_string(),
                record.offset().to_string(),
                record.content().length.to_string(),
            ];
            for value in record.fields() {
                row.push(from_value(py, &value)?.repr()?.to_string());
            }
            rows.push(row);
        }
        if self.table.len() > SHOWN {
            rows.push(vec![String::from("..."); rows[0].len()]);
        }
        Ok(rows)
    }

    /// What to trim: one number for all records, or one a record.
    fn amounts(&self, name: &str, amounts: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let checked = |number: i128| {
            usize::try_from(number)
                .map_err(|_| PyValueError::new_err(format!("{name}: {number} is no number of bytes")))
        };
        if is_number(amounts) {
            return Ok(vec![checked(integer(amounts)?)?]);
        }
        let Numbers::Integers(numbers) = Numbers::fetch(amounts)? else {
            return Err(PyTypeError::new_err(format!(
                "{name}: numbers of bytes are required, not truth values"
            )));
        };
        if numbers.len() != self.table.len() {
            let (given, length) = (numbers.len(), self.table.len());
            return Err(PyValueError::new_err(format!(
                "{name}: {given} numbers for {length} records"
            )));
        }
        numbers.into_iter().map(checked).collect()
    }

    fn content(&self, py: Python<'_>, index: usize) -> PyResult<FragView> {
        let content = self.table.content(index);
        let mut extents = Extents::new();
        extents.push(content.offset, content.length);
        view_of_extents(py, &self.source, &extents)
    }
}

/// One record of a table: its fields are attributes; `record["name"]` and `record[i]` give them too.
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct Record {
    table: Py<RecordTable>,
    index: usize,
}

impl Record {
    fn value<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let table = &self.table.get().table;
        let value = table.get(self.index).and_then(|record| record.field(name));
        value.map(|value| from_value(py, &value)).transpose()
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let fields = self
            .table
            .get()
            .table
            .get(self.index)
            .map(|record| record.fields())
            .unwrap_or_default();
        fields.iter().map(|value| from_value(py, value)).collect()
    }
}

#[pymethods]
impl Record {
    /// Where the record begins, in bytes from the source's start.
    #[getter]
    fn offset(&self) -> usize {
        self.table
            .get()
            .table
            .get(self.index)
            .map_or(0, |record| record.offset())
    }

    /// The values of the fields, one after the other.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyTuple::new(py, self.values(py)?)?.try_iter()
    }

    /// The content, as a FragView.
    #[getter]
    fn content(&self, py: Python<'_>) -> PyResult<FragView> {
        self.table.get().content(py, self.index)
    }

    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let value = self.value(py, name)?;
        value.ok_or_else(|| PyAttributeError::new_err(format!("the record has no field '{name}'")))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            let name = name.to_string_lossy();
            let value = self.value(py, &name)?;
            return value.ok_or_else(|| PyKeyError::new_err(format!("the record has no field '{name}'")));
        }
        PyTuple::new(py, self.values(py)?)?.as_any().get_item(key)
    }

    fn __len__(&self) -> usize {
        self.table.get().table.names().len()
    }

    fn __dir__(&self) -> Vec<String> {
        let names = ["offset", "content"].into_iter().map(String::from);
        names
            .chain(self.table.get().table.names().iter().cloned())
            .collect()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut fields = vec![format!("offset={}", self.offset())];
        for (name, value) in self.table.get().table.names().iter().zip(self.values(py)?) {
            fields.push(format!("{name}={}", value.repr()?));
        }
        let length = self.table.get().table.content(self.index).length;
        Ok(format!(
            "Record({}, content of {length} bytes)",
            fields.join(", ")
        ))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.table)
    }
}
