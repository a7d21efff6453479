//! The struct module's functions: `unpack_from`, `pack_into`, `iter_unpack`.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::ops::structs;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Unpack values from the bytes at `offset` by a format of the struct module, as struct.unpack_from()
    /// does, also across seams. struct.error is raised if the view is too short. O(bytes of the format +
    /// seams).
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

    /// Pack values into the bytes at `offset` by a format of the struct module, as struct.pack_into() does,
    /// also across seams. If a value does not fit, struct.error is raised and nothing is written. O(bytes of
    /// the format + seams).
    ///
    /// >>> head, tail = bytearray(3), bytearray(1)
    /// >>> FragView([head, tail]).pack_into('>HH', 0, 1, 2)
    /// >>> head, tail
    /// (bytearray(b'\x00\x01\x00'), bytearray(b'\x02'))
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

    /// Return an iterator over the structs that fill the view, each as a tuple, as struct.iter_unpack() does.
    /// struct.error is raised if the view's length is not a multiple of the format's. Each step is O(bytes of
    /// the format + seams).
    ///
    /// >>> list(FragView([b'\x00\x01\x00', b'\x02']).iter_unpack('>H'))
    /// [(1,), (2,)]
    #[pyo3(signature = (format, /))]
    fn iter_unpack<'py>(slf: &Bound<'py, Self>, format: &Bound<'py, PyAny>) -> PyResult<structs::Unpacked> {
        structs::iter_unpack(slf, format)
    }
}
