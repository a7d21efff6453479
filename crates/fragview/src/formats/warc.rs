//! WARC: web archives, versions 1.0 and 1.1 (ISO 28500: 4 "File and record model", 5 "Named fields", 8
//! "Record segmentation").
//!
//! | stream | |
//! | --- | --- |
//! | `record0/head`, `record0/block`… | the version line and the fields of each record, and its block |
//! | `record0/payload`… | of an HTTP message: its body, a chunked one without the chunks' sizes |
//! | `record0/segments` | of a record in segments: the blocks of all of them that are in the file, joined |
//!
//! Codings of the content, as gzip, stay. A body whose chunks are invalid is all that follows the message's
//! head: crawlers store such bodies without chunks. A file that is compressed record by record (`.warc.gz`)
//! is no WARC file until it is inflated.
//!
//! Refused: a record that begins with no version, a field without a colon, no or several lengths, a record
//! that is cut off, a block without the two line ends behind it. A lenient reading goes on at the next line
//! that begins with `WARC/`, and takes what is there of a block that is cut off.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::http;
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, FormatErrorKind, Options};
use crate::error::Error;
use crate::geometry::{Extent, Extents, Spans};
use crate::{Bytes, Within};

pub(crate) const NAME: &str = "warc";

/// The most bytes of a record's head.
const MOST: usize = 1 << 16;

/// True where the file begins with a record's version line.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let input = Input::big(bytes, NAME);
    matches!(http::line(&input, 0, bytes.len().min(64)), Ok((line, length, _)) if is_version(&line[..length]))
}

