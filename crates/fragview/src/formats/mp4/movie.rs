//! A movie's tracks: ISO/IEC 14496-12, 8.2 to 8.7, and the defaults for its fragments (8.8.3).

use alloc::format;

use super::boxes::{Box, for_each_box};
use super::fragments::{Defaults, Fragments};
use super::name::NAME;
use super::samples::Table;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;
use crate::formats::{FormatError, FormatErrorKind};

/// Takes the tracks of a `moov` box.
pub(super) fn read(
    input: &Input,
    faults: &Faults,
    movie: Box,
    tracks: &mut Tracks,
    fragments: &mut Fragments,
) -> Result<(), FormatError> {
    for_each_box(input, faults, movie.start, movie.end, |part| match &part.kind {
        b"trak" => track(input, faults, part, tracks),
        b"mvex" => for_each_box(input, faults, part.start, part.end, |part| {
            if &part.kind != b"trex" {
                return Ok(());
            }
            let (_, mut fields) = part.full(input)?;
            let track = fields.u32(input)?;
            fields.take(input, 8)?;
            fragments.defaults.insert(
                track,
                Defaults {
                    size: fields.u32(input)?,
                },
            );
            Ok(())
        }),
        b"cmov" => input.fault(part.offset, "a compressed movie box"),
        _ => Ok(()),
    })
}

/// Takes a track.
fn track(input: &Input, faults: &Faults, track: Box, tracks: &mut Tracks) -> Result<(), FormatError> {
    let mut number = None;
    let mut kind = "other";
    let mut table = Table::default();
    for_each_box(input, faults, track.start, track.end, |part| match &part.kind {
        b"tkhd" => {
            let (version, mut fields) = part.full(input)?;
            fields.take(input, if version == 1 { 16 } else { 8 })?;
            number = Some(fields.u32(input)?);
            Ok(())
        }
        b"mdia" => for_each_box(input, faults, part.start, part.end, |part| match &part.kind {
            b"hdlr" => {
                let (_, mut fields) = part.full(input)?;
                fields.take(input, 4)?;
                let handler = fields.take(input, 4)?;
                kind = match &input.array(handler)? {
                    b"vide" => "video",
                    b"soun" => "audio",
                    b"subt" | b"sbtl" | b"subp" | b"clcp" => "subtitle",
                    b"text" => "text",
                    b"hint" => "hint",
                    b"meta" => "metadata",
                    b"tmcd" => "timecode",
                    _ => "other",
                };
                Ok(())
            }
            b"minf" => for_each_box(input, faults, part.start, part.end, |part| match &part.kind {
                b"stbl" => for_each_box(input, faults, part.start, part.end, |part| {
                    table.take(part);
                    Ok(())
                }),
                b"dinf" => for_each_box(input, faults, part.start, part.end, |part| {
                    references(input, part)
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    let Some(number) = number else {
        return input.fault(track.offset, "a track without its header");
    };
    let place = tracks.add(number.into(), kind, track.offset)?;
    match table.codec(input) {
        Ok(codec) => tracks.set_codec(place, &codec),
        // Samples can be found without it.
        Err(error) if error.kind == FormatErrorKind::Malformed => {}
        Err(error) => return Err(error),
    }
    table.samples(input, faults, kind == "audio", &mut |offset, at, length| {
        // A file that is cut off has a part of the sample.
        let end = input.end(at, length, input.len());
        let end = if let Ok(end) = end {
            end
        } else {
            let what = format!("a sample of {} goes past the end", tracks.name(place));
            faults.pass_in(FormatError::new(NAME, offset, what), Some(tracks.name(place)))?;
            input.len()
        };
        if at > end {
            return Ok(());
        }
        tracks.packet(place, at, end - at)
    })
}

/// Checks that the data of a track lies in this file: 8.7.2.
fn references(input: &Input, part: Box) -> Result<(), FormatError> {
    if &part.kind != b"dref" {
        return Ok(());
    }
    let (_, mut fields) = part.full(input)?;
    for _ in 0..fields.u32(input)? {
        let start = fields.at;
        let size = fields.u32(input)?;
        fields.take(input, 4)?;
        let flags = fields.u32(input)?;
        if flags & 1 == 0 {
            return input.fault(start, "a track's data is in another file");
        }
        match size.checked_sub(12) {
            Some(rest) => fields.take(input, rest.into())?,
            None => return input.fault(start, "a box shorter than its header"),
        };
    }
    Ok(())
}
