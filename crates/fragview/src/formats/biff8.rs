//! Excel 97-2003 workbooks: [MS-XLS] (BIFF8) in a compound file.
//!
//! The streams are those of the compound file, as [`ole`] gives them, and two more:
//! - `Workbook (OLE stream)`: the workbook's stream ([MS-XLS] 2.1.2), with its name as the file spells it;
//! - `SST (record payload joined with its CONTINUE payloads)`: the shared strings ([MS-XLS] 2.4.265). A
//!   record holds at most 8224 bytes, so a long table continues in `Continue` records (2.4.58): a view within
//!   the workbook's stream, which itself is in sectors of the file. It is there if the workbook has a
//!   table. A string that is split gets a new byte of flags at the start of the next record; those bytes are
//!   part of the stream.
//!
//! Refused: a file without a workbook stream; BIFF5 and older (`Book`); an encrypted workbook, whose record
//! headers are in clear but whose strings are not; records that are cut off, or without an end. Open the file
//! as `ole` then; without a name a compound file without a workbook, or with one of those two, is opened so.
//!
//! A lenient reading is [`ole`]'s, and takes the shared strings up to the first such fault.

use alloc::format;

use super::parse::faults::Faults;
use super::{Container, FormatError, Options, Stream, ole};
use crate::bytes::{Bytes, Within, array};
use crate::geometry::Extents;

/// The format's name.
pub(crate) const NAME: &str = "biff8";

const SHARED_STRINGS: &str = "SST (record payload joined with its CONTINUE payloads)";

/// What is wrong with a workbook of which the compound file is all that can be read.
const ENCRYPTED: &str = "the workbook is encrypted";

// Record types ([MS-XLS] 2.3.2).
const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const SST: u16 = 0x00FC;
/// Bytes of a record's header.
const HEADER: usize = 4;
/// BIFF8's version in the first record.
const VERSION: u16 = 0x0600;
/// The substream of the workbook itself, which comes before those of its sheets.
const GLOBALS: u16 = 0x0005;

fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}

/// Whether the file is a compound file, which [`open_found`] looks into.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    ole::detect(bytes)
}

/// The streams of the compound file; with those of its workbook, if that is of BIFF8 and not encrypted.
pub(crate) fn open_found(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let container = ole::open(bytes, options)?;
    let Some(stream) = workbook(&container) else {
        return Ok(container);
    };
    if check_version(&Within::new(bytes, &stream.extents), 0).is_err() {
        return Ok(container);
    }
    match with_workbook(bytes, container.clone(), options) {
        Err(error) if error.what == ENCRYPTED => Ok(container),
        result => result,
    }
}

/// The streams of the compound file, the workbook's, and its shared strings. Only headers are read.
///
/// ```
/// use fragview::formats::{Options, biff8};
///
/// // A compound file: the header, a FAT sector, a directory sector, and eight sectors of data.
/// let mut file = vec![0; 512 * 11];
/// file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
/// file[24..34].copy_from_slice(b"\x3E\0\x03\0\xFE\xFF\x09\0\x06\0");
/// file[44..52].copy_from_slice(b"\x01\0\0\0\x01\0\0\0");
/// file[56..76].copy_from_slice(b"\0\x10\0\0\xFE\xFF\xFF\xFF\0\0\0\0\xFE\xFF\xFF\xFF\0\0\0\0");
/// for (index, next) in [!2, !1, 3, 4, 5, 6, 7, 8, 9, !1_u32].into_iter().enumerate() {
///     file[512 + index * 4..][..4].copy_from_slice(&next.to_le_bytes());
/// }
/// for (at, name, kind, child, start, size) in [(1024, "R", 5, 1_u32, !1, 0_u32), (1152, "Book", 2, !0, 2_u32, 4096)] {
///     for (index, byte) in name.bytes().enumerate() {
///         file[at + index * 2] = byte;
///     }
///     file[at + 64] = (name.len() * 2 + 2) as u8;
///     file[at + 66] = kind;
///     file[at + 68..at + 76].fill(0xFF);
///     file[at + 76..at + 80].copy_from_slice(&child.to_le_bytes());
///     file[at + 116..at + 120].copy_from_slice(&start.to_le_bytes());
///     file[at + 120..at + 124].copy_from_slice(&size.to_le_bytes());
/// }
/// // The workbook's records: BOF, SST, CONTINUE, EOF.
/// let records = b"\x09\x08\x04\0\0\x06\x05\0\xFC\0\x03\0abc\x3C\0\x02\0de\x0A\0\0\0";
/// file[1536..1536 + records.len()].copy_from_slice(records);
/// let container = biff8::open(&file, Options::default())?;
/// let strings = container.stream("SST (record payload joined with its CONTINUE payloads)").unwrap();
/// assert_eq!(strings.extents, [(1548, 3), (1555, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] if the file breaks [MS-CFB] or [MS-XLS], is cut off, encrypted, or older than BIFF8.
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    with_workbook(bytes, ole::open(bytes, options)?, options)
}

