//! Ogg: RFC 3533 "The Ogg Encapsulation Format Version 0", sections 4 "The Ogg bitstream format"
//! (multiplexing and chaining), 5 "The encapsulation process" (lacing, continued packets) and 6 "The Ogg page
//! format".
//!
//! | stream | |
//! | --- | --- |
//! | `serial_543c04c6`… | the packets of a logical bitstream, joined; its serial number in hex |
//! | `serial_543c04c6.packet[0]`… | each of its packets |
//!
//! A serial number that comes again in a later link of a chain, which the RFC forbids, makes a stream of its
//! own: `serial_543c04c6@1`.
//!
//! Refused: bytes that belong to no page, a page that is cut off, a bitstream that does not begin with its
//! first page or goes on after its last, pages that are missing or out of order, a packet that is cut off,
//! and a page whose mark for a continued packet does not fit the page before. Bytes after the last pages of
//! all bitstreams are not part of the file.
//!
//! A lenient reading goes on with the next `OggS` after bytes that belong to no page. If pages are missing
//! the packet before ends early, and what is left of the one after is dropped; a page that is cut off counts
//! as far as it goes.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;

use super::parse::checksum::{OGG, Sum};
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::geometry::{Chunked, Extent, Spans};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "ogg";

/// Bytes of a page's header before its lacing values.
const HEADER: usize = 27;

/// True if the file begins with a page.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"OggS\0")
}

/// The streams of an Ogg file. O(packets); reads the pages' headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, ogg};
/// let page = b"OggS\0\x06\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x02\x03\x02onetw";
/// let container = ogg::open(page, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["serial_00000001", "serial_00000001.packet[0]", "serial_00000001.packet[1]"]);
/// assert_eq!(container.extents(2), Some([(32, 2)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "no Ogg page");
    }
    let faults = Faults::new(options);
    let mut streams: Chunked<Logical> = Chunked::new();
    let mut current: BTreeMap<u32, usize> = BTreeMap::new();
    let mut at = 0;
    while at < input.len() {
        let page = match Page::read(input, at, &faults) {
            Ok(page) => page,
            Err(error) => {
                let is_page = array(bytes, at) == Some(*b"OggS");
                let ended = streams.len() > 0
                    && (0..streams.len()).all(|index| streams.get(index).is_some_and(|stream| stream.ended));
                if !faults.lenient() && (!ended || is_page) {
                    return Err(error);
                }
                let next = next_page(input, at + 1)?;
                if next == input.len() && ended && !is_page {
                    // What follows the last pages of all bitstreams is no part of the file.
                    faults.note(error.offset, error.what)?;
                } else {
                    faults.pass(error)?;
                }
                at = next;
                continue;
            }
        };
        let known = current.get(&page.serial).copied();
        if known.is_none() && !page.begins() {
            let what = "a bitstream does not begin with its first page";
            faults.pass(FormatError::new(NAME, at, what))?;
        }
        let index = if let Some(index) = known.filter(|_| !page.begins()) {
            index
        } else {
            let time = match known.and_then(|index| streams.get(index)) {
                Some(before) => {
                    before.finish(input, at, &faults)?;
                    before.time + 1
                }
                None => 0,
            };
            current.insert(page.serial, streams.len());
            streams.push(Logical::new(&page, time))?;
            streams.len() - 1
        };
        if let Some(stream) = streams.get_mut(index) {
            stream.take(&page, &faults)?;
        }
        at = page.end;
    }
    drop(current);
    let mut container = Container::new(NAME);
    for stream in streams.into_items() {
        stream.finish(input, at, &faults)?;
        let name = match stream.time {
            0 => format!("serial_{:08x}", stream.serial),
            time => format!("serial_{:08x}@{time}", stream.serial),
        };
        // The name before the family: labels in the order of their streams take less.
        container.push(&name, [] as [Extent; 0])?;
        let packets = container.family(&format!("{name}.packet[{{}}]"))?;
        container.join_last(packets)?;
        if let Some(first) = stream.first {
            container.push_in(packets, [first])?;
        }
        for packet in stream.packets.iter().flat_map(|packets| packets.spans(0)) {
            container.push_in(packets, packet)?;
        }
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of each page. O(bytes).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    let mut at = 0;
    while at < input.len() {
        let strict = Faults::new(Options::STRICT);
        let end = if let Ok(page) = Page::read(input, at, &strict) {
            page.end
        } else {
            // `open` has said what this is.
            at = next_page(input, at + 1)?;
            continue;
        };
        // The CRC is that of the page with zeros in place of the CRC.
        let sum = Sum::new(input, &OGG).range(at, 22)?.bytes(&[0; 4]);
        if sum.range(at + 26, end - at - 26)?.value() != input.u32(at + 22)? {
            return input.fault(at, "the page's CRC is wrong");
        }
        at = end;
    }
    Ok(())
}

/// Where the next page is, from `at` on; the file's end if there is none.
fn next_page(input: Input, at: usize) -> Result<usize, FormatError> {
    Ok(input.find(b"OggS\0", at..input.len())?.unwrap_or(input.len()))
}

