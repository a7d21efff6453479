//! `TFRecord`: TensorFlow's record files, event files among them (`TensorFlow`'s guide, "`TFRecord` and
//! `tf.train.Example`"; `tensorflow/core/lib/io/record_writer.h`).
//!
//! A record is its length (8 bytes), a checksum of these 8 bytes, the data, and a checksum of the data; all
//! numbers are little-endian, and the checksums are masked CRC-32C.
//!
//! | stream | |
//! | --- | --- |
//! | `records_joined` | the data of all records |
//! | `record[0]`, `record[1]`… | the data of each |
//!
//! Refused: a length whose checksum is wrong (nothing that follows would have a place), and a record that is
//! cut off. A lenient reading ends with the first of these, and takes a record that is cut
//! off as far as it goes. A file that is compressed as a whole is not a `TFRecord` file until it is inflated.

use alloc::format;

use super::parse::checksum::{CRC32C, Sum};
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::Bytes;

pub(crate) const NAME: &str = "tfrecord";

/// Bytes before the data: its length, and the length's checksum.
const HEADER: usize = 12;
/// Bytes after the data: their checksum.
const CHECKSUM: usize = 4;

/// True if the file begins with a length that has the right checksum.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let input = Input::little(bytes, NAME);
    let Ok(length) = input.u64(0) else {
        return false;
    };
    check_length(input, 0, length).is_ok()
}

/// The streams of a `TFRecord` file. O(records); reads 12 bytes a record.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, tfrecord};
/// let file = b"\x02\0\0\0\0\0\0\0x\x27\x0b\x34hi\x13\xd6\x08\x56";
/// let container = tfrecord::open(file, Options::default())?;
/// let record = container.stream("record[0]").unwrap();
/// assert_eq!(record.extents, [(12, 2)].into_iter().collect());
/// tfrecord::verify(file, &container)?;
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut container = Container::new(NAME);
    let records = container.family("record[{}]")?;
    container.push_joined("records_joined", records)?;
    let faults = Faults::new(options);
    let result = for_each_record(Input::little(bytes, NAME), &faults, |data| {
        container.push_in(records, [data])
    });
    if let Err(error) = result {
        faults.pass_last(error, &container)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the checksum of each record's data. O(bytes).
///
/// # Errors
///
/// The first checksum that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    let mut index = 0_usize;
    for_each_record(input, &Faults::new(Options::STRICT), |(start, length)| {
        let sum = Sum::new(input, &CRC32C).range(start, length)?;
        if sum.masked() != input.u32(start + length)? {
            return input.fault(start, format!("the checksum of record {index} is wrong"));
        }
        index += 1;
        Ok(())
    })
}

/// Gives where the data of each record lie; each length is checked.
fn for_each_record(
    input: Input,
    faults: &Faults,
    mut each: impl FnMut((usize, usize)) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut at = 0;
    while at < input.len() {
        let length = input.u64(at)?;
        check_length(input, at, length)?;
        let data = at.saturating_add(HEADER);
        // A checksum follows the data.
        let content_end = faults.end(&input, data, length, usize::MAX)?;
        if input.len() - content_end < CHECKSUM {
            faults.pass(FormatError::new(NAME, at, "the record is cut off"))?;
        }
        each((data, content_end - data))?;
        at = content_end + CHECKSUM;
    }
    Ok(())
}

/// Checks the checksum of the length of the record at `offset`.
fn check_length(input: Input, offset: usize, length: u64) -> Result<(), FormatError> {
    let sum = Sum::new(input, &CRC32C).bytes(&length.to_le_bytes());
    if sum.masked() != input.u32(offset.saturating_add(8))? {
        return input.fault(offset, "the checksum of the length is wrong");
    }
    Ok(())
}