/// Whether this is a version line: `WARC/1.1`.
fn is_version(line: &[u8]) -> bool {
    match line.trim_ascii_end() {
        [b'W', b'A', b'R', b'C', b'/', major, b'.', minor @ ..] => {
            major.is_ascii_digit() && !minor.is_empty() && minor.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// The records of a WARC file. O(bytes of heads + chunks).
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, warc};
/// let file = b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n";
/// let container = warc::open(file, Options::default())?;
/// let block = container.stream("record0/block").unwrap();
/// assert_eq!(block.extents, [(52, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if input.len() == 0 {
        return input.fault(0, "no record");
    }
    let mut container = Container::new(NAME);
    let heads = container.family("record{}/head")?;
    let blocks = container.family("record{}/block")?;
    let payloads = container.family("record{}/payload")?;
    let mut joins: HashMap<Vec<u8>, Join> = HashMap::default();
    let (mut at, mut number) = (0, 0);
    while at < input.len() {
        let record = match Record::read(&input, at) {
            Ok(record) => record,
            Err(error) => {
                faults.pass(error)?;
                at = next_record(&input, at + 1)?;
                continue;
            }
        };
        container.push_numbered(heads, number, [(at, record.start - at)])?;
        let result = input.end(record.start, record.length, usize::MAX);
        let end = *result.as_ref().unwrap_or(&input.len());
        let block = (record.start, end - record.start);
        container.push_numbered(blocks, number, [block])?;
        match result {
            Ok(_) => {}
            Err(error) => faults.pass_last(FormatError { offset: at, ..error }, &container)?,
        }
        if record.is_http {
            let (payload, codings) = payload(bytes, block)?;
            if payload.byte_len() > 0 {
                container.push_numbered(payloads, number, &payload)?;
                container.codec_last(&codings)?;
            }
        }
        record.join(number, block, &mut joins)?;
        number += 1;
        at = end;
        match input.array(at) {
            Ok(ends) if ends == *b"\r\n\r\n" => at += 4,
            _ if at == input.len() && faults.lenient() => {}
            _ => {
                faults.pass(FormatError::new(NAME, at, "no two line ends behind a block"))?;
                at = next_record(&input, at)?;
            }
        }
    }
    let mut joined: Vec<_> = Vec::new();
    joined.try_reserve(joins.len()).map_err(|_| Error::OutOfMemory)?;
    joined.extend(joins.into_values().filter(|join| join.next > 2));
    joined.sort_unstable_by_key(|join| join.number);
    for join in joined {
        container.push(&format!("record{}/segments", join.number), &join.extents)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// The segments of a record so far.
struct Join {
    /// The number of the record that is the first segment.
    number: usize,
    /// The number of the next segment.
    next: u64,
    extents: Extents,
}

/// What the fields of a record say.
#[derive(Default)]
struct Record {
    /// Where its block begins.
    start: usize,
    length: u64,
    is_http: bool,
    id: Vec<u8>,
    origin: Vec<u8>,
    segment: Option<u64>,
}

impl Record {
    /// The record at `at`.
    fn read(input: &Input, at: usize) -> Result<Self, FormatError> {
        let limit = input.len().min(at.saturating_add(MOST));
        let (line, length, mut next) = http::line(input, at, limit)?;
        if !is_version(&line[..length]) {
            return input.fault(at, "no version where a record must begin");
        }
        let mut record = Self::default();
        let mut lengths = None;
        loop {
            let (line, length, end) = http::line(input, next, limit)?;
            let line = &line[..length];
            if line.is_empty() {
                record.start = end;
                break;
            }
            // A line that begins with a space goes on with the field before.
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let Some(colon) = line.iter().position(|&byte| byte == b':') else {
                    return input.fault(next, "a field without a colon");
                };
                let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
                let is = |field: &[u8]| name.eq_ignore_ascii_case(field);
                if is(b"content-length") {
                    let number = http::decimal(value);
                    if number.is_none() || lengths.is_some() {
                        return input.fault(next, "several lengths, or one that is no number");
                    }
                    lengths = number;
                } else if is(b"content-type") {
                    record.is_http =
                        value.len() >= 16 && value[..16].eq_ignore_ascii_case(b"application/http");
                } else if is(b"warc-record-id") {
                    record.id = owned(value)?;
                } else if is(b"warc-segment-origin-id") {
                    record.origin = owned(value)?;
                } else if is(b"warc-segment-number") {
                    record.segment = http::decimal(value);
                }
            }
            next = end;
        }
        let Some(length) = lengths else {
            return input.fault(at, "a record without a length");
        };
        record.length = length;
        Ok(record)
    }

    /// Notes the record's block, if it is a segment.
    fn join(
        self,
        number: usize,
        block: (usize, usize),
        joins: &mut HashMap<Vec<u8>, Join>,
    ) -> Result<(), FormatError> {
        match self.segment {
            Some(1) if !self.id.is_empty() => {
                joins.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                joins.entry(self.id).or_insert(Join {
                    number,
                    next: 2,
                    extents: [block].into_iter().collect(),
                });
            }
            Some(segment) => {
                // Segments before it may be in another file.
                if let Some(join) = joins.get_mut(&self.origin)
                    && join.next == segment
                {
                    join.next += 1;
                    join.extents.try_push(Some(block.0), block.1)?;
                }
            }
            None => {}
        }
        Ok(())
    }
}

/// A copy of a field's value.
fn owned(value: &[u8]) -> Result<Vec<u8>, Error> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(value.len())
        .map_err(|_| Error::OutOfMemory)?;
    copy.extend_from_slice(value);
    Ok(copy)
}

/// The body of the HTTP message in a block.
fn payload(bytes: &dyn Bytes, block: (usize, usize)) -> Result<(Extents, String), FormatError> {
    let place: Extents = [block].into_iter().collect();
    let within = Within::new(bytes, &place);
    let mut body = Spans::new();
    let head = match http::first(&Input::big(&within, NAME), &mut body) {
        Ok(head) => head,
        Err(error) if error.kind == FormatErrorKind::Malformed => return Ok((Extents::new(), String::new())),
        Err(error) => return Err(error),
    };
    let mut payload = Extents::new();
    match head {
        (_, true, _) => {
            for Extent { offset, length } in body.span(0) {
                payload.try_push(offset.map(|offset| block.0 + offset), length)?;
            }
        }
        (end, false, _) => payload.try_push(Some(block.0 + end), block.1 - end)?,
    }
    Ok((payload, head.2.name().into()))
}

/// Where the next line begins with `WARC/`, from `at` on, or the file's end.
fn next_record(input: &Input, mut at: usize) -> Result<usize, FormatError> {
    while let Some(found) = input.find(b"WARC/", at..input.len())? {
        if found == 0 || input.u8(found - 1)? == b'\n' {
            return Ok(found);
        }
        at = found + 1;
    }
    Ok(input.len())
}
