//! `LevelDB` log (write-ahead log and manifest) and `RocksDB` WAL: blocks of 32 KiB of physical records (`LevelDB`'s
//! `doc/log_format.md`; `RocksDB`'s wiki, "Write Ahead Log File Format", and `db/log_format.h`).
//!
//! A physical record is a masked CRC-32C, a length of 16 bits, a type, and its part of a logical record: all of it
//! (FULL), or its FIRST, a MIDDLE or its LAST part. `RocksDB`'s recyclable types have the number of the log after the
//! type: where another number comes, an older log's bytes begin, and the log is at its end. What is left of a block and
//! too small for a header is padding. Zeros up to a block's end are memory that was reserved and never written.
//!
//! | stream | |
//! | --- | --- |
//! | `all_records_joined` | all logical records |
//! | `record[0]`, `record[1]`… | each logical record |
//! | `values_joined` | where each record is a batch of writes: the values that they put, joined |
//!
//! Refused: a type that is not known, a compressed WAL, a record past its block or cut off, a part of a record without
//! those before or after it. `RocksDB`'s records about the log itself (timestamp sizes, the log before) are passed over.

mod write_batch;

use alloc::format;
use alloc::vec::Vec;
use core::mem;

use crate::formats::parse::checksum::{CRC32C, Sum};
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;
use crate::{Bytes, Within};

pub(crate) const NAME: &str = "leveldb_log";

const BLOCK: usize = 32 * 1024;
/// Checksum, length, type.
const HEADER: usize = 7;
/// As above, and the number of the log.
const RECYCLABLE_HEADER: usize = 11;

/// True where the file begins with a physical record that can be a log's first, and its checksum is right.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let mut log = Log::new(bytes);
    match log.next() {
        Ok(Some(piece)) => {
            piece.offset == 0
                && matches!(piece.part, Part::Full | Part::First | Part::Aside)
                && log.check(&piece).is_ok()
        }
        _ => false,
    }
}

/// The streams of a log. O(records); reads 11 bytes a physical record, and the headers of batches of writes.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::leveldb_log;
/// let file = b"\0\0\0\0\x03\0\x01one\0\0\0\0\x03\0\x01two";
/// let container = leveldb_log::open(file)?;
/// assert_eq!(container.streams[2].name, "record[1]");
/// assert_eq!(container.streams[2].extents, [(17, 3)].into_iter().collect());
/// assert!(leveldb_log::verify(file, &container).is_err()); // the checksums are zeros
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    let records = records(&mut Log::new(bytes))?;
    let mut container = Container::new(NAME);
    let (mut all, mut values) = (Extents::new(), Some(Extents::new()));
    for record in &records {
        all.append(record);
        values = values.and_then(|mut values| {
            let batch = write_batch::values(&Within::new(bytes, record))?;
            values.append(&batch.within(record));
            Some(values)
        });
    }
    container.push("all_records_joined", all);
    for (index, record) in records.into_iter().enumerate() {
        container.push(format!("record[{index}]"), record);
    }
    if let Some(values) = values.filter(|values| values.byte_len() > 0) {
        container.push("values_joined", values);
    }
    Ok(container)
}

/// Checks the checksum of each physical record. O(bytes).
///
/// # Errors
///
/// The first checksum that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let mut log = Log::new(bytes);
    while let Some(piece) = log.next()? {
        log.check(&piece)?;
    }
    Ok(())
}

/// The logical records.
fn records(log: &mut Log) -> Result<Vec<Extents>, FormatError> {
    let mut records = Vec::new();
    let mut open: Option<Extents> = None;
    while let Some(piece) = log.next()? {
        let fault = |what| log.input.fault(piece.offset, what);
        match (piece.part, &mut open) {
            (Part::Aside, _) | (Part::Zeros, None) => {}
            (Part::Zeros, Some(_)) => return fault("zeros within a record"),
            (Part::Middle | Part::Last, None) => return fault("a part of a record without its first part"),
            // An old writer could leave an empty first part at a block's end and begin again in the next block.
            (Part::Full | Part::First, Some(record)) if record.byte_len() > 0 => {
                return fault("a record begins within another");
            }
            (Part::Full, _) => {
                open = None;
                records.push([(piece.start, piece.length)].into_iter().collect());
            }
            (Part::First, _) => open = Some([(piece.start, piece.length)].into_iter().collect()),
            (Part::Middle, Some(record)) => record.push(Some(piece.start), piece.length),
            (Part::Last, Some(record)) => {
                record.push(Some(piece.start), piece.length);
                records.push(mem::take(record));
                open = None;
            }
        }
    }
    if open.is_some() {
        return log
            .input
            .fault(log.at.min(log.input.len()), "the last record is cut off");
    }
    Ok(records)
}