/// The streams of a compound file, and of its workbook.
fn with_workbook(
    bytes: &dyn Bytes,
    mut container: Container,
    options: Options,
) -> Result<Container, FormatError> {
    container.format = NAME;
    let Some(Stream {
        name,
        extents: workbook,
    }) = workbook(&container)
    else {
        return Err(fault(0, "the compound file has no workbook stream"));
    };
    let stream = Within::new(bytes, &workbook);
    let offset_in_file = |offset| {
        let run = workbook.runs(offset..workbook.byte_len()).next();
        run.and_then(|run| run.offset).unwrap_or(bytes.len())
    };
    check_version(&stream, offset_in_file(0))?;
    let faults = Faults::new(options);
    let strings = shared_strings(&stream, &faults, &offset_in_file)?;
    container.push(&format!("{name} (OLE stream)"), &workbook)?;
    if let Some(strings) = strings {
        container.push(SHARED_STRINGS, &strings.try_within(&workbook)?)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Where the shared strings lie in the workbook's stream, if it has any.
fn shared_strings(
    stream: &dyn Bytes,
    faults: &Faults,
    offset_in_file: &dyn Fn(usize) -> usize,
) -> Result<Option<Extents>, FormatError> {
    let mut strings: Option<Extents> = None;
    let mut continues = false;
    let mut at = 0;
    loop {
        let Some([kind, length]) = header(stream, at) else {
            let what = if at == stream.len() {
                "the workbook's records have no end"
            } else {
                "a record's header is cut off"
            };
            faults.pass(fault(offset_in_file(at), what))?;
            return Ok(strings);
        };
        let content = at + HEADER;
        let mut end = content + usize::from(length);
        if end > stream.len() {
            faults.pass(fault(offset_in_file(at), "a record is cut off"))?;
            end = stream.len();
        }
        match kind {
            FILE_PASS => return Err(fault(offset_in_file(at), ENCRYPTED)),
            SST if strings.is_some() => {
                let error = fault(offset_in_file(at), "there are two tables of shared strings");
                faults.pass(error)?;
                return Ok(strings);
            }
            SST => {
                strings = Some(Extents::new());
                continues = true;
            }
            CONTINUE => {}
            _ => continues = false,
        }
        if let (true, Some(strings)) = (continues, &mut strings) {
            strings.try_push(Some(content), end - content)?;
        }
        // The globals end with the first EOF record; other substreams, or padding, follow.
        if kind == EOF {
            return Ok(strings);
        }
        at = end;
    }
}

/// The type and the length of the record at `at` ([MS-XLS] 2.1.4).
fn header(stream: &dyn Bytes, at: usize) -> Option<[u16; 2]> {
    let [kind, kind_high, length, length_high] = array(stream, at)?;
    Some([
        u16::from_le_bytes([kind, kind_high]),
        u16::from_le_bytes([length, length_high]),
    ])
}

/// The stream `Workbook`, or in its absence `Book`, in the root storage; case doesn't count in a compound
/// file.
fn workbook(container: &Container) -> Option<Stream> {
    ["Workbook", "Book"].into_iter().find_map(|wanted| {
        let mut names = container.names();
        container.at(names.position(|name| name.eq_ignore_ascii_case(wanted))?)
    })
}

/// Checks the first record ([MS-XLS] 2.4.21), which is at `offset` of the file.
fn check_version(stream: &dyn Bytes, offset: usize) -> Result<(), FormatError> {
    let number = |at| array(stream, at).map(u16::from_le_bytes);
    match (number(0), number(4), number(6)) {
        (Some(BOF), Some(VERSION), Some(GLOBALS)) => Ok(()),
        (Some(BOF), Some(VERSION), Some(_)) => {
            Err(fault(offset, "the first substream is not the workbook's"))
        }
        (Some(0x0009 | 0x0209 | 0x0409 | BOF), Some(_), _) => {
            Err(fault(offset, "the workbook is older than BIFF8"))
        }
        _ => Err(fault(offset, "the workbook does not begin with a BOF record")),
    }
}
