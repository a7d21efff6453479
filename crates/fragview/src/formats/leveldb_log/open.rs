//! The logical records of a log, and its checksums.

use super::log::{Log, Part};
use super::write_batch;
use crate::formats::parse::faults::Faults;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::{Extents, Spans};
use crate::{Bytes, Within};

pub(crate) use super::log::NAME;

/// True if the file begins with a physical record that can be a log's first, and its checksum is right.
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
/// use fragview::formats::{Options, leveldb_log};
/// let file = b"\0\0\0\0\x03\0\x01one\0\0\0\0\x03\0\x01two";
/// let container = leveldb_log::open(file, Options::default())?;
/// let record = container.stream("record[1]").unwrap();
/// assert_eq!(record.extents, [(17, 3)].into_iter().collect());
/// assert!(leveldb_log::verify(file, &container).is_err()); // the checksums are zeros
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut container = Container::new(NAME);
    let faults = Faults::new(options);
    records(&mut Log::new(bytes), &faults, &mut container)?;
    let mut values = Spans::new();
    values.begin()?;
    let mut has_values = container.len() > 1;
    for position in 1..container.len() {
        let Some(record) = container.try_extents(position)? else {
            break;
        };
        if let Some(batch) = write_batch::values(&Within::new(bytes, &record))? {
            for extent in &batch.try_within(&record)? {
                values.push(extent.offset, extent.length)?;
            }
        } else {
            has_values = false;
            break;
        }
    }
    if has_values && values.span(0).byte_len() > 0 {
        container.push("values_joined", values.span(0))?;
    }
    faults.give(&mut container);
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

/// Adds the logical records, and all of them joined.
fn records(log: &mut Log, faults: &Faults, container: &mut Container) -> Result<(), FormatError> {
    let records = container.family("record[{}]")?;
    container.push_joined("all_records_joined", records)?;
    let mut open: Option<Extents> = None;
    loop {
        let piece = match log.next() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => {
                faults.pass(error)?;
                open = None;
                log.skip_block();
                continue;
            }
        };
        let wrong = |what| faults.pass(FormatError::new(NAME, piece.offset, what));
        match (piece.part, &mut open) {
            (Part::Aside, _) | (Part::Zeros, None) => {}
            (Part::Zeros, Some(_)) => {
                wrong("zeros within a record")?;
                open = None;
            }
            (Part::Middle | Part::Last, None) => wrong("a part of a record without its first part")?,
            (Part::Full | Part::First, was_open) => {
                // An old writer could leave an empty first part at a block's end and begin again in the next
                // block.
                if was_open.as_ref().is_some_and(|record| record.byte_len() > 0) {
                    wrong("a record begins within another")?;
                }
                if matches!(piece.part, Part::Full) {
                    open = None;
                    container.push_in(records, [(piece.start, piece.length)])?;
                } else {
                    open = Some([(piece.start, piece.length)].into_iter().collect());
                }
            }
            (Part::Middle, Some(record)) => record.try_push(Some(piece.start), piece.length)?,
            (Part::Last, Some(record)) => {
                record.try_push(Some(piece.start), piece.length)?;
                container.push_in(records, &*record)?;
                open = None;
            }
        }
    }
    // A writer that died leaves a torn tail, which is no corruption: the record was never there.
    if let Some(offset) = log.torn {
        faults.note(offset, "the last record is cut off, and left out")?;
    } else if open.is_some() {
        faults.note(
            log.at.min(log.input.len()),
            "the last record is cut off, and left out",
        )?;
    }
    Ok(())
}