/// Which part of a logical record a physical one is.
#[derive(Clone, Copy)]
enum Part {
    Full,
    First,
    Middle,
    Last,
    /// None: it is about the log itself.
    Aside,
    /// None: memory that was never written, up to the block's end.
    Zeros,
}

/// A physical record.
struct Piece {
    offset: usize,
    part: Part,
    /// Where its content lies.
    start: usize,
    length: usize,
}

/// Whether a log's memory was used before, by the first record of it.
#[derive(Clone, Copy)]
enum Kind {
    Open,
    Plain,
    /// It was, and this log has this number.
    Recycled(u32),
}

/// The physical records of a log, in order.
struct Log<'a> {
    input: Input<'a>,
    at: usize,
    kind: Kind,
}

impl<'a> Log<'a> {
    fn new(bytes: &'a dyn Bytes) -> Self {
        Self {
            input: Input::little(bytes, NAME),
            at: 0,
            kind: Kind::Open,
        }
    }

    /// The next physical record; `None` at the log's end.
    fn next(&mut self) -> Result<Option<Piece>, FormatError> {
        let input = self.input;
        let mut block_end = self.at - self.at % BLOCK + BLOCK;
        if block_end - self.at < HEADER {
            self.at = block_end;
            block_end += BLOCK;
        }
        let offset = self.at;
        let left = input.len().saturating_sub(offset);
        let mut header = [0; RECYCLABLE_HEADER];
        input.read(
            offset.min(input.len()),
            &mut header[..left.min(RECYCLABLE_HEADER)],
        )?;
        // Fewer zeros than a header, up to the end, are reserved memory too.
        if header[..HEADER] == [0; HEADER] {
            self.at = block_end.min(input.len());
            return Ok((left > 0).then_some(Piece {
                offset,
                part: Part::Zeros,
                start: offset,
                length: 0,
            }));
        }
        let [.., low, high, kind, _, _, _, _] = header;
        let recyclable = matches!(kind, 5..=8 | 11 | 131);
        if let Kind::Recycled(number) = self.kind
            && !(recyclable && left >= RECYCLABLE_HEADER && number_of(&header) == number)
        {
            // What an older log left.
            return Ok(None);
        }
        let header_size = if recyclable { RECYCLABLE_HEADER } else { HEADER };
        if left < header_size {
            return input.fault(offset, "the last header is cut off");
        }
        let part = match kind {
            1 | 5 => Part::Full,
            2 | 6 => Part::First,
            3 | 7 => Part::Middle,
            4 | 8 => Part::Last,
            9 => return input.fault(offset, "a compressed log is no view"),
            // Timestamp sizes; and what has the highest bit set may be passed over by readers that do not know it.
            10 | 11 | 128.. => Part::Aside,
            _ => return input.fault(offset, "a type of record that is not known"),
        };
        if recyclable || matches!(kind, 1..=4) {
            match self.kind {
                Kind::Open if recyclable => self.kind = Kind::Recycled(number_of(&header)),
                Kind::Open => self.kind = Kind::Plain,
                Kind::Plain if recyclable => {
                    return input.fault(offset, "a recyclable record in a log that is not recycled");
                }
                Kind::Plain | Kind::Recycled(_) => {}
            }
        }
        let start = offset + header_size;
        let length = u16::from_le_bytes([low, high]);
        if start + usize::from(length) > block_end {
            return input.fault(offset, "the record goes past its block");
        }
        self.at = input.end(start, length, usize::MAX)?;
        Ok(Some(Piece {
            offset,
            part,
            start,
            length: length.into(),
        }))
    }

    /// Checks a physical record's checksum, which covers all from the type on.
    fn check(&self, piece: &Piece) -> Result<(), FormatError> {
        if matches!(piece.part, Part::Zeros) {
            return Ok(());
        }
        let covered = piece.offset + HEADER - 1;
        let sum = Sum::new(self.input, &CRC32C).range(covered, piece.start + piece.length - covered)?;
        if sum.masked() != self.input.u32(piece.offset)? {
            return self.input.fault(piece.offset, "the checksum is wrong");
        }
        Ok(())
    }
}

/// The number of the log in a recyclable record's header.
const fn number_of(header: &[u8; RECYCLABLE_HEADER]) -> u32 {
    let [.., a, b, c, d] = *header;
    u32::from_le_bytes([a, b, c, d])
}
