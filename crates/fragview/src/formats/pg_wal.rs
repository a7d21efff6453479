//! `PostgreSQL`'s write-ahead log, versions 9.5 and later (`src/include/access/xlog_internal.h`,
//! `xlogrecord.h`, and `xlogreader.c`, which says where a log ends).
//!
//! A log is pages with a header each, in segments of 16 MiB mostly. A record begins at a multiple of 8 bytes
//! and goes on behind the next page's header. Several segments are read as one log if they are given as
//! one view, in order.
//!
//! | stream | |
//! | --- | --- |
//! | `record[0]`… | each record, its header of 24 bytes included, without the headers of pages |
//! | `continued` | the rest of a record that began in the segment before |
//! | `unfinished` | the last record, if it goes on in the next segment |
//!
//! The position of a record in the log (LSN) is the address in the first page's header, plus the record's
//! offset in the file. The log ends with a length of zero, a page of zeros, or a page that an older segment
//! left; a record that the server abandoned is left out. `verify` checks each record's CRC. Images of pages
//! in records may be compressed, and stay so.
//!
//! Refused: pages of another version or at another address, records shorter than their header or not linked
//! to the one before, continuations of another length, a file cut off in a page. A lenient reading goes on at
//! the next page with a header that fits.

use super::parse::checksum::{CRC32C, Sum};
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, FormatErrorKind, Options};
use crate::geometry::Extents;
use crate::{Bytes, Within, array};

pub(crate) const NAME: &str = "pg_wal";

/// The magics of 9.5 to 18 and some versions to come.
const MAGICS: core::ops::RangeInclusive<u16> = 0xd087..=0xd1ff;

// A page's flags.
const CONTINUES: u16 = 1;
const LONG: u16 = 2;
const OVERWRITES: u16 = 8;

/// Bytes of a record's header.
const HEADER: usize = 24;

/// True where the file begins with the first page of a segment.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    Log::new(bytes).is_ok()
}

/// The records of a log. O(records + pages); reads their headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, pg_wal};
/// // A page of 8 KiB of a segment of 1 MiB, with a record of 26 bytes.
/// let mut file = vec![0; 8192];
/// file[..4].copy_from_slice(b"\x13\xd1\x02\0");
/// file[32..40].copy_from_slice(b"\0\0\x10\0\0\x20\0\0");
/// file[40] = 26;
/// let container = pg_wal::open(&file, Options::default())?;
/// let record = container.stream("record[0]").unwrap();
/// assert_eq!(record.extents, [(40, 26)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let faults = Faults::new(options);
    let mut container = Container::new(NAME);
    let records = container.family("record[{}]")?;
    Log::new(bytes)?.for_each(&faults, |part, extents| match part {
        Part::Record => container.push_in(records, extents),
        Part::Continued => container.push("continued", extents),
        Part::Unfinished => container.push("unfinished", extents),
    })?;
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of each whole record: of what follows the header, and then of the header. O(bytes).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    Log::new(bytes)?.for_each(&Faults::new(Options::STRICT), |part, extents| {
        if !matches!(part, Part::Record) {
            return Ok(());
        }
        let within = Within::new(bytes, extents);
        let input = Input::little(&within, NAME);
        let sum = Sum::new(input, &CRC32C).range(HEADER, input.len() - HEADER)?;
        let value = sum.range(0, 20)?.value();
        let told: [u8; 4] = input.array(20)?;
        if value != u32::from_le_bytes(told) && value != u32::from_be_bytes(told) {
            let offset = extents.iter().next().and_then(|extent| extent.offset);
            return Err(FormatError::new(
                NAME,
                offset.unwrap_or(0),
                "the CRC of a record is wrong",
            ));
        }
        Ok(())
    })
}

/// What is found in a log.
enum Part {
    Record,
    Continued,
    Unfinished,
}

/// What becomes of a record whose bytes are taken.
enum Taken {
    Whole,
    /// It goes on behind the file's end.
    Unfinished,
    /// The server wrote something else in place of its rest.
    Abandoned,
}

/// The header of a page.
struct Page {
    flags: u16,
    /// Bytes of the header.
    size: usize,
    /// Bytes that are left of the record that goes on here.
    left: usize,
}

/// A log: what its first page says.
struct Log<'a> {
    bytes: &'a dyn Bytes,
    input: Input<'a>,
    magic: u16,
    /// Bytes of a page and of a segment.
    page: usize,
    segment: u64,
    /// The address of the first page.
    base: u64,
}

impl<'a> Log<'a> {
    fn new(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
        let is_big = matches!(array(bytes, 0), Some([0xd0 | 0xd1, _]));
        let input = if is_big {
            Input::big(bytes, NAME)
        } else {
            Input::little(bytes, NAME)
        };
        let (magic, flags) = (input.u16(0)?, input.u16(2)?);
        if !MAGICS.contains(&magic) || flags & LONG == 0 || flags > 15 {
            return input.fault(0, "no first page of a segment");
        }
        let (base, segment, page) = (input.u64(8)?, u64::from(input.u32(32)?), input.u32(36)? as usize);
        if !page.is_power_of_two() || !(1 << 9..=1 << 16).contains(&page) {
            return input.fault(36, "a page's size is out of range");
        }
        if !segment.is_power_of_two() || !(1 << 20..=1 << 30).contains(&segment) {
            return input.fault(32, "a segment's size is out of range");
        }
        if base % segment != 0 {
            return input.fault(8, "an address that no segment begins at");
        }
        Ok(Self {
            bytes,
            input,
            magic,
            page,
            segment,
            base,
        })
    }

