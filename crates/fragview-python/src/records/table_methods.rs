//! The methods of `RecordTable`, as Python calls them, and the iterator of its records.

use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::Interrupt;
use fragview::records::TrimError;
use pyo3::exceptions::{PyIndexError, PyMemoryError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyCapsule, PyDict, PyList, PySlice, PyString, PyTuple};

use crate::args::index;
use crate::args::integer::{self, is_number};
use crate::error::classes::record_error;
use crate::error::exception::{OrRaise, raised};
use crate::records::arrow;
use crate::records::column::{Column, Which};
use crate::records::contents::Contents;
use crate::records::record::Record;
use crate::records::selection::mask;
use crate::records::table::RecordTable;
use crate::records::value::from_value;
use crate::runtime::attach::detach;
use crate::runtime::interruptible::with_interrupt;
use crate::runtime::turns::Turns;
use crate::view::handle::FragView;
use crate::view::view_of_extents::view_of_extents;

#[pymethods]
impl RecordTable {
    /// The offset of each record in the source, as a column of 64-bit integers. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').offsets.tolist()
    /// [0, 4]
    #[getter]
    fn offsets(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Offsets)
    }

    /// The offset of each record's content in the source, as a column of 64-bit integers. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').starts.tolist()
    /// [2, 6]
    #[getter]
    fn starts(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Starts)
    }

    /// The number of bytes of each record's content, as a column of 64-bit integers. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').lengths.tolist()
    /// [2, 1]
    #[getter]
    fn lengths(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Column::view(slf, Which::Lengths)
    }

    /// The trailers of all records as one FragView, without a copy: `table.trailers.cast('>I')` is a sequence
    /// of checksums. O(records). Other Python threads run meanwhile.
    ///
    /// >>> RecordLayout('>H', 'length', trailer=2).scan(b'\0\2ab\0\7\0\0\1\0').trailers.cast('>H').tolist()
    /// [7, 256]
    #[getter]
    fn trailers(&self, py: Python<'_>) -> PyResult<FragView> {
        let extents = with_interrupt(py, |interrupt| self.table.trailers_with(interrupt))?.or_raise()?;
        view_of_extents(py, &self.source, &extents)
    }

    /// The offset of the last record's end in the source, after its trailer and before any padding; the
    /// scan's start if there are no records. O(1).
    ///
    /// >>> RecordLayout('>H', 'length', until={'length': 0}).scan(b'\0\2ab\0\0rest').end
    /// 6
    #[getter]
    fn end(&self) -> usize {
        self.table.end()
    }

    /// The names of the fields. O(fields).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').fields
    /// ['length']
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.table.names().to_vec()
    }

    /// The RecordError that ended a scan with `strict=False`, else None. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\5c', strict=False).error.offset
    /// 4
    #[getter]
    fn error<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        let (offset, index, text) = slf.get().error.as_ref()?;
        let error = record_error(slf.py(), text, *offset, *index, slf.as_any());
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
                return Err(this.no_field(&name));
            };
            return Ok(Bound::new(py, Column::view(slf, Which::Field(index))?)?.into_any());
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            let slice = slice.indices(length.cast_signed())?;
            let indices: Vec<usize> = (0..slice.slicelength.cast_signed())
                .map(|nth| (slice.start + nth * slice.step).cast_unsigned())
                .collect();
            return Ok(Bound::new(py, this.select(py, &indices)?)?.into_any());
        }
        if is_number(key) && !key.is_instance_of::<PyBool>() {
            let index = integer::index(key)?;
            let Some(index) = index::resolve(index, length) else {
                return Err(raised::<PyIndexError>(&format!(
                    "record index {index} is out of range ({length} records)"
                )));
            };
            let table = slf.clone().unbind();
            return Ok(Bound::new(py, Record { table, index })?.into_any());
        }
        let indices = this.picked(key)?;
        Ok(Bound::new(py, this.select(py, &indices)?)?.into_any())
    }

    /// Return a table of the records whose fields have these values; a sequence of values stands for any of
    /// them. Values are compared as in Python: 1, 1.0 and True are equal. A short text is padded with NULs. A
    /// field that is not there raises an exception. O(records).
    ///
    /// >>> table = RecordLayout('>BB', 'stream length').scan(b'\1\1a\2\1x\1\2bc')
    /// >>> table.where(stream=1).join().tobytes(), len(table.where(stream=[1, 2], length=1))
    /// (b'abc', 2)
    #[pyo3(signature = (**fields))]
    fn r#where(&self, py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut table = None;
        for (name, wanted) in fields.into_iter().flatten() {
            let name = name.cast_into::<PyString>()?;
            let name = name.to_string_lossy();
            let values = self.wanted(&name, &wanted)?;
            let found = with_interrupt(py, |interrupt| {
                let table = table.as_ref().unwrap_or(&self.table);
                table.where_with(&name, &values, interrupt)
            });
            table = Some(found?.or_raise()?.ok_or_else(|| self.no_field(&name))?);
        }
        let table = table.unwrap_or_else(|| detach(py, || self.table.clone()));
        Ok(self.derived(py, table))
    }

    /// Return a table of the same records with `front` bytes removed from the beginning of each content and
    /// `back` from its end. Both are integers, or one integer for each record. If a content is shorter,
    /// ValueError is raised. O(records).
    ///
    /// >>> table = RecordLayout('>H', 'length').scan(b'\0\2ab\0\3cde')
    /// >>> table.trim(1).join().tobytes(), table.trim([0, 2]).join().tobytes()
    /// (b'bde', b'abe')
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
        let trim = |interrupt: &mut Interrupt<'_>| {
            self.table
                .trim_with(|index| pick(&front, index), |index| pick(&back, index), interrupt)
        };
        let table = with_interrupt(py, trim)?.map_err(|error| {
            let TrimError::TooShort { index } = error else {
                return PyMemoryError::new_err(());
            };
            let length = self.table.lengths().get(index).copied().unwrap_or(0);
            let less = pick(&front, index).saturating_add(pick(&back, index));
            PyValueError::new_err(format!(
                "record {index}: {less} bytes to trim from a content of {length}"
            ))
        })?;
        Ok(self.derived(py, table))
    }

    /// Return the contents of all records as one FragView, without a copy. O(records). Other Python threads
    /// run meanwhile.
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').join().tobytes()
    /// b'abc'
    fn join(&self, py: Python<'_>) -> PyResult<FragView> {
        let extents = with_interrupt(py, |interrupt| self.table.join_with(interrupt))?.or_raise()?;
        view_of_extents(py, &self.source, &extents)
    }

    /// Return a list of the contents, each as a FragView. O(records): 1 to 2 µs and about 570 bytes each;
    /// join() is far cheaper.
    ///
    /// >>> [view.tobytes() for view in RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').views()]
    /// [b'ab', b'c']
    fn views<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let (views, mut turns) = (PyList::empty(py), Turns::default());
        for index in 0..self.table.len() {
            turns.take(py)?;
            views.append(self.content(py, index)?)?;
        }
        Ok(views)
    }

    /// Return an iterator of the contents, each as new bytes: the quickest way to the bytes of every record,
    /// where a loop over views() makes two objects a record. Each step copies what the source holds then.
    ///
    /// >>> list(RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c').iter_bytes())
    /// [b'ab', b'c']
    fn iter_bytes(slf: Py<Self>) -> Contents {
        Contents::new(slf)
    }

    /// Return a dict from each value of a field, in order of first appearance, to the table of its records. A
    /// field that is not there raises KeyError. O(records). Other Python threads run meanwhile.
    ///
    /// >>> table = RecordLayout('>BB', 'stream length').scan(b'\1\1a\2\1x\1\2bc')
    /// >>> {stream: part.join().tobytes() for stream, part in table.group_by('stream').items()}
    /// {1: b'abc', 2: b'x'}
    #[pyo3(signature = (field, /))]
    fn group_by<'py>(&self, py: Python<'py>, field: &str) -> PyResult<Bound<'py, PyDict>> {
        let groups = with_interrupt(py, |interrupt| {
            let Some(groups) = self.table.group_by_with(field, interrupt)? else {
                return Ok(None);
            };
            let tables = groups
                .iter()
                .map(|(_, indices)| self.table.select_with(indices, interrupt));
            tables.collect::<Result<Vec<_>, _>>().map(Some)
        })?
        .or_raise()?;
        let (dict, mut turns) = (PyDict::new(py), Turns::default());
        for group in groups.ok_or_else(|| self.no_field(field))? {
            turns.take(py)?;
            let Some(value) = group.get(0).and_then(|record| record.field(field)) else {
                continue;
            };
            let value = from_value(py, &value)?;
            dict.set_item(value, Bound::new(py, self.derived(py, group))?)?;
        }
        Ok(dict)
    }

    /// Return a list of FragViews, each of the contents from one start up to the next: messages over several
    /// records. `starts` is a mask with one truth value for each record, such as a column of flags. Records
    /// before the first start belong to no message. A mask of another length raises an exception. O(records).
    ///
    /// >>> table = RecordLayout('>BB', 'first length').scan(b'\1\1a\0\1b\1\1c')
    /// >>> [message.tobytes() for message in table.messages(table['first'])]
    /// [b'ab', b'c']
    #[pyo3(signature = (starts, /))]
    fn messages<'py>(&self, py: Python<'py>, starts: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let mask = mask("messages()", starts, self.table.len())?;
        let messages = with_interrupt(py, |interrupt| {
            self.table.messages_with(|index| mask[index], interrupt)
        })?
        .or_raise()?;
        let (views, mut turns) = (PyList::empty(py), Turns::default());
        for message in &messages {
            turns.take(py)?;
            views.append(view_of_extents(py, &self.source, message)?)?;
        }
        Ok(views)
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

    /// The table as an Arrow struct array, by Arrow's PyCapsule interface: `pyarrow.table(t)`,
    /// `polars.DataFrame(t)`. The columns are `_offset` and `_length` of each content, and the fields.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        // The interface lets a producer ignore the schema asked for.
        let _ = requested_schema;
        arrow::array(py, &self.table)
    }

    /// As __arrow_c_array__(), as a stream of one batch, for consumers that ask for a stream: `duckdb`,
    /// `datafusion`, `pyarrow.RecordBatchReader.from_stream(t)`.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore the schema asked for.
        let _ = requested_schema;
        arrow::stream(py, &self.table)
    }

    /// The columns' types, by Arrow's PyCapsule interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::schema(py, &self.table)
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
