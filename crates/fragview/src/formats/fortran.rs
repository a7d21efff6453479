//! Fortran unformatted sequential files: records between two markers, as gfortran and Intel Fortran write
//! them (GNU Fortran manual, "File format of unformatted sequential files" and `-fmax-subrecord-length`).
//!
//! A record lies between two copies of its length, 4 bytes each (8 with `-frecord-marker=8`), in either byte
//! order. A longer record is a chain of subrecords: the marker before one is negative if another follows,
//! and the marker after it if another came before.
//!
//! | stream | |
//! | --- | --- |
//! | `all_records_joined` | all records |
//! | `record[0]`, `record[1]`… | each record, its subrecords joined |
//!
//! Width and byte order of the markers are those with which the whole file makes sense. Refused: markers that
//! differ or whose signs do, a record that is cut off or whose last subrecord is missing. Plain text after
//! the last record is passed over: some files carry the program that wrote them. The files have no checksums.
//!
//! A lenient reading ends with the first such fault, with the markers with which most of the file makes
//! sense. The bytes of a record that goes past the file's end, as far as they go, are the last one.

use core::ops::Range;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::Bytes;

pub(crate) const NAME: &str = "fortran";

/// Subrecords that must make sense before a file passes for one of these.
const ENOUGH: usize = 64;

/// How a compiler writes markers: bytes each, and whether they are big-endian. The most common first.
const MARKERS: [(usize, bool); 4] = [(4, false), (4, true), (8, false), (8, true)];

/// True if the file's first records make sense, and one of them is not empty.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    MARKERS.iter().any(|&(width, big_endian)| {
        let (mut count, mut length) = (0, 0);
        let result = walk(input(bytes, big_endian), width, |content, _| {
            count += 1;
            length += content.len();
            Ok(count < ENOUGH)
        });
        result.is_ok() && length > 0
    })
}

/// True if the file's first record makes sense, and is not empty.
pub(crate) fn resembles(bytes: &dyn Bytes) -> bool {
    MARKERS.iter().any(|&(width, big_endian)| {
        let first = subrecord(input(bytes, big_endian), 0, width, false);
        first.is_ok_and(|(content, _)| !content.is_empty())
    })
}

/// A reading that failed: how far it came, why, and its markers' width and byte order.
type Failure = ((usize, bool), FormatError, (usize, bool));

/// The streams of a file of unformatted records. O(subrecords); reads two markers a subrecord.
///
/// # Errors
///
/// The file breaks a rule of the format's structure with markers of either width in either byte order.
///
/// ```
/// use fragview::formats::{Options, fortran};
/// let file = [-2, 2, 1, -1].map(i32::to_le_bytes);
/// let file = [&file[0][..], b"ab", &file[1], &file[2], b"c", &file[3]].concat();
/// let container = fortran::open(&file, Options::default())?;
/// let record = container.stream("record[0]").unwrap();
/// assert_eq!((record.extents.len(), record.extents.byte_len()), (2, 3));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    // With the right markers most records are whole, and the marker after the next one is reached.
    let mut latest: Option<Failure> = None;
    for (width, big_endian) in MARKERS {
        let mut whole = 0;
        let result = walk(input(bytes, big_endian), width, |content, _| {
            whole = content.end + width;
            Ok(true)
        });
        let Err(error) = result else {
            return streams(input(bytes, big_endian), width, &Faults::new(options));
        };
        let rank = (whole, error.offset > whole + width);
        if latest.as_ref().is_none_or(|(best, ..)| rank > *best) {
            latest = Some((rank, error, (width, big_endian)));
        }
    }
    match latest {
        Some((.., (width, big_endian))) if !options.strict => {
            streams(input(bytes, big_endian), width, &Faults::new(options))
        }
        latest => Err(latest.map_or_else(|| FormatError::new(NAME, 0, "no records"), |latest| latest.1)),
    }
}

/// The streams of a file whose markers make sense.
fn streams(input: Input, width: usize, faults: &Faults) -> Result<Container, FormatError> {
    let mut container = Container::new(NAME);
    let records = container.family("record[{}]")?;
    container.push_joined("all_records_joined", records)?;
    let mut continues = false;
    let mut whole = 0;
    let result = walk(input, width, |content, last| {
        whole = content.end + width;
        let extent = [(content.start, content.len())];
        if continues {
            container.extend(extent)?;
        } else {
            container.push_in(records, extent)?;
        }
        continues = !last;
        Ok(true)
    });
    if let Err(error) = result {
        // The bytes after the last whole record, if a length there says that one is longer.
        let start = whole.saturating_add(width);
        let length = marker(input, whole, width).map_or(0, i64::unsigned_abs);
        if faults.lenient() && length > 0 && start < input.len() {
            let end = input.end(start, length, usize::MAX).unwrap_or(input.len());
            if end >= input.len() - width.min(input.len()) {
                if continues {
                    container.extend([(start, end - start)])?;
                } else {
                    container.push_in(records, [(start, end - start)])?;
                }
            }
        }
        faults.pass_last(error, &container)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Goes over the subrecords, and gives `each` where one lies and whether it is its record's last, until
/// `each` says no.
fn walk(
    input: Input,
    width: usize,
    mut each: impl FnMut(Range<usize>, bool) -> Result<bool, FormatError>,
) -> Result<(), FormatError> {
    let mut at = 0;
    let mut continues = false;
    while at < input.len() {
        let (content, goes_on) = match subrecord(input, at, width, continues) {
            Ok(subrecord) => subrecord,
            Err(_) if at > 0 && !continues && is_text(input, at) => return Ok(()),
            Err(error) => return Err(error),
        };
        at = content.end + width;
        continues = goes_on;
        if !each(content, !continues)? {
            return Ok(());
        }
    }
    if continues {
        return input.fault(at, "a record's last subrecord is missing");
    }
    Ok(())
}

/// The place of the content of the subrecord at `at`, and whether another one follows; `continues` tells
/// whether one came before.
fn subrecord(
    input: Input,
    at: usize,
    width: usize,
    continues: bool,
) -> Result<(Range<usize>, bool), FormatError> {
    let before = marker(input, at, width)?;
    let length = before.unsigned_abs();
    let end = input.end(at + width, length, usize::MAX)?;
    let after = marker(input, end, width)?;
    if after.unsigned_abs() != length {
        return input.fault(end, "the markers around a record differ");
    }
    // There is no negative zero that could tell.
    if length > 0 && (after < 0) != continues {
        return input.fault(
            end,
            "the marker's sign denies the subrecord before, or claims one",
        );
    }
    Ok((at + width..end, before < 0))
}

/// True if the bytes at `at` are appended text: as a marker they would be a record of half a gigabyte.
fn is_text(input: Input, at: usize) -> bool {
    let mut start = [0; 64];
    let start = &mut start[..64.min(input.len().saturating_sub(at))];
    start.len() >= 8
        && input.read(at, start).is_ok()
        && start
            .iter()
            .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The marker of `width` bytes at `offset`.
fn marker(input: Input, offset: usize, width: usize) -> Result<i64, FormatError> {
    Ok(if width == 4 {
        i64::from(input.u32(offset)?.cast_signed())
    } else {
        input.u64(offset)?.cast_signed()
    })
}

/// The file in a byte order.
fn input(bytes: &dyn Bytes, big_endian: bool) -> Input<'_> {
    if big_endian {
        Input::big(bytes, NAME)
    } else {
        Input::little(bytes, NAME)
    }
}
