//! The struct module's functions: `unpack_from`, `pack_into`, `iter_unpack`.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::ops::structs;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// The values that the struct module unpacks from the bytes at `offset`, as struct.unpack_from() does, seams or
    /// not. O(bytes of the format + seams).
    ///
    /// >>> FragView([b'\x00\x01\x00', b'\x02']).unpack_from('>HH')
    /// (1, 2)
    #[pyo3(signature = (format, /, offset = 0))]
    fn unpack_from<'py>(
        &self,
        py: Python<'py>,
        format: &Bound<'py, PyAny>,
        offset: isize,
    ) -> PyResult<Bound<'py, PyAny>> {
        structs::unpack_from(py, self, format, offset)
    }

    /// Packs values into the bytes at `offset`, as struct.pack_into() does, seams or not; where a value does not fit,
    /// nothing is written. O(bytes of the format + seams).
    #[pyo3(signature = (format, offset, /, *values))]
    fn pack_into(
        &self,
        py: Python<'_>,
        format: &Bound<'_, PyAny>,
        offset: isize,
        values: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        structs::pack_into(py, self, format, offset, values)
    }

    /// An iterator of the values of one struct after the other, as struct.iter_unpack() gives them.
    #[pyo3(signature = (format, /))]
    fn iter_unpack<'py>(slf: &Bound<'py, Self>, format: &Bound<'py, PyAny>) -> PyResult<structs::Unpacked> {
        structs::iter_unpack(slf, format)
    }
}
