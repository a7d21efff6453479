//! Arrow's PyCapsule interface of a record table.

use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::ffi::FFI_ArrowSchema;
use fragview::records::RecordTable;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::records::arrow_stream::ArrowArrayStream;

/// Arrow's struct in a capsule that frees it, unless a consumer has moved it out.
///
/// The C structs hold pointers; they may be freed by any thread.
#[repr(transparent)]
struct Schema(FFI_ArrowSchema);
/// As [`Schema`].
#[repr(transparent)]
struct Array(FFI_ArrowArray);

fn schema_of(table: &RecordTable) -> PyResult<(arrow_data::ArrayData, FFI_ArrowSchema)> {
    let wrong = |error: arrow_schema::ArrowError| PyValueError::new_err(error.to_string());
    let array = table.to_arrow().map_err(wrong)?;
    let schema = FFI_ArrowSchema::try_from(array.data_type()).map_err(wrong)?;
    Ok((array, schema))
}

/// `__arrow_c_schema__()`: a capsule named "arrow_schema".
pub(crate) fn schema<'py>(py: Python<'py>, table: &RecordTable) -> PyResult<Bound<'py, PyCapsule>> {
    let (_, schema) = schema_of(table)?;
    PyCapsule::new_with_value(py, Schema(schema), c"arrow_schema")
}

/// `__arrow_c_array__()`: capsules named "arrow_schema" and "arrow_array".
pub(crate) fn array<'py>(py: Python<'py>, table: &RecordTable) -> PyResult<Bound<'py, PyTuple>> {
    let (array, schema) = schema_of(table)?;
    let schema = PyCapsule::new_with_value(py, Schema(schema), c"arrow_schema")?;
    let array = PyCapsule::new_with_value(py, Array(FFI_ArrowArray::new(&array)), c"arrow_array")?;
    PyTuple::new(py, [schema, array])
}

/// `__arrow_c_stream__()`: a capsule named "arrow_array_stream", of one batch.
pub(crate) fn stream<'py>(py: Python<'py>, table: &RecordTable) -> PyResult<Bound<'py, PyCapsule>> {
    let (array, _) = schema_of(table)?;
    PyCapsule::new_with_value(py, ArrowArrayStream::of(array), c"arrow_array_stream")
}
