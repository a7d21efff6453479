//! The header object: 3.1, file properties (3.2), stream properties (3.3), extended ones (4.1).

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;

type Guid = [u8; 16];

pub(super) const HEADER: Guid = *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
pub(super) const DATA: Guid = *b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const FILE: Guid = *b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: Guid = *b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const EXTENSION: Guid = *b"\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";
const EXTENDED_STREAM: Guid = *b"\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a";
const VIDEO: Guid = *b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const AUDIO: Guid = *b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const COMMAND: Guid = *b"\xc0\xcf\xda\x59\xe6\x59\xd0\x11\xa3\xac\x00\xa0\xc9\x03\x48\xf6";

/// What the header says.
pub(super) struct Header {
    /// Where it ends.
    pub(super) end: usize,
    /// Bytes of each packet.
    pub(super) packet: u32,
}

/// An object: what it is, and where it and its content lie.
struct Object {
    kind: Guid,
    offset: usize,
    start: usize,
    end: usize,
}

/// Calls `each` for each object between `start` and `end`.
fn for_each_object(
    input: &Input,
    mut start: usize,
    end: usize,
    mut each: impl FnMut(Object) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    while start < end {
        let content = input.end(start, 24_u64, end)?;
        let length = input.u64(start + 16)?;
        if length < 24 {
            return input.fault(start + 16, "an object shorter than its header");
        }
        let object = Object {
            kind: input.array(start)?,
            offset: start,
            start: content,
            end: input.end(start, length, end)?,
        };
        start = object.end;
        each(object)?;
    }
    Ok(())
}

/// Reads the header, and adds the streams that it has.
pub(super) fn read(input: &Input, faults: &Faults, tracks: &mut Tracks) -> Result<Header, FormatError> {
    let end = input.end(0, input.u64(16)?, input.len())?;
    if end < 30 {
        return input.fault(16, "an object shorter than its header");
    }
    let mut packet = None;
    let result = for_each_object(input, 30, end, |object| match object.kind {
        FILE => {
            input.end(object.start, 80_u64, object.end)?;
            let (least, most) = (input.u32(object.start + 68)?, input.u32(object.start + 72)?);
            if least != most || least == 0 {
                return input.fault(object.start + 68, "packets of several sizes");
            }
            packet = Some(least);
            Ok(())
        }
        STREAM => stream(input, &object, tracks),
        EXTENSION => {
            let start = input.end(object.start, 22_u64, object.end)?;
            for_each_object(input, start, object.end, |object| {
                extended(input, &object, tracks)
            })
        }
        _ => Ok(()),
    });
    faults.ok(result)?;
    match packet {
        Some(packet) => Ok(Header { end, packet }),
        None => Err(FormatError::new(NAME, 0, "no file properties")),
    }
}

/// Adds the stream of a stream properties object.
fn stream(input: &Input, object: &Object, tracks: &mut Tracks) -> Result<(), FormatError> {
    input.end(object.start, 54_u64, object.end)?;
    let kind = match input.array(object.start)? {
        VIDEO => "video",
        AUDIO => "audio",
        COMMAND => "command",
        _ => "other",
    };
    let number = input.u16(object.start + 48)? & 0x7f;
    tracks.add(number.into(), kind, object.offset)?;
    Ok(())
}

/// Adds the stream that an object of the header extension holds, if it is extended stream properties and
/// holds one.
fn extended(input: &Input, object: &Object, tracks: &mut Tracks) -> Result<(), FormatError> {
    if object.kind != EXTENDED_STREAM {
        return Ok(());
    }
    let mut at = input.end(object.start, 64_u64, object.end)?;
    let names = input.u16(at - 4)?;
    let systems = input.u16(at - 2)?;
    for _ in 0..names {
        let text = input.end(at, 4_u64, object.end)?;
        at = input.end(text, input.u16(at + 2)?, object.end)?;
    }
    for _ in 0..systems {
        let data = input.end(at, 22_u64, object.end)?;
        at = input.end(data, input.u32(at + 18)?, object.end)?;
    }
    for_each_object(input, at, object.end, |object| match object.kind {
        STREAM => stream(input, &object, tracks),
        _ => Ok(()),
    })
}