/// A page.
struct Page {
    offset: usize,
    flags: u8,
    serial: u32,
    number: u32,
    lacing: [u8; 255],
    segments: usize,
    /// The end of its content, and with it the page.
    end: usize,
}

impl Page {
    /// The page at `offset`.
    fn read(input: Input, offset: usize, faults: &Faults) -> Result<Self, FormatError> {
        let header: [u8; HEADER] = input.array(offset)?;
        let &[b'O', b'g', b'g', b'S', version, flags, .., segments] = &header else {
            return input.fault(offset, "no page where one must begin");
        };
        if version != 0 {
            return input.fault(offset + 4, "a version of Ogg that is not known");
        }
        let segments = usize::from(segments);
        let mut lacing = [0; 255];
        let lacing_start = offset + HEADER;
        input.read(lacing_start, &mut lacing[..segments])?;
        let length: u64 = lacing.iter().copied().map(u64::from).sum();
        Ok(Self {
            offset,
            flags,
            serial: input.u32(offset + 14)?,
            number: input.u32(offset + 18)?,
            lacing,
            segments,
            end: faults.end(&input, lacing_start + segments, length, usize::MAX)?,
        })
    }

    /// Whether its first packet began on an earlier page.
    const fn continues(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether it is its bitstream's first.
    const fn begins(&self) -> bool {
        self.flags & 2 != 0
    }

    /// Whether it is its bitstream's last.
    const fn ends(&self) -> bool {
        self.flags & 4 != 0
    }
}

/// A logical bitstream.
struct Logical {
    serial: u32,
    next: u32,
    /// The bitstreams before it that had the same serial number.
    time: u32,
    ended: bool,
    /// The only packet, if there is one and it is contiguous: a file may have a bitstream a page.
    first: Option<(usize, usize)>,
    /// All packets, if there are more.
    packets: Option<Box<Spans>>,
    /// The last packet continues on the next page.
    is_open: bool,
}

impl Logical {
    /// The bitstream that begins with `page`.
    const fn new(page: &Page, time: u32) -> Self {
        Self {
            serial: page.serial,
            next: page.number,
            time,
            ended: false,
            first: None,
            packets: None,
            is_open: false,
        }
    }

    /// Takes the packets of the next page.
    fn take(&mut self, page: &Page, faults: &Faults) -> Result<(), FormatError> {
        let wrong = |what| faults.pass(FormatError::new(NAME, page.offset, what));
        if self.ended {
            wrong("a bitstream goes on after its last page")?;
        }
        let is_next = page.number == self.next;
        if !is_next {
            wrong("a page is missing or out of order")?;
        }
        // The rest of a packet whose beginning is missing, and the beginning of one whose rest is, which
        // stays.
        let mut is_rest = page.continues() && !(is_next && self.is_open);
        // A page on which no packet ends and none has data says nothing about a packet that is open.
        if page.continues() != self.is_open && page.segments > 0 {
            wrong("a continued packet without its beginning, or without its end")?;
            self.is_open = false;
        } else if !is_next && page.segments > 0 {
            self.is_open = false;
        }
        self.next = page.number.wrapping_add(1);
        self.ended = page.ends();
        let mut start = page.offset + HEADER + page.segments;
        let mut end = start;
        for &length in &page.lacing[..page.segments] {
            end = (end + usize::from(length)).min(page.end);
            // A packet ends with the first value below 255, which may be 0.
            if length < 255 {
                if !is_rest {
                    self.part(start, end)?;
                }
                (self.is_open, is_rest) = (false, false);
                start = end;
            }
        }
        if page.lacing[..page.segments].last() == Some(&255) && !is_rest {
            self.part(start, end)?;
            self.is_open = true;
        }
        Ok(())
    }

    /// Takes a part of the packet that is open, or of a new one.
    fn part(&mut self, start: usize, end: usize) -> Result<(), FormatError> {
        match (&mut self.first, &mut self.packets) {
            (None, None) => {
                self.first = Some((start, end - start));
                return Ok(());
            }
            (Some((first, length)), None) if self.is_open && *first + *length == start => {
                *length = end - *first;
                return Ok(());
            }
            _ => {}
        }
        let packets = self.packets.get_or_insert_default();
        if let Some((first, length)) = self.first.take() {
            packets.begin()?;
            packets.push(Some(first), length)?;
        }
        if !self.is_open {
            packets.begin()?;
        }
        packets.push(Some(start), end - start)?;
        Ok(())
    }

    /// Checks that no packet is open at `offset`, where the bitstream is at its end.
    fn finish(&self, input: Input, offset: usize, faults: &Faults) -> Result<(), FormatError> {
        if self.is_open {
            let stream = format!("serial_{:08x}", self.serial);
            let error = FormatError::new(NAME, offset.min(input.len()), "the last packet is cut off");
            return faults.pass_in(error, Some(stream));
        }
        Ok(())
    }
}
