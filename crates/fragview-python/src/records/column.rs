//! A column of a record table, as a buffer that NumPy reads without a copy.

use std::ffi::{CString, c_void};
use std::ptr;

use fragview::format::FieldKind;
use fragview::records as core;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::buffers::request::{Request, Shown};
use crate::records::table::RecordTable;
use crate::view::construct;
use crate::view::handle::FragView;

/// Which numbers of a table.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    /// The start of the records.
    Offsets,
    /// The start of their contents.
    Starts,
    /// The lengths of their contents.
    Lengths,
    /// The field of this index.
    Field(usize),
}

/// One column of a table, which never changes; a read-only FragView shows its values.
#[pyclass(frozen, module = "fragview._fragview", name = "_Column")]
pub(crate) struct Column {
    table: Py<RecordTable>,
    which: Which,
    format: CString,
    width: isize,
    shape: [isize; 1],
}

impl Column {
    /// A read-only FragView of a column of a table; its values are not copied.
    pub(crate) fn view(table: &Bound<'_, RecordTable>, which: Which) -> PyResult<FragView> {
        let rows = &table.get().table;
        let (format, width) = match which {
            Which::Offsets | Which::Starts | Which::Lengths => (String::from("q"), size_of::<i64>()),
            Which::Field(index) => {
                let column = field(rows, index);
                let format = match column.map(core::Column::kind) {
                    Some(FieldKind::String { length }) => format!("{length}s"),
                    Some(FieldKind::Pascal { length }) => format!("{length}p"),
                    _ => column
                        .and_then(core::Column::code)
                        .map_or_else(|| String::from("B"), |code| char::from(code).into()),
                };
                (format, column.map_or(1, core::Column::width))
            }
        };
        let column = Self {
            table: table.clone().unbind(),
            which,
            format: CString::new(format)?,
            width: width.cast_signed(),
            shape: [rows.len().cast_signed()],
        };
        let column = Bound::new(table.py(), column)?;
        construct::from_source(column.as_any()).map(FragView::new)
    }

    fn data(&self) -> (*const c_void, usize) {
        let rows = &self.table.get().table;
        let numbers = |numbers: &[i64]| (numbers.as_ptr().cast(), size_of_val(numbers));
        match self.which {
            Which::Offsets => numbers(rows.offsets()),
            Which::Starts => numbers(rows.starts()),
            Which::Lengths => numbers(rows.lengths()),
            Which::Field(index) => {
                let data = field(rows, index).map_or(&[][..], core::Column::data);
                (data.as_ptr().cast(), data.len())
            }
        }
    }
}

impl Column {
    /// Meets a request for the values as a read-only buffer.
    pub(crate) fn fill(slf: &Bound<'_, Self>, target: &mut ffi::Py_buffer, request: Request) -> PyResult<()> {
        if request.wants(ffi::PyBUF_WRITABLE) {
            return Err(PyBufferError::new_err("a column is read-only"));
        }
        // The table never changes, and lives as long as the column that the buffer refers to.
        let column = slf.get();
        let (first, length) = column.data();
        let shown = Shown {
            first: first.cast_mut(),
            length,
            item_size: column.width.cast_unsigned(),
            readonly: true,
            format: &column.format,
            shape: &column.shape,
            strides: std::slice::from_ref(&column.width),
            suboffsets: &[],
            internal: ptr::null_mut(),
        };
        request.fill(target, slf.clone().into_any(), &shown);
        Ok(())
    }
}

fn field(rows: &core::RecordTable, index: usize) -> Option<&core::Column> {
    rows.columns().nth(index).map(|(_, column)| column)
}

#[pymethods]
impl Column {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.table)
    }
}
