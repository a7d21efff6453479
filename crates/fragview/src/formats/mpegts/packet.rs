//! Packets: how they lie in the file, and the payload of each PID (ISO/IEC 13818-1, 2.4.3.2).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::geometry::Extents;

pub(crate) const NAME: &str = "mpegts";

/// Bytes of a packet itself.
const PACKET: usize = 188;
const SYNC: u8 = 0x47;
const NULL_PID: u16 = 0x1fff;

/// Packets that must begin with the sync byte before a file passes for a transport stream.
const ENOUGH: usize = 32;

/// How packets lie in the file.
#[derive(Clone, Copy)]
pub(super) struct Packets {
    /// From one to the next.
    pub(super) size: usize,
    /// Bytes before the sync byte.
    skip: usize,
}

impl Packets {
    const LAYOUTS: [Self; 3] = [
        Self { size: 188, skip: 0 },
        Self { size: 192, skip: 4 },
        Self { size: 204, skip: 0 },
    ];

    /// The layout in which every one of the first packets begins with the sync byte; of several, one that
    /// fits the file.
    pub(super) fn find(input: Input) -> Option<Self> {
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

    /// As [`find`](Self::find), of packets the first of which may begin a packet's length later, and that may
    /// be few: four must follow each other.
    pub(super) fn find_later(input: Input) -> Option<(Self, usize)> {
        (0..=204).find_map(|start: usize| {
            let layout = Self::LAYOUTS.into_iter().find(|layout| {
                (0..4).all(|index| {
                    let at = start + index * layout.size + layout.skip;
                    input.u8(at).is_ok_and(|byte| byte == SYNC)
                })
            });
            Some((layout?, start))
        })
    }
}

/// The offset, from `at` on, of the next packet of this layout, and of the file's end if there is none.
/// Two packets must follow each other, or one must end with the file.
fn next_packet(input: Input, packets: Packets, mut at: usize) -> Result<usize, FormatError> {
    let is_sync = |at: usize| -> Result<bool, FormatError> { Ok(at < input.len() && input.u8(at)? == SYNC) };
    while at < input.len() {
        let sync = at.saturating_add(packets.skip);
        let next = sync.saturating_add(packets.size);
        if is_sync(sync)? && (is_sync(next)? || at.saturating_add(packets.size) >= input.len()) {
            return Ok(at);
        }
        at += 1;
    }
    Ok(input.len())
}

/// The packets of a PID, laid end to end.
#[derive(Default)]
pub(super) struct Pid {
    /// Their payload.
    pub(super) payload: Extents,
    /// Where in the payload a PES packet begins, or a pointer field to a section.
    pub(super) starts: Vec<usize>,
    /// Where in the payload packets are missing.
    pub(super) breaks: Vec<usize>,
    /// Whether any of the payload is scrambled.
    pub(super) scrambled: bool,
    last: Option<Last>,
}

/// The last packet of a PID.
struct Last {
    counter: u8,
    /// The offset and the length of its payload.
    payload: (usize, usize),
    /// Whether it was repeated.
    repeated: bool,
}

impl Pid {
    /// The file's offset of the byte at `at` in the payload.
    pub(super) fn offset(&self, at: usize) -> usize {
        let run = self.payload.runs(at..at.saturating_add(1)).next();
        run.and_then(|run| run.offset).unwrap_or(0)
    }
}

/// The packets of each PID.
pub(super) fn read(input: Input, faults: &Faults) -> Result<BTreeMap<u16, Pid>, FormatError> {
    let what = "no packets of 188, 192 or 204 bytes that begin with the sync byte";
    let (packets, mut at) = if let Some(packets) = Packets::find(input) {
        (packets, 0)
    } else {
        let error = FormatError::new(NAME, 0, what);
        let Some(found) = Packets::find_later(input) else {
            return Err(error);
        };
        faults.pass(error)?;
        found
    };
    let mut pids = BTreeMap::new();
    while at < input.len() {
        let packet = at + packets.skip;
        let sync = input.u8(packet);
        if sync.as_ref().is_ok_and(|&sync| sync != SYNC) {
            let what = "no sync byte where a packet must begin";
            faults.pass(FormatError::new(NAME, packet, what))?;
            at = next_packet(input, packets, at + 1)?;
            continue;
        }
        // A recording ends when it ends. The check bytes behind a packet are not read.
        if input.len() - packet.min(input.len()) < PACKET {
            faults.note(at, "the last packet is cut off")?;
            break;
        }
        let [_, high, low, flags] = input.array(packet)?;
        let number = u16::from_be_bytes([high & 0x1f, low]);
        if high & 0x80 != 0 && faults.lenient() {
            let what = "a packet that was received with errors";
            faults.note_in(packet, what, Some(format!("pid_{number:#x}")))?;
        } else if number != NULL_PID {
            let pid = pids.entry(number).or_default();
            let taken = take(input, packet, high & 0x40 != 0, flags, pid);
            faults.ok(taken)?;
        }
        at += packets.size;
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
        room(&mut pid.breaks)?;
        pid.breaks.push(pid.payload.byte_len());
    }
    pid.last = Some(Last {
        counter,
        payload,
        repeated: false,
    });
    if starts {
        room(&mut pid.starts)?;
        pid.starts.push(pid.payload.byte_len());
    }
    pid.scrambled |= flags & 0xc0 != 0;
    pid.payload.try_push(Some(payload.0), payload.1)?;
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

/// Makes room for another number.
fn room(numbers: &mut Vec<usize>) -> Result<(), Error> {
    numbers.try_reserve(1).map_err(|_| Error::OutOfMemory)
}
