//! Tables in a transport stream: sections, and which elementary streams the program maps name (ISO/IEC
//! 13818-1, 2.4.4).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use core::ops::Range;

use super::packet::{NAME, Pid};
use crate::error::Error;
use crate::formats::parse::checksum::{MPEG2, Sum};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{FormatError, Options};
use crate::geometry::Extents;
use crate::{Bytes, Within};

/// The PIDs up to here carry sections: 13818-1's tables, and DVB's (EN 300 468, table 1).
const TABLES: u16 = 0x1f;
/// Carries ATSC's tables (A/65).
const ATSC: u16 = 0x1ffb;

/// An elementary stream of a program map.
pub(super) struct Elementary {
    pub(super) pid: u16,
    /// The contents of its packets: video, audio, subtitle, or other data.
    pub(super) kind: &'static str,
}

/// The contents of the tables.
pub(super) struct Tables {
    /// In the order of the program maps.
    pub(super) elementary: Vec<Elementary>,
    maps: Vec<u16>,
    /// PIDs that are in `maps`, and PIDs that are in `elementary`: tables are repeated many times.
    map_pids: BTreeSet<u16>,
    elementary_pids: BTreeSet<u16>,
    /// PIDs of elementary streams that carry sections and no PES packets.
    private: Vec<u16>,
}

impl Tables {
    /// The tables of a transport stream.
    pub(super) fn read(
        file: &dyn Bytes,
        pids: &BTreeMap<u16, Pid>,
        faults: &Faults,
    ) -> Result<Self, FormatError> {
        let mut tables = Self {
            elementary: Vec::new(),
            maps: Vec::new(),
            map_pids: BTreeSet::new(),
            elementary_pids: BTreeSet::new(),
            private: Vec::new(),
        };
        if let Some(pid) = pids.get(&0) {
            for_each_section(file, pid, faults, &mut |stream, range| {
                let taken = tables.association(file, &stream.try_slice(range)?);
                faults.ok(taken).map(|_| ())
            })?;
        }
        for index in 0..tables.maps.len() {
            let Some(pid) = pids.get(&tables.maps[index]) else {
                continue;
            };
            for_each_section(file, pid, faults, &mut |stream, range| {
                let taken = tables.map(file, &stream.try_slice(range)?);
                faults.ok(taken).map(|_| ())
            })?;
        }
        let strict = Faults::new(Options::STRICT);
        for stream in &tables.elementary {
            if let Some(pid) = pids.get(&stream.pid)
                && !pid.scrambled
                && !pid.has_pes(file)
                && !tables.map_pids.contains(&stream.pid)
                && for_each_section(file, pid, &strict, &mut |_, _| Ok(())).is_ok()
            {
                tables.private.push(stream.pid);
            }
        }
        Ok(tables)
    }

    /// Whether this PID carries sections.
    pub(super) fn has_sections(&self, pid: u16) -> bool {
        pid <= TABLES || pid == ATSC || self.map_pids.contains(&pid) || self.private.contains(&pid)
    }

    /// Takes a section of the program association table.
    fn association(&mut self, file: &dyn Bytes, section: &Extents) -> Result<(), FormatError> {
        let Some((section, end)) = body(file, section, 0)? else {
            return Ok(());
        };
        let input = Input::big(&section, NAME);
        for at in (8..end).step_by(4) {
            let program = input.u16(at)?;
            let pid = input.u16(at + 2)? & 0x1fff;
            // Program 0 is the network's table.
            if program != 0 && self.map_pids.insert(pid) {
                self.maps.push(pid);
            }
        }
        Ok(())
    }

    /// Takes a section of a program map.
    fn map(&mut self, file: &dyn Bytes, extents: &Extents) -> Result<(), FormatError> {
        let Some((section, end)) = body(file, extents, 2)? else {
            return Ok(());
        };
        let input = Input::big(&section, NAME);
        let place = extents
            .iter()
            .next()
            .and_then(|extent| extent.offset)
            .unwrap_or(0);
        let past = || FormatError::new(NAME, place, "a program map goes past its section");
        let info = usize::from(input.u16(10).map_err(|_| past())? & 0xfff);
        let mut at = 12 + info;
        while at < end {
            let [kind, pid_high, pid_low, high, low] = input.array(at).map_err(|_| past())?;
            let descriptors = at + 5;
            at = descriptors + usize::from(u16::from_be_bytes([high & 0xf, low]));
            if at > end {
                return Err(past());
            }
            let pid = u16::from_be_bytes([pid_high & 0x1f, pid_low]);
            if self.elementary_pids.insert(pid) {
                let kind = kind_of(kind).or_else(|| described(input, descriptors, at));
                let kind = kind.unwrap_or("data");
                self.elementary.push(Elementary { pid, kind });
            }
        }
        if at != end {
            return Err(past());
        }
        Ok(())
    }
}

/// A section as bytes, and where its CRC begins, if it is one of table `table` that is in force.
fn body<'a>(
    file: &'a dyn Bytes,
    section: &'a Extents,
    table: u8,
) -> Result<Option<(Within<'a>, usize)>, FormatError> {
    let within = Within::new(file, section);
    let head = Input::big(&within, NAME);
    if head.u8(0)? != table {
        return Ok(None);
    }
    let place = section.iter().next().and_then(|extent| extent.offset);
    if section.byte_len() < 12 || (table == 0 && !section.byte_len().is_multiple_of(4)) {
        return Input::big(file, NAME).fault(place.unwrap_or(0), "a table with an impossible length");
    }
    // A table that is not in force yet will come again.
    if head.u8(5)? & 1 == 0 {
        return Ok(None);
    }
    Ok(Some((within, section.byte_len() - 4)))
}

