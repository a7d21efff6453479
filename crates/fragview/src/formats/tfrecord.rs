//! `TFRecord`: TensorFlow's record files, event files among them (`TensorFlow`'s guide, "`TFRecord` and `tf.train.Example`";
//! `tensorflow/core/lib/io/record_writer.h`).
//!
//! A record is its length (8 bytes), a checksum of these 8 bytes, the data, and a checksum of the data; all numbers are
//! little-endian, and the checksums are masked CRC-32C.
//!
//! | stream | |
//! | --- | --- |
//! | `records_joined` | the data of all records |
//! | `record[0]`, `record[1]`… | the data of each |
//!
//! Refused: a length whose checksum is wrong (nothing that follows would have a place), and a record that is cut off. A
//! file that is compressed as a whole is no `TFRecord` file until it is inflated.

use alloc::format;
use alloc::string::ToString;

use super::parse::checksum::{CRC32C, Sum};
use super::parse::input::Input;
use super::{Container, FormatError};
use crate::Bytes;
use crate::geometry::Extents;
use crate::records::{RecordLayout, RecordTable};

pub(crate) const NAME: &str = "tfrecord";

/// Bytes before the data: its length, and the length's checksum.
const HEADER: usize = 12;

/// True where the file begins with a length that has the right checksum and fits the file.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let input = Input::little(bytes, NAME);
    let Ok(length) = input.u64(0) else {
        return false;
    };
    check_length(input, 0, length).is_ok() && input.end(HEADER, length.saturating_add(4), usize::MAX).is_ok()
}

/// The streams of a `TFRecord` file. O(records); reads 12 bytes a record.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::tfrecord;
/// let file = b"\x02\0\0\0\0\0\0\0x\x27\x0b\x34hi\x13\xd6\x08\x56";
/// let container = tfrecord::open(file)?;
/// assert_eq!(container.streams[1].name, "record[0]");
/// assert_eq!(container.streams[1].extents, [(12, 2)].into_iter().collect());
/// tfrecord::verify(file, &container)?;
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    let table = scan(bytes)?;
    let mut container = Container::new(NAME);
    container.push("records_joined", table.join());
    for index in 0..table.len() {
        let content = table.content(index);
        let mut data = Extents::new();
        data.push(content.offset, content.length);
        container.push(format!("record[{index}]"), data);
    }
    Ok(container)
}

/// Checks the checksum of each record's data. O(bytes).
///
/// # Errors
///
/// The first checksum that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    let table = scan(bytes)?;
    for index in 0..table.len() {
        let content = table.content(index);
        let start = content.offset.unwrap_or(0);
        let sum = Sum::new(input, &CRC32C).range(start, content.length)?;
        if sum.masked() != input.u32(start + content.length)? {
            return input.fault(start, format!("the checksum of record {index} is wrong"));
        }
    }
    Ok(())
}

/// The records of a file, each length checked.
fn scan(bytes: &dyn Bytes) -> Result<RecordTable, FormatError> {
    let input = Input::little(bytes, NAME);
    let layout = match RecordLayout::new("<QI", &["length", "checksum"]) {
        Ok(layout) => layout.trailer(4),
        Err(error) => return input.fault(0, error.to_string()),
    };
    let (table, error) = layout.scan_some(bytes, 0..bytes.len());
    // A wrong length leads anywhere, so what its checksum says comes before what was found there.
    for (&offset, &length) in table.offsets().iter().zip(table.lengths()) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        check_length(input, offset, u64::try_from(length).unwrap_or(0))?;
    }
    match error {
        Some(error) => {
            check_length(input, error.offset, input.u64(error.offset)?)?;
            input.fault(error.offset, error.fault.to_string())
        }
        None => Ok(table),
    }
}

/// Checks the checksum of the length of the record at `offset`.
fn check_length(input: Input, offset: usize, length: u64) -> Result<(), FormatError> {
    let sum = Sum::new(input, &CRC32C).bytes(&length.to_le_bytes());
    if sum.masked() != input.u32(offset.saturating_add(8))? {
        return input.fault(offset, "the checksum of the length is wrong");
    }
    Ok(())
}
