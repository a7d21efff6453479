//! MPEG-2 transport stream: ISO/IEC 13818-1 (ITU-T H.222.0), sections 2.4.3.2 "Transport stream packet", 2.4.3.4
//! "Adaptation field", 2.4.3.6 "PES packet" and 2.4.4 "Program specific information"; packets of 188 bytes, of 192 (a
//! timestamp first: Blu-ray's M2TS), and of 204 (a Reed-Solomon code last: DVB).
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`, …`_subtitle`, …`_data` | the PES payload of each elementary stream, in the order of the program maps |
//! | `pid_0x0.section[0]`… | each section of tables: program association and map, and others |
//! | `pid_0x100`… | the payload of each PID's packets, with PES and section headers |
//!
//! Without a program map every PID that carries PES packets is an elementary stream. The index counts all elementary
//! streams of the program maps, but only those that carry PES packets are streams.
//!
//! A packet that is repeated (2.4.3.3: the same continuity counter and the same payload, once) counts once. Where the
//! counter tells that packets are missing, PES payload goes on without them, and a section that lacks them is left out,
//! as are PES packets and sections whose beginning or header lies outside the file: a transport stream is cut anywhere.
//! Null packets, those with the reserved adaptation field control, and scrambled elementary streams are passed over.
//!
//! Refused: bytes between packets, a last packet that is cut off, an adaptation field or pointer field past its packet,
//! a PES packet without its start code, tables whose lengths go past their section. `verify` checks the sections' CRCs.

mod pes;
mod psi;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use crate::Bytes;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;
use pes::elementary;
use psi::{Tables, crc_is_wrong, sections};

pub(crate) const NAME: &str = "mpegts";

/// Bytes of a packet itself.
const PACKET: usize = 188;
const SYNC: u8 = 0x47;
const NULL_PID: u16 = 0x1fff;

/// Packets that must begin with the sync byte before a file passes for a transport stream.
const ENOUGH: usize = 32;

/// True where the file's first packets, at least three of them or all, begin with the sync byte.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let input = Input::big(bytes, NAME);
    Packets::find(input)
        .is_some_and(|packets| input.len() >= 3 * packets.size || input.len().is_multiple_of(packets.size))
}

/// The streams of a transport stream. O(packets · log PIDs); reads headers and tables.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::mpegts;
/// let mut packet = [0xff; 188];
/// packet[..4].copy_from_slice(&[0x47, 0x01, 0x00, 0x30]); // PID 0x100, with an adaptation field
/// packet[4] = 180; // of as many bytes: three of payload are left
/// packet[5] = 0;
/// let container = mpegts::open(&packet)?;
/// assert_eq!(container.streams[0].name, "pid_0x100");
/// assert_eq!(container.streams[0].extents, [(185, 3)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let pids = read(input)?;
    let tables = Tables::read(bytes, &pids)?;
    let mut container = Container::new(NAME);
    elementary(bytes, &pids, &tables, &mut container)?;
    for (&number, pid) in &pids {
        if !tables.has_sections(number) {
            continue;
        }
        for (index, section) in sections(bytes, pid)?.into_iter().enumerate() {
            container.push(format!("pid_{number:#x}.section[{index}]"), section);
        }
    }
    for (number, pid) in pids {
        container.push(format!("pid_{number:#x}"), pid.payload);
    }
    Ok(container)
}

/// Checks the CRC of each section that has one. O(bytes of sections).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, container: &Container) -> Result<(), FormatError> {
    let input = Input::big(bytes, NAME);
    for stream in &container.streams {
        if stream.name.contains(".section[") && crc_is_wrong(bytes, &stream.extents)? {
            let offset = stream.extents.iter().next().and_then(|extent| extent.offset);
            return input.fault(offset.unwrap_or(0), format!("{}: the CRC is wrong", stream.name));
        }
    }
    Ok(())
}

/// How packets lie in the file.
#[derive(Clone, Copy)]
struct Packets {
    /// From one to the next.
    size: usize,
    /// Bytes before the sync byte.
    skip: usize,
}

impl Packets {
    const LAYOUTS: [Self; 3] = [
        Self { size: 188, skip: 0 },
        Self { size: 192, skip: 4 },
        Self { size: 204, skip: 0 },
    ];

    /// The layout in which every one of the first packets begins with the sync byte; of several, one that fits the file.
    fn find(input: Input) -> Option<Self> {
        let mut fitting = Self::LAYOUTS.into_iter().filter(|layout| {
            let count = (input.len() / layout.size).min(ENOUGH);
            count > 0
                && (0..count).all(|index| {
                    input
                        .u8(index * layout.size + layout.skip)
                        .is_ok_and(|byte| byte == SYNC)
                })
        });
        let first = fitting.next()?;
        let whole = |layout: &Self| input.len().is_multiple_of(layout.size);
        Some(if whole(&first) {
            first
        } else {
            fitting.find(whole).unwrap_or(first)
        })
    }
}

/// The packets of a PID, laid end to end.
#[derive(Default)]
pub(in crate::formats) struct Pid {
    /// Their payload.
    pub(in crate::formats) payload: Extents,
    /// Where in the payload a PES packet begins, or a pointer field to a section.
    pub(in crate::formats) starts: Vec<usize>,
    /// Where in the payload packets are missing.
    pub(in crate::formats) breaks: Vec<usize>,
    /// Whether any of the payload is scrambled.
    pub(in crate::formats) scrambled: bool,
    last: Option<Last>,
}

/// The last packet of a PID.
struct Last {
    counter: u8,
    /// Where its payload begins and how long it is.
    payload: (usize, usize),
    /// Whether it was repeated.
    repeated: bool,
}

impl Pid {
    /// The file's offset of the byte at `at` in the payload.
    pub(in crate::formats) fn offset(&self, at: usize) -> usize {
        let run = self.payload.runs(at..at.saturating_add(1)).next();
        run.and_then(|run| run.offset).unwrap_or(0)
    }
}

/// The packets of each PID.
fn read(input: Input) -> Result<BTreeMap<u16, Pid>, FormatError> {
    let Some(packets) = Packets::find(input) else {
        return input.fault(
            0,
            "no packets of 188, 192 or 204 bytes that begin with the sync byte",
        );
    };
    let mut pids = BTreeMap::new();
    let mut at = 0;
    while at < input.len() {
        let end = input.end(at, packets.size as u64, usize::MAX)?;
        let packet = at + packets.skip;
        let [sync, high, low, flags] = input.array(packet)?;
        if sync != SYNC {
            return input.fault(packet, "no sync byte where a packet must begin");
        }
        let number = u16::from_be_bytes([high & 0x1f, low]);
        if number != NULL_PID {
            let pid = pids.entry(number).or_default();
            take(input, packet, high & 0x40 != 0, flags, pid)?;
        }
        at = end;
    }
    Ok(pids)
}

/// Takes the payload of the packet at `packet`, whose fourth byte is `flags`.
fn take(input: Input, packet: usize, starts: bool, flags: u8, pid: &mut Pid) -> Result<(), FormatError> {
    let (has_field, has_payload) = (flags & 0x20 != 0, flags & 0x10 != 0);
    let mut start = packet + 4;
    let mut discontinuity = false;
    if has_field {
        let [length, field_flags] = input.array(start)?;
        start += 1 + usize::from(length);
        if start > packet + PACKET {
            return input.fault(packet + 4, "the adaptation field goes past its packet");
        }
        discontinuity = length > 0 && field_flags & 0x80 != 0;
    }
    let payload = (start, packet + PACKET - start);
    // The counter counts packets that have payload.
    if !has_payload || payload.1 == 0 {
        if discontinuity {
            pid.last = None;
        }
        return Ok(());
    }
    let counter = flags & 0xf;
    if let Some(last) = &mut pid.last
        && !discontinuity
        && counter != (last.counter + 1) & 0xf
    {
        if counter == last.counter && !last.repeated && same(input, payload, last.payload)? {
            last.repeated = true;
            return Ok(());
        }
        pid.breaks.push(pid.payload.byte_len());
    }
    pid.last = Some(Last {
        counter,
        payload,
        repeated: false,
    });
    if starts {
        pid.starts.push(pid.payload.byte_len());
    }
    pid.scrambled |= flags & 0xc0 != 0;
    pid.payload.push(Some(payload.0), payload.1);
    Ok(())
}

/// Whether two payloads, each a start and a length, are the same.
fn same(input: Input, one: (usize, usize), other: (usize, usize)) -> Result<bool, FormatError> {
    if one.1 != other.1 {
        return Ok(false);
    }
    let (mut left, mut right) = ([0; PACKET], [0; PACKET]);
    input.read(one.0, &mut left[..one.1])?;
    input.read(other.0, &mut right[..one.1])?;
    Ok(left == right)
}
