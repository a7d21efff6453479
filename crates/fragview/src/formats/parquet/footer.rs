//! The file's metadata: `FileMetaData`, `RowGroup`, `ColumnChunk` and `ColumnMetaData` of `parquet.thrift`.

use alloc::format;
use alloc::string::String;

use super::name::NAME;
use super::thrift::{BINARY, LIST, Reader, STRUCT};
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// A column's chunk of a row group: its pages.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    /// Its place in the row group.
    pub(super) column: usize,
    /// Where the column's path stands: a list of texts.
    path: Reader<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// How pages are compressed; nothing where they are not.
    pub(super) codec: &'static str,
}

impl Chunk<'_> {
    /// The column's path.
    pub(super) fn name(&self) -> Result<String, FormatError> {
        let mut reader = self.path;
        let (count, _) = reader.list()?;
        let mut name = String::new();
        for index in 0..count {
            let (start, end) = reader.binary()?;
            let mut bytes = [0; 255];
            let bytes = &mut bytes[..(end - start).min(255)];
            reader.input.read(start, bytes)?;
            let part = String::from_utf8_lossy(bytes).replace(['/', '\\'], "_");
            if index > 0 {
                name.push('/');
            }
            name.push_str(&part);
            if name.len() > 4096 {
                return reader.fault("a column's path of more than 4096 bytes");
            }
        }
        Ok(name)
    }
}

/// Where the file ends: behind the last magic that metadata of the right length come before, if there is one
/// in the last 64 KiB.
pub(super) fn end_of(input: Input) -> Option<usize> {
    let most = input.len().saturating_sub(12).min(1 << 16);
    (0..=most).map(|skip| input.len() - skip).find(|&end| {
        let Some(tail) = end.checked_sub(8).filter(|&tail| tail >= 4) else {
            return false;
        };
        let is_end = input.array(tail + 4) == Ok(*b"PAR1");
        is_end
            && input
                .u32(tail)
                .is_ok_and(|length| (1..=tail - 4).contains(&(length as usize)))
    })
}

/// Calls `each` for the chunks of all row groups of a file that ends at `end`.
pub(super) fn for_each_chunk(
    input: Input,
    end: usize,
    mut each: impl FnMut(Chunk) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let Some(tail) = end.checked_sub(8).filter(|&tail| tail >= 4) else {
        return input.fault(0, "too short for its magic and its metadata");
    };
    match &input.array(tail + 4)? {
        b"PAR1" => {}
        b"PARE" => return input.fault(tail + 4, "the metadata is encrypted"),
        _ => return input.fault(tail + 4, "no magic at the end"),
    }
    let Some(at) = (tail - 4).checked_sub(input.u32(tail)? as usize).map(|at| at + 4) else {
        return input.fault(tail, "metadata longer than the file");
    };
    let mut reader = Reader { input, at, end: tail };
    let mut columns = None;
    reader.fields(|reader, number, kind| {
        if (number, kind) != (4, LIST) {
            return Ok(false);
        }
        let (count, kind) = reader.list()?;
        if kind != STRUCT && count > 0 {
            return reader.fault("a row group is not a struct");
        }
        for _ in 0..count {
            let mut column = 0;
            reader.fields(|reader, number, kind| {
                if (number, kind) != (1, LIST) {
                    return Ok(false);
                }
                let (count, kind) = reader.list()?;
                if kind != STRUCT && count > 0 {
                    return reader.fault("a column is not a struct");
                }
                for _ in 0..count {
                    let chunk = chunk(reader, column, at)?;
                    column += 1;
                    each(chunk)?;
                }
                Ok(true)
            })?;
            if columns.is_some_and(|columns| columns != column) {
                return reader.fault("a row group whose columns differ from the first one's");
            }
            columns = Some(column);
        }
        Ok(true)
    })
}

/// The chunk that comes next. `limit`: where the metadata begins.
fn chunk<'a>(reader: &mut Reader<'a>, column: usize, limit: usize) -> Result<Chunk<'a>, FormatError> {
    let told = reader.at;
    let (mut found, mut codec) = (None, "");
    reader.fields(|reader, number, kind| match (number, kind) {
        (1, BINARY) => reader.fault("a column in another file"),
        (8, _) => reader.fault("an encrypted column"),
        (3, STRUCT) => {
            let (mut path, mut length, mut data, mut dictionary) = (None, None, None, None);
            codec = "";
            reader.fields(|reader, number, kind| {
                match (number, kind) {
                    (3, LIST) => {
                        path = Some(*reader);
                        return Ok(false);
                    }
                    (4, 4..=6) => codec = codec_name(reader.natural()?),
                    (7, 4..=6) => length = Some(reader.natural()?),
                    (9, 4..=6) => data = Some(reader.natural()?),
                    (11, 4..=6) => dictionary = Some(reader.natural()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            found = path.zip(length).zip(data).map(|both| (both, dictionary));
            Ok(true)
        }
        _ => Ok(false),
    })?;
    let Some((((path, length), data), dictionary)) = found else {
        return Err(FormatError::new(NAME, told, "a column without metadata"));
    };
    // Some writers put 0 if there is no dictionary.
    let start = dictionary
        .filter(|&dictionary| dictionary > 0)
        .map_or(data, |start| start.min(data));
    let wrong = |_| FormatError::new(NAME, told, format!("column {column} goes past the end"));
    let start = reader.input.end(0, start, limit).map_err(wrong)?;
    Ok(Chunk {
        column,
        path,
        start,
        end: reader.input.end(start, length, limit).map_err(wrong)?,
        codec,
    })
}

/// The name of a `CompressionCodec`.
const fn codec_name(number: u64) -> &'static str {
    match number {
        0 => "",
        1 => "snappy",
        2 => "gzip",
        3 => "lzo",
        4 => "brotli",
        5 => "lz4",
        6 => "zstd",
        7 => "lz4_raw",
        _ => "unknown",
    }
}
