//! Record tables as Arrow arrays.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Field, Fields};
use bytes::Bytes;
use zerocopy::{Immutable, IntoBytes};

use super::{Column, RecordTable};
use crate::format::{FieldKind, Kind, ScalarValue};

/// The columns that tell where a record lies; no field can have these names.
const PLACES: [&str; 2] = ["_offset", "_length"];

impl RecordTable {
    /// The table as an Arrow struct array: `_offset` and `_length` of each content, then the fields of the
    /// headers.
    ///
    /// Integers, floats and truth values have Arrow's types of the same width; bytes and strings are
    /// fixed-size binary. O(fields): the columns are shared, and live as long as the array. Only truth values
    /// are copied, because Arrow packs them into bits: O(records) for each such column.
    ///
    /// # Errors
    /// Arrow's own error, as for a header with more fields than it can count, or a lack of memory.
    ///
    /// ```
    /// # use fragview::records::RecordLayout;
    /// let layout = RecordLayout::new("<B2s", &["length", "kind"])?;
    /// let table = layout.scan(b"\x01abX\x00cd", ..)?;
    /// let array = table.to_arrow()?;
    /// assert_eq!((array.len(), array.child_data().len()), (2, 4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_arrow(&self) -> Result<ArrayData, ArrowError> {
        let mut fields = Vec::new();
        let mut children = Vec::new();
        for (name, numbers) in PLACES.into_iter().zip(self.shared_places()) {
            fields.push(Field::new(name, DataType::Int64, false));
            children.push(array(DataType::Int64, self.len(), buffer(numbers))?);
        }
        for (name, column) in self.columns() {
            let data_type = data_type(column);
            fields.push(Field::new(String::from(name), data_type.clone(), false));
            children.push(array(data_type, self.len(), values(column)?)?);
        }
        let builder = ArrayData::builder(DataType::Struct(Fields::from(fields))).len(self.len());
        builder.child_data(children).build()
    }
}

fn array(data_type: DataType, length: usize, values: Buffer) -> Result<ArrayData, ArrowError> {
    // Arrow demands alignment: a column of bytes that an allocator puts elsewhere is copied.
    ArrayData::builder(data_type)
        .len(length)
        .add_buffer(values)
        .align_buffers(true)
        .build()
}

fn data_type(column: &Column) -> DataType {
    let binary = DataType::FixedSizeBinary(i32::try_from(column.width()).unwrap_or(i32::MAX));
    let FieldKind::Scalar(scalar) = column.kind() else {
        return binary;
    };
    match (scalar.kind(), scalar.size()) {
        (Kind::Signed, 1) => DataType::Int8,
        (Kind::Signed, 2) => DataType::Int16,
        (Kind::Signed, 4) => DataType::Int32,
        (Kind::Signed, _) => DataType::Int64,
        (Kind::Unsigned, 1) => DataType::UInt8,
        (Kind::Unsigned, 2) => DataType::UInt16,
        (Kind::Unsigned, 4) => DataType::UInt32,
        (Kind::Unsigned, _) => DataType::UInt64,
        (Kind::Float, 2) => DataType::Float16,
        (Kind::Float, 4) => DataType::Float32,
        (Kind::Float, _) => DataType::Float64,
        (Kind::Bool, _) => DataType::Boolean,
        (Kind::Byte, _) => binary,
    }
}

fn values(column: &Column) -> Result<Buffer, ArrowError> {
    match column.kind() {
        FieldKind::Scalar(scalar) if scalar.kind() == Kind::Bool => {
            // Arrow packs truth values into bits, the lowest first.
            let bytes = column.len().div_ceil(8);
            let mut bits = Vec::new();
            bits.try_reserve_exact(bytes)
                .map_err(|short| ArrowError::MemoryError(short.to_string()))?;
            bits.resize(bytes, 0_u8);
            for index in 0..column.len() {
                if column.scalar(index) == Some(ScalarValue::Bool(true)) {
                    bits[index / 8] |= 1 << (index % 8);
                }
            }
            Ok(Buffer::from_vec(bits))
        }
        _ => Ok(buffer(column.shared())),
    }
}

/// A column, kept as long as Arrow has a use for it.
struct Shared<T>(Arc<Vec<T>>);

impl<T: Immutable + IntoBytes> AsRef<[u8]> for Shared<T> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice().as_bytes()
    }
}

/// A column as Arrow's, without a copy.
fn buffer<T: Immutable + IntoBytes + Send + Sync + 'static>(values: Arc<Vec<T>>) -> Buffer {
    Buffer::from(Bytes::from_owner(Shared(values)))
}
