//! Pages of a column's chunk: `PageHeader` of `parquet.thrift`.

use super::name::NAME;
use super::thrift::Reader;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// A page: what it is, and where its body lies.
pub(super) struct Page {
    pub(super) is_dictionary: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) checksum: Option<u32>,
}

/// Calls `each` for each page with data, or a dictionary, of a chunk: from `at` to `chunk_end`.
pub(super) fn for_each_page(
    input: Input,
    mut at: usize,
    chunk_end: usize,
    mut each: impl FnMut(Page) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    while at < chunk_end {
        let mut reader = Reader {
            input,
            at,
            end: chunk_end,
        };
        let (mut kind, mut length, mut checksum) = (None, None, None);
        reader.fields(|reader, number, of| {
            match (number, of) {
                (1, 4..=6) => kind = Some(reader.natural()?),
                (3, 4..=6) => length = Some(reader.natural()?),
                // A number with a sign, whose bits are those of the CRC.
                (4, 4..=6) => checksum = u32::try_from(reader.number()? & 0xffff_ffff).ok(),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (Some(kind), Some(length)) = (kind, length) else {
            return Err(FormatError::new(NAME, at, "a page without a type or a size"));
        };
        let start = reader.at;
        at = input.end(start, length, chunk_end)?;
        // 1 is an index page, which no one writes.
        if matches!(kind, 0 | 2 | 3) {
            each(Page {
                is_dictionary: kind == 2,
                start,
                end: at,
                checksum,
            })?;
        }
    }
    Ok(())
}
