//! `RecordLayout.pack_into`: fields of a header, written in place.

use fragview::View;
use fragview::records::PackIntoError;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::args::integer::number_from;
use crate::error::exception::{OrRaise, exception};
use crate::records::layout::{RecordLayout, conditions, wrong};
use crate::records::record::Record;
use crate::view::bytes_of::bytes_of;

#[pymethods]
impl RecordLayout {
    /// Write fields of a record's header in place: all of them, or none. `record` is a Record of a scan of
    /// `source`, or the offset of one. Other fields keep their bytes; a short text is padded with NULs.
    /// O(fields).
    ///
    /// An unknown field, a value that does not fit, a header past the end, or one that would not be as
    /// `expect` says raises ValueError; read-only memory raises TypeError. A table keeps what its scan has
    /// found: scan again after a length was written.
    ///
    /// >>> file = bytearray(b'\0\2\0ab')
    /// >>> layout = RecordLayout('>HB', 'length flags')
    /// >>> layout.pack_into(file, layout.scan(file)[0], flags=3)
    /// >>> file
    /// bytearray(b'\x00\x02\x03ab')
    #[pyo3(signature = (source, record, /, **fields))]
    fn pack_into(
        &self,
        source: &Bound<'_, PyAny>,
        record: &Bound<'_, PyAny>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let offset = match record.cast::<Record>() {
            Ok(record) => record.get().offset(),
            Err(_) => number_from(record, "record", 0)?,
        };
        let values = conditions(fields)?;
        let given: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let bytes = bytes_of("RecordLayout.pack_into()", source)?;
        let view = View::into_cast::<u8>(bytes.view()).map_err(exception)?;
        let (size, length) = (self.layout.header_size(), view.len());
        if offset.checked_add(size).is_none_or(|end| end > length) {
            return Err(PyValueError::new_err(format!(
                "the header of {size} bytes at offset {offset} is not within the source of {length} bytes"
            )));
        }
        match self.layout.pack_into(&view, offset, &given) {
            Ok(()) => Ok(()),
            Err(PackIntoError::Layout(error)) => Err(wrong(error)),
            Err(PackIntoError::View(error)) => Err(error).or_raise(),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }
}
