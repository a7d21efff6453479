//! MPEG program streams: ISO/IEC 13818-1, 2.5.3 (packs, system headers) and 2.4.3.6 (PES packets); ISO/IEC
//! 11172-1, 2.4.3 for those of MPEG-1; private stream 1 as DVD-Video has it.
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | the payload of the PES packets of one stream, joined, in the order in which they first come |
//! | `pes_0x<hex>` | the same of streams that are neither video, audio nor subtitles, as DVD's navigation `pes_0xbf` |
//!
//! Private stream 1 is taken apart into its substreams, without their headers: `audio` of AC-3, DTS and
//! linear PCM, and `subtitle`.
//!
//! Refused: bytes between packs and packets, a packet that is cut off or too short for its header. After the
//! end code another pack may follow; other bytes there are ignored. A lenient reading goes
//! on at the next pack, and takes the packet that is cut off as far as it goes.

use alloc::format;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::tracks::Tracks;
use super::{Container, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "mpegps";

const PACK: [u8; 4] = [0, 0, 1, 0xba];
const END: u8 = 0xb9;
const PADDING: u8 = 0xbe;
const PRIVATE_1: u8 = 0xbd;

/// True if the file begins with a pack.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    match array(bytes, 0) {
        Some([a, b, c, d, marks]) => [a, b, c, d] == PACK && (marks >> 6 == 1 || marks >> 4 == 2),
        None => false,
    }
}

/// The streams of a program stream. O(packets); reads their headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, mpegps};
/// let mut file = b"\0\0\x01\xba\x44\0\x04\0\x04\x01\0\0\x03\xf8".to_vec(); // a pack's header
/// file.extend(b"\0\0\x01\xe0\0\x08\x80\0\0video\0\0\x01\xb9");
/// let container = mpegps::open(&file, Options::default())?;
/// assert_eq!(container.name(0), Some("stream0_video".into()));
/// assert_eq!(container.extents(0), Some([(23, 5)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no pack where the file begins");
    }
    let mut reading = Reading {
        input,
        faults: &faults,
        tracks: Tracks::new(input),
        others: Tracks::new(input),
        numbers: [0; 256],
        count: 0,
    };
    let mut at = 0;
    while at < input.len() {
        match reading.part(at) {
            Ok(Some(next)) => at = next,
            Ok(None) => break,
            Err(error) => {
                faults.pass(error)?;
                match input.find(&PACK, at + 1..input.len())? {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
    }
    let mut container = Container::new(NAME);
    reading.tracks.finish(&mut container, false)?;
    let mut others = Container::new(NAME);
    reading.others.finish(&mut others, false)?;
    let numbers = reading.numbers.iter().take(reading.count);
    for (place, number) in numbers.enumerate() {
        container.push(&format!("pes_{number:#x}"), [] as [Extent; 0])?;
        container.extend(others.try_extents(place)?.unwrap_or_default())?;
    }
    faults.give(&mut container);
    Ok(container)
}

struct Reading<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    tracks: Tracks<'a>,
    /// Streams that are named by their number.
    others: Tracks<'a>,
    /// Their numbers, in their order.
    numbers: [u8; 256],
    count: usize,
}

impl Reading<'_> {
    /// Takes the pack's header, system header or packet at `at`; where it ends, or `None` at the end.
    fn part(&mut self, at: usize) -> Result<Option<usize>, FormatError> {
        let input = self.input;
        let [zero, nought, one, id] = input.array(at)?;
        if [zero, nought, one] != [0, 0, 1] || id < END {
            return input.fault(at, "no pack or packet where one must begin");
        }
        match id {
            END => {
                let next = at + 4;
                return Ok((input.array(next) == Ok(PACK)).then_some(next));
            }
            0xba => return pack(&input, at).map(Some),
            _ => {}
        }
        let start = at + 6;
        let length = input.u16(at + 4)?;
        let end = self.faults.end(&input, start, length, input.len())?;
        // The system header, the map and the directory of streams have nothing for a decoder.
        if !matches!(id, 0xbb | 0xbc | PADDING | 0xff) {
            self.packet(id, start, end)?;
        }
        Ok(Some(end))
    }

    /// Takes a packet's payload.
    fn packet(&mut self, id: u8, start: usize, end: usize) -> Result<(), FormatError> {
        let input = self.input;
        let payload = match id {
            // Private stream 2, ECM, EMM, DSM-CC, H.222.1 type E: no further header.
            0xbf | 0xf0 | 0xf1 | 0xf2 | 0xf8 => start,
            _ => header(&input, start, end)?,
        };
        let (number, kind, skip): (_, _, u8) = match id {
            0xc0..=0xdf => (id.into(), "audio", 0),
            // 0xfd is VC-1, by its extension; others are rare.
            0xe0..=0xef | 0xfd => (id.into(), "video", 0),
            PRIVATE_1 if payload < end => {
                let substream = input.u8(payload)?;
                let number = 0x100 | u64::from(substream);
                match substream {
                    0x20..=0x3f => (number, "subtitle", 1),
                    // How many frames begin, and where the first does.
                    0x80..=0x9f | 0xc0..=0xcf => (number, "audio", 4),
                    // And how the samples are.
                    0xa0..=0xaf => (number, "audio", 7),
                    _ => (id.into(), "", 0),
                }
            }
            _ => (id.into(), "", 0),
        };
        let data = input.end(payload, skip, end)?;
        if kind.is_empty() {
            let place = if let Some(place) = self.others.find(number) {
                place
            } else {
                let place = self.others.add(number, "data", start)?;
                self.others.begin(place, start)?;
                if let Some(number) = self.numbers.get_mut(place) {
                    *number = id;
                }
                self.count = place + 1;
                place
            };
            return self.others.extend(place, data, end - data);
        }
        let place = if let Some(place) = self.tracks.find(number) {
            place
        } else {
            let place = self.tracks.add(number, kind, start)?;
            self.tracks.begin(place, start)?;
            place
        };
        self.tracks.extend(place, data, end - data)
    }
}

/// Where the pack's header at `at` ends.
fn pack(input: &Input, at: usize) -> Result<usize, FormatError> {
    let marks = input.u8(at + 4)?;
    if marks >> 6 == 1 {
        let stuffing = input.u8(at + 13)? & 7;
        return input.end(at + 14, stuffing, input.len());
    }
    if marks >> 4 == 2 {
        return input.end(at, 12_u64, input.len());
    }
    input.fault(at + 4, "a pack without its marker bits")
}

/// Where the payload of the PES packet begins whose header goes on at `at`.
fn header(input: &Input, mut at: usize, end: usize) -> Result<usize, FormatError> {
    let byte = |at: usize| {
        input.end(at, 1_u64, end)?;
        input.u8(at)
    };
    let mut marks = byte(at)?;
    if marks >> 6 == 2 {
        let length = byte(at + 2)?;
        return input.end(at + 3, length, end);
    }
    // MPEG-1: stuffing, the size of a buffer, times.
    let mut stuffing = 0;
    while marks == 0xff && stuffing < 16 {
        at += 1;
        stuffing += 1;
        marks = byte(at)?;
    }
    if marks >> 6 == 1 {
        at += 2;
        marks = byte(at)?;
    }
    let times = match marks {
        0x0f => 1_u64,
        _ if marks >> 4 == 2 => 5,
        _ if marks >> 4 == 3 => 10,
        _ => return input.fault(at, "a PES packet without its marker bits"),
    };
    input.end(at, times, end)
}
