//! The class `Record`.

use fragview::records as core;
use pyo3::IntoPyObjectExt;
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyAttributeError, PyKeyError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString, PyTuple};

use crate::args::integer::own_attribute;
use crate::error::wording::{listed, plural, repr_of};
use crate::records::record_equal;
use crate::records::table::RecordTable;
use crate::records::value::from_value;
use crate::view::handle::FragView;

/// One record of a table. Its fields are attributes; `record["name"]` and `record[i]` give them too. A field
/// named `header`, `trailer`, `end` or `index` hides the attribute of this name. Two records are equal if
/// their fields are equal and they lie at the same place of the same memory.
///
/// >>> table = RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')
/// >>> record = table[0]
/// >>> record.length, record['length'], record.content.tobytes()
/// (2, 2, b'ab')
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct Record {
    pub(crate) table: Py<RecordTable>,
    pub(crate) index: usize,
}

/// Attributes that a field of the same name hides.
pub(super) const YIELDING: [&str; 4] = ["header", "trailer", "end", "index"];

impl Record {
    /// The field of a yielding attribute's name, or else the attribute.
    fn field_or<'py, T: IntoPyObjectExt<'py>>(
        &self,
        py: Python<'py>,
        name: &str,
        attribute: impl FnOnce(&core::RecordTable) -> PyResult<T>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self.value(py, name)? {
            Some(value) => Ok(value),
            None => attribute(&self.table.get().table)?.into_bound_py_any(py),
        }
    }

    fn at(&self) -> record_equal::At<'_> {
        let RecordTable { table, source, .. } = self.table.get();
        record_equal::At {
            table,
            source,
            index: self.index,
        }
    }

    fn no_field(&self, name: &str) -> String {
        let names = listed(self.table.get().table.names());
        format!("the record has no field '{name}'; {names}")
    }

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
    /// The offset of the record in the source, in bytes. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')[1].offset
    /// 4
    #[getter]
    pub(crate) fn offset(&self) -> usize {
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

    /// The content, as a FragView. O(1) for a source of one fragment, else O(fragments of the content).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')[0].content.tobytes()
    /// b'ab'
    #[getter]
    fn content(&self, py: Python<'_>) -> PyResult<FragView> {
        self.table.get().content(py, self.index)
    }

    /// The header, as a FragView, with a length that follows it. Cost as of `content`.
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')[1].header.hex()
    /// '0001'
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field_or(py, "header", |table| {
            self.table.get().view_of(py, table.header(self.index))
        })
    }

    /// The trailer, as a FragView; empty if the layout has none. Cost as of `content`.
    ///
    /// >>> RecordLayout('>H', 'length', trailer=1).scan(b'\0\2ab!\0\1c?')[1].trailer.tobytes()
    /// b'?'
    #[getter]
    fn trailer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field_or(py, "trailer", |table| {
            self.table.get().view_of(py, table.trailer(self.index))
        })
    }

    /// The offset of the record's end in the source, after its trailer and before any padding. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')[0].end
    /// 4
    #[getter]
    fn end<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field_or(py, "end", |table| Ok(table.end_of(self.index)))
    }

    /// The record's index in its table. O(1).
    ///
    /// >>> RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')[-1].index
    /// 1
    #[getter]
    fn index<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field_or(py, "index", |_| Ok(self.index))
    }

    fn __richcmp__(
        &self,
        py: Python<'_>,
        other: &Bound<'_, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else {
            return Ok(py.NotImplemented());
        };
        let same = || record_equal::equal(py, self.at(), other.get().at());
        match operator {
            CompareOp::Eq => same()?.into_py_any(py),
            CompareOp::Ne => (!same()?).into_py_any(py),
            _ => Ok(py.NotImplemented()),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyTuple::new(py, record_equal::location(self.at()))?.hash()
    }

    #[expect(clippy::unused_self, reason = "the slot's signature")]
    fn __setattr__(&self, _name: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err(
            "fields can't be set; write to the source",
        ))
    }

    #[expect(clippy::unused_self, reason = "the slot's signature")]
    fn __delattr__(&self, _name: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err("fields can't be deleted"))
    }

    // Fields come first: no class attribute but the yielding ones can have a field's name, and an
    // AttributeError that is thrown away costs more than the rest.
    fn __getattribute__<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if let Ok(text) = name.to_str()
            && let Some(value) = slf.get().value(py, text)?
        {
            return Ok(value);
        }
        own_attribute(slf.as_any(), name)
    }

    // PyO3 calls it after an AttributeError of the above.
    fn __getattr__(&self, name: &Bound<'_, PyString>) -> PyResult<Py<PyAny>> {
        Err(PyAttributeError::new_err(self.no_field(&name.to_string_lossy())))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            let name = name.to_string_lossy();
            let value = self.value(py, &name)?;
            return value.ok_or_else(|| PyKeyError::new_err(self.no_field(&name)));
        }
        PyTuple::new(py, self.values(py)?)?.as_any().get_item(key)
    }

    fn __len__(&self) -> usize {
        self.table.get().table.names().len()
    }

    fn __dir__(&self) -> Vec<String> {
        let names = ["offset", "content"].into_iter().chain(YIELDING);
        let mut names: Vec<String> = names.map(String::from).collect();
        for name in self.table.get().table.names() {
            if !YIELDING.contains(&name.as_str()) {
                names.push(name.clone());
            }
        }
        names
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut fields = vec![format!("offset={}", self.offset())];
        for (name, value) in self.table.get().table.names().iter().zip(self.values(py)?) {
            fields.push(format!("{name}={}", repr_of(&value)?));
        }
        let length = self.table.get().table.content(self.index).length;
        Ok(format!(
            "Record({}, content of {length} byte{})",
            fields.join(", "),
            plural(length)
        ))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.table)
    }
}