/// The contents of packets by stream type: 13818-1, table 2-34; from 0x80 on as ATSC, Blu-ray and AVS use it.
const fn kind_of(stream_type: u8) -> Option<&'static str> {
    match stream_type {
        0x01
        | 0x02
        | 0x10
        | 0x1b
        | 0x1e..=0x21
        | 0x24
        | 0x25
        | 0x27..=0x2b
        | 0x32
        | 0x33
        | 0x42
        | 0xd1
        | 0xd2
        | 0xd4
        | 0xdb
        | 0xea => Some("video"),
        0x03
        | 0x04
        | 0x0f
        | 0x11
        | 0x1c
        | 0x2d
        | 0x2e
        | 0x80..=0x85
        | 0x87
        | 0x8a
        | 0xa1
        | 0xa2
        | 0xc1
        | 0xc2
        | 0xcf => Some("audio"),
        0x1d | 0x90..=0x92 => Some("subtitle"),
        _ => None,
    }
}

/// The contents of packets by the descriptors from `at` to `end` (EN 300 468; SMPTE's registered
/// identifiers).
fn described(input: Input, mut at: usize, end: usize) -> Option<&'static str> {
    while at + 2 <= end {
        let [tag, length]: [u8; 2] = input.array(at).ok()?;
        let kind = match tag {
            // Registration.
            0x05 => match &input.array::<4>(at + 2).ok()? {
                b"AC-3" | b"EAC3" | b"DTS1" | b"DTS2" | b"DTS3" | b"BSSD" | b"Opus" | b"mlpa" => {
                    Some("audio")
                }
                b"HEVC" | b"VC-1" | b"drac" | b"AV01" | b"VVC " => Some("video"),
                _ => None,
            },
            // AC-3, enhanced AC-3, DTS, AAC.
            0x6a | 0x7a | 0x7b | 0x7c => Some("audio"),
            // Teletext and subtitles.
            0x56 | 0x59 => Some("subtitle"),
            _ => None,
        };
        if kind.is_some() {
            return kind;
        }
        at += 2 + usize::from(length);
    }
    None
}

/// Takes a section: the stream that it lies in, and where.
type Each<'a> = &'a mut dyn FnMut(&Extents, Range<usize>) -> Result<(), FormatError>;

/// Gives the sections in a PID's payload that are whole. O(sections + packets · log packets).
pub(super) fn for_each_section(
    file: &dyn Bytes,
    pid: &Pid,
    faults: &Faults,
    each: Each<'_>,
) -> Result<(), FormatError> {
    // The payload without pointer fields, and where in it sections begin after one, and where packets are
    // missing.
    let mut stream = Extents::new();
    let mut starts = Vec::new();
    let mut breaks = Vec::new();
    let mut from = 0;
    let mut missing = pid.breaks.iter().peekable();
    let payload = Within::new(file, &pid.payload);
    let payload = Input::big(&payload, NAME);
    if pid.scrambled {
        return Ok(());
    }
    let short = |_| Error::OutOfMemory;
    starts.try_reserve_exact(pid.starts.len()).map_err(short)?;
    breaks.try_reserve_exact(pid.breaks.len()).map_err(short)?;
    for (index, &start) in pid.starts.iter().enumerate() {
        while let Some(&at) = missing.next_if(|&&at| at <= start) {
            breaks.push(stream.byte_len() + at.saturating_sub(from));
        }
        stream.try_extend(pid.payload.runs(from..start))?;
        let pointer = usize::from(payload.u8(start)?);
        from = start + 1;
        let next = pid.starts.get(index + 1).copied();
        if from + pointer > next.unwrap_or(pid.payload.byte_len()) || pointer > 183 {
            let offset = pid.offset(start);
            let what = "the pointer field goes past its packet";
            faults.pass(FormatError::new(NAME, offset, what))?;
            // What follows up to the next start is not told apart, and left out.
            from = next.unwrap_or(pid.payload.byte_len());
            starts.push(stream.byte_len());
            continue;
        }
        starts.push(stream.byte_len() + pointer);
    }
    breaks.extend(missing.map(|&at| stream.byte_len() + at.saturating_sub(from)));
    stream.try_extend(pid.payload.runs(from..pid.payload.byte_len()))?;

    let bytes = Within::new(file, &stream);
    let bytes = Input::big(&bytes, NAME);
    for (index, &start) in starts.iter().enumerate() {
        let limit = starts.get(index + 1).copied().unwrap_or(stream.byte_len());
        let mut at = start;
        // After a section another one begins, or stuffing up to the packet's end; nothing is longer than its
        // limit.
        while limit.saturating_sub(at) >= 3 && bytes.u8(at)? != 0xff {
            let length = 3 + usize::from(bytes.u16(at + 1)? & 0xfff);
            let end = at + length;
            let missing = breaks.get(breaks.partition_point(|&missing| missing <= at));
            if end > limit || missing.is_some_and(|&missing| missing < end) {
                break;
            }
            each(&stream, at..end)?;
            at = end;
        }
    }
    Ok(())
}

/// Whether a section's CRC is wrong; those without the section syntax have none, but for the time offset
/// table.
pub(super) fn crc_is_wrong(file: &dyn Bytes, section: &Extents) -> Result<bool, FormatError> {
    let bytes = Within::new(file, section);
    let section_input = Input::big(&bytes, NAME);
    let [table, flags] = section_input.array(0)?;
    if flags & 0x80 == 0 && table != 0x73 {
        return Ok(false);
    }
    // The CRC of all with the CRC behind it is 0.
    Ok(Sum::new(section_input, &MPEG2)
        .range(0, section.byte_len())?
        .value()
        != 0)
}