    /// The header of the page at `at`; `None` where the log ends before it.
    fn page(&self, at: usize) -> Result<Option<Page>, FormatError> {
        let input = &self.input;
        if at >= input.len() {
            return Ok(None);
        }
        let (magic, flags) = (input.u16(at)?, input.u16(at + 2)?);
        let address = input.u64(at + 8)?;
        if magic == 0 && address == 0 {
            return Ok(None);
        }
        if magic != self.magic {
            // An older segment's file is used again, also one of an older version.
            return if MAGICS.contains(&magic) {
                Ok(None)
            } else {
                input.fault(at, "no page where one must begin")
            };
        }
        if address != self.base.wrapping_add(at as u64) {
            return Ok(None);
        }
        if flags > 15 {
            return input.fault(at + 2, "unknown flags of a page");
        }
        Ok(Some(Page {
            flags,
            size: if flags & LONG == 0 { 24 } else { 40 },
            left: input.u32(at + 16)? as usize,
        }))
    }

    /// Takes `length` bytes from `at` on, over pages.
    fn take(&self, at: &mut usize, length: usize, extents: &mut Extents) -> Result<Taken, FormatError> {
        let mut left = length;
        loop {
            let page_end = *at - *at % self.page + self.page;
            let part = left.min(page_end - *at).min(self.input.len() - *at);
            extents.try_push(Some(*at), part)?;
            *at += part;
            left -= part;
            if left == 0 {
                return Ok(Taken::Whole);
            }
            if *at < page_end {
                return self.input.fault(*at, "the file is cut off in a page");
            }
            let Some(page) = self.page(*at)? else {
                return Ok(Taken::Unfinished);
            };
            if page.flags & OVERWRITES != 0 {
                return Ok(Taken::Abandoned);
            }
            if page.flags & CONTINUES == 0 || page.left != left {
                return self.input.fault(*at, "a record does not go on in the next page");
            }
            *at = self.input.end(*at, page.size as u64, usize::MAX)?;
        }
    }

    /// Gives the records in order.
    fn for_each(
        &self,
        faults: &Faults,
        mut each: impl FnMut(Part, &Extents) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut at = 0;
        let mut last = None;
        loop {
            match self.step(&mut at, &mut last, &mut each) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if error.kind != FormatErrorKind::Malformed => return Err(error),
                Err(error) => {
                    faults.pass(error)?;
                    last = None;
                    loop {
                        at = at - at % self.page + self.page;
                        if at >= self.input.len() {
                            return Ok(());
                        }
                        if matches!(self.page(at), Ok(Some(_))) {
                            break;
                        }
                    }
                }
            }
        }
    }

    /// Gives the record at `at`, and goes to the next; false at the log's end. `last`: where the record
    /// before begins, as an address.
    fn step(
        &self,
        at: &mut usize,
        last: &mut Option<u64>,
        each: &mut impl FnMut(Part, &Extents) -> Result<(), FormatError>,
    ) -> Result<bool, FormatError> {
        let input = &self.input;
        let mut extents = Extents::new();
        if at.is_multiple_of(self.page) {
            let start = *at;
            let Some(page) = self.page(start)? else {
                return Ok(false);
            };
            input.end(start, page.size as u64, usize::MAX)?;
            *at += page.size;
            if page.flags & CONTINUES != 0 {
                let taken = self.take(at, page.left, &mut extents)?;
                if start == 0 {
                    each(Part::Continued, &extents)?;
                }
                *at = at.next_multiple_of(8);
                return Ok(!matches!(taken, Taken::Unfinished));
            }
        }
        let start = *at;
        if start >= input.len() {
            return Ok(false);
        }
        let length = input.u32(start)? as usize;
        if length == 0 {
            return Ok(false);
        }
        if length < HEADER {
            return input.fault(start, "a record shorter than its header");
        }
        match self.take(at, length, &mut extents)? {
            Taken::Whole => {}
            Taken::Unfinished => {
                each(Part::Unfinished, &extents)?;
                return Ok(false);
            }
            Taken::Abandoned => return Ok(true),
        }
        let within = Within::new(self.bytes, &extents);
        let Some([link @ .., info, manager]) = array::<10>(&within, 8) else {
            return input.fault(start, "a record shorter than its header");
        };
        let link = if input.is_big_endian() {
            u64::from_be_bytes(link)
        } else {
            u64::from_le_bytes(link)
        };
        if last.is_some_and(|last| last != link) {
            return input.fault(start, "a record that is not linked to the one before");
        }
        *last = Some(self.base.wrapping_add(start as u64));
        each(Part::Record, &extents)?;
        *at = at.next_multiple_of(8);
        // What follows a switch to the next segment is empty.
        if (manager, info & 0xf0) == (0, 0x40) {
            let segment = usize::try_from(self.segment).unwrap_or(usize::MAX);
            *at = at.checked_next_multiple_of(segment).unwrap_or(usize::MAX);
        }
        Ok(*at < input.len())
    }
}
